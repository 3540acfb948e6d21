"""A mouth without a lips model: the loop's own pixels, opened in step with the voice.

The jaw's pixels slide down along a smooth field, the upper lip's a little up, and the gap between
the lips is painted dark. It says "speaking", not which sound; but the portrait always speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.mel import COLUMNS_PER_S, WINDOW_COLUMNS
from kiosk.lipsync.paste import border_mask
from kiosk.lipsync.prepare import PreparedLoop

WARP_LEAD_MS = 75
"""The opening is taken from the middle of a span that begins this long before the frame."""

# Bands of about 250 to 3,000 Hz: vowels open the mouth, hissing sounds do not.
_VOICE_BANDS = slice(6, 56)
_CLOSED_LEVEL, _OPEN_LEVEL = -2.2, 1.2  # contract's scale, mean over those bands

# Shares of the mouth's half width.
_WIDEST_GAP = 0.6
_LOWER_SHARE = 0.8  # of the gap comes from the jaw, the rest from the upper lip
_LIP_HEIGHT = 0.42
_CHIN = 1.5  # below the lip line; from there the movement fades to the border of the patch

_THROAT_BGR = np.array([20, 15, 34], dtype=np.float32)
_TONGUE_BGR = np.array([58, 52, 112], dtype=np.float32)
_TEETH_BGR = np.array([128, 146, 156], dtype=np.float32)


Pixels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class MouthPlace:
    """Where the mouth is in a patch, in pixels.

    Attributes:
        x: Centre.
        half_width: From the centre to a corner.
        line: Row of the line between the lips in each column of the patch, shape (width,).
    """

    x: float
    half_width: float
    line: NDArray[np.float32]


def find_mouth(skin: NDArray[np.uint8]) -> MouthPlace:
    """Find the mouth in the lower half of a face.

    Lips are redder than the skin round them, whatever the skin. Noses, cheeks and ribbons may be,
    too, but they are further from where mouths are.

    Args:
        skin: BGR, shape (height, width, 3).
    """
    height, width, _ = skin.shape
    lab = cv2.cvtColor(skin, cv2.COLOR_BGR2LAB).astype(np.float32)
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
    return MouthPlace(centre, half_width, line)


def _stands_out(plane: NDArray[np.float32], *, wide: float, high: float) -> NDArray[np.float32]:
    """How much brighter a flat spot is than its surroundings, never negative."""
    spot = cv2.GaussianBlur(plane, (0, 0), wide, sigmaY=high)
    surroundings = cv2.GaussianBlur(plane, (0, 0), 3 * wide)
    return np.asarray(np.maximum(spot - surroundings, 0), dtype=np.float32)


def _lip_line(
    lightness: Pixels, red: Pixels, across: tuple[float, float], rows: tuple[int, int]
) -> NDArray[np.float32]:
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


def opening_of(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far the voice opens the mouth, 0..1.

    Args:
        windows: Mel windows, shape (n, 80, 16).

    Returns:
        Shape (n,).
    """
    centre = WARP_LEAD_MS * COLUMNS_PER_S / 1000
    weights = np.exp(-0.5 * ((np.arange(WINDOW_COLUMNS) - centre) / 2.0) ** 2)
    level = windows[:, _VOICE_BANDS].mean(axis=1) @ (weights / weights.sum())
    share = (level - _CLOSED_LEVEL) / (_OPEN_LEVEL - _CLOSED_LEVEL)
    return _smooth_step(np.asarray(share, dtype=np.float32))


class WarpMouth:
    """A mouth opened by moving pixels.

    All that depends on the place of the mouth only is computed once: a frame is one remapping and
    one mixture of colours.
    """

    FACE_SIZE = 16  # no model wants a face; the smallest that may be prepared

    def __init__(self, loop: PreparedLoop) -> None:
        self.name = "warp"
        self.provider = "cpu"
        self.batch = 1
        self.loop = loop
        some = loop.skin[:: max(1, loop.frame_count // 8)]
        self.place = find_mouth(np.median(some, axis=0).astype(np.uint8))
        self._build_fields()

    def _build_fields(self) -> None:
        _, height, width, _ = self.loop.skin.shape
        place, half_width = self.place, self.place.half_width
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
        across = (columns - place.x) / half_width
        below = (rows - place.line) / half_width  # of the lip line, in half widths
        self._gap = np.maximum(0, 1 - across**2) * (half_width * _WIDEST_GAP)
        self._below_px = rows - place.line

        # At the lip line only what lies between the corners moves; further down the whole jaw.
        jaw = np.exp(-0.5 * (across / 1.1) ** 2) * (half_width * _WIDEST_GAP * 0.8)
        to_jaw = _smooth_step(below / 1.2)
        end = (height - 1 - place.line) / half_width
        fade = 1 - _smooth_step((below - _CHIN * 0.5) / np.maximum(end - _CHIN * 0.5, 0.1))
        self._down = ((1 - to_jaw) * self._gap + to_jaw * jaw) * fade * _LOWER_SHARE
        self._up = self._gap * (1 - _LOWER_SHARE) * (1 - _smooth_step(-below / (2 * _LIP_HEIGHT)))
        mask = border_mask(width, height)
        self._down *= mask
        self._up *= mask
        self._rows, self._columns = rows, columns

        # The part of the patch that the widest gap can reach.
        reach = half_width * _WIDEST_GAP
        top, bottom = float(place.line.min()) - reach, float(place.line.max()) + reach
        self._hole = (
            slice(max(0, int(top)), min(height, int(bottom) + 2)),
            slice(max(0, int(place.x - half_width)), min(width, int(place.x + half_width) + 2)),
        )
        self._teeth_across = 1 - _smooth_step((np.abs(across[self._hole]) - 0.35) / 0.45)

    def draw(
        self,
        windows: NDArray[np.float32],
        strengths: NDArray[np.float32],
        loop_indices: Sequence[int],
    ) -> list[NDArray[np.uint8]]:
        openings = opening_of(windows) * strengths
        return [
            self.opened(np.asarray(self.loop.skin[index]), float(opening))
            for opening, index in zip(openings, loop_indices, strict=True)
        ]

    def opened(self, skin: NDArray[np.uint8], opening: float) -> NDArray[np.uint8]:
        """One patch with the mouth opened by ``opening``, 0..1."""
        if opening <= 0:
            return skin.copy()
        lower = opening * _LOWER_SHARE * self._gap
        upper = opening * (1 - _LOWER_SHARE) * self._gap
        # Pixels below the middle of the gap come from above where they are now, and vice versa.
        moves_down = self._below_px > (lower - upper) / 2
        source = self._rows + opening * np.where(moves_down, -self._down, self._up)
        # Nothing comes from beyond the lip line: under the paint, the gap shows the edge of a lip.
        line = self.place.line
        source = np.where(moves_down, np.maximum(source, line), np.minimum(source, line))
        moved: NDArray[np.uint8] = cv2.remap(
            skin, self._columns, source.astype(np.float32), cv2.INTER_CUBIC
        )
        self._paint(moved, opening)
        return moved

    def _paint(self, patch: NDArray[np.uint8], opening: float) -> None:
        """Fill the gap: upper teeth in shade, the dark, a little tongue."""
        hole = self._hole
        gap_px = opening * self._gap[hole]
        depth_px = self._below_px[hole] + (1 - _LOWER_SHARE) * gap_px
        edge_px = np.minimum(depth_px, gap_px - depth_px)
        alpha = 0.92 * _smooth_step((edge_px + 0.5) / 2.5) * np.clip(gap_px / 2, 0, 1)

        tongue = _smooth_step((depth_px / np.maximum(gap_px, 1) - 0.55) / 0.6)
        teeth_px = 0.16 * self.place.half_width
        teeth = 1 - _smooth_step((depth_px - 0.6 * teeth_px) / (0.5 * teeth_px))
        teeth = 0.75 * teeth * self._teeth_across * _smooth_step(gap_px / (2 * teeth_px))
        for channel in range(3):
            colour = _THROAT_BGR[channel] + tongue * (_TONGUE_BGR[channel] - _THROAT_BGR[channel])
            colour += teeth * (_TEETH_BGR[channel] - colour)
            skin = patch[hole][..., channel]
            skin[:] = skin + alpha * (colour - skin) + 0.5


def _smooth_step(value: Pixels) -> Pixels:
    clipped: Pixels = np.clip(value, 0, 1)
    return clipped * clipped * (3 - 2 * clipped)
