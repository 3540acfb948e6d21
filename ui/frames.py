"""Frames of one loop, decoded on a thread of its own, a few ahead of the picture."""

from __future__ import annotations

import logging
import queue
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.video.loop import KEEP_MIB, LoopReader
from ui.view import View

log = logging.getLogger(__name__)

AHEAD = 3
_NEAR = 8  # frames that are cheaper to decode than to skip
_BEHIND = 3  # frames that the picture waits for, standing, instead of going once round
_RETRY_S = 2.0

Frame = tuple[int, NDArray[np.uint8]]


class LoopFrames:
    """Aim: have the next loop frame ready whenever the picture asks, decoded on another thread.

    A loop that is not on screen costs nothing: its thread waits with the first frames decoded (see
    ``rest``). A read error in the middle of the day does not end it: it tries again every two
    seconds, and the last frame stays on screen meanwhile.

    Args:
        path: Video file.
        view: What of it is shown, and how large.
        name: Of the loop, for log and thread.
        keep_mib: Largest loop to keep in memory.
    """

    def __init__(self, path: Path, view: View, *, name: str, keep_mib: int = KEEP_MIB) -> None:
        self._path = path
        self._view = view
        self._name = name
        self._keep_mib = keep_mib
        self._count = 0  # until the file is open
        self._broken = False
        self._queue: queue.Queue[tuple[int, Frame]] = queue.Queue(maxsize=AHEAD)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._generation = 0
        self._start_at = 0
        self._current: Frame | None = None  # None: the next frame of the queue is the right one
        self._last: Frame | None = None
        self._thread = threading.Thread(target=self._decode, name=f"{name}-loop", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> int:
        """Frames of the loop, if one could be shown at once; 0 if not, or if the file is broken."""
        has_frame = self._last is not None or not self._queue.empty()
        return self._count if has_frame and not self._broken else 0

    def take(self, index: int) -> Frame | None:
        """The frame for ``index``, or the nearest that is there; None before the first.

        Returns:
            Its own index, and pixels, uint8, shape (height, width, 4), not to be changed.
        """
        count = self._count
        while count:
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

    def rest(self) -> None:
        """The loop leaves the screen: wait at its beginning, ready to be shown again."""
        self._last = None
        self._jump(0)

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
                with LoopReader(
                    self._path,
                    crop=self._view.crop,
                    size=self._view.size,
                    keep_mib=self._keep_mib,
                ) as reader:
                    self._feed(reader)
            except MediaError as error:
                if not self._broken:
                    log.warning("%s loop: %s", self._name, error)
                self._broken = True
                self._stop.wait(_RETRY_S)

    def _feed(self, reader: LoopReader) -> None:
        self._count = reader.info.frame_count
        generation, upcoming = -1, 0
        while not self._stop.is_set():
            with self._lock:
                if generation != self._generation:
                    generation = self._generation
                    reader.skip((self._start_at - upcoming) % reader.info.frame_count)
            index, pixels = reader.next()
            self._broken = False
            upcoming = index + 1
            while not self._stop.is_set() and generation == self._generation:
                try:
                    self._queue.put((generation, (index, pixels)), timeout=0.2)
                except queue.Full:
                    continue
                break
