"""Pictures for the report."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.making.picture import Picture
from kiosk.making.sitter import Sitter

_TILE_WIDTH_PX = 400
_WIDTH_PX = 960
_MARK = (39, 162, 201)  # BGR


def with_box(picture: Picture, sitter: Sitter) -> Picture:
    """The whole picture, reduced, with the face's box and the eyes drawn in."""
    scale = min(1.0, _WIDTH_PX / picture.shape[1])
    drawn = np.ascontiguousarray(
        cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    )
    x, y, width, height = (round(float(side) * scale) for side in sitter.box)
    cv2.rectangle(drawn, (x, y), (x + width, y + height), _MARK, 2)
    if sitter.eyes_found:
        for eye in sitter.eyes * scale:
            cv2.circle(drawn, (round(eye[0]), round(eye[1])), 4, _MARK, 2)
    return np.asarray(drawn, np.uint8)


def sheet(pictures: Sequence[Picture], columns: int) -> Picture:
    """Pictures of one size side by side, row by row; the last row is filled with black."""
    height, width = pictures[0].shape[:2]
    tile = (_TILE_WIDTH_PX, round(height * _TILE_WIDTH_PX / width))
    tiles = [np.asarray(cv2.resize(one, tile, interpolation=cv2.INTER_AREA)) for one in pictures]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[at : at + columns]) for at in range(0, len(tiles), columns)]
    return np.asarray(np.vstack(rows), np.uint8)


def timeline(
    times_s: NDArray[np.float64], values: NDArray[np.float64], taken_s: tuple[float, float]
) -> Picture:
    """A line over time, with the part that was taken shaded.

    Args:
        times_s: Rising, shape (n,).
        values: From 0 up, shape (n,).
        taken_s: Beginning and end of the part.
    """
    width, height, edge = _WIDTH_PX, 160, 12
    drawn = np.full((height, width, 3), 255, np.uint8)
    span_s = max(float(times_s[-1] - times_s[0]), 1e-6)
    top = max(float(np.percentile(values, 99)), 1e-6) * 1.1

    def across(at_s: float) -> int:
        return round(edge + (at_s - float(times_s[0])) / span_s * (width - 2 * edge))

    left, right = (across(at_s) for at_s in taken_s)
    drawn[:, left : right + 1] = (190, 225, 240)
    line = [
        (across(float(at_s)), round(height - edge - min(float(v) / top, 1.0) * (height - 2 * edge)))
        for at_s, v in zip(times_s, values, strict=True)
    ]
    cv2.polylines(drawn, [np.array(line, np.int32)], False, (60, 60, 60), 1, cv2.LINE_AA)
    for second in range(0, int(span_s) + 1, max(1, int(span_s / 12))):
        at = across(float(times_s[0]) + second)
        cv2.putText(
            drawn, f"{second} s", (at, height - 1), 0, 0.35, (120, 120, 120), 1, cv2.LINE_AA
        )
    return drawn
