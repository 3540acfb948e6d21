"""Which seconds teach, which decide when to stop, and which judge in the end.

Neighbouring frames are nearly the same, so frames drawn by lot would be judged by their own twins.
Whole blocks of seconds are held back instead, with a gap on both sides that no window of sound
reaches across.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.video.loop import LOOP_FPS

BLOCK_FRAMES = 4 * LOOP_FPS
GAP_FRAMES = LOOP_FPS * 2 // 5
"""0.4 s: longer than a window of sound with its lead."""

_EVERY = 10  # of so many blocks, one decides when to stop and one judges


@dataclass(frozen=True, slots=True)
class Split:
    """Frames of one film.

    Attributes:
        train: Runs (first, end) of frames to learn from.
        validate: Runs that decide when to stop.
        judge: Runs that the report is made of; never seen while training.
    """

    train: tuple[tuple[int, int], ...]
    validate: tuple[tuple[int, int], ...]
    judge: tuple[tuple[int, int], ...]

    def frames(self, runs: tuple[tuple[int, int], ...]) -> NDArray[np.int64]:
        """Indices of all frames in runs."""
        return np.concatenate(
            [np.zeros(0, dtype=np.int64), *(np.arange(first, end) for first, end in runs)]
        ).astype(np.int64)


def split_frames(frame_count: int) -> Split:
    """Split a film, evenly over its length.

    Args:
        frame_count: Frames of the film; one of less than three blocks teaches only.
    """
    blocks = frame_count // BLOCK_FRAMES
    if blocks < 3:
        return Split(((0, frame_count),), (), ())
    every = min(_EVERY, blocks)
    kinds = ["train"] * blocks
    for start in range(0, blocks, every):
        if start + every <= blocks:
            kinds[start + every // 3] = "validate"
            kinds[start + (2 * every) // 3] = "judge"
    runs: dict[str, list[tuple[int, int]]] = {"train": [], "validate": [], "judge": []}
    first = 0
    for block in range(1, blocks + 1):
        if block < blocks and kinds[block] == kinds[first]:
            continue
        end = frame_count if block == blocks else block * BLOCK_FRAMES
        runs[kinds[first]].append((first * BLOCK_FRAMES, end))
        first = block
    return Split(
        tuple(_with_gaps(run, frame_count) for run in runs["train"]),
        tuple(runs["validate"]),
        tuple(runs["judge"]),
    )


def _with_gaps(run: tuple[int, int], frame_count: int) -> tuple[int, int]:
    first, end = run
    return (
        first + GAP_FRAMES if first else 0,
        end - GAP_FRAMES if end < frame_count else end,
    )
