"""The mel spectrogram is exactly the contract's, in one piece or in many."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.lipsync.mel import BANDS, SILENCE, MelStream, log_mel, window_start


def _noise(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 0.1, count).astype(np.float32)


def _naive_mel(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """The contract word by word: a plain discrete Fourier transform and plain triangles."""
    emphasised = [float(samples[0])]
    emphasised += [float(b) - 0.97 * float(a) for a, b in pairwise(samples)]
    mirrored = emphasised[400:0:-1] + emphasised + emphasised[-2:-402:-1]
    n = np.arange(800)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * n / 800)
    fourier = np.exp(-2j * np.pi * np.outer(np.arange(401), n) / 800)

    def mel(hz: float) -> float:
        return hz * 3 / 200 if hz < 1000 else 15 + 27 * math.log(hz / 1000) / math.log(6.4)

    def hz(value: float) -> float:
        return value * 200 / 3 if value < 15 else 1000 * 6.4 ** ((value - 15) / 27)

    step = (mel(7600) - mel(55)) / 81
    corners = [hz(mel(55) + step * at) for at in range(82)]
    bank = np.zeros((80, 401))
    for band in range(80):
        low, centre, high = corners[band : band + 3]
        for k in range(401):
            f = k * 20
            if low < f < high:
                side = (f - low) / (centre - low) if f <= centre else (high - f) / (high - centre)
                bank[band, k] = side * 2 / (high - low)
    columns = []
    for start in range(0, len(samples) + 1, 200):
        magnitude = np.abs(fourier @ (np.array(mirrored[start : start + 800]) * hann))
        columns.append(np.clip(1.6 * np.log10(np.maximum(1e-5, bank @ magnitude)) + 2.4, -4, 4))
    return np.array(columns).T


@pytest.mark.parametrize("count", [1000, 3000, 4001])
def test_it_is_the_contract(count: int) -> None:
    samples = _noise(count)
    expected = _naive_mel(samples)
    assert log_mel(samples).shape == expected.shape == (BANDS, 1 + count // 200)
    assert np.abs(log_mel(samples) - expected).max() < 2e-3


def test_silence_is_minus_four() -> None:
    mel = log_mel(np.zeros(16000, dtype=np.float32))
    assert mel.shape == (BANDS, 81)
    assert np.all(mel == SILENCE)


def test_a_tone_is_in_its_band() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    mel = log_mel(tone.astype(np.float32))
    # 1 kHz is mel 15; bands are 0.55 mel wide from mel 0.825.
    assert mel[:, 40].argmax() == pytest.approx((15 - 0.825) / 0.553 - 1, abs=1.01)


def test_nothing_gives_nothing() -> None:
    assert log_mel(np.zeros(0, dtype=np.float32)).shape == (BANDS, 0)


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 5000),
    cuts=st.lists(st.integers(0, 1500), max_size=12),
)
def test_pieces_give_the_same_columns(count: int, cuts: list[int]) -> None:
    samples = _noise(count, seed=count)
    stream = MelStream()
    parts, at = [], 0
    for cut in [*cuts, count]:
        parts.append(stream.feed(samples[at : at + cut]))
        at = min(count, at + cut)
    parts.append(stream.finish())
    together = np.concatenate(parts, axis=1)
    whole = log_mel(samples)
    assert together.shape == whole.shape == (BANDS, 1 + count // 200)
    assert np.abs(together - whole).max() < 1e-4


def test_columns_come_as_soon_as_their_sound_is_there() -> None:
    stream = MelStream()
    # Column c needs samples up to 200 c + 400; one further column is held back for the end.
    assert stream.feed(_noise(16000)).shape[1] >= 16000 // 200 - 3


@pytest.mark.parametrize("fps", [25, 30])
def test_windows_are_the_reference_s(fps: int) -> None:
    for frame in range(1000):
        assert window_start(frame, fps, 0) == frame * 80 // fps
    assert window_start(0, 25, 80) == -7
    assert window_start(2, 25, 80) == 0
    assert window_start(25, 25, -100) == 88
