"""One picture for Qt: a frame of a loop, a mouth over it, and what it takes over from."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

from kiosk.messages import MouthPatch
from ui.view import View, lay_over

Pixels = NDArray[np.uint8]
"""BGRX, shape (height, width, 4)."""


def to_video_frame(
    pixels: Pixels,
    patch: MouthPatch | None,
    view: View,
    before: Pixels | None = None,
    fresh: float = 1.0,
) -> QVideoFrame:
    """A Qt frame with the loop's pixels and the mouth laid over them.

    Args:
        pixels: Frame of the loop; not changed.
        patch: Mouth, or None.
        view: What ``pixels`` show.
        before: What was on screen when the loop was entered; None to show ``pixels`` alone.
        fresh: Share of ``pixels`` against ``before``, 0..1.
    """
    height, width = pixels.shape[:2]
    form = QVideoFrameFormat(QSize(width, height), QVideoFrameFormat.PixelFormat.Format_BGRX8888)
    frame = QVideoFrame(form)
    if not frame.map(QVideoFrame.MapMode.WriteOnly):
        return frame
    target = _rows(frame)
    np.copyto(target, pixels)
    if patch is not None:
        lay_over(target, patch, view)
    if before is not None and before.shape == target.shape:
        cv2.addWeighted(target, fresh, before, 1.0 - fresh, 0.0, dst=target)
    frame.unmap()
    return frame


def pixels_of(frame: QVideoFrame) -> Pixels | None:
    """A copy of a frame that ``to_video_frame`` made; None if it cannot be read."""
    if not frame.isValid() or not frame.map(QVideoFrame.MapMode.ReadOnly):
        return None
    pixels = _rows(frame).copy()
    frame.unmap()
    return pixels


def _rows(frame: QVideoFrame) -> Pixels:
    """View of a mapped frame's pixels."""
    rows = np.frombuffer(frame.bits(0), np.uint8)
    return rows.reshape(frame.height(), frame.bytesPerLine(0) // 4, 4)[:, : frame.width()]
