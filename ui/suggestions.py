"""Three questions to tap, for visitors who do not know where to begin or do not speak."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui import icons
from ui.layout import MIN_ROW_PX
from ui.theme import Theme, mix
from ui.widgets import LEFT, WRAP, Target, fit

COUNT = 3
_ROW = 92  # height of a row at 1080p


class _Question(Target):
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._down:
            painter.fillRect(self.rect(), mix(theme.background, theme.accent, 0.16))
        painter.setPen(QPen(theme.hairline, 1))
        painter.drawLine(QPointF(0, 0.5), QPointF(self.width(), 0.5))
        side = theme.px(44)
        box = QRectF(self.width() - side, (self.height() - side) / 2, side, side)
        icons.chevron(painter, box, theme.accent)
        area = QRectF(0, 4, box.left() - theme.px(10), self.height() - 8)
        flags = LEFT | WRAP
        font = fit(theme.serif(30, reading=True), self.accessibleName(), area, flags)
        painter.setFont(font)
        painter.setPen(theme.text)
        painter.drawText(area, flags, self.accessibleName())
        painter.end()


class SuggestionList(QWidget):
    """Up to three questions, one above the other.

    Signals:
        chosen(str): The visitor tapped this question.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("suggestions")
        self._theme = theme
        self._rows = [
            _Question(theme, self, name=f"suggestion-{number}", label="") for number in range(COUNT)
        ]
        for row in self._rows:
            row.tapped.connect(lambda row=row: self.chosen.emit(row.accessibleName()))
        self._questions: tuple[str, ...] = ()

    def offer(self, questions: tuple[str, ...]) -> None:
        """Show up to three questions."""
        self._questions = questions[:COUNT]
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(self._questions))
            row.setAccessibleName(self._questions[number] if number < len(self._questions) else "")
            row.update()
        self._arrange()

    def questions(self) -> tuple[str, ...]:
        return self._questions

    def height_in(self, room: int) -> int:
        """Height of the whole list if it may have this much, pixels."""
        rows = max(1, len(self._questions))
        return rows * max(MIN_ROW_PX, min(self._theme.px(_ROW), room // rows))

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        for row in self._rows:
            row.restyle(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        height = self.height() // max(1, len(self._questions))
        for number, row in enumerate(self._rows):
            row.setGeometry(0, number * height, self.width(), height)
