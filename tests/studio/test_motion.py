"""The three loops: they join, they live, they do not jump."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.portrait.motion import (
    BREATH_S,
    FPS,
    LOOPS,
    SEAM,
    Gesture,
    Loop,
    blink_at,
    ease,
)
from studio.portrait.parameters import REST, VISEMES, Frame, Mouth

ALL = pytest.mark.parametrize("loop", LOOPS.values(), ids=list(LOOPS))
HEAD_STEP_RAD = 0.012  # from frame to frame; more looks like a jerk


def numbers(frame: Frame) -> np.ndarray:
    return np.array([*astuple(frame.pose), *astuple(frame.face), *astuple(frame.mouth)])


@ALL
def test_begins_and_ends_in_the_seam_pose_at_rest(loop: Loop) -> None:
    step_s = 1e-3
    for time_s in (0.0, loop.duration_s):
        assert numbers(loop.at(time_s)) == pytest.approx(numbers(SEAM), abs=1e-9)
    away = (numbers(loop.at(step_s)) - numbers(SEAM)) / step_s
    back = (numbers(SEAM) - numbers(loop.at(loop.duration_s - step_s))) / step_s
    assert np.abs(away).max() < 2e-3
    assert np.abs(back).max() < 2e-3


@ALL
def test_no_jerk_between_frames_nor_over_the_seam(loop: Loop) -> None:
    poses = [loop.frame(i % loop.frame_count).pose for i in range(loop.frame_count + 1)]
    turned = np.array([[pose.yaw, pose.pitch, pose.roll] for pose in poses])
    assert np.abs(np.diff(turned, axis=0)).max() < HEAD_STEP_RAD
    breaths = np.array([pose.breath for pose in poses])
    assert np.abs(np.diff(breaths)).max() < 2 * np.pi / (BREATH_S * FPS)


@ALL
def test_every_value_stays_in_its_range(loop: Loop) -> None:
    for index in range(loop.frame_count):
        frame = loop.frame(index)
        face = frame.face
        assert frame.mouth == REST
        assert 0.0 <= frame.pose.breath <= 1.0
        for value in (face.blink, face.knit, face.smile, face.squint):
            assert 0.0 <= value <= 1.0
        assert -1.0 <= face.brow <= 1.0
        assert abs(face.gaze_x) < 0.6
        assert abs(face.gaze_y) < 0.4


@ALL
def test_lasts_whole_breaths_and_moves(loop: Loop) -> None:
    assert (loop.duration_s / BREATH_S).is_integer()
    yaw = np.array([loop.frame(i).pose.yaw for i in range(loop.frame_count)])
    assert np.ptp(yaw) > 0.02


def test_the_idle_loop_is_long_enough_and_blinks_irregularly() -> None:
    idle = LOOPS["idle"]
    assert idle.duration_s >= 12.0
    gaps = np.diff([*idle.blinks_s, idle.blinks_s[0] + idle.duration_s])
    assert gaps.min() > 0.5
    assert gaps.std() > 0.25 * gaps.mean()
    shut = [idle.frame(i).face.blink > 0.9 for i in range(idle.frame_count)]
    assert sum(shut) >= len(idle.blinks_s)  # each blink is seen shut in at least one frame


def test_the_eyes_hold_the_viewer_against_the_head() -> None:
    idle = LOOPS["idle"]
    frames = [idle.at(t) for t in np.arange(4.5, 6.5, 0.04)]  # no glance in between
    looked = np.array([frame.pose.yaw + frame.face.gaze_x for frame in frames])
    turned = np.array([frame.pose.yaw for frame in frames])
    assert np.ptp(looked) < 0.25 * np.ptp(turned)


def test_thinking_looks_away_and_listening_does_not() -> None:
    away = LOOPS["thinking"].at(3.0)
    assert abs(away.pose.yaw + away.face.gaze_x - SEAM.pose.yaw - SEAM.face.gaze_x) > 0.2
    heard = LOOPS["listening"].at(3.0)
    assert abs(heard.pose.yaw + heard.face.gaze_x - SEAM.pose.yaw - SEAM.face.gaze_x) < 0.05


@given(st.floats(-2, 3), st.floats(1e-6, 1e-3))
def test_ease_rises_and_is_smooth(share: float, step: float) -> None:
    assert 0.0 <= ease(share) <= ease(share + step) <= 1.0
    assert ease(share + step) - ease(share) <= 2.0 * step


@given(st.floats(-1, 2))
def test_a_blink_shuts_once_and_opens_again(since_s: float) -> None:
    assert 0.0 <= blink_at(since_s) <= 1.0
    if since_s < 0 or since_s > 0.36:
        assert blink_at(since_s) == 0.0
    assert blink_at(0.12) == 1.0


def test_a_gesture_goes_there_and_back() -> None:
    nod = Gesture(0.5, 1.0, 3.0, 0.5)
    assert nod.at(1.0) == nod.at(3.0) == 0.0
    assert nod.at(2.0) == 0.5


def test_a_smile_gives_way_to_speech() -> None:
    assert SEAM.saying(VISEMES["AA"]).face.smile < SEAM.face.smile
    assert SEAM.saying(VISEMES["OO"]).face.smile < 0.5 * SEAM.face.smile
    assert SEAM.saying(REST) == SEAM


@given(st.floats(0, 1))
def test_mouths_blend_in_a_straight_line(share: float) -> None:
    mixed = Mouth(jaw=0.2).blended(Mouth(jaw=0.8, press=1.0), share)
    assert mixed.jaw == pytest.approx(0.2 + 0.6 * share)
    assert mixed.press == pytest.approx(share)
