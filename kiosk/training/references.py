"""For each frame, pictures of the same head with the mouth at rest: what the kiosk will show it.

At run time the model is given a frame of the idle loop and draws another mouth into it. So it is
taught with a reference as near as possible to that: a frame of the loop, or of a quiet moment of
the footage, with the head held alike, moved by whole pixels onto the frame to be drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.training.faces import MARGIN, Pictures

PER_FRAME = 4
LARGEST_SHIFT = MARGIN - 3
"""Leaves three pixels for the random shifts of training."""

LARGEST_POOL = 1500
_POSE_SIDE = 24  # pixels that a head's pose is compared by


@dataclass(frozen=True, slots=True)
class References:
    """Attributes:
    index: Frames of the pool's film to use, best first, shape (frames, PER_FRAME).
    shift: Rows and columns to move each by, whole pixels, shape (frames, PER_FRAME, 2).
    likeness: Mean correlation of the frames' upper halves with those of their best references.
    """

    index: NDArray[np.int64]
    shift: NDArray[np.int64]
    likeness: float


def find_references(
    pictures: Pictures, pool: Pictures, candidates: NDArray[np.int64], *, apart: int
) -> References:
    """Choose references by the upper half of the face, which no mouth moves.

    Args:
        pictures: Frames that need references.
        pool: Film to take them from.
        candidates: Frames of the pool that may be taken, rising.
        apart: Least distance between a frame and its reference, frames, where both are of one film;
            0 if they are not.
    """
    if len(candidates) > LARGEST_POOL:
        evenly = np.linspace(0, len(candidates) - 1, LARGEST_POOL).round().astype(np.int64)
        candidates = candidates[evenly]
    poses = _poses(pictures, np.arange(len(pictures)))
    offered = poses[candidates] if pool is pictures else _poses(pool, candidates)
    taken = min(PER_FRAME, len(candidates))
    index = np.empty((len(pictures), PER_FRAME), dtype=np.int64)
    shift = np.zeros((len(pictures), PER_FRAME, 2), dtype=np.int64)
    squares = np.square(offered).sum(axis=1)
    likeness = np.empty(len(pictures))
    for frame, pose in enumerate(poses):
        unlike = squares - 2 * (offered @ pose)
        if apart:
            unlike[np.abs(candidates - frame) < apart] += 1e9
        nearest = np.argpartition(unlike, taken - 1)[:taken]
        nearest = nearest[np.argsort(unlike[nearest])]
        chosen = candidates[np.resize(nearest, PER_FRAME)]
        index[frame] = chosen
        likeness[frame] = offered[nearest[0]] @ pose / len(pose)
        for rank, other in enumerate(chosen):
            shift[frame, rank] = whole_shift(pictures[frame], pool[other])
    return References(index, shift, float(likeness.mean()))


def whole_shift(picture: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Rows and columns by which ``other`` lies off ``picture``, judged by the upper half."""
    half = picture.shape[0] // 2
    first, second = (
        cv2.cvtColor(np.ascontiguousarray(part[:half]), cv2.COLOR_BGR2GRAY).astype(np.float32)
        for part in (picture, other)
    )
    window = cv2.createHanningWindow((first.shape[1], first.shape[0]), cv2.CV_32F)
    (columns, rows), response = cv2.phaseCorrelate(first, second, window)
    if response < 0.1:  # nothing in common: leave it where it is
        return np.zeros(2, dtype=np.int64)
    shift = np.rint([rows, columns]).astype(np.int64)
    return np.clip(shift, -LARGEST_SHIFT, LARGEST_SHIFT)


def _poses(pictures: Pictures, frames: NDArray[np.int64]) -> NDArray[np.float32]:
    """Small grey pictures of upper halves, free of brightness and contrast."""
    poses = np.empty((len(frames), _POSE_SIDE * _POSE_SIDE // 2), dtype=np.float32)
    for row, frame in enumerate(frames):
        half = np.ascontiguousarray(pictures[frame][: pictures.shape[1] // 2])
        grey = cv2.cvtColor(half, cv2.COLOR_BGR2GRAY)
        small = cv2.resize(grey, (_POSE_SIDE, _POSE_SIDE // 2), interpolation=cv2.INTER_AREA)
        poses[row] = small.astype(np.float32).ravel()
    poses -= poses.mean(axis=1, keepdims=True)
    spread = np.maximum(poses.std(axis=1, keepdims=True), 1.0)
    even: NDArray[np.float32] = (poses / spread).astype(np.float32)
    return even
