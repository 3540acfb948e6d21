"""Figures and verdicts on drawings whose faults are known. No PyTorch needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from kiosk.training.figures import measure
from kiosk.training.footage import Phoneme
from kiosk.training.judge import Judged, Pictures
from kiosk.training.report import verdict
from kiosk.training.strip import write_strip
from tests.training.conftest import BOX, face

FRAMES = 120
SYLLABLES = np.clip(np.sin(np.arange(FRAMES) / 3.0) + 0.2 * np.sin(np.arange(FRAMES) / 1.7), 0, 1)


def pictures(openings: np.ndarray[Any, np.dtype[Any]]) -> Pictures:
    x, y, width, height = (round(side) for side in BOX)
    cut = [face(float(opening), 0.0)[y : y + height, x : x + width] for opening in openings]
    return np.stack([cv2.resize(one, (96, 96), interpolation=cv2.INTER_AREA) for one in cut])


def run(drawn: Pictures, **changes: Any) -> Judged:
    given: dict[str, Any] = {
        "film": "reading.mp4",
        "first": 0,
        "truth": pictures(SYLLABLES),
        "drawn": drawn,
        "reference": pictures(np.zeros(FRAMES)),
        "at_rest": SYLLABLES == 0,
        "phonemes": (),
    }
    return Judged(**{**given, **changes})


def test_the_truth_itself_is_perfect() -> None:
    figures = measure([run(pictures(SYLLABLES))])
    assert figures["opening_correlation"] == pytest.approx(1)
    assert figures["opening_ratio"] == pytest.approx(1)
    assert figures["lag_ms"] == pytest.approx(0, abs=1)
    assert figures["mouth_ssim"] == pytest.approx(1)
    assert figures["mouth_psnr_db"] > 50 > figures["rest_psnr_db"]
    assert figures["rest_jitter"] == 0
    assert figures["closed_on_pbm"] is None
    assert verdict(figures).startswith("good")


@pytest.mark.parametrize("late", [-2, 3])
def test_a_late_mouth_is_found_late(late: int) -> None:
    figures = measure([run(pictures(np.roll(SYLLABLES, late)))])
    assert figures["lag_ms"] == pytest.approx(40 * late, abs=15)
    assert "off the sound" in verdict(figures)
    assert not verdict(figures).startswith("good")


def test_a_lazy_mouth_is_found_lazy() -> None:
    figures = measure([run(pictures(0.45 * SYLLABLES))])
    assert figures["opening_correlation"] > 0.8
    assert 0.1 < figures["opening_ratio"] < 0.65
    assert "opens only" in verdict(figures)


def test_a_mouth_that_never_moves_is_poor() -> None:
    still = run(pictures(np.zeros(FRAMES)))
    figures = measure([still])
    assert figures["opening_correlation"] == 0
    assert verdict(figures).startswith("poor")
    assert "no nearer to the truth" in verdict(figures)


def test_a_mouth_that_trembles_at_rest() -> None:
    drawn = pictures(SYLLABLES).astype(np.int16)
    drawn[::2, 60:] += 6
    figures = measure([run(np.clip(drawn, 0, 255).astype(np.uint8))])
    assert figures["rest_jitter"] > 1


def test_closures_are_counted() -> None:
    shut = [int(at) for at in np.flatnonzero(SYLLABLES == 0)[4::9]]
    phonemes = tuple(Phoneme("m", at / 25, (at + 1) / 25) for at in shut)
    closing = measure([run(pictures(SYLLABLES), phonemes=phonemes)])
    hanging = measure([run(pictures(np.maximum(SYLLABLES, 0.6)), phonemes=phonemes)])
    assert closing["closed_on_pbm"] == closing["true_closed_on_pbm"] == 1
    assert closing["closed_elsewhere"] < 1
    assert hanging["closed_on_pbm"] == 0


def test_several_runs_are_one_judgement() -> None:
    good, still = run(pictures(SYLLABLES)), run(pictures(np.zeros(FRAMES)))
    both = measure([good, still])
    assert both["seconds"] == pytest.approx(2 * FRAMES / 25, abs=0.01)
    assert 0.3 < both["opening_correlation"] < 0.9


def test_the_strip_shows_reference_truth_and_drawing(tmp_path: Path) -> None:
    write_strip([run(pictures(SYLLABLES))], tmp_path / "strip.png")
    strip = cv2.imread(str(tmp_path / "strip.png"))
    rows = np.array_split(strip, 3)
    assert (rows[1] == rows[2]).all()
    assert (rows[0] != rows[1]).any()
    assert strip.shape[1] == 12 * (2 * 96 + 4)
