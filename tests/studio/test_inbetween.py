"""Frames between two drawn ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from studio.portrait.camera import HEAD_PIVOT, LANDSCAPE, head_to_world
from studio.portrait.inbetween import (
    HEAD,
    TORSO,
    Key,
    carried,
    eyes_to_draw,
    eyes_window,
    laid_in,
    morph,
)
from studio.portrait.loops import _shares
from studio.portrait.motion import SEAM

if TYPE_CHECKING:
    from studio.portrait.renderer import Renderer

CAMERA = LANDSCAPE.scaled(108)
TURNED = replace(SEAM, pose=replace(SEAM.pose, yaw=SEAM.pose.yaw + 0.05))


def flat_key() -> Key:
    """A disc in the plane through the eyes: its upper half is head, its lower half torso."""
    height, width = CAMERA.height_px, CAMERA.width_px
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    world = np.zeros((height, width, 3), dtype=np.float32)
    world[..., 0] = (x + 0.5 - width / 2) / CAMERA.px_per_unit + CAMERA.centre_x
    world[..., 1] = (height / 2 - y - 0.5) / CAMERA.px_per_unit + CAMERA.centre_y
    inside = (x - width / 2) ** 2 + (y - height / 2) ** 2 < 30**2
    sheet = np.where(y < height / 2, HEAD, TORSO).astype(np.uint8) * inside
    rng = np.random.default_rng(5)
    paint = rng.random((height, width, 4), dtype=np.float32) * inside[..., None]
    return Key(SEAM, paint, paint[..., :2].copy(), world, sheet.astype(np.uint8))


def test_paint_of_the_head_goes_where_the_head_goes() -> None:
    key = flat_key()
    flow = carried(key, TURNED.pose, CAMERA)
    row, column = 20, 48  # of every other pixel; inside the head's half
    point = key.world[2 * row, 2 * column].astype(float)
    turn = head_to_world(TURNED.pose) @ head_to_world(SEAM.pose).T
    moved = turn @ (point - HEAD_PIVOT) + HEAD_PIVOT
    expected = CAMERA.project(moved[None])[0] - CAMERA.project(point[None])[0]
    assert np.allclose(flow[row, column], expected, atol=1e-3)
    assert np.linalg.norm(expected) > 0.3


def test_breath_lifts_the_torso_and_nothing_moves_far_from_her() -> None:
    breath = replace(SEAM.pose, breath=1.0)
    flow = carried(flat_key(), breath, CAMERA)
    lift_px = -0.020 * CAMERA.px_per_unit
    assert flow[32, 48] == pytest.approx([0.0, lift_px], abs=1e-3)
    assert np.all(flow[2, 2] == 0.0)


def test_a_morph_of_a_key_in_its_own_pose_is_that_key() -> None:
    key = flat_key()
    same = morph(key, key, 0.5, SEAM, CAMERA)
    assert np.allclose(same.paint, key.paint, atol=1e-5)
    assert np.allclose(same.surface, key.surface, atol=1e-5)


def test_eyes_are_drawn_where_lids_or_gaze_move() -> None:
    open_, blink = SEAM, replace(SEAM, face=replace(SEAM.face, blink=1.0))
    glance = replace(SEAM, face=replace(SEAM.face, gaze_x=SEAM.face.gaze_x + 0.1))
    assert not eyes_to_draw(open_, open_, open_)
    assert eyes_to_draw(open_, open_, blink), "a blink that lies wholly between two keys"
    assert eyes_to_draw(open_, glance, open_)


def test_a_laid_in_window_fades_at_its_border() -> None:
    picture = np.zeros((1080, 200, 3), dtype=np.uint8)
    laid_in(picture, np.full((60, 100, 3), 200, dtype=np.uint8), (50, 500, 100, 60))
    assert np.all(picture[530, 100] == 200)
    assert 0 < picture[530, 51, 0] < 100
    outside = picture.copy()
    outside[500:560, 50:150] = 0
    assert not outside.any()


def test_every_span_is_drawn_by_one_worker() -> None:
    missing = [*range(3, 20), 30]
    shares = _shares(missing, 3, 4)
    assert sorted(index for share in shares for index in share) == missing
    spans = [{index // 4 for index in share} for share in shares]
    assert all(not one & other for i, one in enumerate(spans) for other in spans[:i])


def test_inbetweens_look_as_if_drawn(renderer: Renderer) -> None:
    camera = renderer.camera
    first, middle, last = (
        replace(SEAM, pose=replace(SEAM.pose, yaw=SEAM.pose.yaw + turn))
        for turn in (-0.02, 0, 0.02)
    )
    before, after = renderer.key(first), renderer.key(last)
    drawn = renderer.frame(middle).astype(float)
    assert np.array_equal(renderer.finished(before), renderer.frame(first))
    morphed = renderer.finished(morph(before, after, 0.5, middle, camera)).astype(float)
    held = renderer.finished(before).astype(float)
    figure = before.sheet > 0
    assert np.abs(morphed - drawn)[figure].mean() < 0.6 * np.abs(held - drawn)[figure].mean()
    assert np.abs(morphed - drawn)[:, : camera.width_px // 5].max() == 0, "the sky stands still"
    left, top, width, height = eyes_window(middle.pose, camera)
    crop = renderer.frame(middle, (left, top, width, height))
    whole = drawn[top : top + height, left : left + width]
    assert np.abs(crop - whole).max() <= 1
