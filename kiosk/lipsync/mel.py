"""Sound as Wav2Lip's contract wants it: a mel spectrogram of 80 bands and 80 columns a second.

The figures and their order are those of the reference implementation (Rudrabha/Wav2Lip,
``audio.py`` and ``hparams.py``); a model only works with exactly these.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16000
BANDS = 80
COLUMNS_PER_S = 80
WINDOW_COLUMNS = 16
"""Columns that a lips model sees for one frame: 0.2 s."""

SILENCE = -4.0
"""Value of every band in digital silence, the lowest there is."""

HOP_SAMPLES = SAMPLE_RATE_HZ // COLUMNS_PER_S
_FFT_SAMPLES = 800
_HALF = _FFT_SAMPLES // 2
_PRE_EMPHASIS = 0.97
_LOWEST_HZ, _HIGHEST_HZ = 55.0, 7600.0

Mel = NDArray[np.float32]
"""Shape (BANDS, columns), values -4 .. 4."""


def _mel_of_hz(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's scale: linear up to 1 kHz, logarithmic above."""
    logarithmic = 15 + np.log(np.maximum(hz, 1.0) / 1000) / (np.log(6.4) / 27)
    return np.where(hz < 1000, hz * 3 / 200, logarithmic)


def _hz_of_mel(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def _filter_bank() -> NDArray[np.float32]:
    """Triangles of equal area (Slaney's norm); shape (_FFT_SAMPLES / 2 + 1, BANDS)."""
    limits = _mel_of_hz(np.array([_LOWEST_HZ, _HIGHEST_HZ]))
    corners_hz = _hz_of_mel(np.linspace(limits[0], limits[1], BANDS + 2))
    bins_hz = np.linspace(0, SAMPLE_RATE_HZ / 2, _HALF + 1)[:, None]
    low, centre, high = corners_hz[:-2], corners_hz[1:-1], corners_hz[2:]
    rising = (bins_hz - low) / (centre - low)
    falling = (high - bins_hz) / (high - centre)
    triangles = np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)
    return triangles.astype(np.float32)


def _sparse(bank: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The bank's bins and weights that are not 0; both of shape (BANDS, widest band's bins).

    A product with the whole bank would go to the linear-algebra library, whose threads then spin:
    that took a hundred times the work's own processor time when both cores were busy.
    """
    bins, _ = bank.shape
    firsts = (bank > 0).argmax(axis=0)
    widest = int((bank > 0).sum(axis=0).max())
    indices = np.minimum(firsts, bins - widest)[:, None] + np.arange(widest)
    return indices, np.take_along_axis(bank.T, indices, axis=1)


_BINS, _WEIGHTS = _sparse(_filter_bank())
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FFT_SAMPLES) / _FFT_SAMPLES)).astype(np.float32)


def _columns(padded: NDArray[np.float32], count: int) -> Mel:
    """Mel columns of a pre-emphasised signal, column i from samples ``i * HOP_SAMPLES`` on."""
    if count <= 0:
        return np.zeros((BANDS, 0), dtype=np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT_SAMPLES)[::HOP_SAMPLES][:count]
    magnitude = np.abs(np.fft.rfft(frames * _HANN, axis=1)).astype(np.float32)
    sums = np.einsum("cbi,bi->cb", magnitude[:, _BINS], _WEIGHTS)
    bands = np.maximum(np.float32(1e-5), sums)
    normal: Mel = np.clip(1.6 * np.log10(bands) + 2.4, -4.0, 4.0).astype(np.float32)
    return np.ascontiguousarray(normal.T)


def log_mel(samples: NDArray[np.float32]) -> Mel:
    """Mel spectrogram of a whole signal.

    Args:
        samples: Mono, 16 kHz, -1..1, shape (n,).

    Returns:
        Shape (80, 1 + n // 200); column c is centred on sample 200 c. Empty for no samples.
    """
    stream = MelStream()
    return np.concatenate([stream.feed(samples), stream.finish()], axis=1)


class MelStream:
    """The same spectrogram, computed while the sound arrives.

    However the sound is cut into pieces, the columns are those of ``log_mel`` of all of it.
    """

    def __init__(self) -> None:
        self._previous = np.float32(0)
        self._begun = False
        # Pre-emphasised samples that future columns need; the first belongs to the next column.
        self._tail: NDArray[np.float32] = np.zeros(0, dtype=np.float32)

    def feed(self, samples: NDArray[np.float32]) -> Mel:
        """Add sound (mono, 16 kHz, -1..1) and return the columns that are complete now."""
        samples = np.asarray(samples, dtype=np.float32)
        if len(samples) == 0:
            return _columns(self._tail, 0)
        before = np.concatenate([[self._previous], samples[:-1]]).astype(np.float32)
        emphasised = samples - np.float32(_PRE_EMPHASIS) * before
        self._previous = samples[-1]
        self._tail = np.concatenate([self._tail, emphasised])
        if not self._begun:
            if len(self._tail) <= _HALF:
                return _columns(self._tail, 0)  # the mirror at the start needs 401 samples
            self._tail = np.pad(self._tail, (_HALF, 0), mode="reflect")
            self._begun = True
        # One column is held back, so that the mirror at the end always finds 401 real samples.
        return self._take((len(self._tail) - _FFT_SAMPLES - 1) // HOP_SAMPLES + 1)

    def finish(self) -> Mel:
        """The last columns, with the sound's end mirrored; nothing may be fed afterwards."""
        if len(self._tail) == 0:
            return _columns(self._tail, 0)
        padding = (0 if self._begun else _HALF, _HALF)
        self._tail = np.pad(self._tail, padding, mode="reflect")
        return self._take((len(self._tail) - _FFT_SAMPLES) // HOP_SAMPLES + 1)

    def _take(self, count: int) -> Mel:
        columns = _columns(self._tail, count)
        self._tail = self._tail[max(0, count) * HOP_SAMPLES :]
        return columns


def window_start(frame: int, fps: int, lead_ms: int) -> int:
    """First column that a model sees for a frame; may be negative.

    Whole numbers only, so that frame 10,000 is as exact as frame 1. With ``lead_ms`` 0 this is the
    reference's ``int(frame * 80 / fps)``.

    Args:
        frame: Frame index.
        fps: Frames a second.
        lead_ms: How far the model's mouth runs ahead of the sound it is given.
    """
    return (frame * 1000 - lead_ms * fps) * COLUMNS_PER_S // (1000 * fps)
