"""Steady noise taken out of speech, block by block, before the built-in recogniser.

The acoustic model inside the pocketsphinx package was trained on sound with this very noise removal
in its front end (``-remove_noise yes``), which Vosk's front end does not have. Here it works on the
sound: the gains that Sphinx gives its mel bands are laid over a short-time spectrum, as far as the
noise is worth removing.

Source: Kim, Stern, "Power-normalized cepstral coefficients (PNCC) for robust speech recognition"
(2016), asymmetric noise suppression and temporal masking; parameters as in pocketsphinx's front
end.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kiosk.asr.hearing import SAMPLE_RATE_HZ

HOP = SAMPLE_RATE_HZ // 100
WINDOW = 3 * HOP
FFT = 512
BANDS = 25
LOWEST_HZ, HIGHEST_HZ = 130.0, 6800.0

POWER_MEMORY = 0.7  # of the running mean of a band's power
RISE_MEMORY, FALL_MEMORY = 0.995, 0.5  # the noise follows rising power slowly, falling power fast
PEAK_MEMORY = 0.85  # of a peak, which masks what follows it for a moment
MASKED_SHARE = 0.2  # of the peak is left where it masks
MAX_REDUCTION = 20.0  # in power: 13 dB
SMOOTH_BANDS = 4  # on either side
LEAST_POWER = 1.0
LEARNING_FRAMES = 12  # before these a running mean has not seen enough to be called noise
# Loudest over quietest moment: below the first all noise is removed, above the second none, as
# removal blurs speech that is clear without it. About 11 dB above the ratio of the mean powers.
NOISY_DB, CLEAR_DB = 34.0, 41.0
QUIET_RISE = 1.005  # a frame: how fast the quietest moment is forgotten, 2 dB a second

Floats = NDArray[np.float64]


class NoiseRemoval:
    """Aim: the same speech with less steady noise, as a stream.

    One object an utterance; it learns the noise from what it has heard, so let it begin before the
    speech. ``feed`` hands out what is final, 20 ms behind what came in; ``finish`` the rest.
    """

    def __init__(self) -> None:
        self._unread = np.zeros(WINDOW - HOP)  # quiet before the first sample
        self._overlap = np.zeros(WINDOW - HOP)
        self._early = WINDOW - HOP  # samples of that quiet still to come out
        self._gains = _BandGains()

    def feed(self, samples: NDArray[np.int16]) -> NDArray[np.int16]:
        """Take the next samples, mono, 16 kHz, any number; returns those that are ready."""
        self._unread = np.concatenate([self._unread, samples])
        count = max(0, (self._unread.size - WINDOW) // HOP + 1)
        if not count:
            return np.empty(0, np.int16)
        frames = np.lib.stride_tricks.sliding_window_view(self._unread, WINDOW)[: count * HOP : HOP]
        spectra = np.fft.rfft(frames * _WINDOW_SHAPE, FFT)
        powers = np.abs(spectra) ** 2 @ _BANDS
        spectra *= np.array([self._gains.next(power) for power in powers]) @ _SPREAD
        pieces = np.fft.irfft(spectra, FFT)[:, :WINDOW] * (_WINDOW_SHAPE / _OVERLAP_SUM)
        self._unread = self._unread[count * HOP :]
        return self._joined(pieces)

    def finish(self) -> NDArray[np.int16]:
        """What is left, after the last sample; the stream is over."""
        left = self._unread.size - self._early
        return self.feed(np.zeros(WINDOW, np.int16))[:left]

    def _joined(self, pieces: Floats) -> NDArray[np.int16]:
        """Add the pieces where they overlap; keep what later pieces will add to."""
        sound = np.zeros(len(pieces) * HOP + WINDOW - HOP)
        sound[: WINDOW - HOP] = self._overlap
        for i, piece in enumerate(pieces):
            sound[i * HOP : i * HOP + WINDOW] += piece
        ready, self._overlap = sound[: len(pieces) * HOP], sound[len(pieces) * HOP :]
        skipped = min(self._early, ready.size)
        self._early -= skipped
        limits = np.iinfo(np.int16)
        return np.clip(np.rint(ready[skipped:]), limits.min, limits.max).astype(np.int16)


class _BandGains:
    """The gain of each band, frame by frame."""

    def __init__(self) -> None:
        self._frames = 0
        self._loudest, self._quietest = LEAST_POWER, math.inf
        self._power = self._noise = self._floor = self._peak = np.zeros(BANDS)

    def next(self, power: Floats) -> Floats:
        """Amplitude gains for a frame with these band powers; both of shape (BANDS,)."""
        self._frames += 1
        self._power = POWER_MEMORY * self._power + (1 - POWER_MEMORY) * power
        if self._frames <= LEARNING_FRAMES:
            self._noise, self._floor = self._power, self._power / MAX_REDUCTION
        self._noise = _lower_envelope(self._noise, self._power)
        signal = np.maximum(self._power - self._noise, LEAST_POWER)
        self._floor = _lower_envelope(self._floor, signal)
        signal = np.maximum(self._unmasked(signal), self._floor)
        gain = signal / np.maximum(self._power, LEAST_POWER)
        smooth: Floats = _SMOOTHING @ np.clip(gain, 1 / MAX_REDUCTION, MAX_REDUCTION)
        return np.sqrt(smooth) ** self._strength()

    def _strength(self) -> float:
        """0..1, how much of the noise to remove, judged by the utterance so far."""
        total = max(float(np.sum(self._power)), LEAST_POWER)
        self._loudest = max(self._loudest, total)
        if self._frames >= LEARNING_FRAMES:
            self._quietest = min(self._quietest * QUIET_RISE, total)
        above_db = 10 * math.log10(self._loudest / min(self._quietest, self._loudest))
        return min(1.0, max(0.0, (CLEAR_DB - above_db) / (CLEAR_DB - NOISY_DB)))

    def _unmasked(self, signal: Floats) -> Floats:
        """Echoes of a peak in its band are lowered to a share of it."""
        self._peak = PEAK_MEMORY * self._peak
        masked = np.where(signal < PEAK_MEMORY * self._peak, self._peak * MASKED_SHARE, signal)
        self._peak = np.maximum(self._peak, signal)
        return masked


def _lower_envelope(envelope: Floats, power: Floats) -> Floats:
    memory = np.where(power >= envelope, RISE_MEMORY, FALL_MEMORY)
    return memory * envelope + (1 - memory) * power


def _mel_bands() -> Floats:
    """Triangular bands evenly spaced on the mel scale, shape (FFT // 2 + 1, BANDS)."""

    def mel(hz: float) -> float:
        return 2595.0 * float(np.log10(1 + hz / 700.0))

    edges = 700.0 * (10 ** (np.linspace(mel(LOWEST_HZ), mel(HIGHEST_HZ), BANDS + 2) / 2595.0) - 1)
    hz = np.fft.rfftfreq(FFT, 1 / SAMPLE_RATE_HZ)[:, np.newaxis]
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    return np.maximum(0.0, np.minimum((hz - low) / (centre - low), (high - hz) / (high - centre)))


def _spread() -> Floats:
    """From bands back to frequencies, shape (BANDS, FFT // 2 + 1); rows of weights sum to one."""
    shares = _BANDS.T.copy()
    inside = shares.sum(axis=0)
    covered = np.flatnonzero(inside)
    shares[0, : covered[0]] = 1.0  # the edges follow the nearest band
    shares[-1, covered[-1] + 1 :] = 1.0
    weights: Floats = shares / shares.sum(axis=0)
    return weights


def _smoothing() -> Floats:
    """Mean over neighbouring bands, shape (BANDS, BANDS)."""
    places = np.arange(BANDS)
    near = np.abs(places[:, np.newaxis] - places) <= SMOOTH_BANDS
    shares: Floats = near / near.sum(axis=1, keepdims=True)
    return shares


_WINDOW_SHAPE = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW))
_OVERLAP_SUM = WINDOW / HOP / 2
_BANDS = _mel_bands()
_SPREAD = _spread()
_SMOOTHING = _smoothing()
