"""Resting, listening, thinking, speaking: which loop is on screen, on a clock of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.messages import (
    MouthPatch,
    PlaybackPosition,
    Shape,
    Speaking,
    UtteranceEnded,
    UtteranceStarted,
)
from ui.loopchooser import (
    DISSOLVE_FRAMES,
    SPEECH_DISSOLVE_FRAMES,
    THINK_AFTER_S,
    WAIT_FRAMES,
    LoopChooser,
)
from ui.loopclock import Loop, LoopClock, Shown
from ui.utteranceclock import AHEAD_S, AIM, FPS

COUNT = 300
FRAME_S = 1.0 / FPS
ALL = {Loop.LISTENING: 200, Loop.THINKING: 40}
IDLE, LISTENING, THINKING = Loop.IDLE, Loop.LISTENING, Loop.THINKING


@dataclass
class Scene:
    """A picture that is ticked as the window does it, and an engine that knows its epoch."""

    now_s: float = 100.0
    ready: dict[Loop, int] = field(default_factory=lambda: dict(ALL))
    epoch_at_s: float = 0.0
    starts_at_s: float | None = None
    utterance_id: int = 0
    shown: list[Shown] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = LoopClock(COUNT, self.now_s - (57 + AIM) * FRAME_S)
        self.chooser = LoopChooser(self.clock)

    def tick(self) -> Shown:
        if self.starts_at_s is not None:
            heard_s = max(0.0, self.now_s - self.starts_at_s)
            self.clock.hear(PlaybackPosition(self.utterance_id, heard_s, self.now_s))
        self.shown.append(self.chooser.tick(self.now_s, self.ready))
        epoch = self.clock.take_epoch()
        if epoch is not None:
            self.epoch_at_s = epoch.epoch_at_s
        self.now_s = self.clock.next_tick_s(self.now_s) + 1e-6
        return self.shown[-1]

    def run(self, seconds: float) -> list[Shown]:
        first = len(self.shown)
        end_s = self.now_s + seconds
        while self.now_s < end_s:
            self.tick()
        return self.shown[first:]

    def wish(self, loop: Loop) -> None:
        self.chooser.wish(loop, self.now_s)

    def speak(self, in_s: float = 0.15) -> int:
        """An utterance as the engine begins one; returns the loop frame of its first mouth."""
        self.utterance_id += 1
        self.starts_at_s = self.now_s + in_s
        index = int((self.starts_at_s - self.epoch_at_s) * FPS // 1) % COUNT
        begun = UtteranceStarted(self.utterance_id, Speaking.PERSONA, index, self.starts_at_s)
        self.clock.begin(begun)
        for frame in range(400):
            mouth = np.zeros((2, 2, 3), np.uint8)
            patch = MouthPatch(self.utterance_id, frame, (index + frame) % COUNT, 0, 0, mouth)
            self.clock.add(patch)
        return index

    def fall_silent(self) -> None:
        assert self.starts_at_s is not None
        heard_s = self.now_s - self.starts_at_s
        self.clock.end(UtteranceEnded(self.utterance_id, heard_s, interrupted=False))
        self.starts_at_s = None


def test_without_a_visitor_she_rests() -> None:
    shown = Scene().run(30.0)
    assert {picture.loop for picture in shown} == {IDLE}
    assert {picture.fresh for picture in shown} == {1.0}
    assert {(b.loop_index - a.loop_index) % COUNT for a, b in pairwise(shown)} == {1}


def test_she_listens_from_the_beginning_of_her_loop_and_fades_into_it() -> None:
    scene = Scene()
    scene.run(1.0)
    scene.wish(LISTENING)
    shown = scene.run(10.0)
    assert {picture.loop for picture in shown} == {LISTENING}
    assert [picture.loop_index for picture in shown] == [i % 200 for i in range(len(shown))]
    assert [picture.begins for picture in shown] == [True] + [False] * (len(shown) - 1)
    fresh = [picture.fresh for picture in shown]
    fading = fresh[: fresh.index(1.0)]
    assert len(fading) == DISSOLVE_FRAMES
    assert all(b > a for a, b in pairwise([0.0, *fading, 1.0]))
    assert max(b - a for a, b in pairwise([0.0, *fading, 1.0])) < 0.2


def test_a_prepared_answer_does_not_make_her_look_as_if_she_thought() -> None:
    scene = Scene()
    scene.wish(LISTENING)
    scene.run(2.0)
    scene.wish(THINKING)
    assert {picture.loop for picture in scene.run(0.15)} == {LISTENING}
    index = scene.speak()
    scene.wish(IDLE)
    shown = scene.run(2.0)
    assert {picture.loop for picture in shown} == {IDLE}
    with_mouth = [picture for picture in shown if picture.patch is not None]
    assert with_mouth[0].loop_index == index
    assert all(p.patch is not None and p.patch.loop_index == p.loop_index for p in with_mouth)


def test_a_long_search_is_seen() -> None:
    scene = Scene()
    scene.wish(LISTENING)
    scene.run(1.0)
    released_at_s = scene.now_s
    scene.wish(THINKING)
    while scene.tick().loop is not THINKING:
        pass
    assert 0.0 <= scene.now_s - released_at_s - THINK_AFTER_S < 3 * FRAME_S
    assert [picture.loop_index for picture in scene.run(3.0)][:5] == [1, 2, 3, 4, 5]
    scene.wish(THINKING)  # from writing down to looking up: the same to a visitor
    assert not any(picture.begins for picture in scene.run(1.0))


def test_a_typed_question_thinks_out_of_rest() -> None:
    scene = Scene()
    scene.run(1.0)
    scene.wish(THINKING)
    shown = scene.run(2.0)
    assert [picture.loop for picture in shown[:8]] == [IDLE] * 8
    assert shown[-1].loop is THINKING


@pytest.mark.parametrize("waited_s", [0.05, 1.0, 3.3, 20.0])
@pytest.mark.parametrize("mood", [LISTENING, THINKING])
def test_speech_begins_near_the_beginning_of_the_idle_loop_and_in_time(
    mood: Loop, waited_s: float
) -> None:
    scene = Scene()
    scene.wish(LISTENING)
    scene.run(1.0)
    scene.wish(mood)
    scene.run(THINK_AFTER_S + waited_s)
    index = scene.speak()
    assert index < WAIT_FRAMES + 8, "its decoder holds the first frames ready"
    assert scene.starts_at_s is not None
    starts_at_s = scene.starts_at_s
    first = None
    while first is None or first.patch is None:
        at_s = scene.now_s
        first = scene.tick()
    assert (first.patch.frame, first.loop_index) == (0, index)
    assert abs(at_s - (starts_at_s - AHEAD_S)) < 2 * FRAME_S, "sound is never waited for"
    begun = next(picture for picture in reversed(scene.shown) if picture.begins)
    assert begun.loop is IDLE
    fading = [p for p in scene.shown[scene.shown.index(begun) :] if p.fresh < 1.0]
    assert len(fading) <= SPEECH_DISSOLVE_FRAMES


def test_the_loop_runs_on_when_she_has_spoken() -> None:
    scene = Scene()
    scene.wish(THINKING)
    scene.run(2.0)
    scene.speak()
    scene.wish(IDLE)
    scene.run(5.0)
    scene.fall_silent()
    after = scene.run(1.0)
    tail = [scene.shown[-len(after) - 1], *after]
    assert {(b.loop_index - a.loop_index) % COUNT for a, b in pairwise(tail)} == {1}
    assert {picture.fresh for picture in after} == {1.0}


def test_an_interruption_listens_at_once() -> None:
    scene = Scene()
    scene.speak()
    scene.run(2.0)
    scene.clock.let_go()
    scene.wish(LISTENING)
    shown = scene.tick()
    assert (shown.loop, shown.loop_index, shown.patch, shown.begins) == (LISTENING, 0, None, True)


def test_a_visit_that_ends_brings_rest() -> None:
    scene = Scene()
    scene.wish(LISTENING)
    scene.run(3.0)
    scene.wish(IDLE)
    shown = scene.run(2.0)
    assert shown[0].begins
    assert {picture.loop for picture in shown} == {IDLE}
    assert shown[0].loop_index <= WAIT_FRAMES
    assert sum(picture.fresh < 1.0 for picture in shown) == DISSOLVE_FRAMES


def test_a_dissolve_may_be_overtaken_by_the_next() -> None:
    scene = Scene()
    scene.wish(LISTENING)
    scene.run(0.12)
    scene.wish(IDLE)
    shown = scene.run(1.0)
    assert shown[0].begins
    assert shown[0].fresh < 0.1
    assert shown[-1] == Shown(shown[-1].loop_index)


@pytest.mark.parametrize("mood", [LISTENING, THINKING])
def test_a_loop_that_is_not_there_changes_nothing(mood: Loop) -> None:
    scene, plain = Scene(ready={}), Scene(ready={})
    scene.wish(mood)
    assert scene.run(9.0) == plain.run(9.0)


def test_without_a_thinking_loop_she_stops_listening() -> None:
    scene = Scene(ready={LISTENING: 200})
    scene.wish(LISTENING)
    scene.run(1.0)
    scene.wish(THINKING)
    shown = scene.run(2.0)
    assert (shown[0].loop, shown[-1].loop) == (LISTENING, IDLE)


def test_a_loop_that_breaks_while_it_is_shown_gives_way() -> None:
    scene = Scene()
    scene.wish(LISTENING)
    scene.run(1.0)
    scene.ready = {}
    shown = scene.tick()
    assert (shown.loop, shown.begins) == (IDLE, True)
    scene.ready = dict(ALL)
    assert scene.tick().loop is LISTENING


def test_a_turned_screen_drops_the_mouths_and_goes_on_with_the_sound() -> None:
    scene = Scene()
    scene.speak()
    scene.run(1.0)
    scene.clock.change_loop(77, Shape.UPRIGHT, scene.now_s)
    mouth = MouthPatch(1, 40, 40, 0, 0, np.zeros((2, 2, 3), np.uint8))
    scene.clock.add(mouth)  # the engine still draws for the other loop
    shown = scene.run(1.0)
    assert {picture.patch for picture in shown} == {None}
    assert all(picture.audio_s is not None for picture in shown)
    assert max(picture.loop_index for picture in shown) < 77
    scene.fall_silent()
    scene.clock.begin(UtteranceStarted(2, Speaking.PERSONA, 3, scene.now_s))
    upright = MouthPatch(2, 2, 5, 0, 0, np.zeros((2, 2, 3), np.uint8), Shape.UPRIGHT)
    scene.clock.add(upright)
    scene.utterance_id, scene.starts_at_s = 2, scene.now_s
    assert any(picture.patch is upright for picture in scene.run(0.5))


Deed = tuple[str, float]
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["listen", "think", "rest", "speak", "hush", "lose", "find"]),
        st.floats(0.0, 1.5),
    ),
    max_size=12,
)


@given(deeds=DEEDS)
def test_whatever_happens_no_picture_is_wrong(deeds: list[Deed]) -> None:
    scene = Scene()
    wishes = {"listen": LISTENING, "think": THINKING, "rest": IDLE}
    for deed, seconds in deeds:
        if deed in wishes:
            scene.wish(wishes[deed])
        elif deed == "speak" and scene.starts_at_s is None:
            scene.speak()
        elif deed == "hush" and scene.starts_at_s is not None:
            scene.fall_silent()
        elif deed in ("lose", "find"):
            scene.ready = {} if deed == "lose" else dict(ALL)
        ready = dict(scene.ready)
        for shown in scene.run(seconds):
            assert 0.0 <= shown.fresh <= 1.0
            assert shown.loop is IDLE or shown.loop in ready
            assert 0 <= shown.loop_index < (COUNT if shown.loop is IDLE else ready[shown.loop])
            assert shown.loop is IDLE or shown.patch is None
            assert shown.patch is None or shown.audio_s is not None
    for before, after in pairwise(scene.shown):
        assert (after.loop is not before.loop) == after.begins
        if not after.begins and after.loop is not IDLE:
            count = ALL[after.loop]
            assert (after.loop_index - before.loop_index) % count == 1
