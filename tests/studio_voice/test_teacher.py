"""The teacher itself, where it is installed."""

from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import Missing
from studio.voice.measure import read_wav
from studio.voice.settings import CEPSTRA
from studio.voice.targets import Target, build_targets
from studio.voice.teacher import Speech, Teacher, require_teacher
from tests.studio_voice.needs import needs_teacher

NAMES = {"reejiss": ["r", "iy1", "jh", "ih0", "s"]}


def read(text: str, folder: Path, names: dict[str, list[str]] | None = None) -> Speech:
    teacher = Teacher(names or {})
    speech = teacher.speech(teacher.labels([text], folder)[0])
    assert speech is not None
    return speech


@needs_teacher
def test_a_sentence_becomes_segments_and_parameters(tmp_path: Path) -> None:
    speech = read('A fish, "a big one".', tmp_path)
    assert [name for name in speech.phones if name != "pau"] == (
        ["ax", "f", "ih", "sh", "ax", "b", "ih", "g", "w", "ah", "n"]
    )
    assert speech.phones[0] == speech.phones[-1] == "pau"
    assert speech.lengths.sum() == len(speech.cepstra) == len(speech.log_f0)
    assert speech.cepstra.shape[1] == CEPSTRA
    pitch_hz = np.exp(np.nanmedian(speech.log_f0))
    assert 120 < pitch_hz < 250
    assert np.isnan(speech.log_f0).any()


@needs_teacher
def test_it_says_names_as_it_is_told(tmp_path: Path) -> None:
    assert "r iy jh ih s" in " ".join(read("Near Reejiss.", tmp_path, NAMES).phones)
    assert "r iy jh ih s" not in " ".join(read("Near Reejiss.", tmp_path).phones)


@needs_teacher
def test_it_marks_questions_for_yes_or_no(tmp_path: Path) -> None:
    asked = {
        text: read(text, tmp_path).asks
        for text in ("Was it cold?", "It was cold.", "When was it cold?")
    }
    assert asked == {"Was it cold?": True, "It was cold.": False, "When was it cold?": False}


@needs_teacher
def test_targets_are_made_once_and_what_cannot_be_used_is_remembered(tmp_path: Path) -> None:
    texts = ["The sea was cold.", "One sentence. Another one.", "Was it Reejiss?"]
    teacher = Teacher(NAMES)
    first = build_targets(texts, tmp_path, teacher, lambda *_: None)
    assert first == {"kept": 2, "several sentences for espeak-ng": 1}
    made = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert build_targets(texts, tmp_path, teacher, lambda *_: None) == first
    assert made == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(Target.load(tmp_path / "00000.npz").voiced) > 100


@needs_teacher
def test_its_own_sound(tmp_path: Path) -> None:
    samples, rate_hz = read_wav(Teacher({}).say(["Good day."], tmp_path)[0])
    assert rate_hz == 32_000
    assert 0.5 < len(samples) / rate_hz < 3
    assert np.abs(samples).max() > 0.05


def test_without_it_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Missing, match="apt install festival"):
        require_teacher()
