"""Text size and volume: two targets each, and dots that show where one is."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui import icons
from ui.theme import Theme, mix
from ui.widgets import CENTRE, Target

_GAP = 14
_SIDE = 70


class _Round(Target):
    """A circle with a sign; ``sign`` is ``a``, ``A``, ``quiet`` or ``loud``."""

    def __init__(self, theme: Theme, parent: QWidget, *, name: str, label: str, sign: str) -> None:
        super().__init__(theme, parent, name=name, label=label)
        self._sign = sign

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(theme.hairline, 1.4))
        painter.setBrush(mix(theme.background, theme.text, 0.14) if self._down else theme.panel)
        painter.drawEllipse(area)
        box = QRectF(0, 0, area.width() * 0.5, area.width() * 0.5)
        box.moveCenter(area.center())
        colour = mix(theme.muted, theme.text, 0.5)
        if self._sign in ("quiet", "loud"):
            icons.speaker(painter, box, colour, 1 if self._sign == "quiet" else 2)
        else:
            font = theme.serif(24 if self._sign == "a" else 38)
            font.setPixelSize(round(area.width() * (0.36 if self._sign == "a" else 0.56)))
            painter.setFont(font)
            painter.setPen(colour)
            painter.drawText(area.adjusted(0, -area.width() * 0.04, 0, 0), CENTRE, "A")
        painter.end()


class Stepper(QWidget):
    """Less, more, and a row of dots.

    Signals:
        changed(int): The visitor chose this step.
    """

    changed = Signal(int)

    def __init__(
        self,
        theme: Theme,
        parent: QWidget,
        *,
        name: str,
        labels: tuple[str, str],
        signs: tuple[str, str],
        steps: int,
        step: int,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._theme = theme
        self._steps, self._step = steps, step
        self.right = False
        self._less = _Round(theme, self, name=f"{name}-less", label=labels[0], sign=signs[0])
        self._more = _Round(theme, self, name=f"{name}-more", label=labels[1], sign=signs[1])
        self._less.tapped.connect(lambda: self._choose(self._step - 1))
        self._more.tapped.connect(lambda: self._choose(self._step + 1))

    @property
    def step(self) -> int:
        return self._step

    def show_step(self, step: int) -> None:
        """Show a step without a signal."""
        self._step = min(max(step, 0), self._steps - 1)
        self.update()

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        self._less.restyle(theme)
        self._more.restyle(theme)
        self._place()
        self.update()

    def _choose(self, step: int) -> None:
        before = self._step
        self.show_step(step)
        if self._step != before:
            self.changed.emit(self._step)

    def _group(self) -> QRectF:
        """The two circles, with the dots below them."""
        theme = self._theme
        side, gap = theme.touch(_SIDE), theme.px(_GAP)
        side = min(side, (self.width() - gap) // 2)
        width, height = 2 * side + gap, side + theme.px(30)
        left = self.width() - width if self.right else 0
        return QRectF(left, max(0, (self.height() - height) // 2), width, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        group, gap = self._group(), self._theme.px(_GAP)
        side = round((group.width() - gap) / 2)
        self._less.setGeometry(round(group.left()), round(group.top()), side, side)
        self._more.setGeometry(round(group.left()) + side + gap, round(group.top()), side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        group = self._group()
        y = self._less.geometry().bottom() + theme.px(22)
        radius, apart = max(2.0, theme.scale * 3.2), theme.px(18)
        x = group.center().x() - apart * (self._steps - 1) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        for step in range(self._steps):
            painter.setBrush(theme.accent if step <= self._step else theme.hairline)
            painter.drawEllipse(QPointF(x + step * apart, y), radius, radius)
        painter.end()
