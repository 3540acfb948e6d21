"""What of a loop is on screen, and how a mouth comes to lie in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.messages import MouthPatch
from kiosk.video.loop import LoopInfo, interpolation_for

Crop = tuple[int, int, int, int]

_REACH = 1  # pixels of a patch on each side that interpolation reads beyond the pixel itself


@dataclass(frozen=True, slots=True)
class View:
    """Attributes:
    crop: Left, top, width, height of what is shown of the loop, even pixels.
    size: Width and height of the frames, even pixels; the crop's own unless they are scaled.
    """

    crop: Crop
    size: tuple[int, int]

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of a frame for each pixel of the loop, across and down."""
        return self.size[0] / self.crop[2], self.size[1] / self.crop[3]


def crop_for(info: LoopInfo, aspect: float, focus_x: float, focus_y: float) -> Crop:
    """Largest part of the loop with the given shape, as near as may be around the face.

    Args:
        info: Size of the loop.
        aspect: Width by height of the place on screen.
        focus_x: Centre of the face, share of the loop's width.
        focus_y: Centre of the face, share of the loop's height.

    Returns:
        ``(x, y, width, height)`` in even pixels.
    """
    width = min(info.width, round(info.height * aspect)) // 2 * 2
    height = min(info.height, round(info.width / aspect)) // 2 * 2
    width, height = max(2, width), max(2, height)
    x = min(max(round(focus_x * info.width - width / 2), 0), info.width - width) // 2 * 2
    y = min(max(round(focus_y * info.height - height / 2), 0), info.height - height) // 2 * 2
    return x, y, width, height


def lay_over(pixels: NDArray[np.uint8], patch: MouthPatch, view: View) -> None:
    """Write a patch, whose place is given in the loop, into a frame.

    Where frames are scaled, the patch is scaled in the same grid; its outermost pixels, which are
    the loop's own, are left out.

    Args:
        pixels: uint8, shape (height, width, 4), BGRX; changed in place.
        patch: Mouth pixels; what lies outside the crop is left out.
        view: What ``pixels`` show.
    """
    across, down = view.scale
    height, width = patch.bgr.shape[:2]
    left, right = _span(patch.x - view.crop[0], width, across, pixels.shape[1])
    top, bottom = _span(patch.y - view.crop[1], height, down, pixels.shape[0])
    if left >= right or top >= bottom:
        return
    x0, y0 = view.crop[0] - patch.x, view.crop[1] - patch.y
    target = pixels[top:bottom, left:right, :3]
    if (across, down) == (1.0, 1.0):
        target[...] = patch.bgr[top + y0 : bottom + y0, left + x0 : right + x0]
        return
    # From pixels of the frame to those of the patch; centres of pixels lie at halves.
    shift_x = (left + 0.5) / across - 0.5 + x0
    shift_y = (top + 0.5) / down - 0.5 + y0
    onto_patch = np.array([[1 / across, 0, shift_x], [0, 1 / down, shift_y]])
    flags = interpolation_for(across) | cv2.WARP_INVERSE_MAP
    target[...] = cv2.warpAffine(
        patch.bgr,
        onto_patch,
        (right - left, bottom - top),
        flags=flags,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _span(start: int, length: int, scale: float, limit: int) -> tuple[int, int]:
    """First and end pixel of a frame along one axis that a patch has everything for."""
    if scale == 1.0:
        return max(0, start), min(limit, start + length)
    first = math.ceil((start + _REACH + 0.5) * scale - 0.5)
    last = math.floor((start + length - 1 - _REACH + 0.5) * scale - 0.5)
    return max(0, first), min(limit, last + 1)
