"""The talk button: large, round, and always saying what it will do."""

from __future__ import annotations

import time
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHideEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRadialGradient,
)
from PySide6.QtWidgets import QWidget

from ui import icons
from ui.theme import Theme, mix


class Face(StrEnum):
    """What the button shows."""

    READY = "ready"
    INVITING = "inviting"  # ready, with a slow pulse: nobody is here yet
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    DISABLED = "disabled"


_ANIMATION_MS = {Face.LISTENING: 40, Face.THINKING: 80, Face.INVITING: 100}
_LEVEL_EASE = 0.45  # share of the way to the new level in one step


class TalkButton(QWidget):
    """Held by mouse or finger. A finger that slides off still holds: the visitor looks at the face.

    Signals:
        held: The button went down.
        released: It came up again.
    """

    held = Signal()
    released = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("talk")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme = theme
        self._face = Face.DISABLED
        self._down = False
        self._level = 0.0
        self._wanted_level = 0.0
        self._clipping = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._animate)

    @property
    def face(self) -> Face:
        return self._face

    def disc_px(self) -> int:
        """Diameter of the round target."""
        return min(self.width(), self.height())

    def show_face(self, face: Face, label: str) -> None:
        """Show a state; ``label`` says what the button does now, for assistive technology."""
        if face is not Face.LISTENING:
            self._level = self._wanted_level = 0.0
            self._clipping = False
        if face is Face.DISABLED:
            self._let_go()
        self._face = face
        self.setAccessibleName(label)
        interval_ms = _ANIMATION_MS.get(face)
        if interval_ms is None:
            self._timer.stop()
        elif not self._timer.isActive() or self._timer.interval() != interval_ms:
            self._timer.start(interval_ms)
        self.update()

    def show_level(self, level: float, clipping: bool) -> None:
        """Level 0..1 of the voice, for the ring."""
        self._wanted_level, self._clipping = min(max(level, 0.0), 1.0), clipping

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(208), self._theme.px(208))

    # --- holding -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._face is not Face.DISABLED:
            self._down = True
            self.update()
            self.held.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._let_go()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._let_go()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._let_go()
        super().hideEvent(event)

    def _let_go(self) -> None:
        if self._down:
            self._down = False
            self.update()
            self.released.emit()

    # --- drawing -------------------------------------------------------------------------------

    def _animate(self) -> None:
        self._level += (self._wanted_level - self._level) * _LEVEL_EASE
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.disc_px()
        centre = QPointF(self.width() / 2, self.height() / 2)
        self._paint_ring(painter, centre, side / 2)
        self._paint_disc(painter, centre, side * 0.40)
        painter.end()

    def _paint_ring(self, painter: QPainter, centre: QPointF, outer: float) -> None:
        theme = self._theme
        painter.setBrush(Qt.BrushStyle.NoBrush)
        rest = outer * 0.88
        if self._face is Face.LISTENING:
            colour = theme.alert if self._clipping else theme.accent
            painter.setPen(QPen(theme.hairline, 1.5))
            painter.drawEllipse(centre, rest, rest)
            width = outer * (0.03 + 0.17 * self._level)
            radius = outer * 0.79 + width / 2
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(centre, radius, radius)
            return
        colour = (
            theme.hairline
            if self._face is Face.DISABLED
            else mix(theme.background, theme.accent, 0.62)
        )
        if self._face is Face.INVITING:
            phase = (time.monotonic() % 3.0) / 3.0
            wave = QColor(theme.accent)
            wave.setAlphaF(0.5 * (1.0 - phase))
            painter.setPen(QPen(wave, 1.6))
            radius = outer * (0.80 + 0.18 * phase)
            painter.drawEllipse(centre, radius, radius)
        painter.setPen(QPen(colour, max(1.2, theme.px(2))))
        painter.drawEllipse(centre, rest, rest)

    def _paint_disc(self, painter: QPainter, centre: QPointF, radius: float) -> None:
        theme = self._theme
        lit = self._face in (Face.READY, Face.INVITING, Face.LISTENING)
        base = theme.accent if lit else mix(theme.panel, theme.muted, 0.10)
        if self._down:
            base = mix(base, theme.background, 0.12)
        shade = QRadialGradient(centre - QPointF(radius * 0.35, radius * 0.5), radius * 1.9)
        shade.setColorAt(0.0, mix(base, QColor("#ffffff"), 0.16 if lit else 0.05))
        shade.setColorAt(1.0, mix(base, QColor("#000000"), 0.22))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawEllipse(centre, radius, radius)
        ink = theme.accent_text if lit else theme.text
        box = QRectF(0, 0, radius * 0.96, radius * 0.96)
        box.moveCenter(centre)
        match self._face:
            case Face.SPEAKING:
                icons.stop(painter, box, theme.accent)
            case Face.THINKING:
                icons.dots(painter, box, theme.accent, (time.monotonic() % 1.5) / 1.5)
            case Face.DISABLED:
                icons.microphone(painter, box, mix(theme.panel, theme.muted, 0.45))
            case _:
                icons.microphone(painter, box, ink)
