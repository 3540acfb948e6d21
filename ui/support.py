"""The site's support notice: the kiosk speaking for itself, in a plain and neutral style."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.theme import Theme
from ui.widgets import LEFT, TOP_LEFT, WRAP, PlainButton, fit

_WIDE = 2.2  # width by height from which the button stands beside the title


class SupportCard(QWidget):
    """Title, text and a button to close; stays until it is closed or the visit ends.

    Signals:
        dismissed: The visitor closed it.
    """

    dismissed = Signal()

    def __init__(self, theme: Theme, parent: QWidget, *, close_label: str) -> None:
        super().__init__(parent)
        self.setObjectName("support")
        self._theme = theme
        self._title = self._text = ""
        self._close = PlainButton(theme, self, name="support-close", label=close_label)
        self._close.tapped.connect(self._dismiss)
        self.hide()

    def show_notice(self, title: str, text: str) -> None:
        self._title, self._text = title, text
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.show()
        self.raise_()
        self.update()

    def clear(self) -> None:
        self._title = self._text = ""
        self.setAccessibleName("")
        self.setAccessibleDescription("")
        self.hide()

    def text(self) -> str:
        return self._text

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        self._close.restyle(theme)
        self._place()
        self.update()

    def _dismiss(self) -> None:
        self.clear()
        self.dismissed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _is_wide(self) -> bool:
        """Whether the card is too low for a row of its own for the button."""
        return self.width() > _WIDE * self.height()

    def _place(self) -> None:
        theme = self._theme
        pad, height = theme.px(28), theme.touch(64)
        width = min(theme.px(220), self.width() - 2 * pad)
        top = pad if self._is_wide() else self.height() - pad - height
        self._close.setGeometry(self.width() - pad - width, top, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        painter.fillRect(area, theme.background)
        painter.setPen(QPen(theme.muted, 1.4))
        painter.setBrush(theme.panel)
        painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), theme.px(14), theme.px(14))
        pad = theme.px(32)
        inner = area.adjusted(pad, pad, -pad, -pad)
        title = QRectF(inner.left(), inner.top(), inner.width(), theme.px(48))
        floor = self._close.y() - theme.px(14)
        if self._is_wide():
            title.setRight(self._close.x() - theme.px(14))
            title.setHeight(self._close.geometry().bottom() - inner.top())
            floor = round(inner.bottom())
        painter.setFont(fit(theme.sans(34, weight=600, reading=True), self._title, title, LEFT))
        painter.setPen(theme.text)
        painter.drawText(title, LEFT, self._title)
        top = title.bottom() + theme.px(14)
        text = QRectF(inner.left(), top, inner.width(), floor - top)
        painter.setFont(fit(theme.sans(29, reading=True), self._text, text, TOP_LEFT | WRAP))
        painter.drawText(text, TOP_LEFT | WRAP, self._text)
        painter.end()
