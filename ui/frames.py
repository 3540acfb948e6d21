"""Frames of the idle loop, decoded on a thread of their own, a few ahead of the picture."""

from __future__ import annotations

import queue
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.messages import MouthPatch
from kiosk.video.loop import LoopInfo, LoopReader

AHEAD = 3
_NEAR = 8  # frames that are cheaper to decode than to skip
_BEHIND = 3  # frames that the picture waits for, standing, instead of going once round
_RETRY_S = 2.0

Crop = tuple[int, int, int, int]
Frame = tuple[int, NDArray[np.uint8]]


def crop_for(info: LoopInfo, aspect: float, focus_x: float, focus_y: float) -> Crop:
    """Largest part of the loop with the given shape, as near as may be around the face.

    Args:
        info: Size of the loop.
        aspect: Width by height of the place on screen.
        focus_x: Centre of the face, share of the loop's width.
        focus_y: Centre of the face, share of the loop's height.

    Returns:
        ``(x, y, width, height)`` in even pixels.
    """
    width = min(info.width, round(info.height * aspect)) // 2 * 2
    height = min(info.height, round(info.width / aspect)) // 2 * 2
    width, height = max(2, width), max(2, height)
    x = min(max(round(focus_x * info.width - width / 2), 0), info.width - width) // 2 * 2
    y = min(max(round(focus_y * info.height - height / 2), 0), info.height - height) // 2 * 2
    return x, y, width, height


def lay_over(pixels: NDArray[np.uint8], patch: MouthPatch, crop: Crop) -> None:
    """Write a patch, whose place is given in the loop, into a cropped frame.

    Args:
        pixels: uint8, shape (height, width, 4), BGRX; changed in place.
        patch: Mouth pixels; what lies outside the crop is left out.
        crop: The part of the loop that ``pixels`` show.
    """
    rows, columns = pixels.shape[:2]
    top, left = patch.y - crop[1], patch.x - crop[0]
    height, width = patch.bgr.shape[:2]
    y0, y1 = max(0, top), min(rows, top + height)
    x0, x1 = max(0, left), min(columns, left + width)
    if y0 < y1 and x0 < x1:
        pixels[y0:y1, x0:x1, :3] = patch.bgr[y0 - top : y1 - top, x0 - left : x1 - left]


class LoopFrames:
    """Aim: have the next loop frame ready whenever the picture asks, decoded on another thread.

    A read error in the middle of the day does not end it: it tries again every two seconds, and the
    last frame stays on screen meanwhile.

    Args:
        path: Video file.
        aspect: Width by height of the place on screen.
        focus: Centre of the face, shares of width and height.

    Raises:
        MediaError: The file cannot be shown.

    Attributes:
        info: Size and length of the loop.
        crop: Part of the loop that the frames show.
    """

    def __init__(self, path: Path, aspect: float, focus: tuple[float, float]) -> None:
        self._path = path
        with LoopReader(path, keep_mib=0) as probe:
            self.info = probe.info
        self.crop = crop_for(self.info, aspect, *focus)
        self._queue: queue.Queue[tuple[int, Frame]] = queue.Queue(maxsize=AHEAD)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._generation = 0
        self._start_at = 0
        self._current: Frame | None = None  # None: the next frame of the queue is the right one
        self._last: Frame | None = None
        self._thread = threading.Thread(target=self._decode, name="idle-loop", daemon=True)
        self._thread.start()

    def take(self, index: int) -> Frame | None:
        """The frame for ``index``, or the nearest that is there; None before the first.

        Returns:
            Its own index, and pixels, uint8, shape (height, width, 4), not to be changed.
        """
        count = self.info.frame_count
        while True:
            if self._current is not None:
                ahead = (index - self._current[0]) % count
                if ahead == 0 or ahead >= count - _BEHIND:
                    break
                if ahead > _NEAR:
                    self._jump(index)
            try:
                generation, frame = self._queue.get_nowait()
            except queue.Empty:
                break
            if generation == self._generation:
                self._current = self._last = frame
        return self._last

    def close(self) -> None:
        """Stop decoding; may be called twice."""
        self._stop.set()
        while self._thread.is_alive():
            self._drain()
            self._thread.join(0.05)

    def _jump(self, index: int) -> None:
        with self._lock:
            self._generation += 1
            self._start_at = index
        self._current = None
        self._drain()

    def _drain(self) -> None:
        try:
            while True:
                self._queue.get_nowait()
        except queue.Empty:
            return

    def _decode(self) -> None:
        while not self._stop.is_set():
            try:
                with LoopReader(self._path, crop=self.crop) as reader:
                    self._feed(reader)
            except MediaError:
                self._stop.wait(_RETRY_S)

    def _feed(self, reader: LoopReader) -> None:
        generation, upcoming = -1, 0
        while not self._stop.is_set():
            with self._lock:
                if generation != self._generation:
                    generation = self._generation
                    reader.skip((self._start_at - upcoming) % reader.info.frame_count)
            index, pixels = reader.next()
            upcoming = index + 1
            while not self._stop.is_set() and generation == self._generation:
                try:
                    self._queue.put((generation, (index, pixels)), timeout=0.2)
                except queue.Full:
                    continue
                break
