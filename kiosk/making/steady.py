"""Holding a film still: the camera's shake and the lamp's flicker are taken off each frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.making.picture import Picture

_FEATURES = 400
_FEWEST = 24  # points that agree; fewer and the frame is left as it is
_TRACKED_ERROR_PX = 1.0  # forth and back
_STILL_PX = 0.25  # less motion than this is the estimate's own noise
_SMOOTH_FRAMES = 1.0
_GAIN_LIMIT = 0.15
_GAIN_NOISE = 0.004


@dataclass(frozen=True, slots=True, eq=False)
class Steadying:
    """What to do to each frame of a stretch.

    Attributes:
        matrices: Where a point of the middle frame is in each frame, in pixels of the size
            measured at; shape (n, 2, 3). Identity throughout if the camera stood still.
        gains: Factor for each frame and colour channel; shape (n, 3).
        shake: Greatest distance a corner moved, pixels of the size measured at.
        flicker: Greatest change of brightness taken off, share.
    """

    matrices: NDArray[np.float64]
    gains: NDArray[np.float64]
    shake: float
    flicker: float


def measure(frames: Iterable[Picture], middle: Picture, face: NDArray[np.float64]) -> Steadying:
    """Follow points of the surroundings through a stretch.

    Points on the face are left out where the surroundings have enough of their own: the camera is
    to be held still, not the person.

    Args:
        frames: The stretch, reduced.
        middle: The frame that the others are brought to; of the same size.
        face: Its face box, pixels, shape (4,).
    """
    reference = cv2.cvtColor(middle, cv2.COLOR_BGR2GRAY)
    points = _points(reference, face)
    matrices, means = [], []
    last = points
    for frame in frames:
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        matrix, last = _follow(reference, grey, points, last)
        matrices.append(matrix)
        means.append(frame.reshape(-1, 3).mean(axis=0))
    height, width = reference.shape
    found = _smoothed(_without_gaps(matrices))
    shake = _shake(found, (width, height))
    if shake < _STILL_PX:
        found = np.tile(np.eye(2, 3), (len(matrices), 1, 1))
    colours = np.array(means)
    gains = np.median(colours, axis=0) / np.maximum(colours, 1.0)
    gains = np.clip(gains, 1 - _GAIN_LIMIT, 1 + _GAIN_LIMIT)
    flicker = float(np.abs(gains - 1).max())
    if flicker < _GAIN_NOISE:
        gains = np.ones_like(gains)
    return Steadying(found, gains, shake, flicker)


def _points(grey: Picture, face: NDArray[np.float64]) -> NDArray[np.float32]:
    """Corners to follow, shape (n, 1, 2): on the surroundings, or on all but the mouth."""
    x, y, width, height = face
    person = np.full(grey.shape, 255, np.uint8)
    _blank(person, x - 0.5 * width, y - 0.6 * height, x + 1.5 * width, y + 1.3 * height)
    _blank(person, x - 1.3 * width, y + height, x + 2.3 * width, grey.shape[0])  # shoulders
    found = _corners(grey, person)
    if len(found) >= 2 * _FEWEST:
        return found
    mouth = np.full(grey.shape, 255, np.uint8)
    _blank(mouth, x + 0.1 * width, y + 0.55 * height, x + 0.9 * width, y + 1.1 * height)
    return _corners(grey, mouth)


def _blank(mask: Picture, left: float, top: float, right: float, bottom: float) -> None:
    mask[max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : max(0, round(right))] = 0


def _corners(grey: Picture, mask: Picture) -> NDArray[np.float32]:
    found = cv2.goodFeaturesToTrack(grey, _FEATURES, 0.01, 6, mask=mask)
    return np.zeros((0, 1, 2), np.float32) if found is None else np.asarray(found, np.float32)


def _follow(
    reference: Picture,
    grey: Picture,
    points: NDArray[np.float32],
    guess: NDArray[np.float32],
) -> tuple[NDArray[np.float64] | None, NDArray[np.float32]]:
    """Similarity from the reference to a frame (None if unknown), and where the points are."""
    if len(points) < _FEWEST:
        return None, points
    flags = cv2.OPTFLOW_USE_INITIAL_FLOW
    there, found, _ = cv2.calcOpticalFlowPyrLK(reference, grey, points, guess.copy(), flags=flags)
    back, again, _ = cv2.calcOpticalFlowPyrLK(grey, reference, there, points.copy(), flags=flags)
    error = np.hypot(*(back - points).reshape(-1, 2).T)
    good = (found.ravel() == 1) & (again.ravel() == 1) & (error < _TRACKED_ERROR_PX)
    if good.sum() < _FEWEST:
        return None, guess
    matrix, inliers = cv2.estimateAffinePartial2D(
        points[good], there[good], method=cv2.RANSAC, ransacReprojThreshold=1.0
    )
    if matrix is None or int(inliers.sum()) < _FEWEST:
        return None, guess
    where = cv2.transform(points, matrix).astype(np.float32)
    return np.asarray(matrix, np.float64), where


def _without_gaps(matrices: list[NDArray[np.float64] | None]) -> NDArray[np.float64]:
    """Frames that could not be measured move as their neighbours do."""
    known = [index for index, matrix in enumerate(matrices) if matrix is not None]
    if not known:
        return np.tile(np.eye(2, 3), (len(matrices), 1, 1))
    flat = np.stack([matrix.ravel() for matrix in matrices if matrix is not None])
    every = np.arange(len(matrices))
    columns = [np.interp(every, known, column) for column in flat.T]
    return np.stack(columns, axis=1).reshape(-1, 2, 3)


def _smoothed(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the estimate's tremble off; the shake itself is slower."""
    reach = int(4 * _SMOOTH_FRAMES)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SMOOTH_FRAMES) ** 2)
    padded = np.pad(matrices, ((reach, reach), (0, 0), (0, 0)), mode="edge")
    steps = len(matrices)
    parts = [weight * padded[at : at + steps] for at, weight in enumerate(kernel / kernel.sum())]
    return np.asarray(sum(parts))


def _shake(matrices: NDArray[np.float64], size: tuple[int, int]) -> float:
    width, height = size
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64)
    moved = corners @ matrices[:, :, :2].transpose(0, 2, 1) + matrices[:, None, :, 2]
    return float(np.hypot(*np.moveaxis(moved - corners, -1, 0)).max())
