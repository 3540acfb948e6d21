"""A still picture that lives: motion without a seam, lids that close, edges that hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.making.blink import Lids
from kiosk.making.eyes import Eye, find_eyes
from kiosk.making.figure import find_figure
from kiosk.making.life import LivingPicture
from kiosk.making.motion import Motion, plan_motion
from kiosk.making.sitter import Sitter, find_sitter
from kiosk.video.faces import haar_detector
from tests.making.material import Picture, astronaut

FPS = 25
COUNT = 300


@given(st.integers(100, 600), st.integers(0, 2**32 - 1))
def test_curves_go_round_without_a_seam(count: int, seed: int) -> None:
    motion = plan_motion(count, FPS, seed)
    for curve in (motion.breath, motion.yaw, motion.pitch, motion.roll, motion.sway):
        assert curve.shape == (count,)
        assert np.abs(curve).max() <= 1.2
        steps = np.abs(np.diff(curve, append=curve[:1]))
        assert steps[-1] <= 1.5 * steps[:-1].max() + 0.01
    assert motion.lids_before.min() >= 0
    assert motion.lids_after.max() > 0.9


@given(st.integers(0, 2**32 - 1))
def test_blinks_are_uneven_and_never_a_flutter(seed: int) -> None:
    blinks = sorted(plan_motion(COUNT, FPS, seed).blinks_s)
    pauses = np.diff([*blinks, blinks[0] + COUNT / FPS])
    assert pauses.min() > 1.2
    assert len(blinks) == 3


def test_breaths_are_as_many_as_an_adult_takes() -> None:
    breath = plan_motion(COUNT, FPS, 1).breath
    rises = np.flatnonzero((breath[:-1] < 0.3) & (breath[1:] >= 0.3))
    assert len(rises) == 3


@pytest.fixture(scope="module")
def sitter() -> Sitter:
    return find_sitter(astronaut(), Path("a"), haar_detector())


@pytest.fixture(scope="module")
def eyes(sitter: Sitter) -> tuple[Eye, Eye]:
    found = find_eyes(astronaut(), sitter)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def living(sitter: Sitter, eyes: tuple[Eye, Eye]) -> LivingPicture:
    return LivingPicture(astronaut(), sitter, find_figure(astronaut(), sitter), eyes)


@pytest.fixture(scope="module")
def motion() -> Motion:
    return plan_motion(COUNT, FPS, 7)


def _opening(picture: Picture, eye: Eye) -> Picture:
    x, y = eye.centre.round().astype(int)
    return picture[y - 3 : y + 4, x - 5 : x + 6]


def test_lids_cover_the_pupils(eyes: tuple[Eye, Eye]) -> None:
    lids = Lids(astronaut(), eyes)
    shut = lids.closed(1, 1)
    for eye in eyes:
        skin = astronaut()[int(eye.centre[1]) + 16, int(eye.centre[0])].mean()
        assert _opening(astronaut(), eye).min() < 60
        assert _opening(shut, eye).mean() > 0.6 * skin
        assert _opening(shut, eye).min() > 70


def test_open_lids_change_nothing_and_half_closed_ones_less(eyes: tuple[Eye, Eye]) -> None:
    lids = Lids(astronaut(), eyes)
    assert lids.closed(0, 0) is not None
    assert np.array_equal(lids.closed(0, 0), astronaut())
    half, shut = (np.abs(lids.closed(k, k).astype(int) - astronaut()).sum() for k in (0.5, 1.0))
    assert 0 < half < shut


def test_a_blink_stays_within_the_eyes_surroundings(eyes: tuple[Eye, Eye]) -> None:
    change = np.abs(Lids(astronaut(), eyes).closed(1, 1).astype(int) - astronaut()).max(axis=2)
    rows, columns = np.nonzero(change > 2)
    assert rows.min() > 80
    assert rows.max() < 125
    assert columns.min() > 180
    assert columns.max() < 270


def test_a_grey_picture_stays_grey(eyes: tuple[Eye, Eye]) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    shut = Lids(grey, eyes).closed(1, 1).astype(int)
    assert np.ptp(shut, axis=2).max() <= 1


def test_the_background_stands_still(living: LivingPicture, motion: Motion) -> None:
    far = np.s_[:150, 420:]
    for index in (0, 60, 150, 240):
        assert np.array_equal(living.frame(motion, index)[far], astronaut()[far])


def _shift(one: Picture, other: Picture, part: tuple[slice, slice]) -> tuple[float, float]:
    greys = [cv2.cvtColor(p, cv2.COLOR_BGR2GRAY)[part].astype(np.float32) for p in (one, other)]
    window = cv2.createHanningWindow(greys[0].shape[::-1], cv2.CV_32F)
    (dx, dy), _ = cv2.phaseCorrelate(greys[0], greys[1], window)
    return float(dx), float(dy)


def test_near_parts_move_farther_than_far_ones(living: LivingPicture, motion: Motion) -> None:
    still = np.zeros(COUNT)
    turning = replace(motion, pitch=still, roll=still, sway=still, breath=still)
    right = living.frame(turning, int(motion.yaw.argmax()))
    left = living.frame(turning, int(motion.yaw.argmin()))
    nose, _ = _shift(left, right, np.s_[105:150, 195:250])
    hair, _ = _shift(left, right, np.s_[20:75, 190:265])
    assert nose > 1.0
    assert nose > hair + 0.5


def test_the_chest_rises_with_the_breath(living: LivingPicture, motion: Motion) -> None:
    full = living.frame(motion, int(motion.breath.argmax()))
    empty = living.frame(motion, int(motion.breath.argmin()))
    _, rise = _shift(empty, full, np.s_[300:420, 120:280])
    assert rise < -0.4


def test_nothing_tears(living: LivingPicture, motion: Motion) -> None:
    """Neighbouring pixels of the picture stay neighbours: no step appears that was not there."""
    steepest = np.abs(np.diff(astronaut().astype(int), axis=1)).max()
    for index in range(0, COUNT, 50):
        frame = living.frame(motion, index).astype(int)
        assert np.abs(np.diff(frame, axis=1)).max() <= steepest + 25


def test_every_frame_differs_from_the_one_before(living: LivingPicture, motion: Motion) -> None:
    frames = [living.frame(motion, index) for index in range(100, 106)]
    for one, other in pairwise(frames):
        assert not np.array_equal(one, other)


def test_the_mouths_path_is_where_the_mouth_goes(living: LivingPicture, motion: Motion) -> None:
    path = living.mouth_path(motion)
    assert path.shape == (COUNT, 2)
    mouth = np.zeros((512, 512), np.uint8)
    mouth[138:165, 205:245] = 255
    for one, other in ((10, 90), (40, 200)):
        first, second = (
            cv2.cvtColor(living.frame(motion, k), cv2.COLOR_BGR2GRAY) for k in (one, other)
        )
        points = cv2.goodFeaturesToTrack(first, 30, 0.02, 3, mask=mouth)
        there, _, _ = cv2.calcOpticalFlowPyrLK(first, second, points, None)
        moved = np.median((there - points).reshape(-1, 2), axis=0)
        assert np.abs(path[other] - path[one] - moved).max() < 0.25
