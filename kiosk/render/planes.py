"""Pictures as the encoder takes them (NV12), so that a frame is never converted as a whole.

A film's frame is a copy of the loop's decoded planes. Only the mouth's patch, a twelfth of the
picture, is converted, and only as a difference: where the mouth did not move the difference is zero
and the loop's planes stay as they are, bit for bit.

NV12 is brightness in full size, and below it both colours, interleaved, in half size. All pictures
here are BT.601, limited range: uint8, shape (height * 3 / 2, width), both sides even.

Source: ITU-R BT.601-7, section 2.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync import Patch

Planes = NDArray[np.uint8]

_LUMA = np.array([[0.114, 0.587, 0.299]], np.float32)  # of blue, green, red
_EXCURSION_LUMA, _EXCURSION_CHROMA = 219 / 255, 224 / 255
_TO_LUMA = _LUMA * np.float32(_EXCURSION_LUMA)
_TO_CHROMA = np.concatenate(
    [
        (np.array([[1, 0, 0]], np.float32) - _LUMA) / (2 * (1 - 0.114)),
        (np.array([[0, 0, 1]], np.float32) - _LUMA) / (2 * (1 - 0.299)),
    ]
) * np.float32(_EXCURSION_CHROMA)


def luma_of(planes: Planes) -> NDArray[np.uint8]:
    """View of the brightness, shape (height, width)."""
    return planes[: len(planes) * 2 // 3]


def chroma_of(planes: Planes) -> NDArray[np.uint8]:
    """View of both colours, shape (height / 2, width / 2, 2)."""
    rows = len(planes) * 2 // 3
    return planes[rows:].reshape(rows // 2, -1, 2)


def lay_patch(planes: Planes, patch: Patch) -> None:
    """Lay a mouth over the frame of the loop it was drawn for, in place.

    The part of the patch that lies on whole 2 x 2 blocks is used; the column or row left over is
    the loop's own, because a patch fades out to its borders.
    """
    height, width = patch.bgr.shape[:2]
    left, top = patch.x + patch.x % 2, patch.y + patch.y % 2
    right, bottom = (patch.x + width) & ~1, (patch.y + height) & ~1
    drawn = patch.bgr[top - patch.y : bottom - patch.y, left - patch.x : right - patch.x]
    luma = luma_of(planes)[top:bottom, left:right]
    chroma = chroma_of(planes)[top // 2 : bottom // 2, left // 2 : right // 2]
    before = cv2.cvtColorTwoPlane(luma, chroma, cv2.COLOR_YUV2BGR_NV12)
    change = cv2.subtract(drawn, before, dtype=cv2.CV_32F)
    halved = cv2.resize(change, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    luma[...] = cv2.add(luma, cv2.transform(change, _TO_LUMA), dtype=cv2.CV_8U)
    chroma[...] = cv2.add(chroma, cv2.transform(halved, _TO_CHROMA), dtype=cv2.CV_8U)


@dataclass(frozen=True, slots=True)
class Framing:
    """Which part of the loop a film shows, and how large.

    Attributes:
        crop: Left, top, width, height in the loop, pixels, all even.
        size: Width and height of the film, pixels, both even.
    """

    crop: tuple[int, int, int, int]
    size: tuple[int, int]

    @classmethod
    def fill(
        cls, loop: tuple[int, int], size: tuple[int, int], focus: tuple[float, float]
    ) -> Framing:
        """Fill the film's frame, and cut off what has another shape.

        Args:
            loop: Width and height of the loop.
            size: Width and height of the film.
            focus: Centre of the face, shares of the loop's width and height; stays in the middle
                as far as the loop reaches.
        """
        scale = min(loop[0] / size[0], loop[1] / size[1])
        sides = [
            min(round(side * scale / 2) * 2, whole) for side, whole in zip(size, loop, strict=True)
        ]
        corner = [
            int(np.clip(round((at * whole - side / 2) / 2) * 2, 0, whole - side))
            for at, whole, side in zip(focus, loop, sides, strict=True)
        ]
        return cls((corner[0], corner[1], sides[0], sides[1]), size)

    def apply(self, planes: Planes) -> Planes:
        """The film's picture from the loop's; the same array if nothing is to be done."""
        left, top, width, height = self.crop
        luma = luma_of(planes)
        if (width, height) == self.size and luma.shape == (height, width):
            return planes
        luma = luma[top : top + height, left : left + width]
        chroma = chroma_of(planes)[top // 2 : (top + height) // 2, left // 2 : (left + width) // 2]
        across, down = self.size
        picture = np.empty((down * 3 // 2, across), np.uint8)
        shrinks = width > across
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        cv2.resize(luma, self.size, dst=luma_of(picture), interpolation=interpolation)
        half = (across // 2, down // 2)
        cv2.resize(chroma, half, dst=chroma_of(picture), interpolation=interpolation)
        return picture


class Overlay:
    """A drawing that is laid over pictures: a label, a title.

    Args:
        rgba: uint8, shape (height, width, 4), colours not multiplied by their opacity.
        left: Where its left edge comes to lie, pixels.
        top: Where its top edge comes to lie, pixels.
    """

    def __init__(self, rgba: NDArray[np.uint8], left: int, top: int) -> None:
        self.left, self.top = left & ~1, top & ~1
        height, width = (side + side % 2 for side in rgba.shape[:2])
        even = np.zeros((height, width, 4), np.float32)
        even[: rgba.shape[0], : rgba.shape[1]] = rgba
        opacity = np.multiply(even[..., 3], 1 / 255, dtype=np.float32)
        bgr = even[..., 2::-1] * opacity[..., None]  # multiplied: what is added to the picture
        luma = cv2.transform(bgr, _TO_LUMA) + 16 * opacity
        small = cv2.resize(opacity, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        halved = cv2.resize(bgr, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        chroma = cv2.transform(halved, _TO_CHROMA) + 128 * small[..., None]
        self._luma = _Blend(luma, np.float32(1) - opacity, self.left, self.top)
        kept = cv2.merge([1 - small, 1 - small])
        self._chroma = _Blend(chroma, kept, self.left // 2, self.top // 2)

    def lay(self, planes: Planes) -> None:
        """Blend it into a picture, in place; what reaches beyond the picture is left out."""
        self._luma.into(luma_of(planes))
        self._chroma.into(chroma_of(planes))


@dataclass(frozen=True, slots=True)
class _Blend:
    """Attributes:
    added: What comes on top, float32.
    kept: Share that stays of what lies below, float32.
    left: Corner in the plane.
    top: Corner in the plane.
    """

    added: NDArray[np.float32]
    kept: NDArray[np.float32]
    left: int
    top: int

    def into(self, plane: NDArray[np.uint8]) -> None:
        rows, columns = self.added.shape[:2]
        under = plane[self.top : self.top + rows, self.left : self.left + columns]
        rows, columns = under.shape[:2]
        dimmed = cv2.multiply(under, self.kept[:rows, :columns], dtype=cv2.CV_32F)
        under[...] = cv2.add(dimmed, self.added[:rows, :columns], dtype=cv2.CV_8U)
