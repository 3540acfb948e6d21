"""Lay a model's small face over the loop's own pixels, without a box, a blur or a ghost.

Per pixel of the patch::

    loop + mask * (up(change) - gate * (lines + (1 - kept * shade) * texture))

``change`` is what the model altered in its small picture, sharpened by as much as shrinking and
enlarging blur, and without its colour error (see ``membrane``). Where it altered nothing the loop's
pixels stay as they are. Where it did, ``gate`` goes to 1 and takes away what the loop shows finer
than the small picture can: all ``lines``, so that the resting lips do not shine through an open
mouth; of the ``texture`` only a part, and more where it gets darker. The camera's noise, pores
and brush strokes do not stop at a moving mouth.

The loop's pixels never move. What is laid over them lies at fractions of a pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.mask import Pixels, smooth_step
from kiosk.lipsync.membrane import Membrane

_RAMP = (3.0, 12.0)  # change, of 255, at which the gate begins to open and is open
_GATE_BLUR_PX = 1.2  # of the change, in pixels of the small picture
_SHARPEN_BLUR_PX = 1.0
_KEPT = 0.7  # of the texture where nothing gets darker; the model draws some of its own
_DARKEST = 8.0  # of 255; shades of nearly black are not worth a division
_MOST_SHARPENING = 0.6  # beyond it edges get bright seams
_LINE_BLUR = 0.012  # of the patch's width, at least 1.5 px: how far round a line counts as line
_LINES = (1.2, 1.8)  # times the usual activity, at which texture passes over into lines
_GREY = np.array([[0.114, 0.587, 0.299]], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Detail:
    """How fine a loop is.

    Attributes:
        sharpening: Share of the small picture's own finest structure that shrinking and enlarging
            take away.
        activity: Usual contrast of fine structure, of 255; at lines it is a multiple of this.
    """

    sharpening: float
    activity: float


@dataclass(frozen=True, slots=True, eq=False)
class Grain:
    """What a frame of the loop shows finer than the model's picture can; of 255.

    Attributes:
        lines: Lips, jaw, collar: what would shine through; int8, shape (height, width, 3).
        texture: The even rest; same shape.
    """

    lines: NDArray[np.int8]
    texture: NDArray[np.int8]


class Paster:
    """Pastes for one shape of patch. For one thread at a time.

    Args:
        mask: How much of a change each pixel takes over, 0..1, shape (height, width).
        small_mask: The same in pixels of the small picture, shape (rows, columns).
        detail: Of the loop.
    """

    def __init__(self, mask: Pixels, small_mask: Pixels, detail: Detail) -> None:
        height, width = mask.shape
        self._size = (width, height)
        self._mask = cv2.merge([mask, mask, mask])
        self._membrane = Membrane(small_mask)
        # Kept from frame to frame: fresh pages for half a megabyte cost more than the arithmetic.
        self._altered, self._product = np.empty_like(self._mask), np.empty_like(self._mask)
        self._sharpening = detail.sharpening

    def paste(
        self,
        skin: NDArray[np.uint8],
        grain: Grain,
        before: Pixels,
        change: Pixels,
        placement: NDArray[np.float64],
    ) -> NDArray[np.uint8]:
        """Make a patch.

        Args:
            skin: The loop's pixels, BGR, shape (height, width, 3).
            grain: Of them.
            before: The small picture as the model got it, BGR, 0..255, shape (rows, columns, 3).
            change: What the model adds to it, same shape.
            placement: Affine map from its pixels to those of the patch, shape (2, 3).

        Returns:
            BGR, uint8, shape (height, width, 3); the loop's own pixels where the mask is 0.
        """
        change = sharpened(change, self._sharpening)
        change -= self._membrane.over(change)
        altered = enlarged(change, placement, self._size, into=self._altered)
        gates = self._gates(before, change)
        for gate, fine in zip(gates, (grain.lines, grain.texture), strict=True):
            large = enlarged(gate, placement, self._size, cv2.INTER_LINEAR)
            cv2.merge([large, large, large], self._product)
            altered -= np.multiply(self._product, fine, out=self._product)
        altered *= self._mask
        # Rounds to the nearest; where the mask is 0 the loop's pixels stay exactly as they are.
        patch: NDArray[np.uint8] = cv2.add(skin, altered, dtype=cv2.CV_8U)
        return patch

    def _gates(self, before: Pixels, change: Pixels) -> tuple[Pixels, Pixels]:
        """How much of the lines goes, and how much of the texture; shape (rows, columns)."""
        low, high = _RAMP
        blue, green, red = cv2.split(np.abs(change))
        extent = cv2.GaussianBlur(np.maximum(np.maximum(blue, green), red), (0, 0), _GATE_BLUR_PX)
        gate = np.clip((extent - low) * (1 / (high - low)), 0, 1)
        light, lighter = cv2.transform(before, _GREY), cv2.transform(change, _GREY)
        shade = np.clip(1 + lighter / np.maximum(light, _DARKEST), 0, 1)
        return gate, gate * (1 - _KEPT * shade)


def enlarged(
    small: Pixels,
    placement: NDArray[np.float64],
    size: tuple[int, int],
    interpolation: int = cv2.INTER_CUBIC,
    into: Pixels | None = None,
) -> Pixels:
    """A small picture in the pixels of a patch.

    Args:
        small: Shape (rows, columns) or (rows, columns, channels).
        placement: Affine map from its pixels to those of the patch, shape (2, 3).
        size: (width, height) of the patch.
        interpolation: Of OpenCV.
        into: Array for the result, of its shape; None for a new one.
    """
    large = cv2.warpAffine(
        small, placement, size, into, flags=interpolation, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(large, dtype=np.float32)


def sharpened(small: Pixels, share: float) -> Pixels:
    """A small picture with ``share`` of its finest structure added once more."""
    blurred = cv2.GaussianBlur(small, (0, 0), _SHARPEN_BLUR_PX)
    return np.asarray(cv2.addWeighted(small, 1 + share, blurred, -share, 0), dtype=np.float32)


def detail_of(
    skin: NDArray[np.uint8], before: Pixels, placement: NDArray[np.float64], mask: Pixels
) -> Detail:
    """Measure how fine one frame of a loop is.

    Args:
        skin: Its pixels, BGR, shape (height, width, 3).
        before: The same as the model gets it, shape (rows, columns, 3), 0..255.
        placement: As for ``Paster.paste``.
        mask: Where to look, shape (height, width).
    """
    size = (skin.shape[1], skin.shape[0])
    where = mask > 0
    plain = enlarged(before, placement, size)
    finest = (enlarged(sharpened(before, 1.0), placement, size) - plain)[where]
    lost = (skin - plain)[where]
    # The share that brings the enlarged picture closest to the loop's own: least squares.
    share = float((lost * finest).sum() / max(float((finest * finest).sum()), 1e-6))
    share = float(np.clip(share, 0, _MOST_SHARPENING))
    plain = enlarged(sharpened(before, share), placement, size)
    return Detail(share, float(np.median(_activity(plain, skin - plain)[where])))


def grain_of(
    skin: NDArray[np.uint8], before: Pixels, placement: NDArray[np.float64], detail: Detail
) -> Grain:
    """Part a frame's finest structure into lines and texture.

    Args:
        skin: The loop's pixels, BGR, shape (height, width, 3).
        before: The same as the model gets it, shape (rows, columns, 3), 0..255.
        placement: As for ``Paster.paste``.
        detail: Of the loop.
    """
    size = (skin.shape[1], skin.shape[0])
    plain = enlarged(sharpened(before, detail.sharpening), placement, size)
    grain = skin - plain
    low, high = (times * max(detail.activity, 0.5) for times in _LINES)
    line = smooth_step((_activity(plain, grain) - low) / (high - low))[..., None]
    grain = np.clip(np.rint(grain), -127, 127)
    lines = np.rint(line * grain)
    return Grain(lines.astype(np.int8), (grain - lines).astype(np.int8))


def _activity(plain: Pixels, grain: Pixels) -> Pixels:
    """How much happens round each pixel, coarse (where a line is, there is an edge) and fine."""
    grey = cv2.transform(plain, _GREY)
    across, down = cv2.Sobel(grey, -1, 1, 0, scale=1 / 8), cv2.Sobel(grey, -1, 0, 1, scale=1 / 8)
    busy = cv2.magnitude(across, down) + np.abs(grain).max(axis=2)
    blur_px = max(1.5, _LINE_BLUR * grain.shape[1])
    wide = cv2.dilate(busy, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3)))
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), blur_px), dtype=np.float32)
