"""Symbols and parameters of one sentence put together."""

import math
from pathlib import Path

import numpy as np
import pytest

from studio.voice.melody import RISE_SEMITONES, question_rise
from studio.voice.names import Phonemizer
from studio.voice.settings import CEPSTRA
from studio.voice.targets import LEAD_FRAMES, TAIL_FRAMES, Target, make_target
from studio.voice.teacher import Speech

PHONES = ("pau", "w", "ax", "z", "ih", "t", "dh", "eh", "r", "pau")
LENGTHS = (60, 10, 8, 12, 10, 10, 10, 20, 20, 80)
SYMBOLS = list("wʌz ɪt ðˈɛɹ?")


def speech(*, asks: bool = True, phones: tuple[str, ...] = PHONES) -> Speech:
    frames = sum(LENGTHS)
    log_f0 = np.full(frames, math.log(180), np.float32)
    log_f0[:60] = log_f0[-80:] = log_f0[100:110] = np.nan
    cepstra = np.arange(frames * CEPSTRA, dtype=np.float32).reshape(frames, CEPSTRA) / 1000
    return Speech(phones, np.array(LENGTHS), cepstra, log_f0, asks)


def target(*, asks: bool = True) -> Target:
    made = make_target([SYMBOLS], speech(asks=asks))
    assert isinstance(made, Target)
    return made


def test_silence_at_the_ends_is_shortened_and_everything_fits() -> None:
    made = target()
    frames = sum(LENGTHS) - (60 - LEAD_FRAMES) - (80 - TAIL_FRAMES)
    assert len(made.cepstra) == len(made.log_f0) == len(made.voiced) == frames
    assert made.lengths.sum() == pytest.approx(frames)
    assert made.lengths[0] == LEAD_FRAMES
    assert len(made.ids) == len(made.lengths) == len(SYMBOLS) + 2
    np.testing.assert_array_equal(made.cepstra[0], speech().cepstra[60 - LEAD_FRAMES])


def test_pitch_goes_on_through_what_has_none() -> None:
    made = target(asks=False)
    np.testing.assert_allclose(made.log_f0, math.log(180), rtol=1e-6)
    assert set(made.voiced) == {0.0, 1.0}


def test_a_question_for_yes_or_no_ends_high() -> None:
    asked, told = target(asks=True), target(asks=False)
    voiced = np.flatnonzero(asked.voiced)
    rise = (asked.log_f0 - told.log_f0) * 12 / math.log(2)
    assert rise[voiced[-1]] == pytest.approx(RISE_SEMITONES, abs=0.2)
    assert (np.diff(rise[voiced]) >= -1e-3).all()
    nucleus = LEAD_FRAMES + sum(LENGTHS[1:7])
    np.testing.assert_allclose(rise[:nucleus], 0, atol=1e-3)


def test_no_rise_without_a_stressed_vowel_or_a_voice() -> None:
    lengths = np.ones(3, np.float32)
    assert not question_rise(["^", "a", "$"], lengths, np.ones(3, bool)).any()
    assert not question_rise(["ˈ", "a", "$"], lengths, np.zeros(3, bool)).any()


def test_why_a_sentence_is_left_out() -> None:
    assert make_target([SYMBOLS], None) == "the teacher could not read it"
    assert make_target([SYMBOLS, SYMBOLS], speech()) == "several sentences for espeak-ng"
    other = ("pau", "k", "aa", "b", "uw", "m", "ch", "ay", "p", "pau")
    assert make_target([SYMBOLS], speech(phones=other)) == "read differently"


def test_kept_on_disk_as_it_was(tmp_path: Path) -> None:
    made = target()
    made.save(tmp_path / "one.npz")
    again = Target.load(tmp_path / "one.npz")
    for name in ("ids", "lengths", "log_f0", "voiced"):
        np.testing.assert_array_equal(getattr(again, name), getattr(made, name))
    np.testing.assert_allclose(again.cepstra, made.cepstra, rtol=1e-3)
    assert not list(tmp_path.glob("*.part"))


def test_the_symbols_are_those_of_espeak() -> None:
    assert Phonemizer().sentences("Was it there?") == [SYMBOLS]
