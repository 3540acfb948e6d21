"""Pictures of the window as a visitor sees it, for films, screenshots and tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import QWidget

from ui.portrait import Portrait
from ui.window import KioskWindow

_WITHOUT_SCREEN = frozenset({"offscreen", "minimal"})


def grab_window(window: KioskWindow) -> NDArray[np.uint8]:
    """The window with the video in it.

    On a real display the pixels of the screen are read, so it must be in front. Qt's offscreen
    platform has no screen and its video widget paints nothing there; then the widgets are rendered
    and the current video frame is drawn into its place, cropped as the video widget would.

    Returns:
        uint8, shape (height, width, 3), BGR.
    """
    if QGuiApplication.platformName() in _WITHOUT_SCREEN:
        image = _rendered(window)
    else:
        place = window.mapToGlobal(QPoint(0, 0))
        image = (
            window.screen()
            .grabWindow(0, place.x(), place.y(), window.width(), window.height())
            .toImage()
        )
    return _to_bgr(image)


def _rendered(window: QWidget) -> QImage:
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    portrait = window.findChild(Portrait, "portrait")
    if isinstance(portrait, Portrait) and portrait.isVisible():
        frame = portrait.current_frame()
        if frame.isValid():
            rect = portrait.video_rect().translated(portrait.pos())
            picture = frame.toImage()
            painter = QPainter(image)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(rect), picture, _shown_part(picture, rect))
            painter.end()
    return image


def _shown_part(picture: QImage, place: QRect) -> QRectF:
    """The middle of the picture in the shape of its place (keep aspect ratio by expanding)."""
    aspect = place.width() / max(1, place.height())
    width = min(float(picture.width()), picture.height() * aspect)
    height = min(float(picture.height()), picture.width() / aspect)
    return QRectF((picture.width() - width) / 2, (picture.height() - height) / 2, width, height)


def _to_bgr(image: QImage) -> NDArray[np.uint8]:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8)
    rows = pixels.reshape(image.height(), image.bytesPerLine() // 4, 4)
    return rows[:, : image.width(), :3].copy()
