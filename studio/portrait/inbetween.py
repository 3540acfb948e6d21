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
MOVED_LOSS, BLENDED_LOSS = 0.05, 0.105  # chosen so that gradient energy is that of drawn frames
MARGIN_PX = 16  # more than she moves between two keys
_SPREAD = 0.04  # head units round the figure into which its motion is continued

Picture = NDArray[np.float32]
Box = tuple[slice, slice]
Window = tuple[int, int, int, int]
"""Left, top, width, height in px."""

HEAD, TORSO = 1, 2  # sheets, numbers as in stroke.vert


@dataclass(frozen=True)
class Key:
    """A drawn frame before canvas and varnish.

    Attributes:
        paint: Colour [height, width, 3], premultiplied, and coverage, of the figure alone.
        surface: Relief of the paint and how much of the picture stays smooth, premultiplied
            [height, width, 2].
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

    Motion varies slowly: it is worked out for every other pixel of every other row.

    Returns:
        Pixels right and down [height / 2, width / 2, 2]. Round the figure its motion goes on, so
        that an outline that grows finds the figure's paint; further away it is 0.
    """
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
    return np.where(moves[..., None] | (known < 1e-6), flow, around)


def morph(before: Key, after: Key, share: float, frame: Frame, camera: Camera) -> Key:
    """The frame that lies `share` (0 to 1) of the way between two keys."""
    nearer = before if share < 0.5 else after
    paint, surface = np.zeros_like(before.paint), np.zeros_like(before.surface)
    box = _bounds(before, after)
    paint[box], surface[box] = _morphed(_cut(before, box), _cut(after, box), share, frame, camera)
    return Key(frame, paint, surface, nearer.world, nearer.sheet)


def _morphed(
    before: Key, after: Key, share: float, frame: Frame, camera: Camera
) -> tuple[Picture, Picture]:
    flows = [carried(key, frame.pose, camera) for key in (before, after)]
    moved = [_moved(key, flow) for key, flow in zip((before, after), flows, strict=True)]
    shift = np.linalg.norm(flows[0] - flows[1], axis=2)  # px from key to key
    sharpen = _doubled(np.minimum(shift / LOSS_FROM_PX, 1.0), before.sheet.shape)
    sharpen *= np.float32(MOVED_LOSS + 4.0 * share * (1.0 - share) * BLENDED_LOSS)
    paint, surface = (
        _crisp(cv2.addWeighted(one, 1.0 - share, other, share, 0.0), sharpen)
        for one, other in zip(*moved, strict=True)
    )
    paint[..., 3] = np.clip(paint[..., 3], 0.0, 1.0)  # the resampling overshoots at outlines
    return paint, surface


def _bounds(before: Key, after: Key) -> Box:
    """Rows and columns that hold the figure in both keys, with room to move; even at both ends."""
    shown = (before.paint[..., 3] > 0.0) | (after.paint[..., 3] > 0.0)
    ends = []
    for axis in (1, 0):
        at = np.flatnonzero(shown.any(axis=axis))
        low, high = (int(at[0]), int(at[-1])) if len(at) else (0, 0)
        ends.append(slice(max(0, low - MARGIN_PX) // 2 * 2, (high + MARGIN_PX) // 2 * 2 + 2))
    return ends[0], ends[1]


def _cut(key: Key, box: Box) -> Key:
    return Key(key.frame, key.paint[box], key.surface[box], key.world[box], key.sheet[box])


def _moved(key: Key, flow: Picture) -> tuple[Picture, Picture]:
    """Paint and surface of a key with every pixel carried along the flow given at its old place."""
    height, width = flow.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    here = flow
    for _ in range(2):  # where did the paint that is here now come from?
        here = cv2.remap(flow, x - here[..., 0] / 2, y - here[..., 1] / 2, cv2.INTER_LINEAR,
                         borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    height, width = key.sheet.shape
    here = _doubled(here, (height, width))
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    source = cv2.convertMaps(x - here[..., 0], y - here[..., 1], cv2.CV_16SC2)
    paint, surface = (
        cv2.remap(part, *source, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
        for part in (key.paint, key.surface)
    )
    return paint, surface


def _doubled(picture: Picture, shape: tuple[int, int]) -> Picture:
    """A picture of every other pixel at full size again."""
    return np.asarray(cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_LINEAR))


def _crisp(picture: Picture, amount: Picture) -> Picture:
    """Give back what moving and blending took from bristles and lace: sharpness must not pulse."""
    soft = cv2.GaussianBlur(picture, (7, 7), 1.0)
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
