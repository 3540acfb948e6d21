"""How a person is placed in the kiosk's picture: size of the face, its place, what is left over."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.making.picture import Picture
from kiosk.making.sitter import Sitter

SIZES = ((1280, 720), (960, 720), (720, 960), (720, 1280))
"""Pictures that the kiosk shows well, the best first: width, height in pixels."""

# Shares of the picture's height.
_FACE = 0.42
_LARGEST_FACE = 0.60
_SMALLEST_FACE = 0.30
_CENTRE_Y = (0.43, 0.37, 0.52)  # of the face's middle: best, and how far it may go
_CENTRE_X = (0.50, 0.34, 0.66)  # of the picture's width
_TOO_MUCH_ENLARGED = 2.0
SOFT_ENLARGEMENT = 2.2
"""Above this, a curator is told that the picture is coarse."""


@dataclass(frozen=True, slots=True, eq=False)
class Framing:
    """How a source picture becomes the kiosk's.

    Attributes:
        width: Of the kiosk's picture, pixels, even.
        height: Pixels, even.
        scale: Kiosk pixels for each pixel of the source.
        left: Where the source's left edge comes to lie, kiosk pixels (negative: cut off).
        top: The same for its upper edge.
        bare: Share of the kiosk's picture that the source does not cover.
    """

    width: int
    height: int
    scale: float
    left: float
    top: float
    bare: float

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Source coordinates to the kiosk's, shape (2, 3)."""
        return np.array([[self.scale, 0.0, self.left], [0.0, self.scale, self.top]])


def frame_sitter(
    sitter: Sitter, source: tuple[int, int], size: tuple[int, int] | None, keep_off: float = 0.0
) -> Framing:
    """Place a person: the face not too small, in the upper half, and no empty borders if possible.

    Args:
        sitter: In the source's pixels.
        source: Width and height of the source, pixels.
        size: Width and height of the kiosk's picture; None for the first of ``SIZES`` that the
            source fills.
        keep_off: Pixels at the source's edges that must not be seen.
    """
    if size is not None:
        return _fit(sitter, source, size, keep_off)
    framings = [_fit(sitter, source, wanted, keep_off) for wanted in SIZES]
    covered = [framing for framing in framings if framing.bare < 0.002]
    return covered[0] if covered else min(framings, key=lambda framing: framing.bare)


def _fit(
    sitter: Sitter, source: tuple[int, int], size: tuple[int, int], keep_off: float
) -> Framing:
    width, height = size
    usable = np.array(source) - 2 * keep_off
    face = float(sitter.box[3])
    centre = sitter.box[:2] + sitter.box[2:] / 2 - keep_off
    wanted = _FACE * height / face
    if wanted > _TOO_MUCH_ENLARGED:  # a smaller face rather than a blurred one
        wanted = max(_TOO_MUCH_ENLARGED, _SMALLEST_FACE * height / face)
    cover = _covering_scale(centre, usable, size)
    scale = min(max(wanted, cover), _LARGEST_FACE * height / face)
    left, covered_x = _place(centre[0] * scale, usable[0] * scale, width, _CENTRE_X)
    top, covered_y = _place(centre[1] * scale, usable[1] * scale, height, _CENTRE_Y)
    return Framing(
        width, height, scale, left - keep_off * scale, top - keep_off * scale,
        bare=1 - covered_x * covered_y,
    )  # fmt: skip


def _covering_scale(
    centre: NDArray[np.float64], usable: NDArray[np.float64], size: tuple[int, int]
) -> float:
    """The least scale at which the source fills the picture with the face in its allowed place."""
    needed = []
    for at, length, out, (_, least, most) in zip(
        centre, usable, size, (_CENTRE_X, _CENTRE_Y), strict=True
    ):
        before, after = max(at, 1e-6), max(length - at, 1e-6)
        # Covered if the source reaches from the face's place to both edges, at one allowed place.
        needed.append(max(least * out / before, (1 - most) * out / after, out / length))
    return float(max(needed))


def _place(
    centre: float, length: float, out: int, allowed: tuple[float, float, float]
) -> tuple[float, float]:
    """Offset of the source along one axis, and the share of the picture that it covers."""
    best, least, most = allowed
    offset = best * out - centre
    if length >= out:
        offset = float(np.clip(offset, out - length, 0.0))
    offset = float(np.clip(offset, least * out - centre, most * out - centre))
    covered = min(out, offset + length) - max(0.0, offset)
    return offset, float(np.clip(covered / out, 0.0, 1.0))


def render(picture: Picture, framing: Framing) -> Picture:
    """The source in the kiosk's picture; what it does not cover continues it, out of focus."""
    scale = framing.scale
    reduced = picture
    matrix = framing.matrix
    if scale < 1:  # a plain area average first: resampling alone would alias
        size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        reduced = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix @ np.diag([picture.shape[1] / size[0], picture.shape[0] / size[1], 1.0])
    whole = cv2.warpAffine(
        reduced,
        matrix,
        (framing.width, framing.height),
        flags=cv2.INTER_LANCZOS4 if scale > 1 else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    if framing.bare < 0.002:
        return np.asarray(whole, dtype=np.uint8)
    return _soft_outside(np.asarray(whole, np.uint8), reduced.shape[:2], matrix)


def _soft_outside(whole: Picture, source: tuple[int, ...], matrix: NDArray[np.float64]) -> Picture:
    """Blur the mirrored continuation the more, the farther it is from the picture's edge."""
    height, width = whole.shape[:2]
    inside = cv2.warpAffine(np.full(source[:2], 255, np.uint8), matrix, (width, height))
    inside = np.asarray(inside > 254, np.uint8)
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    soft = cv2.GaussianBlur(whole, (0, 0), 0.05 * height)
    share = np.clip(away / (0.06 * height), 0, 1)[..., None]
    share = share * share * (3 - 2 * share)
    return np.asarray(np.rint(whole * (1 - share) + soft * share), np.uint8)
