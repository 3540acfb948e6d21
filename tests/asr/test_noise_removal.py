"""Noise goes, speech stays, and a stream comes out as long as it went in."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.asr.hearing import SAMPLE_RATE_HZ
from kiosk.asr.noise_removal import NoiseRemoval
from kiosk.asr.recogniser import VoskRecogniser
from kiosk.asr.word_errors import word_errors
from scripts.speaking import pink_noise
from tests.asr.conftest import QUESTIONS, Speak, hear

Samples = NDArray[np.int16]


def cleaned(sound: Samples, block: int = 480) -> Samples:
    stream = NoiseRemoval()
    pieces = [stream.feed(sound[i : i + block]) for i in range(0, sound.size, block)]
    return np.concatenate([*pieces, stream.finish()])


def syllables(noise_db: float) -> tuple[Samples, NDArray[np.bool_]]:
    """A second of noise, one with bursts of a buzzing tone in it, one of noise; and the bursts."""
    time_s = np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    loud = (time_s > 1.0) & (time_s < 2.0) & ((time_s * 4) % 1 < 0.6)
    tone = np.sum([np.sin(2 * np.pi * 140 * k * time_s) / k for k in range(1, 30)], axis=0)
    level = np.std(tone[loud] * 3000)
    noise = np.random.default_rng(4).normal(0, level / 10 ** (noise_db / 20), time_s.size)
    return (tone * loud * 3000 + noise).astype(np.int16), loud


def level_db(sound: Samples) -> float:
    return float(20 * np.log10(np.std(sound.astype(np.float64)) + 1e-9))


@settings(max_examples=30)
@given(st.integers(0, 5000), st.lists(st.integers(1, 2000), min_size=1, max_size=5))
def test_as_much_comes_out_as_went_in_however_it_is_cut(size: int, cuts: list[int]) -> None:
    sound = np.random.default_rng(size).normal(0, 500, size).astype(np.int16)
    stream, pieces, at = NoiseRemoval(), [], 0
    while at < size:
        for cut in cuts:
            pieces.append(stream.feed(sound[at : at + cut]))
            at += cut
    out = np.concatenate([*pieces, stream.finish()])
    assert out.size == size
    np.testing.assert_array_equal(out, cleaned(sound, max(1, size)))


def test_the_way_through_takes_20_ms() -> None:
    stream = NoiseRemoval()
    out = stream.feed(np.zeros(SAMPLE_RATE_HZ, np.int16))
    assert SAMPLE_RATE_HZ - out.size == SAMPLE_RATE_HZ // 50


def test_steady_noise_falls_and_the_words_stay() -> None:
    sound, loud = syllables(noise_db=15)
    out = cleaned(sound)
    for quiet in (slice(SAMPLE_RATE_HZ // 2, SAMPLE_RATE_HZ), slice(-SAMPLE_RATE_HZ // 2, None)):
        assert level_db(out[quiet]) < level_db(sound[quiet]) - 6
    assert abs(level_db(out[loud]) - level_db(sound[loud])) < 2


def test_clear_speech_is_left_as_it_is() -> None:
    sound, loud = syllables(noise_db=50)
    out = cleaned(sound)
    late = loud & (np.arange(sound.size) > 1.5 * SAMPLE_RATE_HZ)
    np.testing.assert_array_equal(out[late], sound[late])


@pytest.mark.parametrize("value", [0, 1, -32768, 32767])
def test_constant_sound_stays_within_16_bits(value: int) -> None:
    out = cleaned(np.full(SAMPLE_RATE_HZ // 2, value, np.int16))
    assert np.all(np.abs(out.astype(np.int64)) <= 32768)
    if value == 0:
        assert not out.any()


def test_removal_saves_words_in_a_noisy_room(
    raw_recogniser: VoskRecogniser, recogniser: VoskRecogniser, speak: Speak
) -> None:
    noise = np.random.default_rng(5)
    errors = raw_errors = 0
    for question, voice in itertools.product(QUESTIONS, ("slt24", "rms16")):
        sound = speak(voice, question).astype(np.float64)
        level = np.std(sound) / 10 ** (20 / 20)
        noisy = (sound + level * pink_noise(sound.size, noise)).astype(np.int16)
        errors += word_errors(question, hear(recogniser, noisy)[0])
        raw_errors += word_errors(question, hear(raw_recogniser, noisy)[0])
    assert errors < raw_errors
