"""The figures of quality tell good lips from bad ones."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.lipsync import load_lips
from kiosk.lipsync.mask import MouthPlace
from kiosk.lipsync.quality import (
    closed_share,
    correlation_and_lag,
    edge_energy_ratio,
    expected_opening,
    inner_mouth,
    loudness,
    measure_quality,
    psnr_db,
    ssim,
)
from kiosk.paths import builtin_models_dir
from kiosk.persona.assets import BUILTIN_LIPS
from tests.lipsync.conftest import bursts

Picture = NDArray[np.uint8]
PLACE = MouthPlace(60, 24, np.full(120, 30, dtype=np.float32))
FPS = 25


def _mouth(gap_px: int, colour: tuple[int, int, int] = (25, 20, 35)) -> Picture:
    """Skin, two lips, and an ellipse of throat between them."""
    picture = np.full((80, 120, 3), (150, 180, 220), dtype=np.uint8)
    cv2.ellipse(picture, (60, 30), (26, 9 + gap_px // 2), 0, 0, 360, (110, 100, 200), -1)
    if gap_px:
        cv2.ellipse(picture, (60, 30 + gap_px // 4), (20, gap_px // 2), 0, 0, 360, colour, -1)
    return picture


# --- pictures ---------------------------------------------------------------------------------


def test_psnr_of_a_known_error() -> None:
    grey = np.full((20, 20, 3), 100, dtype=np.uint8)
    assert psnr_db(grey, grey) == math.inf
    assert psnr_db(grey, grey + np.uint8(5)) == pytest.approx(20 * math.log10(255 / 5))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), noise=st.floats(0, 60))
def test_ssim_is_scikit_image_s(seed: int, noise: float) -> None:
    metrics = pytest.importorskip("skimage.metrics", reason="scikit-image is not installed")
    random = np.random.default_rng(seed)
    one = cv2.GaussianBlur(random.uniform(0, 255, (40, 52, 3)), (0, 0), 2.0)
    other = one + random.normal(0, noise, one.shape)
    pair = [np.clip(picture, 0, 255).astype(np.uint8) for picture in (one, other)]
    grey = [picture.astype(float) @ np.array([0.114, 0.587, 0.299]) for picture in pair]
    expected = metrics.structural_similarity(
        *grey, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ssim(*pair) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("colour", [(25, 20, 35), (190, 205, 210)], ids=["throat", "teeth"])
def test_the_inner_mouth_grows_with_the_gap(colour: tuple[int, int, int]) -> None:
    resting = _mouth(0)
    areas = [inner_mouth(_mouth(gap, colour), resting, PLACE) for gap in (0, 4, 8, 16, 24)]
    assert areas[0] == 0
    assert areas == sorted(areas)
    assert areas[4] == pytest.approx(np.pi * 20 * 12 / 24**2, rel=0.35)


def test_what_is_dark_at_rest_is_no_opening() -> None:
    bearded = _mouth(0)
    bearded[40:60, 40:80] = 30
    assert inner_mouth(bearded, bearded, PLACE) == 0


def test_a_pasted_rectangle_shows_and_a_soft_change_does_not() -> None:
    random = np.random.default_rng(0)
    resting = np.clip(random.normal(140, 4, (80, 120, 3)), 0, 255).astype(np.uint8)
    mask = np.zeros((80, 120), dtype=np.float32)
    mask[20:60, 30:90] = 1
    boxed, soft = resting.copy(), resting.copy()
    boxed[20:60, 30:90] += 20
    soft[35:45, 55:65] -= 90
    assert edge_energy_ratio(boxed, resting, mask) > 2
    assert edge_energy_ratio(soft, resting, mask) == 1


# --- movement ---------------------------------------------------------------------------------


def _wave(lag_frames: float) -> NDArray[np.float64]:
    time = np.arange(120) - lag_frames
    wave: NDArray[np.float64] = np.sin(time / 3.1) + 0.5 * np.sin(time / 7.3 + 1)
    return wave


@pytest.mark.parametrize("lag_frames", [0, 1, -2, 2.5])
def test_the_lag_is_found_finer_than_a_frame(lag_frames: float) -> None:
    correlation, lag_ms = correlation_and_lag(3 + 2 * _wave(lag_frames), _wave(0), FPS)
    assert correlation > 0.97
    assert lag_ms == pytest.approx(lag_frames * 40, abs=6)


def test_a_mouth_that_never_moves_correlates_with_nothing() -> None:
    assert correlation_and_lag(np.ones(60), _wave(0)[:60], FPS) == (0.0, 0.0)


def test_open_vowels_open_and_lips_close_on_p() -> None:
    said = [("h", 0.4, 0.5), ("ˈɑː", 0.5, 0.8), ("p", 0.8, 0.9), ("i", 0.9, 1.2), (" ", 1.2, 1.6)]
    curve = expected_opening(said, 50, FPS)
    assert curve[16] > 0.7
    assert curve[21] < 0.45 * curve[16]
    assert 0.15 < curve[27] < curve[16]
    assert curve[0] == 0
    assert curve[45] == 0


def test_closures_are_counted_where_the_lips_meet() -> None:
    opening = np.full(50, 1.0)
    said = [("m", 0.4, 0.48), ("a", 0.48, 0.8), ("b", 1.2, 1.28)]
    assert closed_share(opening, said, FPS) == 0
    opening[10:12] = 0.05
    assert closed_share(opening, said, FPS) == 0.5
    assert closed_share(opening, [("a", 0, 1)], FPS) == 1


def test_loudness_is_where_the_voice_is() -> None:
    curve = loudness(bursts((0.4, 0.8), length_s=1.2), 30, FPS)
    assert curve[11:19].min() > 3 * max(curve[:9].max(), curve[22:].max())


# --- lips -------------------------------------------------------------------------------------

LOOP = builtin_models_dir() / "mary-anning" / "idle.mp4"


@pytest.fixture(scope="module")
def said() -> tuple[NDArray[np.float32], list[tuple[str, float, float]]]:
    """A sentence with ten closures, from the shipped voice, and when its sounds come."""
    import soxr

    from kiosk.timing import CancelToken
    from kiosk.tts import PiperVoiceEngine

    voice = PiperVoiceEngine(builtin_models_dir() / "slt24.onnx", rate=1.0, pronunciations={})
    pieces, phonemes, at_s = [], [], 0.0
    for chunk in voice.speak(
        ["My brother found a big bone by the bay. Mary mapped them."], CancelToken()
    ):
        phonemes += [(name, at_s + start, at_s + end) for name, start, end in chunk.phonemes]
        pieces.append(chunk.samples)
        at_s += chunk.duration_s
    samples = np.concatenate(pieces).astype(np.float32) / 32768
    at_16k = soxr.resample(samples, voice.sample_rate_hz, 16000)
    return np.asarray(at_16k, dtype=np.float32), phonemes


@pytest.fixture(scope="module")
def shipped(said: tuple[Any, Any]) -> dict[str, Any]:
    lips = load_lips(
        builtin_models_dir() / BUILTIN_LIPS, LOOP, None, lead_ms=None, threads=1, cache_dir=None
    )
    return measure_quality(lips, *said)


def test_the_shipped_lips_follow_what_is_said(shipped: dict[str, Any]) -> None:
    assert shipped["opening_correlation"] > 0.5
    assert abs(shipped["lag_ms"]) < 60
    assert shipped["closed_on_pbm"] >= 0.8
    assert shipped["closed_on_pbm"] > shipped["closed_elsewhere"]


def test_the_shipped_lips_rest_and_show_no_edge(shipped: dict[str, Any]) -> None:
    assert shipped["rest_psnr_db"] > 40
    assert shipped["rest_ssim"] > 0.98
    assert shipped["rest_jitter"] < 0.5
    assert shipped["changed_outside_mask"] == 0
    assert shipped["edge_energy_ratio"] == pytest.approx(1, abs=0.1)
    assert shipped["edge_energy_ratio_worst"] == pytest.approx(1, abs=0.1)


def test_lips_that_come_late_are_found_out(
    shipped: dict[str, Any], said: tuple[NDArray[np.float32], Any]
) -> None:
    """Told that its model runs 200 ms ahead, where it is 80, the kiosk shows it 120 ms late."""
    lips = load_lips(
        builtin_models_dir() / BUILTIN_LIPS, LOOP, None, lead_ms=200, threads=1, cache_dir=None
    )
    late = measure_quality(lips, *said)
    assert late["lag_ms"] - shipped["lag_ms"] == pytest.approx(120, abs=30)


def test_without_phonemes_loudness_is_the_reference(tiny_model: Path, loop: Path) -> None:
    lips = load_lips(tiny_model, loop, None, lead_ms=0, threads=1, cache_dir=None)
    figures = measure_quality(lips, bursts((0.2, 0.9), length_s=1.2), [])
    assert "opening_correlation" not in figures
    assert figures["loudness_correlation"] > 0


def test_a_change_outside_of_the_mask_would_be_counted(tiny_model: Path, loop: Path) -> None:
    lips = load_lips(tiny_model, loop, None, lead_ms=0, threads=1, cache_dir=None)
    prepared = lips.mouth.loop
    lips.mouth.loop = replace(prepared, mask=prepared.mask * (prepared.mask == 1))
    assert measure_quality(lips, bursts((0, 1), length_s=1), [])["changed_outside_mask"] > 100
