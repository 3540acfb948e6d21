"""Who sits in a picture, where the eyes are, and how the person is framed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import MediaError
from kiosk.making.eyes import find_eyes
from kiosk.making.figure import find_figure
from kiosk.making.framing import SIZES, frame_sitter, render
from kiosk.making.sitter import Sitter, find_sitter
from kiosk.video.faces import Face, haar_detector
from tests.making.material import Picture, astronaut

HERE = Path("picture.jpg")
EYES = np.array([[200.5, 101.5], [246.5, 102.5]])  # of the astronaut, seen by eye


@pytest.fixture(scope="module")
def sitter() -> Sitter:
    return find_sitter(astronaut(), HERE, haar_detector())


def test_face_and_eyes_of_a_photograph(sitter: Sitter) -> None:
    assert sitter.eyes_found
    assert np.abs(sitter.eyes - EYES).max() < 6
    assert 75 < sitter.box[2] < 100


def test_the_lids_are_found_round_the_pupils(sitter: Sitter) -> None:
    eyes = find_eyes(astronaut(), sitter)
    assert eyes is not None
    for eye, pupil in zip(eyes, EYES, strict=True):
        assert np.abs(eye.centre - pupil).max() < 0.1 * eye.unit
        assert 0.18 < eye.half_width / eye.unit < 0.30
        assert 0.10 < (eye.upper + eye.lower) / eye.unit < 0.26


def test_where_skin_covers_the_eyes_no_lids_are_found(sitter: Sitter) -> None:
    smooth = astronaut()
    for x, y in EYES.astype(int):
        smooth[y - 14 : y + 12, x - 20 : x + 20] = smooth[y + 26, x]
    assert find_eyes(cv2.GaussianBlur(smooth, (0, 0), 3), sitter) is None


@pytest.mark.parametrize("scale", [0.5, 0.3])
def test_a_small_face_is_told_with_its_size(scale: float) -> None:
    small = cv2.resize(astronaut(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = np.full((512, 512, 3), 150, np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small
    with pytest.raises(MediaError, match=r"only \d\d pixels wide, and at least 64|No face"):
        find_sitter(canvas, HERE, haar_detector())


def test_two_people() -> None:
    with pytest.raises(MediaError, match="2 faces"):
        find_sitter(np.hstack([astronaut(), astronaut()]), HERE, haar_detector())


def test_shapes_are_no_face() -> None:
    blocks = np.random.default_rng(0).integers(0, 255, (8, 8, 3))
    shapes = np.kron(blocks, np.ones((60, 60, 1))).astype(np.uint8)
    with pytest.raises(MediaError, match="No face"):
        find_sitter(shapes, HERE, haar_detector())


def test_darkness() -> None:
    dark = (astronaut() * 0.06).astype(np.uint8)
    with pytest.raises(MediaError, match="too dark"):
        find_sitter(dark, HERE, haar_detector())


def test_a_face_that_looks_away() -> None:
    def aside(_: Picture) -> list[Face]:
        return [Face(np.array([100.0, 100, 150, 180]), turned_away=True)]

    with pytest.raises(MediaError, match="turned away"):
        find_sitter(astronaut(), HERE, aside)


def test_a_small_face_in_a_huge_picture_is_found() -> None:
    huge = np.full((3000, 4000, 3), 128, np.uint8)
    huge[1700:2724, 2500:3524] = cv2.resize(astronaut(), (1024, 1024))
    found = find_sitter(huge, HERE, haar_detector())
    assert np.abs(found.eyes - 2 * EYES - np.array([2500, 1700])).max() < 14


def test_the_outline_is_cut_out(sitter: Sitter) -> None:
    figure = find_figure(astronaut(), sitter)
    assert figure.cut_out
    assert figure.outline[100, 220] == 255  # face
    assert figure.outline[60, 60] == 0  # flag
    assert figure.outline[100, 420] == 0  # rocket
    assert float(figure.person[100, 480]) == 0
    assert figure.relief.max() > 0.8


def test_a_picture_of_one_colour_still_has_a_guess(sitter: Sitter) -> None:
    figure = find_figure(np.full((512, 512, 3), 90, np.uint8), sitter)
    assert not figure.cut_out
    assert figure.person[110, 222] == pytest.approx(1, abs=0.01)


def _seated(x: float, y: float, width: float) -> Sitter:
    box = np.array([x, y, width, 1.25 * width])
    eyes = box[:2] + np.array([[0.3, 0.42], [0.7, 0.42]]) * box[2:]
    return Sitter(box, eyes, eyes.mean(axis=0) + np.array([0, 0.3 * width]), True)


@given(
    st.integers(300, 6000), st.integers(300, 6000), st.floats(0, 0.8), st.floats(0, 0.8),
    st.floats(0.05, 0.9),
)  # fmt: skip
def test_framing_keeps_the_face_whole_and_in_its_place(
    width: int, height: int, left: float, top: float, share: float
) -> None:
    face = max(64.0, share * min(width, height / 1.25))
    sitter = _seated(left * (width - face), top * (height - 1.25 * face), face)
    framing = frame_sitter(sitter, (width, height), (1280, 720))
    placed = sitter.moved(framing.matrix)
    assert 0.29 <= placed.box[3] / 720 <= 0.61
    assert placed.box[0] >= 0
    assert placed.box[0] + placed.box[2] <= 1280
    assert placed.box[1] >= 0
    assert placed.box[1] + placed.box[3] <= 720


def test_the_size_suits_the_picture() -> None:
    tall = frame_sitter(_seated(260, 150, 260), (800, 1200), None)
    assert (tall.width, tall.height) in SIZES
    assert tall.height >= tall.width * 0.75
    assert tall.bare < 0.01
    wide = frame_sitter(_seated(900, 250, 250), (1920, 1080), None)
    assert (wide.width, wide.height) == SIZES[0]
    assert wide.bare == 0


def test_what_is_missing_is_continued_softly(sitter: Sitter) -> None:
    narrow = np.ascontiguousarray(astronaut()[:, 140:300])
    moved = sitter.moved(np.array([[1.0, 0, -140], [0, 1.0, 0]]))
    framing = frame_sitter(moved, (160, 512), (960, 540))
    assert framing.bare > 0.3
    frame = render(narrow, framing)
    assert frame.shape == (540, 960, 3)
    assert frame[:, :40].mean() > 20  # never black


def test_a_face_in_a_pattern_is_no_second_person() -> None:
    real = haar_detector()(astronaut())[0]

    def sees_more(_: Picture) -> list[Face]:
        return [Face(np.array([380.0, 250, 120, 140])), real]

    found = find_sitter(astronaut(), HERE, sees_more)
    assert np.array_equal(found.box, real.box)
