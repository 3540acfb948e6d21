"""The staff's way in: a long press in the corner, a PIN, three actions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QHideEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from kiosk.timing import Clock
from ui.strings import Strings
from ui.theme import Theme
from ui.widgets import LEFT, TOP_LEFT, WRAP, PlainButton, fit

HOLD_MS = 5000
FREE_TRIES = 5
FIRST_LOCK_S = 60.0
MAX_LOCK_S = 3600.0
_LEAVE_ALONE_MS = 60_000
_MAX_DIGITS = 12


class PinGuard:
    """Slows guessing down: five tries, then a minute, doubled after every further wrong one.

    Args:
        is_right: Checks a PIN.
        clock: Monotonic time.
    """

    def __init__(self, is_right: Callable[[str], bool], clock: Clock) -> None:
        self._is_right = is_right
        self._clock = clock
        self._wrong = 0
        self._locked_until_s = 0.0

    def locked_s(self) -> float:
        """Seconds until the next try is allowed; 0 if it is allowed now."""
        return max(0.0, self._locked_until_s - self._clock.now_s())

    def attempt(self, pin: str) -> bool:
        """Whether the PIN is right; a try during a lock is not even checked."""
        if self.locked_s() > 0.0:
            return False
        if self._is_right(pin):
            self._wrong = 0
            return True
        self._wrong += 1
        if self._wrong >= FREE_TRIES:
            lock_s = FIRST_LOCK_S * 2.0 ** (self._wrong - FREE_TRIES)
            self._locked_until_s = self._clock.now_s() + min(lock_s, MAX_LOCK_S)
        return False


class HiddenCorner(QWidget):
    """An invisible place that answers only to a press of five seconds.

    Signals:
        opened: It was held long enough.
    """

    opened = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("staff-corner")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(HOLD_MS)
        self._timer.timeout.connect(self.opened)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self._timer.start()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self.rect().contains(event.position().toPoint()):
            self._timer.stop()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self._timer.stop()


class StaffSheet(QWidget):
    """PIN pad, then the actions. Closes by itself when it is left alone.

    Signals:
        leave: Staff leave the kiosk.
        restart: Staff want a fresh engine.
        closed: Back to the visitors.
    """

    leave = Signal()
    restart = Signal()
    closed = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget, strings: Strings, guard: PinGuard, has_pin: bool
    ) -> None:
        super().__init__(parent)
        self.setObjectName("staff")
        self._theme = theme
        self._strings = strings
        self._guard = guard
        self._has_pin = has_pin
        self._digits = ""
        self._message = ""
        self._status = ""
        self._inside = False
        self._pad = [self._button(f"pin-{sign}", sign) for sign in "123456789"]
        self._pad += [self._button("pin-delete", "←"), self._button("pin-0", "0")]
        self._enter = PlainButton(theme, self, name="pin-enter", label="OK", primary=True)
        for button in self._pad:
            button.tapped.connect(lambda button=button: self._press(button.accessibleName()))
        self._enter.tapped.connect(self._submit)
        self._pad.append(self._enter)
        self._actions = [
            self._button("staff-leave", strings["staff_leave"]),
            self._button("staff-restart", strings["staff_restart"]),
        ]
        self._actions[0].tapped.connect(self.leave)
        self._actions[1].tapped.connect(self.restart)
        self._close = self._button("staff-close", strings["close"])
        self._close.tapped.connect(self.closed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LEAVE_ALONE_MS)
        self._timer.timeout.connect(self.closed)
        self.hide()

    def _button(self, name: str, label: str) -> PlainButton:
        return PlainButton(self._theme, self, name=name, label=label)

    def open(self, status: str) -> None:
        """Show the PIN pad, or the actions at once where no PIN is set."""
        self._digits, self._message, self._status = "", "", status
        self._inside = not self._has_pin
        self._show_parts()
        self.show()
        self.raise_()
        self._timer.start()

    def show_status(self, status: str) -> None:
        """Newest report on engine and persona, for the eyes of staff."""
        self._status = status
        self.update()

    @property
    def inside(self) -> bool:
        """True once the PIN was right."""
        return self._inside

    @property
    def message(self) -> str:
        return self._message

    def restyle(self, theme: Theme) -> None:
        self._theme = theme
        for button in (*self._pad, *self._actions, self._close):
            button.restyle(theme)
        self._place()
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._digits, self._inside = "", False

    def _press(self, sign: str) -> None:
        self._timer.start()
        self._message = ""
        self._digits = self._digits[:-1] if sign == "←" else (self._digits + sign)[:_MAX_DIGITS]
        self.update()

    def _submit(self) -> None:
        self._timer.start()
        pin, self._digits = self._digits, ""
        self._inside = self._guard.attempt(pin)
        locked_s = self._guard.locked_s()
        if self._inside:
            self._message = ""
        elif locked_s > 0.0:
            self._message = self._strings["staff_locked"].format(seconds=round(locked_s))
        else:
            self._message = self._strings["staff_wrong"]
        self._show_parts()
        self.update()

    def _show_parts(self) -> None:
        for button in self._pad:
            button.setVisible(not self._inside)
        for button in self._actions:
            button.setVisible(self._inside)
        self._place()

    # --- drawing -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        theme, width = self._theme, min(self.width(), self._theme.px(520))
        gap, top = theme.px(12), theme.px(130)
        foot = theme.touch(66)
        self._close.setGeometry(0, self.height() - foot, width, foot)
        height = min(theme.touch(88), (self.height() - top - foot) // 4 - gap)
        third = (width - 2 * gap) // 3
        for place, button in enumerate(self._pad):
            row, column = divmod(place, 3)
            button.setGeometry(column * (third + gap), top + row * (height + gap), third, height)
        y = self.height() - foot - len(self._actions) * (foot + gap)
        for button in self._actions:
            button.setGeometry(0, y, width, foot)
            y += foot + gap

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        theme = self._theme
        painter = QPainter(self)
        painter.setPen(theme.text)
        title = QRectF(0, 0, self.width(), theme.px(50))
        name = self._strings["staff_status" if self._inside else "staff_pin"]
        painter.setFont(theme.sans(34, weight=600))
        painter.drawText(title, LEFT, name)
        painter.setPen(theme.muted)
        if self._inside:
            area = QRectF(0, theme.px(64), self.width(), self._actions[0].y() - theme.px(80))
            painter.setFont(fit(theme.sans(24), self._status, area, TOP_LEFT | WRAP))
            painter.drawText(area, TOP_LEFT | WRAP, self._status)
        else:
            line = QRectF(0, theme.px(60), self.width(), theme.px(50))
            painter.setFont(theme.sans(28))
            painter.drawText(line, LEFT, self._message or "•  " * len(self._digits))
        painter.end()
