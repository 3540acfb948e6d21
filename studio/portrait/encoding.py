"""From finished frames to a loop's film that is small enough to ship."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.video.loopfilm import LOOP_CRF, WORST_CRF, write_loop

MOST_BYTES_A_FRAME = 14_000
"""Three loops of 28 s in two formats then take less than 20 MB."""


def encode(
    film: Path,
    frames: Callable[[], Iterable[NDArray[np.uint8]]],
    count: int,
    size: tuple[int, int],
    most_bytes_a_frame: int = MOST_BYTES_A_FRAME,
) -> int:
    """Write a loop in the best quality that keeps it small.

    Args:
        film: MP4 file.
        frames: Gives all frames in order, as often as it is asked: BGR, shape (height, width, 3).
        count: How many there are.
        size: Their width and height, pixels.
        most_bytes_a_frame: Of the file, on average.

    Returns:
        The quality it took, as x264 counts: more is worse.

    Raises:
        MediaError: Frames or film cannot be read or written.
    """
    for crf in range(LOOP_CRF, WORST_CRF + 1):
        write_loop(film, frames(), size, crf=crf)
        if film.stat().st_size <= count * most_bytes_a_frame:
            break
    return crf
