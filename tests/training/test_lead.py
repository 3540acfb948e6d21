"""The lead is found where it is clear, and left alone where it is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.training.dataset import build_dataset
from kiosk.training.footage import open_footage
from kiosk.training.lead import best_lead
from kiosk.training.settings import USUAL_LEAD_MS
from tests.training.conftest import MakeFilm


@pytest.mark.parametrize("true_ms", [0, 80, 160])
def test_a_clear_lead_is_found(make_film: MakeFilm, tmp_path: Path, true_ms: int) -> None:
    """A code that is the sound's last column at a known lead: other windows do not contain it."""
    film = open_footage(make_film(seconds=24))
    (clip,) = build_dataset([film], None, 64, tmp_path / "work", lambda *_: None)
    frames = np.arange(len(clip.pictures))
    windows = clip.windows(frames, true_ms)
    late, early = windows[:, 8:40, -1].mean(axis=1), windows[:, 8:40, 0].mean(axis=1)
    codes = np.stack([late, early], axis=1).astype(np.float32)
    lead, scores = best_lead([clip], [codes])
    assert max(scores, key=lambda ms: scores[ms]) == true_ms
    assert lead in (true_ms, USUAL_LEAD_MS)
    assert set(scores) == {0, 40, 80, 120, 160}


def test_noise_has_the_usual_lead(make_film: MakeFilm, tmp_path: Path) -> None:
    film = open_footage(make_film(seconds=14))
    (clip,) = build_dataset([film], None, 64, tmp_path / "work", lambda *_: None)
    codes = np.random.default_rng(1).normal(size=(len(clip.pictures), 3)).astype(np.float32)
    lead, scores = best_lead([clip], [codes])
    assert lead == USUAL_LEAD_MS
    assert max(scores.values()) < 0.1
