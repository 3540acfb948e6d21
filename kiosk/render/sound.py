"""The film's sound, and the lips' copy of it."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk.render.script import LEAD_IN_TICKS
from kiosk.tts import SpeechChunk
from kiosk.video import LOOP_FPS, FilmWriter

SOUND_RATE_HZ = 48_000
LIPS_RATE_HZ = 16_000


class RateChange:
    """Brings speech, chunk by chunk, to another rate; all chunks of one stream have the same."""

    def __init__(self, to_hz: int) -> None:
        self._to_hz = to_hz
        self._stream: soxr.ResampleStream | None = None

    def feed(self, chunk: SpeechChunk) -> NDArray[np.int16]:
        """As much as can be told so far: mono, int16."""
        if self._stream is None:
            self._stream = soxr.ResampleStream(chunk.sample_rate_hz, self._to_hz, 1, dtype="int16")
        samples: NDArray[np.int16] = self._stream.resample_chunk(chunk.samples)
        return samples

    def finish(self) -> NDArray[np.int16]:
        """The rest."""
        nothing = np.zeros(0, np.int16)
        if self._stream is None:
            return nothing
        samples: NDArray[np.int16] = self._stream.resample_chunk(nothing, last=True)
        return samples


class Soundtrack:
    """The film's sound: rest, speech at the film's own rate, rest.

    Attributes:
        heard: Whether anything was said.
    """

    def __init__(self, film: FilmWriter) -> None:
        self.heard = False
        self._film = film
        self._samples = 0
        self._rate_change = RateChange(SOUND_RATE_HZ)
        self._rest(LEAD_IN_TICKS * SOUND_RATE_HZ // LOOP_FPS)

    def add(self, chunk: SpeechChunk) -> None:
        """The next stretch of speech."""
        self.heard = self.heard or len(chunk.samples) > 0
        self._add(self._rate_change.feed(chunk))

    def finish(self, duration_s: float) -> None:
        """Fill up with silence to the length of the film."""
        self._add(self._rate_change.finish())
        self._rest(round(duration_s * SOUND_RATE_HZ) - self._samples)

    def _rest(self, samples: int) -> None:
        self._add(np.zeros(max(samples, 0), np.int16))

    def _add(self, samples: NDArray[np.int16]) -> None:
        self._film.add_sound(samples)
        self._samples += len(samples)
