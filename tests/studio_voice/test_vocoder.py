"""The vocoder: the spectrum and the pitch that it is told."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="PyTorch is not installed (the extra 'train')")

from studio.voice.settings import (  # noqa: E402  (only with PyTorch)
    CEPSTRA,
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    TEACHER_RATE_HZ,
)
from studio.voice.timbre import Timbre  # noqa: E402
from studio.voice.vocoder import FULL_SCALE, Vocoder, warp  # noqa: E402

FRAMES = 600
LOUD = math.log(1500)
SHAPE = {0: LOUD, 1: 1.0, 2: -0.6, 5: 0.3, 9: -0.2}


def say(
    *,
    f0_hz: float = 200.0,
    voicing: float = 1.0,
    breathiness: float = 1.0,
    shape: dict[int, float] = SHAPE,
    timbre: Timbre | None = None,
    frames: int = FRAMES,
) -> NDArray[np.float64]:
    cepstra = torch.zeros(frames, CEPSTRA)
    for index, value in shape.items():
        cepstra[:, index] = value
    vocoder = Vocoder(timbre)
    with torch.no_grad():
        samples = vocoder(
            cepstra,
            torch.full((frames,), math.log(f0_hz)),
            torch.full((frames,), voicing),
            torch.tensor(breathiness),
        )
    return np.asarray(samples.numpy(), np.float64)


def wanted_db(frequencies_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Level of the filter that ``SHAPE`` describes."""
    warped = warp(2 * np.pi * frequencies_hz / TEACHER_RATE_HZ)
    neper = sum(value * np.cos(index * warped) for index, value in SHAPE.items())
    return 20 / math.log(10) * (neper - math.log(FULL_SCALE))


def test_noise_gets_the_spectrum_it_is_told() -> None:
    samples = say(voicing=0.0)[4800:-4800]
    cuts = np.lib.stride_tricks.sliding_window_view(samples, 480)[::120] * np.hanning(480)
    power = (np.abs(np.fft.rfft(cuts, axis=1)) ** 2).mean(0) / (np.hanning(480) ** 2).sum()
    measured_db = 10 * np.log10(power)
    frequencies_hz = np.fft.rfftfreq(480, 1 / SAMPLE_RATE_HZ)
    loudness_db = 10 * math.log10(SAMPLE_RATE_HZ / TEACHER_RATE_HZ)
    inside = slice(6, 220)
    np.testing.assert_allclose(
        measured_db[inside], wanted_db(frequencies_hz)[inside] + loudness_db, atol=2.5
    )


def test_every_harmonic_is_as_loud_as_the_spectrum_says() -> None:
    f0_hz = 200.0  # a whole number of periods in the cut: no leakage
    samples = say(f0_hz=f0_hz, breathiness=0.0)[4800 : 4800 + 24_000]
    amplitude = 2 * np.abs(np.fft.rfft(samples)) / len(samples)
    harmonics_hz = np.arange(1, 55) * f0_hz
    measured_db = 20 * np.log10(amplitude[harmonics_hz.astype(int)])
    source_db = 20 * math.log10(2 * math.sqrt(f0_hz / TEACHER_RATE_HZ))
    np.testing.assert_allclose(measured_db, wanted_db(harmonics_hz) + source_db, atol=0.5)


@pytest.mark.parametrize("f0_hz", [90.0, 187.5, 320.0])
def test_the_pitch_is_the_one_it_is_told(f0_hz: float) -> None:
    samples = say(f0_hz=f0_hz, breathiness=0.0)[2400:]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 2**20))
    frequencies_hz = np.fft.rfftfreq(2**20, 1 / SAMPLE_RATE_HZ)
    near = (frequencies_hz > 0.8 * f0_hz) & (frequencies_hz < 1.2 * f0_hz)
    found_hz = frequencies_hz[near][spectrum[near].argmax()]
    assert found_hz == pytest.approx(f0_hz, rel=1e-3)


def test_breath_replaces_the_voice_above_its_frequency_only() -> None:
    def clearness(samples: NDArray[np.float64], low_hz: int, high_hz: int) -> float:
        """How far harmonics stand out of what is between them, in dB."""
        spectrum = np.abs(np.fft.rfft(samples[4800 : 4800 + 24_000]))
        on, between = spectrum[low_hz:high_hz:200], spectrum[low_hz + 100 : high_hz : 200]
        return float(20 * np.log10(on.mean() / between.mean()))

    timbre = Timbre(breath_from_hz=4500, breath_width_hz=300, breath_most=0.95)
    breathy, dry = say(timbre=timbre), say(timbre=timbre, breathiness=0.0)
    assert clearness(breathy, 400, 2000) > 25
    # 5 % of the power in one of 200 bins: 10 dB above the noise between.
    assert clearness(breathy, 7000, 11_000) < 15
    assert clearness(dry, 7000, 11_000) > 25


@pytest.mark.parametrize("frames", [1, 2, 7, FRAMES])
def test_as_many_samples_as_frames_ask_for(frames: int) -> None:
    assert len(say(frames=frames)) == frames * FRAME_SAMPLES


def test_the_same_frames_give_the_same_samples() -> None:
    np.testing.assert_array_equal(say(voicing=0.5), say(voicing=0.5))
