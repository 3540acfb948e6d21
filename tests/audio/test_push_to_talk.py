"""Push to talk: what belongs to a talk, when it ends, and how it is judged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.audio.blocks import BLOCK_S, BLOCK_SAMPLES, AudioBlock
from kiosk.audio.push_to_talk import (
    MAX_HELD_S,
    PREROLL_S,
    TAIL_MAX_S,
    PushToTalk,
    Verdict,
    meter_level,
)
from kiosk.messages import NoticeKind
from tests.audio.fakes import blocks, sine

VOICE_PEAK = 8000
NOISE = np.random.default_rng(1).normal(0, 30, 16_000 * 60).astype(np.int16)  # -61 dBFS


def voice(seconds: float, peak: int = VOICE_PEAK) -> np.ndarray:
    return sine(seconds, peak=peak)


def silence(seconds: float) -> np.ndarray:
    return NOISE[: round(seconds * 16_000)]


def talk(sound: np.ndarray, *, held_s: float, tail: np.ndarray | None = None) -> PushToTalk:
    """A whole talk: 1 s of idling, ``sound`` while held from 101.0 s, ``tail`` after it."""
    button = PushToTalk()
    for block in blocks(silence(1.0), 100.0):
        button.idle(block)
    button.press(101.0)
    for block in blocks(sound, 101.0):
        button.feed(block)
    button.release(101.0 + held_s)
    if tail is not None:
        for block in blocks(tail, 101.0 + len(sound) / 16_000):
            if button.done:
                break
            button.feed(block)
    return button


def test_press_returns_the_half_second_before_it_in_order() -> None:
    button = PushToTalk()
    for block in blocks(silence(2.0), 50.0):
        button.idle(block)
    kept = button.press(52.0)
    assert len(kept) == round(PREROLL_S / BLOCK_S)
    assert kept[0].captured_at_s == pytest.approx(51.5)
    assert [b.captured_at_s for b in kept] == sorted(b.captured_at_s for b in kept)
    assert button.press(53.0) == [], "sound of one talk never belongs to the next"


def test_release_costs_no_time_after_silence() -> None:
    sound = np.concatenate((voice(1.0), silence(0.3)))
    assert talk(sound, held_s=1.3).done


def test_release_in_mid_word_takes_the_tail() -> None:
    button = talk(voice(1.0), held_s=1.0)
    assert not button.done
    fed = 0
    for block in blocks(voice(1.0), 102.0):
        if button.done:
            break
        button.feed(block)
        fed += 1
    assert fed * BLOCK_S == pytest.approx(TAIL_MAX_S, abs=BLOCK_S)


def test_tail_ends_as_soon_as_the_voice_does() -> None:
    button = talk(voice(1.0), held_s=1.0)
    fed = 0
    for block in blocks(silence(1.0), 102.0):
        if button.done:
            break
        button.feed(block)
        fed += 1
    assert fed * BLOCK_S == pytest.approx(0.12, abs=0.001)


def test_stale_silence_is_no_reason_to_end() -> None:
    """The device is 0.4 s late: what was said just before the release is still on its way."""
    sound = np.concatenate((voice(0.5), silence(0.3)))
    assert not talk(sound, held_s=1.2).done


def test_deadline_follows_the_release() -> None:
    button = PushToTalk()
    button.press(10.0)
    assert button.deadline_s is None
    button.release(12.0)
    assert 12.25 <= button.deadline_s <= 12.5
    button.release(13.0)
    assert button.deadline_s <= 12.5, "the first release counts"


@pytest.mark.parametrize(
    ("sound", "held_s", "verdict"),
    [
        (voice(1.0), 1.0, Verdict.OK),
        (voice(0.2), 0.2, Verdict.TOO_SHORT),
        (silence(2.0), 2.0, Verdict.TOO_QUIET),
        (np.zeros(32_000, np.int16), 2.0, Verdict.TOO_QUIET),
        (voice(2.0, peak=40), 2.0, Verdict.TOO_QUIET),
        (np.concatenate((silence(3.0), voice(0.8), silence(2.0))), 5.8, Verdict.OK),
        (np.clip(voice(2.0, peak=32_000).astype(int) * 3, -32768, 32767).astype(np.int16),
         2.0, Verdict.CLIPPED),
        (voice(MAX_HELD_S + 0.5), MAX_HELD_S + 0.5, Verdict.TOO_LONG),
    ],
    ids=["ok", "tap", "silent room", "muted", "whisper", "pauses", "overdriven", "stuck"],
)  # fmt: skip
def test_verdicts(sound: np.ndarray, held_s: float, verdict: Verdict) -> None:
    button = talk(sound.astype(np.int16), held_s=held_s, tail=silence(1.0))
    assert button.verdict() is verdict


def test_a_single_loud_laugh_is_not_clipping() -> None:
    sound = voice(3.0)
    sound[8000:8100] = 32_767
    assert talk(sound, held_s=3.0, tail=silence(0.5)).verdict() is Verdict.OK


def test_nothing_captured_is_too_quiet() -> None:
    button = PushToTalk()
    button.press(1.0)
    button.release(3.0)
    assert button.verdict() is Verdict.TOO_QUIET


def test_too_long_is_told_while_the_button_is_still_held() -> None:
    button = PushToTalk()
    button.press(0.0)
    updates = [button.feed(block) for block in blocks(voice(MAX_HELD_S + 0.2), 0.0)]
    first = next(i for i, update in enumerate(updates) if update.too_long)
    assert (first + 1) * BLOCK_S == pytest.approx(MAX_HELD_S, abs=2 * BLOCK_S)


def test_level_and_clipping_of_an_update() -> None:
    button = PushToTalk()
    button.press(0.0)
    quiet = button.feed(AudioBlock(np.zeros(BLOCK_SAMPLES, np.int16), 0.0))
    loud = button.feed(AudioBlock(np.full(BLOCK_SAMPLES, -32_768, np.int16), 0.02))
    assert (quiet.level, quiet.clipping) == (0.0, False)
    assert loud.level == pytest.approx(1.0)
    assert loud.clipping
    assert meter_level(-30.0) == pytest.approx(0.5)


def test_verdict_names_are_notices() -> None:
    for verdict in Verdict:
        if verdict is not Verdict.OK:
            assert NoticeKind(verdict.value)


@given(
    st.lists(st.integers(0, 32_767), min_size=1, max_size=80),
    st.floats(0.0, 2.0, allow_nan=False),
)
def test_every_talk_ends_within_the_longest_tail(peaks: list[int], held_s: float) -> None:
    button = PushToTalk()
    button.press(0.0)
    released_at_s = None
    for index in range(200):
        block = AudioBlock(
            np.full(BLOCK_SAMPLES, peaks[index % len(peaks)], np.int16), index * BLOCK_S
        )
        update = button.feed(block)
        assert 0.0 <= update.level <= 1.0
        if released_at_s is None and block.ends_at_s >= held_s:
            released_at_s = block.ends_at_s
            button.release(released_at_s)
        if button.done:
            assert released_at_s is not None
            assert block.ends_at_s <= released_at_s + TAIL_MAX_S + BLOCK_S
            break
    assert button.done
    assert button.verdict() in Verdict
