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

from kiosk.lipsync.mel import COLUMNS_PER_S, SILENCE, WINDOW_COLUMNS
from kiosk.lipsync.paste import border_mask
from kiosk.lipsync.prepare import PreparedLoop

WARP_LEAD_MS = 75
"""The opening is taken from the middle of a span that begins this long before the frame."""

# Bands of about 250 to 3,000 Hz: vowels open the mouth, hissing sounds do not.
_VOICE_BANDS = slice(6, 56)
_CLOSED_LEVEL, _OPEN_LEVEL = -1.6, 1.6  # contract's scale, mean over those bands

# Shares of the mouth's half width.
_WIDEST_GAP = 0.52
_LOWER_SHARE = 0.8  # of the gap comes from the jaw, the rest from the upper lip
_LIP_HEIGHT = 0.42
_CHIN = 1.5  # below the lip line; from there the movement fades to the border of the patch

_DARK_BGR = np.array([22, 16, 38], dtype=np.float32)


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
    """Find the mouth in the lower half of a face: the red patch near its middle.

    Args:
        skin: BGR, shape (height, width, 3).
    """
    height, width, _ = skin.shape
    lab = cv2.cvtColor(skin, cv2.COLOR_BGR2LAB).astype(np.float32)
    blur = width * 0.02
    redness = cv2.GaussianBlur(lab[..., 1] - np.median(lab[..., 1]), (0, 0), blur)
    columns, rows = np.arange(width) / width, np.arange(height) / height
    # Noses and chin straps are red, too; a mouth is in the middle and not at the border.
    likely = np.outer(
        np.exp(-0.5 * ((rows - 0.42) / 0.16) ** 2), np.exp(-0.5 * ((columns - 0.5) / 0.1) ** 2)
    )
    score = np.maximum(redness, 0) * likely
    y, x = (int(at) for at in np.unravel_index(int(score.argmax()), score.shape))
    half_width = float(np.clip(_spread(redness, x, y), 0.12 * width, 0.2 * width))
    return MouthPlace(float(x), half_width, _lip_line(lab[..., 0], x, y, half_width))


def _spread(redness: NDArray[np.float32], x: int, y: int) -> float:
    """Half the length of the red strip through (x, y)."""
    strip = redness[max(0, y - 2) : y + 3].max(axis=0) > 0.4 * redness[y, x]
    left, right = x, x
    while left > 0 and strip[left - 1]:
        left -= 1
    while right < len(strip) - 1 and strip[right + 1]:
        right += 1
    return (right - left) / 2


def _lip_line(
    lightness: NDArray[np.float32], x: int, y: int, half_width: float
) -> NDArray[np.float32]:
    """A parabola through the darkest pixels near the middle of the mouth."""
    height, width = lightness.shape
    reach = max(2, int(0.35 * half_width))
    top, bottom = max(0, y - reach), min(height, y + reach + 1)
    left, right = max(0, int(x - 0.8 * half_width)), min(width, int(x + 0.8 * half_width) + 1)
    smooth = cv2.GaussianBlur(lightness, (0, 0), 1.5)[top:bottom, left:right]
    darkness = smooth.max(axis=0) - smooth
    weights = darkness**4 / np.maximum((darkness**4).sum(axis=0), 1e-6)
    rows = (weights * np.arange(top, bottom)[:, None]).sum(axis=0)
    curve = np.polynomial.Polynomial.fit(np.arange(left, right), rows, 2)
    # Beyond the corners a parabola runs away.
    columns = np.clip(np.arange(width), x - half_width, x + half_width)
    return np.asarray(curve(columns), dtype=np.float32)


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
    share = np.clip((level - _CLOSED_LEVEL) / (_OPEN_LEVEL - _CLOSED_LEVEL), 0, 1)
    assert SILENCE < _CLOSED_LEVEL
    return (share * share * (3 - 2 * share)).astype(np.float32)


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
        line = self.place.line
        source = np.where(
            moves_down, np.maximum(source, line), np.minimum(source, line)
        )  # the gap shows the edge of a lip, under the paint
        moved = cv2.remap(skin, self._columns, source.astype(np.float32), cv2.INTER_CUBIC)
        inside = np.minimum(lower - self._below_px, self._below_px + upper)
        paint = _smooth_step((inside + 0.5) / 2.5) * np.clip(self._gap * opening / 2, 0, 1)
        alpha = (0.92 * paint)[..., None].astype(np.float32)
        mixed = moved.astype(np.float32) * (1 - alpha) + _DARK_BGR * alpha
        patch: NDArray[np.uint8] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
        return patch


def _smooth_step(value: NDArray[np.float32]) -> NDArray[np.float32]:
    clipped = np.clip(value, 0, 1)
    return clipped * clipped * (3 - 2 * clipped)
