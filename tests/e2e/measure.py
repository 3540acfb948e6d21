"""Reading lips and sound from recordings alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.e2e.house import Look

GRID_HZ = 100
MOST_LAG_S = 0.3
LOUD = 300  # of 32767


def mouth_openness(look: Look) -> NDArray[np.float64]:
    """How much darkness is in each picture of the mouth: an open mouth is a dark gap."""
    grey = np.stack([frame.astype(np.float32).mean(axis=2) for frame in look.frames])
    dark: NDArray[np.float64] = np.clip(70.0 - grey, 0, None).mean(axis=(1, 2)).astype(np.float64)
    return dark


def loudness(samples: NDArray[np.int16], rate_hz: int) -> NDArray[np.float64]:
    """Envelope at GRID_HZ, as a mouth would follow it: smoothed over 80 ms."""
    hop = rate_hz // GRID_HZ
    count = len(samples) // hop
    power = (samples[: count * hop].astype(np.float64).reshape(count, hop) ** 2).mean(axis=1)
    level = np.sqrt(power)
    kernel = np.hanning(9)
    smooth: NDArray[np.float64] = np.convolve(level, kernel / kernel.sum(), mode="same")
    return np.log10(1 + smooth)


def on_grid(
    at_s: NDArray[np.float64], values: NDArray[np.float64], grid_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Each grid point takes the last picture shown before it, as the eye does."""
    index = np.clip(np.searchsorted(at_s, grid_s, side="right") - 1, 0, len(values) - 1)
    return values[index]


def lag_s(reference: NDArray[np.float64], delayed: NDArray[np.float64]) -> tuple[float, float]:
    """By how much ``delayed`` runs behind ``reference`` (both at GRID_HZ), and the correlation."""
    most = round(MOST_LAG_S * GRID_HZ)
    best = (-1.0, 0)
    for shift in range(-most, most + 1):
        a = reference[max(0, -shift) : len(reference) - max(0, shift)]
        b = delayed[max(0, shift) : len(delayed) - max(0, -shift)]
        length = min(len(a), len(b))
        best = max(best, (float(np.corrcoef(a[:length], b[:length])[0, 1]), shift))
    return best[1] / GRID_HZ, best[0]


def speech_span_s(samples: NDArray[np.int16], rate_hz: int) -> tuple[float, float]:
    """First and last moment of sound, from the first sample."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > LOUD)
    assert len(loud), "nothing was heard"
    return float(loud[0]) / rate_hz, float(loud[-1]) / rate_hz
