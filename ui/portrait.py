"""The living portrait: Qt's video widget, fed one frame at a time at the clock's pace."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtMultimedia import QVideoFrame
from PySide6.QtMultimediaWidgets import QVideoWidget
from PySide6.QtWidgets import QWidget

from kiosk.errors import KioskError
from kiosk.messages import Shape
from kiosk.video.footage import Footage
from kiosk.video.loop import open_loop
from ui.display import scales_roughly
from ui.frames import LoopFrames
from ui.loopchooser import LoopChooser
from ui.loopclock import Loop, LoopClock, Shown
from ui.picture import Pixels, pixels_of, to_video_frame
from ui.pictureframe import PictureFrame
from ui.theme import Theme
from ui.view import View, crop_for

_ASPECT_TOLERANCE = 0.02
_SEAM_FRAMES = 3  # a patch may lie over a loop frame this near to its own (slewing, late decoder)


class Portrait(QWidget):
    """The picture, with its frame and its clock.

    Args:
        theme: Of the window.
        footage_of: The loops for a shape of screen; raises KioskError if there are none.
        name: Shown where there is no picture.
        parent: The window.

    Attributes:
        clock: Decides which frame of the idle loop is shown; None while there is no loop.
        shape: Of the screen that the loops are chosen for.
        error: Why there is no loop; empty if there is one.
        seen_at_s: Monotonic time at which the first frame was on screen; None before.

    Signals:
        shown(Shown): The picture of a moment has been chosen.
        handed_over: A video frame has been given to Qt; not while the decoder is behind.
        seen: The first frame has been on screen.
        reshaped(Shape): The loops for another shape of screen are shown from now on.
    """

    shown = Signal(object)
    handed_over = Signal()
    seen = Signal()
    reshaped = Signal(object)

    def __init__(
        self, theme: Theme, footage_of: Callable[[Shape], Footage], name: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("portrait")
        self.clock: LoopClock | None = None
        self.shape = Shape.WIDE
        self.error = ""
        self.seen_at_s: float | None = None
        self._has_picture = False
        self._theme = theme
        self._frame = PictureFrame(theme)
        self._footage_of = footage_of
        self._known: dict[Shape, Footage] = {}
        self._name = name
        self._footage: Footage | None = None
        self._chooser: LoopChooser | None = None
        self._wish = Loop.IDLE
        self._frames: dict[Loop, LoopFrames] = {}
        self._count = 0
        self._on_screen = Loop.IDLE
        self._before: Pixels | None = None  # what was on screen when the loop was entered
        self._aspect = 0.0
        self._view = View((0, 0, 2, 2), (2, 2))
        self._scales = scales_roughly(QGuiApplication.platformName())
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

    def open(self, place: QSize, shape: Shape) -> None:
        """Start the loops, cropped to their usual place; a broken file leaves a calm panel.

        Args:
            place: Usual size of this widget.
            shape: Of the screen.
        """
        home = self._frame.inside(QRect(QPoint(0, 0), place)).size()
        aspect = home.width() / max(1, home.height())
        is_new_shape = shape is not self.shape
        self.shape = shape
        try:
            footage = self._known.get(shape) or self._footage_of(shape)
            self._known[shape] = footage
            same = footage == self._footage and abs(aspect - self._aspect) < _ASPECT_TOLERANCE
            if not (self._frames and same):
                self._start(footage, home, aspect)
        except KioskError as error:
            self.close_loop()
            self.error = str(error)
            self._video.hide()
            self.update()
        if is_new_shape:
            self.reshaped.emit(shape)

    def _start(self, footage: Footage, home: QSize, aspect: float) -> None:
        info = open_loop(footage.idle)
        self.close_loop()
        crop = crop_for(info, aspect, *footage.focus)
        # Qt's raster path scales without smoothing, and at that for every frame.
        size = (home.width() & ~1, home.height() & ~1) if self._scales else crop[2:]
        self._view, self._aspect, self._count = View(crop, size), aspect, info.frame_count
        self._frames = {Loop.IDLE: LoopFrames(footage.idle, self._view, name=Loop.IDLE)}
        now_s = time.monotonic()
        if self.clock is None:
            self.clock = LoopClock(info.frame_count, now_s, footage.shape)
        elif footage != self._footage:
            self.clock.change_loop(info.frame_count, footage.shape, now_s)
        self._chooser = LoopChooser(self.clock)
        self._footage = footage
        self._on_screen, self._before, self.error = Loop.IDLE, None, ""
        self.wish(self._wish)
        self._video.show()
        if self.seen_at_s is not None:
            self._open_moods()
        self._tick()

    def _open_moods(self) -> None:
        """The other loops: their threads decode the first frames and wait."""
        assert self._footage is not None
        footage = self._footage
        for loop, path in (
            (Loop.LISTENING, footage.listening),
            (Loop.THINKING, footage.thinking),
        ):
            if path is not None:
                self._frames[loop] = LoopFrames(path, self._view, name=loop, keep_mib=0)

    def close_loop(self) -> None:
        """Stop decoding and the frame timer."""
        self._timer.stop()
        for frames in self._frames.values():
            frames.close()
        self._frames.clear()

    def wish(self, loop: Loop) -> None:
        """What she should do while she does not speak; the idle loop if there is no such one."""
        self._wish = loop
        if self._chooser is not None:
            self._chooser.wish(loop, time.monotonic())

    def faults(self) -> str:
        """What staff should know of the picture, a line each; empty if all is well."""
        unusable = self._footage.faults if self._footage is not None else ()
        return "\n".join(text for text in (self.error, *unusable) if text)

    # --- drawing -------------------------------------------------------------------------------

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        self._frame.restyle(theme)
        self._video.setGeometry(self._frame.inside(self.rect()))
        self.update()

    def prepare_frame(self, size: QSize) -> None:
        """Draw the picture frame for a size that this widget will come to have."""
        self._frame.prepare(size)

    def current_frame(self) -> QVideoFrame:
        """The frame on screen, for films and tests."""
        return self._video.videoSink().videoFrame()

    def loop_frames(self) -> int:
        """Length of the idle loop; 0 if there is none."""
        return self._count if self._frames else 0

    def video_rect(self) -> QRect:
        """Where the video is, in the portrait's own coordinates."""
        return self._video.geometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._video.setGeometry(self._frame.inside(self.rect()))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._theme.background)
        self._frame.paint(painter, self.rect())
        if not self._frames:
            self._paint_nameplate(painter)
        painter.end()

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
        clock, chooser = self.clock, self._chooser
        if clock is None or chooser is None or not self._frames:
            return
        now_s = time.monotonic()
        if self._has_picture and self.seen_at_s is None:
            # Qt paints a frame when it comes round to it: surely before the next one is due.
            self.seen_at_s = now_s
            self._open_moods()
            self.seen.emit()
        ready: dict[Loop, int] = {
            loop: count
            for loop, frames in self._frames.items()
            if loop is not Loop.IDLE and (count := frames.ready)
        }
        chosen = chooser.tick(now_s, ready)
        self._show(chosen)
        self.shown.emit(chosen)
        wait_s = clock.next_tick_s(time.monotonic()) - time.monotonic()
        self._timer.start(max(1, round(1000.0 * wait_s)))

    def _show(self, chosen: Shown) -> None:
        if chosen.begins:
            self._before = pixels_of(self.current_frame())
        if chosen.loop is not self._on_screen:
            self._frames[self._on_screen].rest()
            self._on_screen = chosen.loop
        if chosen.fresh >= 1.0:
            self._before = None
        taken = self._frames[chosen.loop].take(chosen.loop_index)
        if taken is None:
            return
        index, pixels = taken
        patch = chosen.patch
        if patch is not None:
            apart = (patch.loop_index - index) % self._count
            if min(apart, self._count - apart) > _SEAM_FRAMES:
                patch = None
        frame = to_video_frame(pixels, patch, self._view, self._before, chosen.fresh)
        self._video.videoSink().setVideoFrame(frame)
        self._has_picture = True
        self.handed_over.emit()
