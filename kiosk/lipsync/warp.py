"""A mouth without a lips model: the loop's own pixels, opened in step with the voice.

The jaw's pixels slide down along a smooth field, the upper lip's a little up, and the gap between
the lips is painted dark. It says "speaking", not which sound; but the portrait always speaks.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.mask import smooth_step
from kiosk.lipsync.mel import COLUMNS_PER_S, WINDOW_COLUMNS
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
    return smooth_step(np.asarray(share, dtype=np.float32))


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
        self.place = loop.mouth
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
        to_jaw = smooth_step(below / 1.2)
        end = (height - 1 - place.line) / half_width
        fade = 1 - smooth_step((below - _CHIN * 0.5) / np.maximum(end - _CHIN * 0.5, 0.1))
        self._down = ((1 - to_jaw) * self._gap + to_jaw * jaw) * fade * _LOWER_SHARE
        self._up = self._gap * (1 - _LOWER_SHARE) * (1 - smooth_step(-below / (2 * _LIP_HEIGHT)))
        self._down *= self.loop.mask
        self._up *= self.loop.mask
        self._rows, self._columns = rows, columns

        # The part of the patch that the widest gap can reach.
        reach = half_width * _WIDEST_GAP
        top, bottom = float(place.line.min()) - reach, float(place.line.max()) + reach
        self._hole = (
            slice(max(0, int(top)), min(height, int(bottom) + 2)),
            slice(max(0, int(place.x - half_width)), min(width, int(place.x + half_width) + 2)),
        )
        self._teeth_across = 1 - smooth_step((np.abs(across[self._hole]) - 0.35) / 0.45)

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
        alpha = 0.92 * smooth_step((edge_px + 0.5) / 2.5) * np.clip(gap_px / 2, 0, 1)

        tongue = smooth_step((depth_px / np.maximum(gap_px, 1) - 0.55) / 0.6)
        teeth_px = 0.16 * self.place.half_width
        teeth = 1 - smooth_step((depth_px - 0.6 * teeth_px) / (0.5 * teeth_px))
        teeth = 0.75 * teeth * self._teeth_across * smooth_step(gap_px / (2 * teeth_px))
        for channel in range(3):
            colour = _THROAT_BGR[channel] + tongue * (_TONGUE_BGR[channel] - _THROAT_BGR[channel])
            colour += teeth * (_TEETH_BGR[channel] - colour)
            skin = patch[hole][..., channel]
            skin[:] = skin + alpha * (colour - skin) + 0.5
