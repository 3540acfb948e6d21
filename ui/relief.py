"""A carved picture frame as heights, and the light on it. Pure numbers: no Qt.

The frame is a moulding, mitred at the corners, seen from straight ahead. From the outer edge to the
picture: a row of eggs and darts, a fillet, a wide hollow, a row of pearls, and the sloping sight
edge; a leaf covers each mitre. Light comes from the upper left, as in the portrait.

Lengths are shares of the moulding's width, so that the frame is the same on every screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
"""One number for each pixel, shape (height, width)."""

# The profile: (share from the outer edge, height); a smooth curve runs through these points.
_PROFILE = (
    (0.00, 0.00), (0.03, 0.34), (0.08, 0.47), (0.18, 0.56), (0.27, 0.50), (0.315, 0.40),
    (0.33, 0.47), (0.365, 0.48), (0.38, 0.41), (0.47, 0.285), (0.56, 0.30), (0.645, 0.43),
    (0.66, 0.49), (0.685, 0.49), (0.70, 0.40), (0.76, 0.38), (0.825, 0.40), (0.84, 0.46),
    (0.87, 0.45), (0.90, 0.33), (0.95, 0.17), (0.985, 0.10), (1.00, 0.02), (1.10, 0.00),
)  # fmt: skip
_EGGS_AT, _EGGS_HALF, _EGG_PITCH = 0.185, 0.115, 0.30
_PEARLS_AT, _PEARL_RADIUS, _PEARL_PITCH = 0.762, 0.050, 0.118
_LEAF_LENGTH, _LEAF_WIDTH = 1.16, 0.40

_TO_LIGHT = np.array([-0.50, -0.62, 0.60], np.float32) / np.float32(
    np.linalg.norm([0.5, 0.62, 0.6])
)
_FROM_BELOW = np.array([0.42, 0.62, 0.66], np.float32)
_SHADOW_STEPS = 5
_SHADOW_SLOPE = 0.55


@dataclass(frozen=True, slots=True)
class Moulding:
    """Attributes:
    left: Outer edge of the frame, pixels.
    top: The same.
    width: Outside of the frame, pixels.
    height: The same.
    breadth: From the outer edge to the picture, pixels.
    carved: With eggs, pearls and leaves.
    """

    left: int
    top: int
    width: int
    height: int
    breadth: int
    carved: bool = True


@dataclass(frozen=True, slots=True)
class Lit:
    """What the light makes of a part of a frame, one plane each.

    Attributes:
        share: Place in the profile: 0 at the outer edge, 1 at the picture; negative outside.
        along: Distance from the middle of the frame's side, in breadths; for grain and wear.
        diffuse: Light that falls on the surface, 0..1, cast shadows included.
        gloss: Mirrored light, 0..1.
        sky: How much of a bright room above is mirrored, 0..1.
        bounce: Light that comes back from below, 0..1.
        recess: How deep the place lies below what is round it, 0..1.
        ridge: How far it stands out, 0..1.
    """

    share: Plane
    along: Plane
    diffuse: Plane
    gloss: Plane
    sky: Plane
    bounce: Plane
    recess: Plane
    ridge: Plane


def lit(moulding: Moulding, left: int, top: int, width: int, height: int) -> Lit:
    """Light on a rectangle of the picture that the frame is in.

    Args:
        moulding: The frame.
        left: Of the rectangle, pixels.
        top: The same.
        width: The same.
        height: The same.
    """
    reach = max(8, moulding.breadth // 4)  # what lies round a pixel shades it
    rows, columns = np.mgrid[
        top - reach : top + height + reach, left - reach : left + width + reach
    ]
    x = columns.astype(np.float32) + 0.5 - moulding.left
    y = rows.astype(np.float32) + 0.5 - moulding.top
    share, along, depth = _places(moulding, x, y)
    heights = cv2.GaussianBlur(_heights(moulding, x, y, share, along, depth), (0, 0), 0.7)
    inner = np.s_[reach : reach + height, reach : reach + width]

    scale = np.float32(moulding.breadth)
    slope_y, slope_x = np.gradient(heights * scale)
    normal = np.stack([-slope_x, -slope_y, np.ones_like(slope_x)])
    normal /= np.linalg.norm(normal, axis=0)
    toward = np.tensordot(_TO_LIGHT, normal, 1)
    half = _TO_LIGHT + np.array([0, 0, 1], np.float32)
    mirrored = np.tensordot(half / np.linalg.norm(half), normal, 1)
    below = np.clip(np.tensordot(_FROM_BELOW, normal, 1), 0, 1)
    shadow = _cast(heights, scale)
    around = cv2.GaussianBlur(heights, (0, 0), 0.055 * moulding.breadth)
    recess = np.clip((around - heights) * 11.0, 0, 1)
    ridge = np.clip((heights - around) * 13.0, 0, 1)
    return Lit(
        share[inner],
        along[inner],
        (np.clip(toward, 0, 1) * shadow)[inner],
        (np.clip(mirrored, 0, 1) ** 26 * shadow)[inner],
        np.clip(0.5 - 0.62 * normal[1] - 0.28 * normal[0], 0, 1)[inner],
        (below * below)[inner],
        recess[inner],
        ridge[inner],
    )


def _places(moulding: Moulding, x: Plane, y: Plane) -> tuple[Plane, Plane, Plane]:
    """Share in the profile, distance along the side and half length of the side, in breadths."""
    breadth = np.float32(moulding.breadth)
    across = np.minimum(x, moulding.width - x)
    down = np.minimum(y, moulding.height - y)
    upright = across < down  # a pixel of the left or right side
    share = np.minimum(across, down) / breadth
    along = np.where(upright, y - moulding.height / 2, x - moulding.width / 2) / breadth
    half = np.where(upright, moulding.height / 2, moulding.width / 2) / breadth
    return _plane(share), _plane(along), _plane(half)


def _heights(
    moulding: Moulding, x: Plane, y: Plane, share: Plane, along: Plane, half: Plane
) -> Plane:
    heights = np.interp(share, *_profile()).astype(np.float32)
    if not moulding.carved:
        return heights
    heights = np.maximum(heights, _eggs(share, along, half, heights))
    heights = np.maximum(heights, _pearls(share, along, half))
    return _leaves(moulding, x, y, heights)


@cache
def _profile() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The moulding as turned by a plane: its points joined without a kink."""
    at, height = np.array(_PROFILE).T
    places = np.linspace(-0.1, 1.2, 1301)
    turned = np.interp(places, at, height)
    for _ in range(3):
        turned = np.convolve(np.pad(turned, 6, mode="edge"), np.full(13, 1 / 13), mode="valid")
    return places, turned


def _row(along: Plane, half: Plane, at: float, pitch: float) -> Plane:
    """Place within a repeat, -0.5..0.5, of a row that has one in the middle of each mitre."""
    length = 2 * (half - np.float32(at))
    repeats = np.maximum(1, np.round(length / np.float32(pitch)))
    turns = (along + length / 2) / length * repeats
    return (turns - np.round(turns)).astype(np.float32)


def _eggs(share: Plane, along: Plane, half: Plane, ground: Plane) -> Plane:
    """Eggs in their shells, and a dart between every two."""
    phase = 2 * _row(along, half, _EGGS_AT, _EGG_PITCH)
    across = (share - np.float32(_EGGS_AT)) / np.float32(_EGGS_HALF)
    inside = np.clip((1.02 - np.abs(across)) * 9, 0, 1)
    radius = np.sqrt((phase / 0.56) ** 2 + ((across + 0.12) / 0.86) ** 2)
    egg = 0.115 * np.sqrt(np.clip(1 - radius**2, 0, 1))
    shell = 0.075 * np.exp(-(((radius - 1.30) / 0.13) ** 2))
    dart = 0.085 * np.exp(-(((np.abs(phase) - 1) / (0.05 + 0.05 * np.clip(1 - across, 0, 2))) ** 2))
    groove = 0.06 * np.exp(-(((radius - 1.04) / 0.10) ** 2))
    carved = np.maximum(np.maximum(egg, shell), dart) - groove
    return _plane(ground + inside * np.clip(carved, 0, None))


def _pearls(share: Plane, along: Plane, half: Plane) -> Plane:
    phase = _row(along, half, _PEARLS_AT, _PEARL_PITCH) * np.float32(_PEARL_PITCH)
    radius = np.hypot(phase, share - np.float32(_PEARLS_AT)) / np.float32(_PEARL_RADIUS)
    return _plane(np.where(radius > 1, 0, 0.40 + 0.105 * np.sqrt(np.clip(1 - radius**2, 0, 1))))


def _leaves(moulding: Moulding, x: Plane, y: Plane, heights: Plane) -> Plane:
    """A leaf over each mitre, its tip toward the picture."""
    breadth = np.float32(moulding.breadth)
    near_x = np.minimum(x, moulding.width - x) / breadth
    near_y = np.minimum(y, moulding.height - y) / breadth
    out = (near_x + near_y) / np.float32(np.sqrt(2))  # along the mitre, from the corner
    side = np.abs(near_x - near_y) / np.float32(np.sqrt(2))
    t = np.clip(out / np.float32(_LEAF_LENGTH), 0, 1.2)
    swell = np.clip(np.sin(np.pi * np.clip(0.20 + 0.80 * t, 0, 1)), 0, 1) ** 0.7
    # Lobes bend toward the tip; each is a fold that rises between two veins.
    bay = 4.0 * (t - 0.62 * side / _LEAF_LENGTH) + 0.30
    lobe = np.abs(np.sin(np.pi * bay))
    edge = np.maximum(_LEAF_WIDTH * swell * (0.66 + 0.34 * lobe**0.6), 1e-3)
    from_rib = np.clip(side / edge, 0, 1)
    body = np.clip((1 - side / edge) * 7, 0, 1) * np.clip((1 - t) * 14, 0, 1)
    dome = 0.15 * np.sqrt(np.clip(1 - from_rib**2, 0, 1)) * (0.7 + 0.3 * np.sin(np.pi * t))
    folds = 0.075 * lobe * np.clip(side / 0.09, 0, 1) * (1 - 0.4 * from_rib)
    furrow = 0.07 * np.exp(-((side / 0.022) ** 2))
    leaf = 0.45 + dome + folds - furrow
    soft = (body * body * (3 - 2 * body)).astype(np.float32)
    return (heights * (1 - soft) + soft * leaf).astype(np.float32)


def _cast(heights: Plane, scale: np.float32) -> Plane:
    """1 in the light, less where something higher stands between."""
    hidden = np.zeros_like(heights)
    for step in range(1, _SHADOW_STEPS + 1):
        far = step * 0.035 * float(scale)
        move = np.array([[1, 0, 0.63 * far], [0, 1, 0.78 * far]], np.float32)
        size = (heights.shape[1], heights.shape[0])
        blocker = cv2.warpAffine(heights, move, size, borderMode=cv2.BORDER_REPLICATE)
        hidden = np.maximum(hidden, blocker - heights - step * 0.035 * _SHADOW_SLOPE)
    return _plane(1 - 0.72 * np.clip(cv2.GaussianBlur(hidden, (0, 0), 1.1) * 16, 0, 1))


def _plane(numbers: NDArray[Any]) -> Plane:
    return np.asarray(numbers, dtype=np.float32)
