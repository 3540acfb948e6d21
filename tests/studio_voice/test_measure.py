"""What the recogniser hears."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.voice.measure import Figures, Heard, Listener, Speaker, measure, word_errors
from studio.voice.spectrogram import WINDOW, draw_spectrograms, spectrogram

MODELS = Path(__file__).resolve().parents[2] / "models"
VOICE = MODELS / "slt24.onnx"


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a c", 1),
        ("a b c", "a x c", 1),
        ("a b c", "a b b c", 1),
        ("a b c", "", 3),
        ("", "a b", 2),
    ],
)
def test_word_errors(said: str, heard: str, errors: int) -> None:
    assert word_errors(said.split(), heard.split()) == errors


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_word_errors_are_a_distance(one: list[str], other: list[str]) -> None:
    errors = word_errors(one, other)
    assert errors == word_errors(other, one)
    assert abs(len(one) - len(other)) <= errors <= max(len(one), len(other))
    assert (errors == 0) == (one == other)


def test_figures_over_sentences() -> None:
    figures = Figures((Heard(8, 1, ""), Heard(2, 1, "")), sound_s=10.0, work_s=0.1)
    assert figures.error_percent() == 20
    low, high = figures.interval_percent()
    assert 12 < low <= 20 <= high <= 50


def test_a_plain_sentence_is_understood_and_noise_is_not() -> None:
    text = "There are seven shells beside the window, near Charmuth."
    listener = Listener([text])
    sound = Speaker(VOICE).say(text)
    heard = listener.hear(text, sound)
    assert heard.words == 9
    assert heard.errors <= 3
    noise = np.random.default_rng(0).standard_normal(len(sound[0])).astype(np.float32)
    assert listener.hear(text, (noise, sound[1])).errors >= 7


def test_every_voice_is_measured_on_the_same_sentences_and_once(tmp_path: Path) -> None:
    texts = ["The window was open.", "She gave me four apples."]
    voices = [VOICE, MODELS / "rms16.onnx"]
    figures = measure(texts, voices, None, tmp_path, lambda *_: None)
    assert figures.keys() == {"slt24", "rms16"}
    for of_voice in figures.values():
        assert [one.words for one in of_voice.heard] == [4, 5]
        assert 1.5 < of_voice.sound_s < 8
        assert of_voice.work_s > 0
    assert measure(texts, voices, None, tmp_path, lambda *_: None) == figures  # times too


def test_a_tone_is_a_line_where_it_belongs(tmp_path: Path) -> None:
    rate_hz = 24_000
    tone = np.sin(2 * np.pi * 3000 * np.arange(rate_hz) / rate_hz).astype(np.float32)
    picture = spectrogram((tone, rate_hz))
    darkest = picture[:, 100:-100].argmin(0)
    np.testing.assert_array_equal(WINDOW // 2 - darkest, round(3000 * WINDOW / rate_hz))
    draw_spectrograms({"tone": (tone, rate_hz)}, tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 1000
