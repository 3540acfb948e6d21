"""What the panel says while nobody is there: an invitation, and one question after the other."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from ui.theme import Theme
from ui.widgets import LEFT, TOP_LEFT, WRAP, Target, balanced, fit

_CHANGE_MS = 6000


class _Quote(Target):
    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = max(2, theme.px(3))
        painter.fillRect(QRectF(0, theme.px(8), bar, self.height() - theme.px(16)), theme.accent)
        area = QRectF(self.rect()).adjusted(theme.px(26), 0, 0, 0)
        flags = LEFT | WRAP
        text = self.accessibleName()
        painter.setFont(fit(theme.serif(32, reading=True), text, area, flags))
        painter.setPen(theme.muted)
        painter.drawText(area, flags, text)
        painter.end()


class Attract(QWidget):
    """Invitation and rotating question.

    Signals:
        chosen(str): The visitor tapped the question on show.
    """

    chosen = Signal(str)

    def __init__(
        self, theme: Theme, parent: QWidget, *, invitation: str, questions: tuple[str, ...]
    ) -> None:
        super().__init__(parent)
        self.setObjectName("attract")
        self.setAccessibleName(invitation)
        self._theme = theme
        self._invitation = invitation
        self._questions = questions
        self._turn = 0
        self._quote = _Quote(theme, self, name="attract-question", label=questions[0])
        self._quote.tapped.connect(lambda: self.chosen.emit(self._quote.accessibleName()))
        self._timer = QTimer(self)
        self._timer.setInterval(_CHANGE_MS)
        self._timer.timeout.connect(self.turn)

    def turn(self) -> None:
        """Show the next question."""
        self._turn = (self._turn + 1) % len(self._questions)
        self._quote.setAccessibleName(self._questions[self._turn])
        self._quote.update()

    def question(self) -> str:
        return self._quote.accessibleName()

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        self._quote.restyle(theme)
        self._place()
        self.update()

    def _headline(self) -> QRectF:
        share = 0.60 if self.height() > self._theme.px(330) else 0.52
        limit = self._theme.px(150) if self.width() < self._theme.px(700) else self._theme.px(92)
        return QRectF(0, 0, self.width(), min(limit, self.height() * share))

    def _place(self) -> None:
        top = round(self._headline().bottom()) + self._theme.px(24)
        height = max(48, min(self._theme.px(80), self.height() - top))
        self._quote.setGeometry(0, top, self.width(), height)

    def resizeEvent(self, event: object) -> None:
        del event
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        area = self._headline()
        flags = TOP_LEFT | WRAP
        font = fit(theme.serif(52, weight=300, reading=True), self._invitation, area, flags)
        painter.setFont(font)
        area = balanced(font, self._invitation, area, flags)
        painter.setPen(theme.text)
        painter.drawText(area, flags, self._invitation)
        painter.end()
