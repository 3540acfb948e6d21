"""The painted picture itself, small: judged from its pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.portrait.face_track import face_box, head_points
from studio.portrait.motion import IDLE, SEAM
from studio.portrait.parameters import VISEMES, Frame, Mouth

if TYPE_CHECKING:
    from studio.portrait.renderer import Renderer

BACKGROUND, SKIN, EYE, TEETH, TONGUE = 0.0, 1.0, 2.0, 3.0, 4.0  # as in pose.glsl


def mouth_patch(renderer: Renderer, frame: Frame) -> NDArray[np.float64]:
    """Lightness between the lips, a patch of 5 x 5 px."""
    x, y = head_points(np.array([[0.0, -0.775, 0.86]]), frame.pose, renderer.camera)[0]
    picture = renderer.frame(frame).mean(axis=2)
    return picture[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3]


def difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.abs(a.astype(np.int64) - b.astype(np.int64)).max(axis=2)


def test_the_same_frame_is_the_same_picture(renderer: Renderer) -> None:
    first = renderer.frame(SEAM)
    other = renderer.frame(IDLE.at(6.0))
    assert first.shape == (216, 384, 3)
    assert difference(first, other).max() > 20
    assert np.array_equal(first, renderer.frame(SEAM))


def test_lips_that_press_show_neither_teeth_nor_dark(renderer: Renderer) -> None:
    sealed = renderer.materials(SEAM.saying(VISEMES["P B M"]))
    assert not np.isin(sealed, (TEETH, TONGUE)).any()
    at_rest = renderer.materials(SEAM)
    assert not np.isin(at_rest, (TEETH, TONGUE)).any()


def test_aa_opens_to_the_dark(renderer: Renderer) -> None:
    opened = renderer.materials(SEAM.saying(VISEMES["AA"]))
    assert (opened == TEETH).sum() > 10
    rest = mouth_patch(renderer, SEAM)
    dark = mouth_patch(renderer, SEAM.saying(VISEMES["AA"]))
    assert dark.mean() < 0.5 * rest.mean()


@pytest.mark.parametrize("jaw", [0.2, 0.5])
def test_a_wider_jaw_shows_more_mouth(renderer: Renderer, jaw: float) -> None:
    """The lower face moves down with the jaw, so fewer pixels of the box stay as they were."""
    rest = renderer.frame(SEAM)
    less = difference(rest, renderer.frame(SEAM.saying(Mouth(jaw=jaw)))) > 12
    more = difference(rest, renderer.frame(SEAM.saying(Mouth(jaw=jaw + 0.3)))) > 12
    assert less.sum() < more.sum()


def test_speech_moves_the_lower_face_only(renderer: Renderer) -> None:
    quiet = replace(SEAM, face=replace(SEAM.face, smile=0.0))
    speaking = replace(quiet, mouth=VISEMES["AA"])
    moved = difference(renderer.frame(quiet), renderer.frame(speaking)) > 6
    x, y, width, height = face_box(SEAM.pose, renderer.camera)
    rows, columns = np.nonzero(moved)
    assert rows.min() > y + 0.45 * height
    in_box = (rows < y + height) & (columns > x) & (columns < x + width)
    assert in_box.mean() > 0.9  # the rest is the chin's shadow on her collar


def test_shut_lids_hide_the_eyes(renderer: Renderer) -> None:
    shut = replace(SEAM, face=replace(SEAM.face, blink=1.0))
    assert (renderer.materials(SEAM) == EYE).sum() > 20
    assert not (renderer.materials(shut) == EYE).any()


def test_only_the_figure_moves(renderer: Renderer) -> None:
    """The background is painted once: not one of its pixels may change with the head."""
    turned = replace(SEAM, pose=replace(SEAM.pose, yaw=-0.27, roll=0.07, breath=1.0))
    figure = np.zeros((216, 384), dtype=bool)
    for frame in (SEAM, turned):
        figure |= renderer.materials(frame) != BACKGROUND
    edge = 2  # anti-aliasing reaches a pixel past the outline
    for shift in range(-edge, edge + 1):
        figure |= np.roll(figure, shift, axis=0) | np.roll(figure, shift, axis=1)
    still, now, bare = renderer.frame(SEAM), renderer.frame(turned), renderer.background()
    assert (~figure).mean() > 0.35
    assert not difference(still, now)[~figure].any()
    assert not difference(still, bare)[~figure].any()


def test_strokes_do_not_crawl_on_the_cheek(renderer: Renderer) -> None:
    """From frame to frame of the idle loop the cheek changes less than an eye can see."""
    first, second = IDLE.frame(130), IDLE.frame(131)
    x, y = head_points(np.array([[0.34, -0.42, 0.70]]), first.pose, renderer.camera)[0]
    near = np.s_[round(y) - 6 : round(y) + 7, round(x) - 6 : round(x) + 7]
    change = difference(renderer.frame(first)[near], renderer.frame(second)[near])
    assert change.mean() < 1.5
