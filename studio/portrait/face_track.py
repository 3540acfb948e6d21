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

BOX_CENTRE = np.array([[0.02, -0.48, 0.82]])
"""Head units: at the wings of the nose, so that the box's lower half, the part that a lips network
draws, begins just above everything that speech moves."""

BOX_SIZE = (1.40, 1.88)
"""Head units, width and height. The lips' mask fades over 0.065 of the width inside the lower half:
the size leaves it that much round the cheek's outline in OO and under the chin in AA. Narrower than
high, because a network's face is always square, and the mouth gets more of its columns that way."""

Box = tuple[float, float, float, float]


def face_box(pose: Pose, camera: Camera) -> Box:
    """x, y, width, height of the face in px; the size is the same in every frame."""
    width, height = (2 * round(side * camera.px_per_unit / 2) for side in BOX_SIZE)
    x, y = camera.project(place_head(pose, BOX_CENTRE))[0]
    return (
        round(float(x) - width / 2, 2),
        round(float(y) - height / 2, 2),
        float(width),
        float(height),
    )


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
