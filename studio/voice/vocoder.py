"""From parameters of speech to sound: arithmetic, no learnt weights.

A band-limited pulse train and noise, mixed by frequency, pass through the minimum-phase filter that
the mel-cepstrum describes. Each frame is filtered by a discrete Fourier transform, written as a
matrix product, and frames are added where they overlap.

Sources: S. Imai, "Cepstral analysis synthesis on the mel frequency scale", ICASSP 1983; D. Griffin,
J. Lim, "Multiband excitation vocoder", IEEE Trans. ASSP 36 (1988).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from studio.voice.settings import (
    CEPSTRA,
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    TEACHER_RATE_HZ,
    WARP,
)
from studio.voice.timbre import Timbre

TRANSFORM = 1024
BINS = TRANSFORM // 2 + 1
TAIL_SAMPLES = TRANSFORM - 2 * FRAME_SAMPLES
"""What a frame's filter rings on after its window; cut off at the end of a sentence."""

NOISE_FRAMES = 512
"""Length of the noise table, 2.56 s: longer than anything a listener could find repeating."""

NOISE_SEED = 20
FULL_SCALE = 32_768.0
HIGHEST_HARMONIC = 0.48
"""As a share of the sample rate: nothing is left to fold back."""

_AT_PULSE = 1e-4


class Vocoder(nn.Module):
    """Turns frames into samples.

    The noise is a table and not drawn anew: the same frames give the same samples, bit for bit.
    """

    filter_cosines: Tensor
    filter_sines: Tensor
    forward_cosines: Tensor
    forward_sines: Tensor
    inverse: Tensor
    breath: Tensor
    noise: Tensor
    ramp: Tensor

    def __init__(self, timbre: Timbre | None = None) -> None:
        super().__init__()
        timbre = timbre or Timbre()
        self._pulsing = timbre.pulsing
        frequencies_hz = np.arange(BINS) * SAMPLE_RATE_HZ / TRANSFORM
        warped = warp(2 * np.pi * frequencies_hz / TEACHER_RATE_HZ)
        quefrencies = np.arange(CEPSTRA)[:, None]
        self._constant("filter_cosines", np.cos(quefrencies * warped))
        self._constant("filter_sines", -np.sin(quefrencies * warped))

        span = np.arange(2 * FRAME_SAMPLES)[:, None]
        window = 0.5 - 0.5 * np.cos(2 * np.pi * span / len(span))
        angles = 2 * np.pi * span * np.arange(BINS)[None] / TRANSFORM
        self._constant("forward_cosines", window * np.cos(angles))
        self._constant("forward_sines", -window * np.sin(angles))

        angles = 2 * np.pi * np.arange(BINS)[:, None] * np.arange(TRANSFORM)[None] / TRANSFORM
        weights = np.full((BINS, 1), 2.0 / TRANSFORM)
        weights[[0, -1]] = 1.0 / TRANSFORM  # the two bins that have no mirror image
        inverse = np.concatenate([weights * np.cos(angles), -weights * np.sin(angles)])
        self._constant("inverse", inverse[:, None])

        steepness = (frequencies_hz - timbre.breath_from_hz) / timbre.breath_width_hz
        self._constant("breath", timbre.breath_most / (1 + np.exp(-steepness)))
        random = np.random.Generator(np.random.PCG64(NOISE_SEED))
        # As loud in each Hz as the teacher's noise, which has power 1 at its own sample rate.
        loudness = math.sqrt(SAMPLE_RATE_HZ / TEACHER_RATE_HZ)
        self._constant("noise", loudness * random.standard_normal((NOISE_FRAMES, FRAME_SAMPLES)))
        self._constant("ramp", np.arange(FRAME_SAMPLES) / FRAME_SAMPLES)

    def _constant(self, name: str, values: NDArray[np.float64]) -> None:
        self.register_buffer(name, torch.from_numpy(values.astype(np.float32)), persistent=False)

    def forward(
        self, cepstra: Tensor, log_f0: Tensor, voicing: Tensor, breathiness: Tensor
    ) -> Tensor:
        """Samples of 24 kHz, about -1 to 1.

        Args:
            cepstra: [frames, 45] neper, for amplitudes of 16-bit samples.
            log_f0: [frames] natural logarithm of Hz.
            voicing: [frames] 0 to 1.
            breathiness: Factor on the noise within voiced sound; 1 is as the timbre says.

        Returns:
            [frames * 120].
        """
        f0_hz = torch.exp(self._between(log_f0))
        phase = _phase(f0_hz)
        rows = torch.remainder(torch.arange(f0_hz.shape[0]), NOISE_FRAMES)
        pulsing = 1 + self._pulsing * self._between(voicing) * torch.cos(2 * math.pi * phase)
        pulses = _windows(_pulse_train(phase, f0_hz))
        noise = _windows(self.noise[rows] * pulsing)

        breath = torch.clamp(self.breath[None] * breathiness, 0, 0.98)
        voice_share = voicing[:, None] * torch.sqrt(1 - breath)
        noise_share = torch.sqrt(torch.clamp(1 - voice_share * voice_share, min=0))
        real = (pulses @ self.forward_cosines) * voice_share
        real = real + (noise @ self.forward_cosines) * noise_share
        imaginary = (pulses @ self.forward_sines) * voice_share
        imaginary = imaginary + (noise @ self.forward_sines) * noise_share

        amplitude = torch.exp(cepstra @ self.filter_cosines) / FULL_SCALE
        angle = cepstra @ self.filter_sines
        filter_real, filter_imaginary = amplitude * torch.cos(angle), amplitude * torch.sin(angle)
        spectrum = torch.cat(
            [
                real * filter_real - imaginary * filter_imaginary,
                real * filter_imaginary + imaginary * filter_real,
            ],
            1,
        )
        added = functional.conv_transpose1d(spectrum.t()[None], self.inverse, stride=FRAME_SAMPLES)[
            0, 0
        ]
        # A frame's window reaches one frame back: the first frame's first half is before the start.
        return added[FRAME_SAMPLES:-TAIL_SAMPLES]

    def _between(self, values: Tensor) -> Tensor:
        """[frames] to [frames, 120], in straight lines from frame to frame."""
        following = torch.cat([values[1:], values[-1:]])
        return values[:, None] + (following - values)[:, None] * self.ramp[None]


def warp(angles: NDArray[np.float64], constant: float = WARP) -> NDArray[np.float64]:
    """The mel-like frequency scale of a first-order all-pass filter, radians to radians."""
    turned: NDArray[np.float64] = np.arctan2(
        constant * np.sin(angles), 1 - constant * np.cos(angles)
    )
    return angles + 2 * turned


def _phase(f0_hz: Tensor) -> Tensor:
    """Cycles since the last pulse, 0 to 1: [frames, 120].

    The sum runs over frames first and drops whole cycles there: single precision would lose the
    phase within a long sentence.
    """
    cycles = f0_hz / SAMPLE_RATE_HZ
    of_frame = cycles.sum(1)
    before = torch.cumsum(of_frame, 0) - of_frame
    before = before - torch.floor(before)
    phase = before[:, None] + torch.cumsum(cycles, 1) - cycles
    return phase - torch.floor(phase)


def _pulse_train(phase: Tensor, f0_hz: Tensor) -> Tensor:
    """All harmonics below the limit, in phase: a pulse each period, of mean power 1 at 32 kHz."""
    harmonics = torch.floor(HIGHEST_HARMONIC * SAMPLE_RATE_HZ / f0_hz)
    # From -1/2 to 1/2: near a pulse, the sine of almost pi would be mostly rounding errors.
    phase = phase - torch.floor(phase + 0.5)
    sine = torch.sin(math.pi * phase)
    at_pulse = sine.abs() < _AT_PULSE
    safe = torch.where(at_pulse, torch.ones_like(sine), sine)
    kernel = torch.sin((2 * harmonics + 1) * math.pi * phase) / (2 * safe) - 0.5
    kernel = torch.where(at_pulse, harmonics, kernel)  # the Dirichlet kernel's limit
    return kernel * 2 * torch.sqrt(f0_hz / TEACHER_RATE_HZ)


def _windows(samples: Tensor) -> Tensor:
    """[frames, 120] to [frames, 240]: each frame with the one before it."""
    before = torch.cat([torch.zeros_like(samples[:1]), samples[:-1]])
    return torch.cat([before, samples], 1)
