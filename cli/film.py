"""The demo's film: what the window showed and what the room heard, on one time line."""

from __future__ import annotations

import queue
import threading
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk.video import FilmWriter, dub_film

FPS = 25
MOST_WAITING = 12  # frames; half a second of a slow disk


class WindowFilm:
    """Aim: keep every 40 ms what the window shows, without slowing it down.

    Frames are encoded on a thread of their own into a silent film; ``finish`` adds the sound. Each
    frame goes to the slot of its own time; a slot that got none repeats the one before.

    Attributes:
        began_at_s: Monotonic time of the film's first frame.
    """

    def __init__(self, path: Path) -> None:
        self.began_at_s = 0.0
        self._path = path
        self._slots = 0  # frames written
        self._queue: queue.Queue[tuple[float, NDArray[np.uint8]] | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="film", daemon=True)
        self._thread.start()

    def add(self, at_s: float, bgr: NDArray[np.uint8]) -> None:
        """Take a frame shown at ``at_s``; left out if the encoder is behind."""
        if not self.began_at_s:
            self.began_at_s = at_s
        if not self._queue.full():
            self._queue.put((at_s, bgr))

    def stop(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def finish(
        self,
        path: Path,
        sound: NDArray[np.int16],
        rate_hz: int,
        sound_from_s: float,
        said: list[tuple[float, NDArray[np.int16], int]],
    ) -> None:
        """Write the film with sound.

        Args:
            path: The film.
            sound: What the loudspeaker played, mono.
            rate_hz: Its rate.
            sound_from_s: Monotonic time of its first sample.
            said: What the visitor said: time, samples, rate.
        """
        track = np.zeros(round(self._slots / FPS * rate_hz), np.int32)
        _mix(track, sound, round((sound_from_s - self.began_at_s) * rate_hz))
        for at_s, samples, its_rate_hz in said:
            voice = soxr.resample(samples, its_rate_hz, rate_hz)
            _mix(track, voice, round((at_s - self.began_at_s) * rate_hz))
        mixed = np.clip(track, -32768, 32767).astype(np.int16)
        dub_film(self._path, path, mixed, rate_hz)
        self._path.unlink()

    def _run(self) -> None:
        film: FilmWriter | None = None
        last: NDArray[np.uint8] | None = None
        while (item := self._queue.get()) is not None:
            at_s, bgr = item
            if film is None:
                film = FilmWriter(self._path, bgr.shape[1], bgr.shape[0], FPS, None)
            slot = round((at_s - self.began_at_s) * FPS)
            while self._slots < slot and last is not None:
                film.add_frame(last)
                self._slots += 1
            if self._slots <= slot:
                film.add_frame(bgr)
                self._slots += 1
            last = bgr
        if film is not None:
            film.close()


def _mix(track: NDArray[np.int32], samples: NDArray[np.int16], at: int) -> None:
    first, last = max(at, 0), min(at + len(samples), len(track))
    if first < last:
        track[first:last] += samples[first - at : last - at]
