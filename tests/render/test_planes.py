"""Planes change where the mouth moved and nowhere else; framing and overlays fit the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.lipsync import Patch
from kiosk.render.planes import Framing, Overlay, Planes, chroma_of, lay_patch, luma_of

WIDTH, HEIGHT = 96, 64
SIDES = st.integers(80, 1920).map(lambda half: 2 * half)


def picture(seed: int = 1) -> Planes:
    """Smooth colours, as planes."""
    random = np.random.default_rng(seed)
    small = random.integers(40, 200, (3, 4, 3)).astype(np.uint8)
    return planes_of(cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC))


def planes_of(bgr: NDArray[np.uint8]) -> Planes:
    """BGR as NV12, by OpenCV's own conversion."""
    height, width = bgr.shape[:2]
    i420 = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420)
    colours = i420[height:].reshape(2, height // 2, width // 2)
    chroma = np.ascontiguousarray(colours.transpose(1, 2, 0))
    return np.concatenate([i420[:height], chroma.reshape(height // 2, width)])


def bgr_of(planes: Planes) -> NDArray[np.uint8]:
    return cv2.cvtColorTwoPlane(luma_of(planes), chroma_of(planes), cv2.COLOR_YUV2BGR_NV12)


def patch_at(x: int, y: int, bgr: NDArray[np.uint8]) -> Patch:
    return Patch(frame=0, loop_index=0, x=x, y=y, bgr=bgr)


@given(
    x=st.integers(0, 60), y=st.integers(0, 40), width=st.integers(4, 36), height=st.integers(4, 24)
)
def test_a_mouth_at_rest_changes_no_bit(x: int, y: int, width: int, height: int) -> None:
    planes = picture()
    before = planes.copy()
    lay_patch(planes, patch_at(x, y, bgr_of(planes)[y : y + height, x : x + width]))
    assert np.array_equal(planes, before)


@given(x=st.integers(0, 40), y=st.integers(0, 30))
def test_a_moved_mouth_is_shown_and_the_rest_stays(x: int, y: int) -> None:
    planes = picture()
    before = planes.copy()
    bgr = bgr_of(planes)
    drawn = bgr[y : y + 30, x : x + 50].copy()
    drawn[8:22, 8:42] = cv2.GaussianBlur(drawn[8:22, 8:42], (5, 5), 0) // 2 + (0, 0, 60)
    wanted = bgr.copy()
    wanted[y : y + 30, x : x + 50] = drawn
    lay_patch(planes, patch_at(x, y, drawn))
    got = bgr_of(planes).astype(int)
    # Colour is kept in half size: inside, away from the edge of the change, it is as drawn.
    inside = np.s_[y + 11 : y + 19, x + 11 : x + 39]
    assert np.abs(got[inside] - wanted[inside]).mean() < 2.5
    changed = np.flatnonzero((luma_of(planes) != luma_of(before)).any(axis=1))
    assert y + 8 <= changed[0]
    assert changed[-1] < y + 22
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[y + 6 : y + 24, x + 6 : x + 44] = False
    assert np.array_equal(got[outside], bgr.astype(int)[outside])


@given(loop=st.tuples(SIDES, SIDES), size=st.tuples(SIDES, SIDES),
       focus=st.tuples(st.floats(0, 1), st.floats(0, 1)))  # fmt: skip
def test_framing_fills_the_film_without_squeezing(
    loop: tuple[int, int], size: tuple[int, int], focus: tuple[float, float]
) -> None:
    framing = Framing.fill(loop, size, focus)
    left, top, width, height = framing.crop
    assert all(number % 2 == 0 for number in framing.crop)
    assert 0 <= left <= loop[0] - width
    assert 0 <= top <= loop[1] - height
    assert width == loop[0] or height == loop[1]
    assert abs(width / height - size[0] / size[1]) <= 2.1 * (1 + size[0] / size[1]) / height


def test_the_loop_s_own_size_costs_nothing() -> None:
    planes = picture()
    framing = Framing.fill((WIDTH, HEIGHT), (WIDTH, HEIGHT), (0.5, 0.5))
    assert framing.apply(planes) is planes


@pytest.mark.parametrize("size", [(48, 32), (192, 128), (64, 64)])
def test_another_size_shows_the_same_picture(size: tuple[int, int]) -> None:
    planes = picture()
    framing = Framing.fill((WIDTH, HEIGHT), size, (0.5, 0.5))
    left, top, width, height = framing.crop
    got = bgr_of(framing.apply(planes)).astype(int)
    assert got.shape == (size[1], size[0], 3)
    wanted = cv2.resize(bgr_of(planes)[top : top + height, left : left + width], size,
                        interpolation=cv2.INTER_AREA)  # fmt: skip
    assert np.abs(got - wanted).mean() < 3


def test_an_overlay_has_its_colour_where_it_is_opaque_and_none_where_it_is_not() -> None:
    planes = picture()
    before = bgr_of(planes).astype(int)
    rgba = np.zeros((20, 30, 4), np.uint8)
    rgba[4:16, 4:26] = (230, 40, 60, 255)
    Overlay(rgba, 10, 8).lay(planes)
    got = bgr_of(planes).astype(int)
    assert np.abs(got[14:22, 16:34] - (60, 40, 230)).max() <= 4
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[10:26, 12:38] = False
    assert np.abs(got[outside] - before[outside]).max() <= 1


def test_an_overlay_may_reach_over_the_edge() -> None:
    planes = picture()
    Overlay(np.full((31, 51, 4), 255, np.uint8), WIDTH - 10, HEIGHT - 10).lay(planes)
    assert (luma_of(planes)[-10:, -10:] == 235).all()
