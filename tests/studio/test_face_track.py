"""The face box: as the kiosk reads it, and where the renderer really puts the face."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from kiosk.video.faces import load_boxes
from studio.portrait.camera import CAMERAS, LANDSCAPE, Camera
from studio.portrait.face_track import face_box, head_points, write_face_track
from studio.portrait.motion import IDLE, SEAM
from studio.portrait.parameters import VISEMES, Pose

if TYPE_CHECKING:
    from studio.portrait.renderer import Renderer

EYE, TEETH = 2.0, 3.0  # as in pose.glsl
EYES = np.array([[-0.304, 0.0, 0.70], [0.284, 0.0, 0.70]])  # front of each eyeball, bent like her


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=list(CAMERAS))
def test_the_kiosk_reads_the_track(camera: Camera, tmp_path: Path) -> None:
    poses = [IDLE.frame(i).pose for i in range(5)]
    write_face_track(tmp_path / "idle.faces.json", camera, poses)
    size = (camera.width_px, camera.height_px)
    boxes = load_boxes(tmp_path / "idle.faces.json", size, len(poses))
    assert np.allclose(boxes, [face_box(pose, camera) for pose in poses])


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=list(CAMERAS))
def test_boxes_keep_their_size_and_stay_in_the_picture(camera: Camera) -> None:
    boxes = np.array([face_box(IDLE.frame(i).pose, camera) for i in range(IDLE.frame_count)])
    assert len(set(boxes[:, 2])) == len(set(boxes[:, 3])) == 1
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 0] + boxes[:, 2] <= camera.width_px).all()
    assert (boxes[:, 1] + boxes[:, 3] <= camera.height_px).all()


def test_lower_half_holds_mouth_and_chin() -> None:
    x, y, width, height = face_box(SEAM.pose, LANDSCAPE)
    points = np.array([[0.0, -0.695, 0.87], [0.0, -1.28, 0.65], [0.0, 0.0, 0.85]])
    mouth, dropped_chin, eyes = head_points(points, SEAM.pose, LANDSCAPE)
    for inside in (mouth, dropped_chin, eyes):
        assert x < inside[0] < x + width
        assert y < inside[1] < y + height
    assert mouth[1] > y + height / 2
    assert eyes[1] < y + height / 2


@pytest.mark.parametrize(
    "pose", [SEAM.pose, replace(SEAM.pose, yaw=-0.18, pitch=0.08), Pose(yaw=0.0, roll=0.0)]
)
def test_the_renderer_puts_the_face_where_the_track_says(renderer: Renderer, pose: Pose) -> None:
    picture = renderer.materials(replace(SEAM, pose=pose))
    rows, columns = np.nonzero(picture == EYE)
    left, right = head_points(EYES, pose, renderer.camera)
    is_left = np.abs(columns - left[0]) < np.abs(columns - right[0])
    for expected, mine in ((left, is_left), (right, ~is_left)):
        centre = np.array([columns[mine].mean(), rows[mine].mean()]) + 0.5
        assert np.abs(centre - expected).max() < 2.0  # px of a 216-line picture


def test_the_mouth_opens_inside_the_box(renderer: Renderer) -> None:
    picture = renderer.materials(SEAM.saying(VISEMES["AA"]))
    rows, columns = np.nonzero(picture == TEETH)
    x, y, width, height = face_box(SEAM.pose, renderer.camera)
    assert len(rows) > 10
    assert (rows > y + height / 2).all()
    assert (rows < y + height).all()
    assert (columns > x).all()
    assert (columns < x + width).all()
