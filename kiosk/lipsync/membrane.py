"""The colour error of a model's picture, known along the mask's edge and spread over its inside.

A model never returns quite the colours it was given: on its own training it drifts by a shade, on
a stranger's face by many. Along the edge of the mask the face does not move, so the difference
seen there is that error. Spread inwards like a soap film over a wire (the smoothest surface with
the given rim) and taken off, it leaves a change that is about 0 where the mask ends, and untouched
in everything finer than a cheek.

Source: P. Perez, M. Gangnet, A. Blake, "Poisson Image Editing", 2003; the film as a few fixed
basis surfaces, because the mask never changes.
"""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.lipsync.mask import Pixels

_SECTORS = 32  # of the rim; colour errors are smoother than that
_RIM = (0.02, 0.7)  # values of the mask that count as its edge
_GRID = 28  # columns of the grid on which the film is solved


class Membrane:
    """The film over one mask.

    Args:
        mask: 0..1, in pixels of the model's picture, shape (height, width).
    """

    def __init__(self, mask: Pixels) -> None:
        height, width = mask.shape
        rim = np.flatnonzero((mask > _RIM[0]) & (mask < _RIM[1]))
        # The same number of rim pixels for each sector, those nearest to its middle.
        count = min(len(rim), -(-2 * len(rim) // _SECTORS))
        away = _away(mask.shape, mask).reshape(_SECTORS, -1)[:, rim]
        self._rim = rim[np.argsort(away, axis=1, kind="stable")[:, :count]]
        self._middle = slice(count // 4, count - count // 4)
        self._film = np.ascontiguousarray(
            _surfaces(mask).reshape(_SECTORS, height * width).T, dtype=np.float32
        )

    def over(self, change: Pixels) -> Pixels:
        """The film for one picture.

        Args:
            change: Shape (height, width, 3).

        Returns:
            What to take off it, same shape.
        """
        if self._rim.size == 0:
            return np.zeros_like(change)
        # The mean of the middle half: a jaw that crosses the rim is movement and no colour error.
        seen = np.sort(change.reshape(-1, 3)[self._rim], axis=1)[:, self._middle].mean(axis=1)
        film: Pixels = (self._film @ seen).reshape(change.shape)
        return film


def _away(shape: tuple[int, ...], mask: Pixels) -> Pixels:
    """How many sectors each pixel is from the middle of each; shape (_SECTORS, height, width)."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    weight = mask / mask.sum()
    y, x = float((rows * weight).sum()), float((columns * weight).sum())
    turn = np.arctan2((rows - y) / shape[0], (columns - x) / shape[1]) / (2 * np.pi) * _SECTORS
    away = np.abs(turn[None] - np.arange(_SECTORS, dtype=np.float32)[:, None, None]) % _SECTORS
    return np.asarray(np.minimum(away, _SECTORS - away), dtype=np.float32)


def _surfaces(mask: Pixels) -> Pixels:
    """The film that each sector alone would raise; shape (_SECTORS, height, width)."""
    height, width = mask.shape
    columns = min(_GRID, width)
    rows = max(4, round(height * columns / width))
    coarse = np.asarray(cv2.resize(mask, (columns, rows), interpolation=cv2.INTER_AREA))
    surfaces: Pixels = np.maximum(0, 1 - _away(coarse.shape, coarse))  # linear along the rim
    inside = coarse >= _RIM[1]
    inside[0] = inside[-1] = False
    inside[:, 0] = inside[:, -1] = False
    number = np.cumsum(inside).reshape(inside.shape) - 1
    count = int(inside.sum())
    # Laplace's equation: each inner point is the mean of its four neighbours.
    matrix = np.eye(count) * 4
    known = np.zeros((count, _SECTORS))
    for row, column in np.argwhere(inside):
        here = number[row, column]
        for other in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if inside[other]:
                matrix[here, number[other]] -= 1
            else:
                known[here] += surfaces[(slice(None), *other)]
    if count:
        surfaces[:, inside] = np.linalg.solve(matrix, known).T
    return np.stack(
        [
            cv2.resize(surface, (width, height), interpolation=cv2.INTER_LINEAR)
            for surface in surfaces
        ]
    ).astype(np.float32)
