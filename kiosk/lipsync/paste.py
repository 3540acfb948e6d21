"""Lay a model's small face over the loop's own pixels, without a box, a blur or a ghost.

Per pixel of the patch::

    loop + mask * (up(change) - gate * (loop - up(down(loop))))

where ``change`` is what the model altered in its small picture. Where it altered nothing the loop's
pixels stay as they are; where it did, ``gate`` goes to 1 and takes the loop's fine grain away, so
that the resting lip line does not shine through an open mouth. ``mask`` fades to 0 at the
borders of the patch.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_RAMP = (3.0, 12.0)  # change, of 255, at which the gate begins to open and is open
_BLUR_PX = 1.2  # of the change, in pixels of the small picture
_FEATHER = 0.06  # share of the patch's width over which the mask rises


class Paster:
    """Pastes for one size of patch.

    Args:
        width: Width of the patch, pixels.
        height: Height of the patch, pixels; it is the lower half of a box twice as high.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._mask = np.repeat(border_mask(width, height)[..., None], 3, axis=2)

    def paste(
        self, skin: NDArray[np.uint8], before: NDArray[np.float32], change: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        """Make a patch.

        Args:
            skin: The loop's pixels, BGR, shape (height, width, 3).
            before: Lower half of the small face, BGR, 0..255, shape (S / 2, S, 3).
            change: What the model adds to it, same shape.

        Returns:
            BGR, uint8, shape (height, width, 3); the outermost pixels are those of ``skin``.
        """
        low, high = _RAMP
        blue, green, red = cv2.split(np.abs(change))
        extent = cv2.GaussianBlur(np.maximum(np.maximum(blue, green), red), (0, 0), _BLUR_PX)
        gate = np.clip((self._up(extent) - low) * (1 / (high - low)), 0, 1)
        grain = skin - self._up(before)
        altered = self._up(change) - cv2.merge([gate, gate, gate]) * grain
        # Rounds to the nearest; where the mask is 0 the loop's pixels stay exactly as they are.
        patch: NDArray[np.uint8] = cv2.add(skin, self._mask * altered, dtype=cv2.CV_8U)
        return patch

    def _up(self, small: NDArray[np.float32]) -> NDArray[np.float32]:
        large: NDArray[np.float32] = cv2.resize(small, self._size, interpolation=cv2.INTER_CUBIC)
        return large


def border_mask(width: int, height: int) -> NDArray[np.float32]:
    """1 inside, smoothly to exactly 0 at all four borders; float32, shape (height, width)."""
    feather = max(2.0, _FEATHER * width)

    def edge(length: int) -> NDArray[np.float64]:
        position = np.arange(length)
        ramp = np.clip(np.minimum(position, length - 1 - position) / feather, 0, 1)
        return ramp * ramp * (3 - 2 * ramp)

    return np.outer(edge(height), edge(width)).astype(np.float32)
