"""The breathing portrait: Qt's video widget, fed one frame at a time at the clock's pace."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat
from PySide6.QtMultimediaWidgets import QVideoWidget
from PySide6.QtWidgets import QWidget

from kiosk.errors import MediaError
from kiosk.messages import MouthPatch
from ui.display import scales_roughly
from ui.frames import Crop, LoopFrames, lay_over
from ui.loopclock import LoopClock, Shown
from ui.theme import Theme, mix

_ASPECT_TOLERANCE = 0.02
_SEAM_FRAMES = 3  # a patch may lie over a loop frame this near to its own (slewing, late decoder)


def to_video_frame(
    pixels: NDArray[np.uint8], patch: MouthPatch | None, crop: Crop, size: QSize
) -> QVideoFrame:
    """A Qt frame with the loop's pixels and the mouth laid over them.

    Args:
        pixels: uint8, shape (height, width, 4), BGRA; not changed.
        patch: Mouth, or None.
        crop: The part of the loop that ``pixels`` show.
        size: Size of the frame; smoothly scaled if it is not that of ``pixels``.
    """
    width, height = size.width(), size.height()
    frame = QVideoFrame(QVideoFrameFormat(size, QVideoFrameFormat.PixelFormat.Format_BGRX8888))
    if not frame.map(QVideoFrame.MapMode.WriteOnly):
        return frame
    rows = np.frombuffer(frame.bits(0), np.uint8).reshape(height, frame.bytesPerLine(0) // 4, 4)
    target = rows[:, :width]
    if target.shape == pixels.shape:
        np.copyto(target, pixels)
        if patch is not None:
            lay_over(target, patch, crop)
    else:
        if patch is not None:
            pixels = pixels.copy()
            lay_over(pixels, patch, crop)
        target[:] = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC)
    frame.unmap()
    return frame


class Portrait(QWidget):
    """The picture, with its frame and its clock.

    Attributes:
        clock: Decides which frame is shown; None while there is no loop.
        error: Why there is no loop; empty if there is one.
        seen_at_s: Monotonic time at which the first frame was on screen; None before.

    Signals:
        shown(Shown): The picture of a moment has been chosen.
        handed_over: A video frame has been given to Qt; not while the decoder is behind.
        seen: The first frame has been on screen.
    """

    shown = Signal(object)
    handed_over = Signal()
    seen = Signal()

    def __init__(
        self, theme: Theme, loop: Path, focus: tuple[float, float], name: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("portrait")
        self.clock: LoopClock | None = None
        self.error = ""
        self.seen_at_s: float | None = None
        self._has_picture = False
        self._theme = theme
        self._loop = loop
        self._focus = focus
        self._name = name
        self._frames: LoopFrames | None = None
        self._aspect = 0.0
        self._home = QSize()
        self._enlarge = scales_roughly(QGuiApplication.platformName())
        self._video = QVideoWidget(self)
        self._video.setObjectName("video")
        # The crop has the right shape; while the keyboard narrows the place, more is cut off.
        self._video.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        self._video.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    # --- life ----------------------------------------------------------------------------------

    def open(self, home: QSize) -> None:
        """Start the loop, cropped to the usual size; a broken file leaves a calm panel."""
        edge = 2 * self._frame_px()
        self._home = home - QSize(edge, edge)
        aspect = self._home.width() / max(1, self._home.height())
        if self._frames is not None and abs(aspect - self._aspect) < _ASPECT_TOLERANCE:
            return
        self.close_loop()
        try:
            self._frames = LoopFrames(self._loop, aspect, self._focus)
        except MediaError as error:
            self.error = str(error)
            self._video.hide()
            self.update()
            return
        self._aspect = aspect
        self._video.show()
        if self.clock is None:
            self.clock = LoopClock(self._frames.info.frame_count, time.monotonic())
        self._tick()

    def close_loop(self) -> None:
        """Stop decoding and the frame timer."""
        self._timer.stop()
        if self._frames is not None:
            self._frames.close()
            self._frames = None

    # --- drawing -------------------------------------------------------------------------------

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        self._video.setGeometry(self._place())
        self.update()

    def current_frame(self) -> QVideoFrame:
        """The frame on screen, for films and tests."""
        return self._video.videoSink().videoFrame()

    def loop_frames(self) -> int:
        """Length of the loop; 0 if there is none."""
        return 0 if self._frames is None else self._frames.info.frame_count

    def video_rect(self) -> QRect:
        """Where the video is, in the portrait's own coordinates."""
        return self._video.geometry()

    def _frame_px(self) -> int:
        return self._theme.px(34) if self._theme.keys.frame == "gilt" else 0

    def _place(self) -> QRect:
        edge = self._frame_px()
        return self.rect().adjusted(edge, edge, -edge, -edge)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._video.setGeometry(self._place())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._theme.background)
        if self._theme.keys.frame == "gilt":
            self._paint_gilt(painter)
        if self._frames is None:
            self._paint_nameplate(painter)
        painter.end()

    def _paint_gilt(self, painter: QPainter) -> None:
        gold = self._theme.accent
        dark, light = mix(gold, QColor("#000000"), 0.55), mix(gold, QColor("#fff4d6"), 0.35)
        edge = self._frame_px()
        for inset, one, other in (
            (0, dark, light),
            (edge // 3, light, dark),
            (edge - 6, dark, gold),
        ):
            area = QRectF(self.rect().adjusted(inset, inset, -inset, -inset))
            shade = QLinearGradient(area.topLeft(), area.bottomRight())
            shade.setColorAt(0.0, other)
            shade.setColorAt(0.5, one)
            shade.setColorAt(1.0, other)
            painter.fillRect(area, shade)
        painter.fillRect(self._place(), self._theme.background)

    def _paint_nameplate(self, painter: QPainter) -> None:
        """Without a picture: the name in a quiet border, as on a plate beside a painting."""
        inset = self._theme.px(90)
        border = QRectF(self.rect().adjusted(inset, inset, -inset, -inset))
        painter.setPen(QPen(self._theme.hairline, 1.5))
        painter.drawRect(border)
        painter.drawRect(border.adjusted(10, 10, -10, -10))
        painter.setPen(self._theme.text)
        painter.setFont(self._theme.serif(64, weight=300))
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(border.adjusted(40, 40, -40, -40), flags, self._name)

    # --- pace ----------------------------------------------------------------------------------

    def _tick(self) -> None:
        clock, frames = self.clock, self._frames
        if clock is None or frames is None:
            return
        now_s = time.monotonic()
        if self._has_picture and self.seen_at_s is None:
            # Qt paints a frame when it comes round to it: surely before the next one is due.
            self.seen_at_s = now_s
            self.seen.emit()
        chosen = clock.tick(now_s)
        self._show(chosen, frames)
        self.shown.emit(chosen)
        wait_s = clock.next_tick_s(time.monotonic()) - time.monotonic()
        self._timer.start(max(1, round(1000.0 * wait_s)))

    def _show(self, chosen: Shown, frames: LoopFrames) -> None:
        taken = frames.take(chosen.loop_index)
        if taken is None:
            return
        index, pixels = taken
        count = frames.info.frame_count
        patch = chosen.patch
        if patch is not None:
            apart = (patch.loop_index - index) % count
            if min(apart, count - apart) > _SEAM_FRAMES:
                patch = None
        size = self._home if self._enlarge else QSize(pixels.shape[1], pixels.shape[0])
        self._video.videoSink().setVideoFrame(to_video_frame(pixels, patch, frames.crop, size))
        self._has_picture = True
        self.handed_over.emit()
