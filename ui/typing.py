"""A typed question: a line of text and a keyboard of the kiosk's own."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui import icons
from ui.strings import Strings
from ui.theme import Theme, mix
from ui.widgets import CENTRE, LEFT, PlainButton, Target

MAX_CHARACTERS = 200

LAYOUTS: dict[str, tuple[str, ...]] = {
    "en": ("1234567890", "qwertyuiop", "asdfghjkl'", "zxcvbnm,.?"),
    "de": ("1234567890ß", "qwertzuiopü", "asdfghjklöä", "yxcvbnm,.-?"),
    "fr": ("1234567890", "éèêàâçùûîô", "azertyuiop", "qsdfghjklm", "wxcvbn',.?"),
    "es": ("1234567890", "áéíóúü¿¡'-", "qwertyuiop", "asdfghjklñ", "zxcvbnm,.?"),
    "ru": ("1234567890-", "йцукенгшщзхъ", "фывапролджэё", "ячсмитьбю,.?"),
}


class _Key(Target):
    """One key; ``sign`` is a character or the name of a function key."""

    def __init__(self, theme: Theme, parent: QWidget, *, sign: str, label: str) -> None:
        super().__init__(theme, parent, name=f"key-{sign}", label=label)
        self.sign = sign
        self.capital = False

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ground = mix(theme.panel, theme.text, 0.07)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mix(ground, theme.accent, 0.55) if self._down else ground)
        painter.drawRoundedRect(area, theme.px(9), theme.px(9))
        side = min(area.width(), area.height()) * 0.6
        box = QRectF(0, 0, side, side)
        box.moveCenter(area.center())
        match self.sign:
            case "delete":
                icons.backspace(painter, box, theme.text)
            case "shift":
                colour = theme.accent if self.capital else theme.text
                icons.shift(painter, box, colour, self.capital)
            case "space":
                painter.setPen(QPen(theme.muted, max(1.5, theme.px(2.5))))
                y = area.center().y() + area.height() * 0.12
                painter.drawLine(
                    QPointF(area.center().x() - area.width() * 0.22, y),
                    QPointF(area.center().x() + area.width() * 0.22, y),
                )
            case character:
                font = theme.sans(32)
                painter.setFont(font)
                painter.setPen(theme.text)
                painter.drawText(area, CENTRE, character.upper() if self.capital else character)
        painter.end()


class TypingSheet(QWidget):
    """Replaces the panel while a visitor types.

    Signals:
        asked(str): The visitor sent this question.
        closed: The visitor went back.
    """

    asked = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget, strings: Strings) -> None:
        super().__init__(parent)
        self.setObjectName("typing")
        self._theme = theme
        self._hint = strings["type_hint"]
        self._text = ""
        self._capital = True
        self._rows = [
            [_Key(theme, self, sign=sign, label=sign) for sign in row]
            for row in LAYOUTS[strings.language]
        ]
        self._shift = _Key(theme, self, sign="shift", label=strings["shift"])
        self._space = _Key(theme, self, sign="space", label=strings["space"])
        self._delete = _Key(theme, self, sign="delete", label=strings["delete"])
        self._characters = [key for row in self._rows for key in row]
        for key in (*self._characters, self._shift, self._space, self._delete):
            key.tapped.connect(lambda key=key: self._press(key.sign))
        self._close = PlainButton(theme, self, name="typing-close", label=strings["close"])
        self._ask = PlainButton(theme, self, name="typing-ask", label=strings["ask"], primary=True)
        self._close.tapped.connect(self.closed)
        self._ask.tapped.connect(self._send)
        self.hide()

    def text(self) -> str:
        return self._text

    def clear(self) -> None:
        self._change("")

    def type_key(self, event: QKeyEvent) -> None:
        """A real keyboard, where there is one, types as well."""
        match event.key():
            case Qt.Key.Key_Backspace:
                self._press("delete")
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._send()
            case _ if event.text().isprintable():
                self._change(self._text + event.text())

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        for widget in self.findChildren(Target):
            widget.restyle(theme)
        self._place()
        self.update()

    def _press(self, sign: str) -> None:
        match sign:
            case "delete":
                self._change(self._text[:-1])
            case "shift":
                self._show_capital(not self._capital)
            case "space":
                self._change(self._text + " ")
            case character:
                self._change(self._text + (character.upper() if self._capital else character))

    def _change(self, text: str) -> None:
        self._text = text[:MAX_CHARACTERS].lstrip()
        self.setAccessibleDescription(self._text)
        self._show_capital(not self._text)
        self.update()

    def _show_capital(self, capital: bool) -> None:
        self._capital = capital
        for key in (*self._characters, self._shift):
            key.capital = capital
            key.update()

    def _send(self) -> None:
        question = " ".join(self._text.split())
        if question:
            self.asked.emit(question)

    # --- drawing -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _gap(self) -> int:
        return max(5, self._theme.px(9))

    def _field(self) -> QRectF:
        ask = max(110, self._theme.px(190)) + self._gap()
        return QRectF(0, 0, self.width() - ask, max(54, self._theme.px(88)))

    def _place(self) -> None:
        width, gap, field = self.width(), self._gap(), self._field()
        ask_left = round(field.right()) + gap
        self._ask.setGeometry(ask_left, 0, width - ask_left, round(field.height()))
        top = round(field.bottom()) + 2 * gap
        height = min(self._theme.px(100), (self.height() - top) // (len(self._rows) + 1) - gap)
        y = top
        columns = max(len(row) for row in self._rows)
        cell = (width + gap) / columns
        for row in self._rows:
            x = (width + gap - cell * len(row)) / 2
            for place, key in enumerate(row):
                left, right = round(x + place * cell), round(x + (place + 1) * cell) - gap
                key.setGeometry(left, y, right - left, height)
            y += height + gap
        spans: tuple[tuple[QWidget, float], ...] = (
            (self._close, 2.0),
            (self._shift, 1.5),
            (self._space, columns - 5.0),
            (self._delete, 1.5),
        )
        x = 0.0
        for part, cells in spans:
            left, right = round(x * cell), round((x + cells) * cell) - gap
            part.setGeometry(left, y, right - left, height)
            x += cells

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field = self._field()
        painter.setBrush(theme.panel)
        painter.setPen(QPen(theme.hairline, 1.4))
        painter.drawRoundedRect(field.adjusted(1, 1, -1, -1), theme.px(10), theme.px(10))
        inner = field.adjusted(theme.px(24), 0, -theme.px(24), 0)
        font = theme.serif(36)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(theme.text if self._text else theme.muted)
        shown = metrics.elidedText(
            self._text or self._hint, Qt.TextElideMode.ElideLeft, inner.width() - 6
        )
        painter.drawText(inner, LEFT, shown)
        caret_x = inner.left() + (metrics.horizontalAdvance(shown) + 3 if self._text else -4)
        painter.fillRect(
            QRectF(caret_x, inner.center().y() - metrics.height() / 2, 2, metrics.height()),
            theme.accent,
        )
        painter.end()
