"""Small parts that several screens share: text that fits, touch targets, a header."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui.theme import Theme, mix

Icon = Callable[[QPainter, QRectF, QColor], None]

LEFT = int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignVCenter)
TOP_LEFT = int(Qt.AlignmentFlag.AlignLeft) | int(Qt.AlignmentFlag.AlignTop)
CENTRE = int(Qt.AlignmentFlag.AlignCenter)
WRAP = int(Qt.TextFlag.TextWordWrap)
_SMALLEST_PX = 12


def fit(font: QFont, text: str, area: QRectF, flags: int) -> QFont:
    """The font, made smaller until the text fits the area."""
    fitted = QFont(font)
    while fitted.pixelSize() > _SMALLEST_PX:
        need = QFontMetricsF(fitted).boundingRect(area, flags, text)
        if need.height() <= area.height() + 1 and need.width() <= area.width() + 1:
            break
        fitted.setPixelSize(fitted.pixelSize() - 1)
    return fitted


def balanced(font: QFont, text: str, area: QRectF, flags: int) -> QRectF:
    """The area, narrowed until the lines are of about equal length: no lonely last word."""
    metrics = QFontMetricsF(font)
    height = metrics.boundingRect(area, flags, text).height()
    low, high = area.width() / 2, area.width()
    while high - low > 4:
        middle = (low + high) / 2
        tried = metrics.boundingRect(QRectF(0, 0, middle, area.height()), flags, text)
        if tried.height() > height or tried.width() > middle:
            low = middle
        else:
            high = middle
    left = area.left()
    if flags & int(Qt.AlignmentFlag.AlignHCenter):
        left += (area.width() - high) / 2
    return QRectF(left, area.top(), high, area.height())


class Passage(QWidget):
    """A paragraph in the persona's serif, shrunk when it would not fit.

    Attributes:
        size_px: Design size of the letters at 1080p.
        flags: Qt's alignment and wrapping.
        sans: In the sans typeface instead.
        reading: Follows the visitor's text size.
    """

    def __init__(
        self, theme: Theme, parent: QWidget, *, name: str, size: float, muted: bool = False
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.size_px = size
        self._theme = theme
        self._muted = muted
        self._text = ""
        self.flags = TOP_LEFT | WRAP
        self.sans = False
        self.reading = True

    def text(self) -> str:
        return self._text

    def show_text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def needed_height(self, width: int, most: int) -> int:
        """Pixels the text takes at this width: not more than ``most``, for which it shrinks."""
        area = QRectF(0, 0, width, most)
        font = fit(self._font(), self._text, area, self.flags)
        need = QFontMetricsF(font).boundingRect(area, self.flags, self._text).height()
        return min(most, round(need) + 2)

    def _font(self) -> QFont:
        theme = self._theme
        make = theme.sans if self.sans else theme.serif
        return make(self.size_px, reading=self.reading)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        area = QRectF(self.rect())
        font = fit(self._font(), self._text, area, self.flags)
        area = balanced(font, self._text, area, self.flags)
        painter.setFont(font)
        painter.setPen(self._theme.muted if self._muted else self._theme.text)
        painter.drawText(area, self.flags, self._text)
        painter.end()


class Target(QWidget):
    """Base of everything that can be tapped: a press, a release inside, one signal.

    Signals:
        tapped: Pressed and released inside.
    """

    tapped = Signal()

    def __init__(self, theme: Theme, parent: QWidget, *, name: str, label: str) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._theme = theme
        self._down = False

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._down = True
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or not self._down:
            return
        self._down = False
        self.update()
        if self.rect().contains(event.position().toPoint()):
            self.tapped.emit()


class LinkTarget(Target):
    """An icon and a few words in a row, without a border."""

    def __init__(self, theme: Theme, parent: QWidget, *, name: str, label: str, icon: Icon) -> None:
        super().__init__(theme, parent, name=name, label=label)
        self._icon = icon
        self.right = False

    def wanted_width(self) -> int:
        theme = self._theme
        words = QFontMetricsF(theme.sans(24)).horizontalAdvance(self.accessibleName())
        return round(words) + theme.px(34) + theme.px(14) + 4

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = theme.text if self._down else theme.muted
        side = max(22, theme.px(32))
        used = min(self.wanted_width(), self.width())
        left = self.width() - used if self.right else 0
        box = QRectF(left, (self.height() - side) / 2, side, side)
        self._icon(painter, box, colour)
        area = QRectF(box.right() + theme.px(14), 0, 0, self.height())
        area.setRight(self.width())
        font = fit(theme.sans(24), self.accessibleName(), area, LEFT)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(area, LEFT, self.accessibleName())
        painter.end()


class PlainButton(Target):
    """A bordered button with words, filled if it is the thing to do."""

    def __init__(
        self, theme: Theme, parent: QWidget, *, name: str, label: str, primary: bool = False
    ) -> None:
        super().__init__(theme, parent, name=name, label=label)
        self._primary = primary

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ground = theme.accent if self._primary else theme.panel
        if self._down:
            ground = mix(ground, theme.text, 0.18)
        painter.setBrush(ground)
        painter.setPen(QPen(theme.accent if self._primary else theme.hairline, 1.4))
        painter.drawRoundedRect(area, theme.px(10), theme.px(10))
        painter.setPen(theme.accent_text if self._primary else theme.text)
        inner = area.adjusted(6, 2, -6, -2)
        painter.setFont(fit(theme.sans(27), self.accessibleName(), inner, CENTRE))
        painter.drawText(inner, CENTRE, self.accessibleName())
        painter.end()


class Header(QWidget):
    """Name, dates and epithet; always visible."""

    def __init__(
        self, theme: Theme, parent: QWidget, *, name: str, dates: str, epithet: str
    ) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self._theme = theme
        self._name, self._dates, self._epithet = name, dates, epithet
        self.setAccessibleName(", ".join(part for part in (name, dates, epithet) if part))

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.width() > 6 * self.height():
            self._paint_row(painter)
        else:
            self._paint_stack(painter)
        painter.end()

    def _dates_font(self) -> QFont:
        font = self._theme.sans(24)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, self._theme.scale * 3.0)
        return font

    def _paint_stack(self, painter: QPainter) -> None:
        theme, width = self._theme, self.width()
        name = QRectF(0, 0, width, theme.px(76))
        painter.setFont(fit(theme.serif(62), self._name, name, TOP_LEFT))
        painter.setPen(theme.text)
        painter.drawText(name, LEFT, self._name)
        rule_y = theme.px(96)
        painter.setPen(QPen(theme.accent, max(1.5, theme.px(2.5))))
        painter.drawLine(QPointF(1, rule_y), QPointF(theme.px(56), rule_y))
        painter.setFont(self._dates_font())
        painter.setPen(theme.accent)
        painter.drawText(QRectF(0, theme.px(112), width, theme.px(36)), LEFT, self._dates)
        area = QRectF(0, theme.px(148), width, self.height() - theme.px(148))
        painter.setFont(fit(theme.sans(24), self._epithet, area, LEFT))
        painter.setPen(theme.muted)
        painter.drawText(area, LEFT, self._epithet)

    def _paint_row(self, painter: QPainter) -> None:
        theme, height = self._theme, self.height()
        font = fit(theme.serif(54), self._name, QRectF(0, 0, self.width() * 0.6, height), LEFT)
        metrics = QFontMetricsF(font)
        baseline = height - metrics.descent() - theme.px(12)
        painter.setFont(font)
        painter.setPen(theme.text)
        painter.drawText(QPointF(0, baseline), self._name)
        x = metrics.horizontalAdvance(self._name) + theme.px(28)
        dates_font = self._dates_font()
        painter.setFont(dates_font)
        painter.setPen(theme.accent)
        painter.drawText(QPointF(x, baseline), self._dates)
        x += QFontMetricsF(dates_font).horizontalAdvance(self._dates) + theme.px(28)
        area = QRectF(x, 0, self.width() - x, height)
        small = fit(theme.sans(24), self._epithet, area, LEFT)
        wide = QFontMetricsF(small).horizontalAdvance(self._epithet)
        if wide <= area.width():
            painter.setFont(small)
            painter.setPen(theme.muted)
            painter.drawText(QPointF(self.width() - wide, baseline), self._epithet)
        painter.setPen(QPen(theme.hairline, 1))
        painter.drawLine(QPointF(0, height - 1), QPointF(self.width(), height - 1))
