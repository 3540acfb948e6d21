"""The two formats, and where points of the figure land in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from studio.portrait.parameters import Pose

Matrix = NDArray[np.float64]

CAMERA_DISTANCE = 11.0  # head units (10 cm); as in march.frag
PARALLAX = 0.6  # the camera moves this share of the way towards the picture's centre
HEAD_PIVOT = np.array([0.0, -1.15, -0.30])  # as in pose.glsl
TORSO_PIVOT = np.array([0.0, 0.0, -0.3])
BREATH_LIFT = 0.020


@dataclass(frozen=True)
class Camera:
    """A picture's size and what of the figure it shows."""

    name: str
    width_px: int
    height_px: int
    centre_x: float
    centre_y: float
    """Head units: the point of the plane through the eyes in the middle of the picture."""
    half_height: float
    """Head units from the middle to the upper edge, in that plane."""
    horizon: float
    """Height of the sea's horizon, head units."""
    ledge: bool = False
    """Whether the stone ledge with her hammer shows."""

    @property
    def px_per_unit(self) -> float:
        return self.height_px / (2.0 * self.half_height)

    def scaled(self, height_px: int) -> Camera:
        """The same picture at another height; the width is kept even, as video needs it."""
        width_px = 2 * round(self.width_px * height_px / self.height_px / 2)
        return Camera(
            self.name,
            width_px,
            height_px,
            self.centre_x,
            self.centre_y,
            self.half_height,
            self.horizon,
            self.ledge,
        )

    @cached_property
    def position(self) -> NDArray[np.float64]:
        return np.array([PARALLAX * self.centre_x, PARALLAX * self.centre_y, CAMERA_DISTANCE])

    def project(self, world: NDArray[np.float64]) -> NDArray[np.float64]:
        """World points [n, 3] to picture points [n, 2] in px, origin at the upper left."""
        eye = self.position
        depth = CAMERA_DISTANCE / (CAMERA_DISTANCE - world[:, 2])
        plane = eye[:2] + (world[:, :2] - eye[:2]) * depth[:, None]
        x = (plane[:, 0] - self.centre_x) * self.px_per_unit + self.width_px / 2
        y = self.height_px / 2 - (plane[:, 1] - self.centre_y) * self.px_per_unit
        return np.stack([x, y], axis=1)


LANDSCAPE = Camera("landscape", 1920, 1080, 0.0, -0.37, 2.03, -0.95)
PORTRAIT = Camera("portrait", 1080, 1920, -0.10, -0.96, 2.78, -0.95, ledge=True)
CAMERAS = {camera.name: camera for camera in (LANDSCAPE, PORTRAIT)}


def head_to_world(pose: Pose) -> Matrix:
    """Rotation of the head about HEAD_PIVOT."""
    return _about_y(pose.yaw) @ _about_x(pose.pitch) @ _about_z(pose.roll)


def torso_to_world(pose: Pose) -> Matrix:
    """Rotation of the torso about TORSO_PIVOT."""
    return _about_y(pose.torso_yaw)


def place_head(pose: Pose, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points fixed to the head [n, 3] to world points."""
    placed: NDArray[np.float64] = (points - HEAD_PIVOT) @ head_to_world(pose).T + HEAD_PIVOT
    return placed


def _about_x(angle: float) -> Matrix:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]], dtype=np.float64)


def _about_y(angle: float) -> Matrix:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], dtype=np.float64)


def _about_z(angle: float) -> Matrix:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]], dtype=np.float64)
