"""Draws a few frames of a loop and morphs those between, as animators do: keys and inbetweens.

She moves by a few pixels in a sixth of a second, and the renderer knows where every painted point
is. So most frames need not be drawn: the paint of the key before and of the key after is carried to
where the head and the breathing torso are at that moment, and the two are blended. Canvas, relief
and varnish lie in front of the picture and do not move; they are laid over afterwards, as over a
drawn frame. What a blend cannot show (lids, a glance) is drawn, in a window round the eyes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.portrait.camera import BREATH_LIFT, HEAD_PIVOT, Camera, head_to_world
from studio.portrait.face_track import head_points
from studio.portrait.parameters import Face, Frame, Pose

KEY_EVERY = 4  # frames, 0.16 s: blends of what the pose does not explain stay below a pixel
EYES_CORNERS = np.array([[-0.54, -0.17, 0.66], [0.54, -0.17, 0.66],
                         [-0.54, 0.30, 0.72], [0.54, 0.30, 0.72]])  # fmt: skip
"""Head units: a box round lids, lashes and brows."""

LID_STEP, GAZE_STEP = 0.02, 0.015  # change between two keys from which the eyes are drawn
FEATHER_PX = 8.0  # of a 1080-line picture, over which drawn eyes fade into the morphed face
LOSS_FROM_PX = 0.7  # a shift between keys from which resampling blurs as much as it ever does
MOVED_LOSS, BLENDED_LOSS = 0.035, 0.085  # chosen so that gradient energy is that of drawn frames
_SPREAD = 0.04  # head units round the figure into which its motion is continued

Picture = NDArray[np.float32]
Window = tuple[int, int, int, int]
"""Left, top, width, height in px."""

HEAD, TORSO = 1, 2  # sheets, numbers as in stroke.vert


@dataclass(frozen=True)
class Key:
    """A drawn frame before canvas and varnish.

    Attributes:
        paint: Colour [height, width, 3], premultiplied, and coverage, of the figure alone.
        surface: Relief of the paint and how much of the picture stays smooth, premultiplied.
        world: Where each pixel's point is, head units [height, width, 3].
        sheet: What carries it [height, width]: ``HEAD``, ``TORSO``, or something that is still.
    """

    frame: Frame
    paint: Picture
    surface: Picture
    world: Picture
    sheet: NDArray[np.uint8]


def carried(key: Key, pose: Pose, camera: Camera) -> Picture:
    """How far every point of a key moves until the sitter is in another pose.

    Returns:
        Pixels right and down [height, width, 2]. Round the figure its motion goes on, so that an
        outline that grows finds the figure's paint; further away it is 0.
    """
    # Motion varies slowly: every other pixel of every other row is enough.
    world, sheet = key.world[::2, ::2], key.sheet[::2, ::2]
    target = world.copy()
    turn = head_to_world(pose) @ head_to_world(key.frame.pose).T
    on_head = sheet == HEAD
    target[on_head] = (world[on_head] - HEAD_PIVOT) @ turn.T + HEAD_PIVOT
    target[sheet == TORSO, 1] += BREATH_LIFT * (pose.breath - key.frame.pose.breath)
    moves = on_head | (sheet == TORSO)
    flow = np.zeros((*sheet.shape, 2), dtype=np.float32)
    flow[moves] = camera.project(target[moves]) - camera.project(world[moves])
    reach = 2 * max(1, round(_SPREAD * camera.px_per_unit / 2)) + 1
    known = cv2.blur(moves.astype(np.float32), (reach, reach))[..., None]
    around = cv2.blur(flow, (reach, reach)) / np.maximum(known, 1e-6)
    flow = np.where(moves[..., None] | (known < 1e-6), flow, around)
    height, width = key.sheet.shape
    return np.asarray(cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR))


def morph(before: Key, after: Key, share: float, frame: Frame, camera: Camera) -> Key:
    """The frame that lies `share` (0 to 1) of the way between two keys."""
    flows = [carried(key, frame.pose, camera) for key in (before, after)]
    moved = [
        _moved(np.dstack([key.paint, key.surface]), flow)
        for key, flow in zip((before, after), flows, strict=True)
    ]
    blend = cv2.addWeighted(moved[0], 1.0 - share, moved[1], share, 0.0)
    shift = np.linalg.norm(flows[0] - flows[1], axis=2)  # px from key to key
    blend = _crisp(blend, np.minimum(shift / LOSS_FROM_PX, 1.0), share)
    paint = np.ascontiguousarray(blend[..., :4])
    paint[..., 3] = np.clip(paint[..., 3], 0.0, 1.0)  # the resampling overshoots at outlines
    nearer = before if share < 0.5 else after
    return Key(frame, paint, np.ascontiguousarray(blend[..., 4:]), nearer.world, nearer.sheet)


def _moved(picture: Picture, flow: Picture) -> Picture:
    """A picture with every pixel carried along the flow that is given at its old place."""
    height, width = flow.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    here = flow
    for _ in range(2):  # where did the paint that is here now come from?
        here = cv2.remap(
            flow,
            x - here[..., 0],
            y - here[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    source = (x - here[..., 0], y - here[..., 1])
    layers = [
        cv2.remap(part, *source, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
        for part in (picture[..., :4], picture[..., 4:])  # no more than four channels at a time
    ]
    return np.dstack(layers)


def _crisp(picture: Picture, moving: Picture, share: float) -> Picture:
    """Give back what resampling and blending took from bristles and lace: sharpness must not pulse."""
    amount = moving * np.float32(MOVED_LOSS + 4.0 * share * (1.0 - share) * BLENDED_LOSS)
    parts = (picture[..., :4], picture[..., 4:])
    soft = np.dstack([cv2.GaussianBlur(part, (0, 0), 1.0) for part in parts])
    return np.asarray(picture + amount[..., None] * (picture - soft), dtype=np.float32)


def eyes_to_draw(before: Frame, after: Frame, frame: Frame) -> bool:
    """Whether lids or gaze move between two keys, so that a blend would show them twice."""
    faces = (before.face, frame.face, after.face)
    return (
        _spread(faces, "blink") > LID_STEP
        or _spread(faces, "gaze_x") > GAZE_STEP
        or _spread(faces, "gaze_y") > GAZE_STEP
    )


def _spread(faces: tuple[Face, ...], name: str) -> float:
    assert name in {field.name for field in fields(Face)}
    values = [float(getattr(face, name)) for face in faces]
    return max(values) - min(values)


def eyes_window(pose: Pose, camera: Camera) -> Window:
    """The window round both eyes, kept inside the picture."""
    corners = head_points(EYES_CORNERS, pose, camera)
    left, top = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int)
    right, bottom = min(right, camera.width_px), min(bottom, camera.height_px)
    return int(left), int(top), int(right - left), int(bottom - top)


def laid_in(picture: NDArray[np.uint8], crop: NDArray[np.uint8], window: Window) -> None:
    """Lay a drawn window over a picture [height, width, 3], softly at its border."""
    left, top, width, height = window
    feather = FEATHER_PX * picture.shape[0] / 1080.0
    across = np.minimum(np.arange(width) + 1, width - np.arange(width)) / feather
    down = np.minimum(np.arange(height) + 1, height - np.arange(height)) / feather
    weight = np.clip(np.minimum(across[None, :], down[:, None]), 0.0, 1.0)[..., None]
    under = picture[top : top + height, left : left + width]
    under[:] = np.rint(under + weight * (crop.astype(np.float32) - under)).astype(np.uint8)
