"""The unit in which sound travels from the microphone: 20 ms of 16 kHz mono."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000
"""What the recogniser and the lips model take."""

BLOCK_S = 0.02
"""Short enough for a live level ring, long enough to keep the callback rate low."""

BLOCK_SAMPLES = round(SAMPLE_RATE_HZ * BLOCK_S)

FULL_SCALE = 32_768.0
SILENCE_DBFS = -120.0
"""Stands for the level of exact zeros, whose logarithm does not exist."""


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """A short stretch of captured sound.

    Attributes:
        samples: 16 kHz mono, int16, usually ``BLOCK_SAMPLES`` long.
        captured_at_s: Monotonic time at which the first sample was captured.
    """

    samples: NDArray[np.int16] = field(repr=False)
    captured_at_s: float

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE_HZ

    @property
    def ends_at_s(self) -> float:
        """Monotonic time just after the last sample."""
        return self.captured_at_s + self.duration_s


def level_dbfs(samples: NDArray[np.int16]) -> float:
    """RMS level in decibels relative to full scale; ``SILENCE_DBFS`` for exact zeros or nothing."""
    if not len(samples):
        return SILENCE_DBFS
    values = samples.astype(np.float32)
    mean_square = float(np.dot(values, values)) / len(values)
    if mean_square == 0.0:
        return SILENCE_DBFS
    return 10.0 * float(np.log10(mean_square / FULL_SCALE**2))
