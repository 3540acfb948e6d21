"""The quiet before speech is left out, and nothing of the speech."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.asr.hearing import SAMPLE_RATE_HZ
from kiosk.asr.lead import KEPT_S, LeadTrim
from kiosk.asr.recogniser import VoskRecogniser
from tests.asr.conftest import QUESTIONS, Speak, hear


def noise(seconds: float, level: float, seed: int = 0) -> NDArray[np.int16]:
    count = round(seconds * SAMPLE_RATE_HZ)
    return np.rint(np.random.default_rng(seed).normal(0, level, count)).astype(np.int16)


def trimmed(sound: NDArray[np.int16], block: int = 480) -> tuple[NDArray[np.int16], LeadTrim]:
    trim = LeadTrim()
    parts = [trim.feed(sound[i : i + block]) for i in range(0, sound.size, block)]
    return np.concatenate([*parts, trim.finish()]), trim


@pytest.mark.parametrize("block", [160, 480, 100_000])
@pytest.mark.parametrize(("room", "voice"), [(0, 900), (20, 150), (150, 1500)])
def test_speech_keeps_a_moment_of_the_room_before_it(room: float, voice: float, block: int) -> None:
    sound = np.concatenate([noise(2.0, room), noise(1.0, voice, seed=1)])
    heard, trim = trimmed(sound, block)
    assert trim.skipped / SAMPLE_RATE_HZ == pytest.approx(2.0 - KEPT_S, abs=0.05)
    assert np.array_equal(heard, sound[trim.skipped :])


@pytest.mark.parametrize("level", [60.0, 2000.0])
def test_who_speaks_at_once_loses_nothing(level: float) -> None:
    sound = np.concatenate([noise(0.6, level), noise(0.3, 5), noise(0.6, level, seed=1)])
    heard, trim = trimmed(sound)
    assert trim.skipped == 0
    assert np.array_equal(heard, sound)


@pytest.mark.parametrize("sound", [noise(3.0, 40), noise(0.0, 0), noise(0.02, 40)])
def test_where_nothing_is_loud_all_is_heard_at_the_end(sound: NDArray[np.int16]) -> None:
    trim = LeadTrim()
    assert trim.feed(sound).size == 0
    assert np.array_equal(trim.finish(), sound)


def test_a_loud_room_is_passed_on_as_it_is() -> None:
    sound = noise(1.0, 1000)
    assert np.array_equal(LeadTrim().feed(sound), sound)


def test_a_late_start_costs_no_words_and_keeps_the_time(
    recogniser: VoskRecogniser, speak: Speak
) -> None:
    sound = speak("rms16", QUESTIONS[0])
    late = np.concatenate([noise(3.0, 8), sound])
    assert hear(recogniser, late)[0] == hear(recogniser, sound)[0]
    session = recogniser.session()
    session.feed(late)
    first = session.finish().words[0]
    assert first.start_s == pytest.approx(3.5, abs=0.2)
