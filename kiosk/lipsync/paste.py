"""Lay a model's small face over the loop's own pixels, without a box, a blur or a ghost.

Per pixel of the patch::

    loop + mask * (up(change) - gate * (loop - up(down(loop))))

where ``change`` is what the model altered in its small picture. Where it altered nothing the loop's
pixels stay as they are; where it did, ``gate`` goes to 1 and takes the loop's fine grain away, so that
the resting lip line does not shine through an open mouth. ``mask`` fades to 0 at the borders of the
patch.
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
        self._mask = border_mask(width, height)[..., None]

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
        size = np.abs(change).max(axis=2)
        size = cv2.GaussianBlur(size, (0, 0), _BLUR_PX)
        # One resize of four channels is cheaper than two.
        enlarged = self._up(np.dstack([change, size]))
        low, high = _RAMP
        gate = np.clip((enlarged[..., 3:] - low) * (1 / (high - low)), 0, 1)
        loop = skin.astype(np.float32)
        grain = loop - self._up(before)
        loop += self._mask * (enlarged[..., :3] - gate * grain)
        # The half makes the conversion round; it also keeps untouched pixels exactly as they were.
        patch: NDArray[np.uint8] = np.clip(loop + 0.5, 0, 255).astype(np.uint8)
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
