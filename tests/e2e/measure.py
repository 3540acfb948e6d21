"""Reading lips and sound from recordings alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.e2e.house import Look

GRID_HZ = 100
MOST_LAG_S = 0.3
LOUD = 300  # of 32767
VOWELS_HZ = (300.0, 3000.0)


def mouth_openness(look: Look) -> NDArray[np.float64]:
    """Contrast inside each picture of the mouth: an open one shows dark gap, lips and teeth."""
    return np.array([frame.astype(np.float32).mean(axis=2).std() for frame in look.frames])


def loudness(samples: NDArray[np.int16], rate_hz: int) -> NDArray[np.float64]:
    """Envelope of the vowels (300-3000 Hz) at GRID_HZ, smoothed over 80 ms as a mouth moves."""
    spectrum = np.fft.rfft(samples.astype(np.float64))
    bins_hz = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    spectrum[(bins_hz < VOWELS_HZ[0]) | (bins_hz > VOWELS_HZ[1])] = 0
    vowels = np.fft.irfft(spectrum, len(samples))
    hop = rate_hz // GRID_HZ
    count = len(vowels) // hop
    power = (vowels[: count * hop].reshape(count, hop) ** 2).mean(axis=1)
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


def without_drift(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take away what changes over seconds: the head's own movement, the sentence's melody."""
    second = np.ones(GRID_HZ) / GRID_HZ
    drift: NDArray[np.float64] = np.convolve(values, second, mode="same")
    return values - drift


def lag_s(reference: NDArray[np.float64], delayed: NDArray[np.float64]) -> tuple[float, float]:
    """By how much ``delayed`` runs behind ``reference`` (both at GRID_HZ), and the correlation."""
    most = round(MOST_LAG_S * GRID_HZ)
    correlations = []
    for shift in range(-most, most + 1):
        a = reference[max(0, -shift) : len(reference) - max(0, shift)]
        b = delayed[max(0, shift) : len(delayed) - max(0, -shift)]
        length = min(len(a), len(b))
        correlations.append(float(np.corrcoef(a[:length], b[:length])[0, 1]))
    best = int(np.argmax(correlations))
    shift = float(best - most)
    if 0 < best < len(correlations) - 1:  # between two grid points: the top of a parabola
        left, top, right = correlations[best - 1 : best + 2]
        shift += 0.5 * (left - right) / (left - 2 * top + right)
    return shift / GRID_HZ, correlations[best]


def speech_span_s(samples: NDArray[np.int16], rate_hz: int) -> tuple[float, float]:
    """First and last moment of sound, from the first sample."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > LOUD)
    assert len(loud), "nothing was heard"
    return float(loud[0]) / rate_hz, float(loud[-1]) / rate_hz
