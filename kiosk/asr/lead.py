"""The quiet before a visitor speaks, left out of what the built-in recogniser hears.

Its acoustic model wants cepstra with the mean of *speech* taken off (Sphinx takes the mean over
speech only); Kaldi's running mean takes all it is given, and a second of quiet before the first
word pulls it away far enough to cost words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kiosk.asr.hearing import SAMPLE_RATE_HZ

KEPT_S = 0.45  # before the first loud frame: what the prior of the mean was found with
FRAME = SAMPLE_RATE_HZ * 30 // 1000
RISE = 3.0  # a loud frame's amplitude over the quietest one's
SURELY_LOUD = 500.0  # amplitude (RMS, 16-bit steps): loud even if nothing quieter was heard
LEAST_FLOOR = 10.0

Samples = NDArray[np.int16]


class LeadTrim:
    """Aim: the same stream from a moment before the first speech on.

    Attributes:
        skipped: Samples left out so far.
    """

    def __init__(self) -> None:
        self.skipped = 0
        self._held = np.zeros(0, np.int16)
        self._levels: list[float] = []
        self._open = False

    def feed(self, samples: Samples) -> Samples:
        """Take the next samples; returns those to hear, none before speech begins."""
        if self._open:
            return samples
        self._held = np.concatenate([self._held, samples])
        for start in range(len(self._levels) * FRAME, self._held.size - FRAME + 1, FRAME):
            frame = self._held[start : start + FRAME].astype(np.float64)
            self._levels.append(float(np.sqrt(np.mean(frame**2))))
        if not self._levels:
            return samples[:0]
        # Over the quietest frame of all: who speaks at once is known to have spoken by the first
        # pause, and nothing of it is lost.
        loud = min(SURELY_LOUD, RISE * max(LEAST_FLOOR, min(self._levels)))
        onset = next((k for k, level in enumerate(self._levels) if level >= loud), None)
        if onset is None:
            return samples[:0]
        self.skipped = max(0, onset * FRAME - round(KEPT_S * SAMPLE_RATE_HZ))
        return self._release(self.skipped)

    def finish(self) -> Samples:
        """What is held back: all, if nothing was loud, in case it was a whisper."""
        return self._release(0)

    def _release(self, start: int) -> Samples:
        held, self._held, self._open = self._held[start:], self._held[:0], True
        return held
