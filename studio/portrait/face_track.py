"""Where the face is in every frame, known exactly because the frame was made."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.portrait.camera import Camera, place_head
from studio.portrait.motion import FPS
from studio.portrait.parameters import Pose

BOX_CENTRE = np.array([[0.0, -0.46, 0.82]])
"""Head units: just under the nose, so that the box's lower half, the part that a lips network
draws, holds mouth and chin."""

BOX_SIDE = 1.92
"""Head units: forehead to a little below the dropped jaw."""

Box = tuple[float, float, float, float]


def face_box(pose: Pose, camera: Camera) -> Box:
    """x, y, width, height of the face in px; the size is the same in every frame."""
    side = 2 * round(BOX_SIDE * camera.px_per_unit / 2)
    x, y = camera.project(place_head(pose, BOX_CENTRE))[0]
    return round(float(x) - side / 2, 2), round(float(y) - side / 2, 2), float(side), float(side)


def head_points(points: NDArray[np.float64], pose: Pose, camera: Camera) -> NDArray[np.float64]:
    """Where points of the head, [n, 3] in head units, are in the picture, [n, 2] in px."""
    return camera.project(place_head(pose, points))


def write_face_track(path: Path, camera: Camera, poses: Sequence[Pose]) -> None:
    """Write the boxes as `kiosk.video.faces.load_boxes` reads them, all or nothing."""
    content = {
        "fps": FPS,
        "size": [camera.width_px, camera.height_px],
        "frames": len(poses),
        "face_box_xywh": [list(face_box(pose, camera)) for pose in poses],
    }
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(content) + "\n", encoding="utf-8")
    os.replace(part, path)
