"""Which pixels of a face lips may change: the mouth, the chin and the lower cheeks, softly.

Wav2Lip draws the lower half of the face box anew, ears, collar and background included. Only an
egg round mouth and chin is taken from it; its edge runs through smooth skin wherever it can.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]

# Half axes of the egg. The jaw's outline moves with the mouth, out to below the ears.
_SIDEWARDS = 2.7  # of the mouth's half width
_UPWARDS = 1.1  # of the mouth's half width: to below the nostrils
_SQUARENESS = 2.4  # exponent; 2 is an ellipse
_SIDE_MARGIN = 0.03  # of the width, kept free of change at both sides
_FEATHER = 0.065  # of the width, over which the change sets in
_FINE = 4  # points to a pixel, each way
_TOP_MARGIN_PX = 2.5  # of a face of 96 pixels: what interpolation needs above the first drawn row
_BOTTOM_MARGIN_PX = 1.5

# Where mouths are in the lower half of a face box, and how wide: shares of width and height.
_ACROSS = (0.32, 0.68)
_DOWN = (0.15, 0.75)
_HALF_WIDTHS = (0.09, 0.21)


@dataclass(frozen=True, slots=True)
class MouthPlace:
    """Where the mouth is, in pixels of a patch.

    Attributes:
        x: Centre.
        half_width: From the centre to a corner.
        line: Row of the line between the lips in each column, shape (width,).
    """

    x: float
    half_width: float
    line: Pixels

    @property
    def y(self) -> float:
        """Row of the line between the lips in its middle."""
        return float(self.line[min(len(self.line) - 1, max(0, round(self.x)))])

    def within(self, x: int, y: int, width: int) -> MouthPlace:
        """The same mouth in a smaller patch that begins at (x, y) and is ``width`` wide."""
        return MouthPlace(self.x - x, self.half_width, self.line[x : x + width] - np.float32(y))


def find_mouth(lower: NDArray[np.uint8]) -> MouthPlace:
    """Find the mouth in the lower half of a face.

    Lips are redder than the skin round them, whatever the skin. Noses, cheeks and ribbons may be,
    too, but they are further from where mouths are.

    Args:
        lower: Lower half of a face box, BGR, shape (height, width, 3).
    """
    height, width, _ = lower.shape
    lab = cv2.cvtColor(lower, cv2.COLOR_BGR2LAB).astype(np.float32)
    red = _stands_out(lab[..., 1], wide=0.04 * width, high=0.015 * width)
    columns, rows = np.arange(width) / width, np.arange(height) / height
    likely = np.outer(
        np.exp(-0.5 * ((rows - 0.42) / 0.2) ** 2), np.exp(-0.5 * ((columns - 0.5) / 0.1) ** 2)
    )
    score: Pixels = red * likely.astype(np.float32)
    y, x = (int(at) for at in np.unravel_index(int(score.argmax()), score.shape))
    _, labels, boxes, _ = cv2.connectedComponentsWithStats((red > 0.3 * red[y, x]).astype(np.uint8))
    left, top, across, down, _ = (int(side) for side in boxes[labels[y, x]])
    # Lips are in the middle of their red patch, unless it runs into something else.
    runs_on = not 0.15 * width < across < 0.5 * width
    centre = float(x) if runs_on else left + across / 2
    half_width = 0.14 * width if runs_on else 0.45 * across
    if down > 0.3 * width:
        top, down = max(0, y - width // 12), width // 6
    bottom = min(height, top + down)
    line = _lip_line(lab[..., 0], red, (centre, half_width), (top, bottom))
    # Whatever was taken for lips: further aside or lower no mouth can be.
    centre = float(np.clip(centre, *(share * width for share in _ACROSS)))
    half_width = float(np.clip(half_width, *(share * width for share in _HALF_WIDTHS)))
    return MouthPlace(centre, half_width, np.clip(line, *(share * height for share in _DOWN)))


def _stands_out(plane: Pixels, *, wide: float, high: float) -> Pixels:
    """How much brighter a flat spot is than its surroundings, never negative."""
    spot = cv2.GaussianBlur(plane, (0, 0), wide, sigmaY=high)
    surroundings = cv2.GaussianBlur(plane, (0, 0), 3 * wide)
    return np.asarray(np.maximum(spot - surroundings, 0), dtype=np.float32)


def _lip_line(
    lightness: Pixels, red: Pixels, across: tuple[float, float], rows: tuple[int, int]
) -> Pixels:
    """A parabola through the thin dark line between the lips; a row for each column."""
    centre, half_width = across
    top, bottom = rows
    width = lightness.shape[1]
    first, last = max(0, int(centre - 0.85 * half_width)), int(centre + 0.85 * half_width)
    columns = np.arange(first, min(width, last + 1))
    # The shade under the lower lip is as dark, but wider and not red.
    wide = cv2.GaussianBlur(lightness, (0, 0), 0.02 * width, sigmaY=0.02 * width)
    narrow = cv2.GaussianBlur(lightness, (0, 0), 0.02 * width, sigmaY=0.004 * width)
    line = (np.maximum(wide - narrow, 0) * red)[top:bottom, columns] ** 2 + 1e-6
    row = (line * np.arange(top, bottom)[:, None]).sum(axis=0) / line.sum(axis=0)
    curve = np.polynomial.Polynomial.fit(columns, row, 2, w=np.sqrt(line.max(axis=0)))
    # Beyond the corners a parabola runs away.
    inside = np.clip(np.arange(width), centre - half_width, centre + half_width)
    return np.asarray(np.clip(curve(inside), top, bottom - 1), dtype=np.float32)


def mouth_mask(place: MouthPlace, height: int) -> Pixels:
    """How much of a change each pixel of the lower half of a face box takes over.

    Args:
        place: The mouth in that half.
        height: Rows of that half.

    Returns:
        0..1, exactly 0 along the borders, shape (height, width of the place's line).
    """
    width = len(place.line)
    side, feather = width / 96, max(4.0, _FEATHER * width)
    x, y = place.x, max(place.y, _TOP_MARGIN_PX * side + feather)
    room = width * (1 - _SIDE_MARGIN)
    sidewards = min(_SIDEWARDS * place.half_width, room - x, x - width * _SIDE_MARGIN)
    upwards = min(_UPWARDS * place.half_width, y - _TOP_MARGIN_PX * side)
    downwards = height - _BOTTOM_MARGIN_PX * side - y

    # Drawn finer than it is used, or the steps of its outline would show as streaks in the feather.
    rows, columns = (np.mgrid[0 : height * _FINE, 0 : width * _FINE] + 0.5) / _FINE - 0.5
    reach = np.abs((columns - x) / sidewards) ** _SQUARENESS
    reach += np.abs((rows - y) / np.where(rows < y, upwards, downwards)) ** _SQUARENESS
    inside = (reach < 1).astype(np.uint8)
    fine = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) / _FINE
    depth = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    share = np.clip(np.asarray(depth, dtype=np.float32) / feather, 0, 1)
    # Sets in more gently than smooth_step; rounding may carry it past 1.
    mask: Pixels = np.minimum(share**3 * (10 + share * (6 * share - 15)), 1)
    mask[0] = mask[-1] = 0
    mask[:, 0] = mask[:, -1] = 0
    return mask


def support(mask: Pixels) -> tuple[slice, slice]:
    """Rows and columns outside which a mask is 0, with a border of one unchanged pixel."""
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    return (
        slice(int(rows[0]) - 1, int(rows[-1]) + 2),
        slice(int(columns[0]) - 1, int(columns[-1]) + 2),
    )


def smooth_step(value: Pixels) -> Pixels:
    """0 below 0, 1 above 1, and without a corner between them."""
    clipped: Pixels = np.clip(value, 0, 1)
    return clipped * clipped * (3 - 2 * clipped)
