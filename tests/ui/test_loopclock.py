"""The clock of the picture, on a clock of the test's own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.messages import (
    LoopEpoch,
    MouthPatch,
    PlaybackPosition,
    Speaking,
    UtteranceEnded,
    UtteranceStarted,
)
from ui.loopclock import SLEW_EVERY, LoopClock, Shown
from ui.utteranceclock import AHEAD_S, AIM, FPS, PAINT_S, STALE_FRAMES

COUNT = 150
FRAME_S = 1.0 / FPS
MIDDLE_S = 0.5 / FPS  # ticks in the middle of a frame keep rounding out of the tests
DUE_S = AIM / FPS - AHEAD_S  # when a lips frame is chosen, against its audio time


def patch(frame: int, loop_index: int = 0, utterance_id: int = 1) -> MouthPatch:
    return MouthPatch(utterance_id, frame, loop_index, 0, 0, np.zeros((2, 2, 3), np.uint8))


def clock_reaching(loop_index: int, start_s: float) -> LoopClock:
    """A free loop that comes to this frame just when lips frame 0 is due."""
    return LoopClock(COUNT, start_s - AHEAD_S - loop_index * FRAME_S)


def begin(clock: LoopClock, loop_index: int, at_s: float, *, lips: bool = True) -> None:
    whose = Speaking.PERSONA if lips else Speaking.KIOSK
    clock.begin(UtteranceStarted(1, whose, loop_index, at_s))


def play(clock: LoopClock, start_s: float, frames: int) -> list[Shown]:
    """Tick through an utterance whose sound never stalls, each frame when it is due."""
    return [show(clock, start_s, frame) for frame in range(frames)]


def show(clock: LoopClock, start_s: float, frame: int, *, late_s: float = 0.0) -> Shown:
    """Report the position and tick when a lips frame is due, or later."""
    now_s = start_s + frame * FRAME_S + DUE_S + late_s
    clock.hear(PlaybackPosition(1, max(0.0, now_s - start_s), now_s))
    return clock.tick(now_s)


def steps(indices: list[int]) -> list[int]:
    return [(b - a) % COUNT for a, b in pairwise(indices)]


@given(epoch_s=st.floats(0, 1e6), frames=st.lists(st.integers(0, 10_000), max_size=20))
def test_idle_loop_is_a_function_of_the_epoch(epoch_s: float, frames: list[int]) -> None:
    clock = LoopClock(COUNT, epoch_s)
    for frame in sorted(frames):
        shown = clock.tick(epoch_s + (frame + 0.5) * FRAME_S)
        assert shown == Shown(frame % COUNT)


def test_a_loop_needs_frames() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        LoopClock(0, 0.0)


@given(loop_index=st.integers(0, COUNT - 1), frames=st.integers(1, 200))
def test_each_patch_lies_over_its_own_frame(loop_index: int, frames: int) -> None:
    start_s = 100.0
    clock = clock_reaching(loop_index, start_s)
    begin(clock, loop_index, start_s)
    for frame in range(frames):
        clock.add(patch(frame, (loop_index + frame) % COUNT))
    for frame, shown in enumerate(play(clock, start_s, frames)):
        assert shown.patch is not None
        assert shown.patch.frame == frame
        assert shown.patch.loop_index == shown.loop_index
    measured = clock.end(UtteranceEnded(1, frames * FRAME_S, False))
    assert measured is not None
    assert (measured.shown, measured.dropped) == (frames, 0)
    assert measured.median_ms == pytest.approx(0.0, abs=1e-3)
    assert measured.p95_ms == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("late_ms", [-10.0, 15.0])
def test_the_offset_is_measured_with_its_sign(late_ms: float) -> None:
    clock = LoopClock(COUNT, 0.0)
    begin(clock, 0, 0.0)
    for frame in range(20):
        clock.add(patch(frame, frame))
        show(clock, 0.0, frame, late_s=late_ms / 1000.0)
    measured = clock.end(UtteranceEnded(1, 0.8, False))
    assert measured is not None
    assert measured.shown == 20
    assert measured.median_ms == pytest.approx(late_ms)
    assert measured.p95_ms == pytest.approx(abs(late_ms))


def test_a_lips_frame_is_seen_around_its_audio_time() -> None:
    """What AHEAD_S is for: the middle of a frame's time on screen is its audio time.

    The picture is chosen exactly when the clock asks for it, and its pixels come PAINT_S later, so
    a frame is visible from then until the pixels of the next one.
    """
    start_s, frames = 10.0, 100
    clock = LoopClock(COUNT, start_s)
    begin(clock, 0, start_s)
    for frame in range(frames + 5):
        clock.add(patch(frame, frame % COUNT))
    now_s = start_s - 0.2
    visible_from_s: dict[int, float] = {}
    while len(visible_from_s) <= frames:
        clock.hear(PlaybackPosition(1, max(0.0, now_s - start_s), now_s))
        shown = clock.tick(now_s)
        if shown.patch is not None:
            visible_from_s.setdefault(shown.patch.frame, now_s + PAINT_S - start_s)
        now_s = clock.next_tick_s(now_s)
    assert list(visible_from_s) == list(range(frames + 1))
    offsets_s = [
        (visible_from_s[frame] + visible_from_s[frame + 1]) / 2 - frame * FRAME_S
        for frame in range(frames)
    ]
    assert abs(sum(offsets_s) / frames) < 0.002
    assert max(map(abs, offsets_s)) < 0.002


@given(loop_index=st.integers(0, COUNT - 1), start_s=st.floats(5.0, 30.0), epoch_s=st.floats(0, 4))
def test_the_engine_finds_the_loop_frame_that_will_be_under_the_mouth(
    loop_index: int, start_s: float, epoch_s: float
) -> None:
    """The epoch told to the engine already counts AHEAD_S, so nothing is left to slew or cut."""
    clock = LoopClock(COUNT, epoch_s)
    clock.tick(epoch_s + (loop_index + AIM) * FRAME_S)
    told = clock.take_epoch()
    assert told is not None
    asked = int((start_s - told.epoch_at_s) * FPS // 1) % COUNT  # as the engine does
    free = clock.tick(start_s + DUE_S).loop_index
    assert (free - asked) % COUNT in (0, 1)


def test_a_position_of_nothing_heard_yet_does_not_start_the_mouth_early() -> None:
    clock = LoopClock(COUNT, 0.0)
    begin(clock, 0, 10.0)
    clock.add(patch(0))
    for wait_ms in (200, 150, 100, 50):  # the engine reports while the sound card fills up
        now_s = 10.0 - wait_ms / 1000.0
        clock.hear(PlaybackPosition(1, 0.0, now_s))
        assert clock.tick(now_s).patch is None
    assert clock.tick(10.0 + DUE_S).patch is not None


def test_an_utterance_that_follows_at_once_does_not_make_the_loop_jump() -> None:
    clock = LoopClock(COUNT, 0.0)
    begin(clock, 90, 4.0)  # cut: far from the free loop
    last = play(clock, 4.0, 10)[-1].loop_index
    clock.begin(UtteranceStarted(2, Speaking.PERSONA, last + 1, 4.4))
    shown = clock.tick(4.0 + 10 * FRAME_S + DUE_S)
    assert steps([last, shown.loop_index]) == [1]


@pytest.mark.parametrize("off", [-2, -1, 1, 2])
def test_a_small_mismatch_is_slewed(off: int) -> None:
    start_s = 50.0
    clock = clock_reaching(40, start_s)
    before = clock.tick(start_s + DUE_S - FRAME_S).loop_index
    begin(clock, 40 + off, start_s)
    shown = play(clock, start_s, SLEW_EVERY * 3 + 3)
    moves = steps([before] + [picture.loop_index for picture in shown])
    assert set(moves) <= {0, 1, 2}  # never back, never a leap
    assert moves.count(2 if off > 0 else 0) == abs(off)
    assert shown[-1].loop_index == (40 + off + len(shown) - 1) % COUNT


def test_a_large_mismatch_is_cut_at_once() -> None:
    clock = LoopClock(COUNT, 0.0)
    begin(clock, 90, 4.0)
    assert play(clock, 4.0, 1)[0].loop_index == 90


@given(loop_index=st.integers(0, COUNT - 1), frames=st.integers(1, 60), interrupted=st.booleans())
def test_nothing_jumps_at_the_end(loop_index: int, frames: int, interrupted: bool) -> None:
    start_s = 20.0
    clock = clock_reaching(loop_index, start_s)
    begin(clock, loop_index, start_s)
    shown = play(clock, start_s, frames)
    clock.take_epoch()
    if interrupted:
        clock.let_go()
    clock.end(UtteranceEnded(1, frames * FRAME_S, interrupted))
    epoch = clock.take_epoch()
    assert isinstance(epoch, LoopEpoch)
    after = clock.tick(start_s + frames * FRAME_S + DUE_S)
    assert steps([shown[-1].loop_index, after.loop_index]) == [1]
    assert after.patch is None
    assert clock.take_epoch() is None


def test_a_missing_patch_is_replaced_for_three_frames_and_counted() -> None:
    clock = LoopClock(COUNT, 0.0)
    begin(clock, 0, 0.0)
    clock.add(patch(0))
    shown = play(clock, 0.0, STALE_FRAMES + 3)
    frames = [picture.patch.frame if picture.patch else None for picture in shown]
    assert frames == [0] * (STALE_FRAMES + 1) + [None, None]
    measured = clock.end(UtteranceEnded(1, 0.2, False))
    assert measured is not None
    assert (measured.shown, measured.dropped) == (1, STALE_FRAMES + 2)


def test_skipped_frames_are_counted_as_dropped() -> None:
    clock = LoopClock(COUNT, 0.0)
    begin(clock, 0, 0.0)
    for frame in range(11):
        clock.add(patch(frame, frame))
    for frame in (0, 10):
        show(clock, 0.0, frame)
    measured = clock.end(UtteranceEnded(1, 0.4, False))
    assert measured is not None
    assert (measured.shown, measured.dropped) == (2, 9)


def test_the_kiosks_own_voice_has_no_lips_to_drop() -> None:
    clock = LoopClock(COUNT, 0.0)
    begin(clock, 0, 0.0, lips=False)
    play(clock, 0.0, 10)
    measured = clock.end(UtteranceEnded(1, 0.4, False))
    assert measured is not None
    assert (measured.shown, measured.dropped) == (0, 0)


def test_interruption_hides_the_mouth_at_once_and_refuses_late_patches() -> None:
    clock = clock_reaching(0, 0.0)
    begin(clock, 0, 0.0)
    for frame in range(30):
        clock.add(patch(frame, frame))
    assert play(clock, 0.0, 5)[-1].patch is not None
    clock.let_go()
    clock.add(patch(6, 6))
    assert show(clock, 0.0, 5) == Shown(5)
    assert clock.audio_s(0.2) is None


def test_when_the_sound_stalls_the_loop_breathes_on() -> None:
    clock = clock_reaching(0, 0.0)
    begin(clock, 0, 0.0)
    shown = play(clock, 0.0, 5)
    indices = [shown[-1].loop_index]
    for frame in range(5, 60):  # no report comes any more
        indices.append(clock.tick(frame * FRAME_S + DUE_S).loop_index)
    assert set(steps(indices)) == {1}


def test_patches_may_come_before_their_utterance() -> None:
    clock = LoopClock(COUNT, 0.0)
    clock.add(patch(0))
    begin(clock, 0, 0.0)
    assert play(clock, 0.0, 1)[0].patch is not None


def test_patches_of_a_past_utterance_are_never_shown() -> None:
    clock = LoopClock(COUNT, 0.0)
    clock.begin(UtteranceStarted(2, Speaking.PERSONA, 0, 0.0))
    clock.add(patch(0, utterance_id=1))
    assert clock.tick(DUE_S).patch is None


def test_an_end_of_another_utterance_changes_nothing() -> None:
    clock = LoopClock(COUNT, 0.0)
    begin(clock, 0, 0.0)
    assert clock.end(UtteranceEnded(7, 0.0, False)) is None


def test_a_new_engine_is_told_the_epoch_again() -> None:
    clock = LoopClock(COUNT, 3.0)
    assert clock.take_epoch() == LoopEpoch(3.0 + AHEAD_S)
    assert clock.take_epoch() is None
    clock.forget()
    assert clock.take_epoch() == LoopEpoch(3.0 + AHEAD_S)


@given(now_s=st.floats(0.0, 1e4))
def test_the_next_tick_is_within_one_frame_and_shows_another_one(now_s: float) -> None:
    clock = LoopClock(COUNT, 0.0)
    shown = clock.tick(now_s)
    due_s = clock.next_tick_s(now_s)
    assert 0.0 < due_s - now_s <= (1.0 + AIM) * FRAME_S + 1e-9
    ahead = steps([shown.loop_index, clock.tick(due_s).loop_index])[0]
    assert ahead in (0, 1)
