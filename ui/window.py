"""The kiosk's window: portrait and panel, composed for the screen's shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from kiosk.messages import Shape
from kiosk.persona.schema import Persona
from kiosk.persona.site import Site
from kiosk.timing import SystemClock
from kiosk.video.footage import Footage
from ui import icons
from ui.body import Body
from ui.button import TalkButton
from ui.controls import Stepper
from ui.layout import Plan, plan
from ui.portrait import Portrait
from ui.staff import HiddenCorner, PinGuard, StaffSheet
from ui.strings import Strings
from ui.support import SupportCard
from ui.theme import NORMAL_STEP, TEXT_STEPS, Theme
from ui.typing import TypingSheet
from ui.widgets import CENTRE, WRAP, Header, LinkTarget, Passage

VOLUME_STEPS = 5
_CORNER_PX = 84


@dataclass(frozen=True)
class Content:
    """What the window shows of persona and machine.

    Attributes:
        persona: Who speaks.
        site: The machine.
        footage_of: The loops for a shape of screen; raises KioskError if there are none.
        talk_keys: Qt numbers of the keys that talk.
    """

    persona: Persona
    site: Site
    footage_of: Callable[[Shape], Footage]
    talk_keys: frozenset[int] = frozenset({int(Qt.Key.Key_Space)})


class KioskWindow(QWidget):
    """Aim: be the only thing a visitor sees, from power-on to power-off.

    Holds the parts and their places, and knows nothing of the engine: that is the conductor's.
    """

    def __init__(self, content: Content) -> None:
        super().__init__()
        persona, site = content.persona, content.site
        identity = persona.identity
        self.setObjectName("kiosk")
        self.setWindowTitle(identity.name)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.content = content
        self.strings = strings = Strings(persona.language)
        self._theme = theme = Theme(persona.theme)
        self._plan: Plan | None = None
        self._may_close = False
        self._links = (False, False)

        self.portrait = Portrait(theme, content.footage_of, identity.name, self)
        # The keyboard must come at once, and the frame is another one beside it.
        self.portrait.seen.connect(
            lambda: self.portrait.prepare_frame(self._compute(wide_panel=True).video.size())
        )
        self.portrait.setAccessibleName(f"{strings['portrait']}: {identity.name}")
        self.header = Header(
            theme, self, name=identity.name, dates=identity.dates, epithet=identity.epithet
        )
        self.body = Body(theme, self, strings, persona.suggestions)
        self.talk = TalkButton(theme, self)
        self.talk_label = Passage(theme, self, name="talk-label", size=25)
        self.talk_label.sans, self.talk_label.reading = True, False
        self.talk_label.flags = CENTRE | WRAP
        self.text_size = Stepper(
            theme,
            self,
            name="text-size",
            labels=(strings["text_smaller"], strings["text_larger"]),
            signs=("a", "A"),
            steps=len(TEXT_STEPS),
            step=NORMAL_STEP,
        )
        self.usual_volume = round(site.audio.volume * (VOLUME_STEPS - 1))
        self.volume = Stepper(
            theme,
            self,
            name="volume",
            labels=(strings["quieter"], strings["louder"]),
            signs=("quiet", "loud"),
            steps=VOLUME_STEPS,
            step=self.usual_volume,
        )
        self.volume.right = True
        self.type_link = LinkTarget(
            theme, self, name="type", label=strings["type_question"], icon=icons.keyboard
        )
        self.restart_link = LinkTarget(
            theme, self, name="start-again", label=strings["start_again"], icon=icons.again
        )
        self.restart_link.right = True
        self.disclosure = Passage(theme, self, name="disclosure", size=20, muted=True)
        self.disclosure.sans, self.disclosure.reading = True, False
        self.disclosure.flags = CENTRE | WRAP
        self.disclosure.show_text(persona.disclosure.text)
        self.reason = Passage(theme, self, name="reason", size=20, muted=True)
        self.reason.sans, self.reason.reading = True, False
        self.reason.hide()
        self.support = SupportCard(theme, self, close_label=strings["close"])
        self.typing = TypingSheet(theme, self, strings)
        guard = PinGuard(site.pin_is_right, SystemClock())
        self.staff = StaffSheet(theme, self, strings, guard, bool(site.staff.pin_hash))
        self.corner = HiddenCorner(self)

    # --- what the conductor asks for -----------------------------------------------------------

    def show_text_step(self, step: int) -> None:
        """Apply the visitor's text size."""
        self.text_size.show_step(step)
        self._restyle(self._theme.sized(text_step=step))

    def open_typing(self) -> None:
        """Put the keyboard into the panel; a landscape panel becomes wider for it."""
        self.close_staff()
        self.typing.clear()
        self.typing.show()
        self._make_room()

    def close_typing(self) -> None:
        self.typing.clear()
        self.typing.hide()
        self._make_room()

    def open_staff(self, status: str) -> None:
        """Put the PIN pad into the panel."""
        self.close_typing()
        self.staff.open(status)
        self._make_room()

    def close_staff(self) -> None:
        self.staff.hide()
        self._make_room()

    def show_links(self, *, type_question: bool, start_again: bool) -> None:
        """Which of the two quiet links may be used now."""
        self._links = (type_question, start_again)
        self._make_room()

    def _make_room(self) -> None:
        """A sheet stands alone under the name; without one the usual parts are there."""
        usual = self.typing.isHidden() and self.staff.isHidden()
        for part in (self.body, self.talk, self.talk_label, self.text_size, self.volume):
            part.setVisible(usual)
        self.type_link.setVisible(usual and self._links[0])
        self.restart_link.setVisible(usual and self._links[1])
        self.support.setVisible(usual and bool(self.support.text()))
        self.arrange()

    def show_reason(self, reason: str) -> None:
        """Why the kiosk cannot serve anybody: small, in place of the links, for staff."""
        self.reason.show_text(reason)
        self.reason.setVisible(bool(reason))
        self.arrange()

    def grab_keys(self) -> None:
        """Take the keyboard from the window manager, with its Alt+Tab and Super."""
        handle = self.windowHandle()
        if handle is not None:
            handle.setKeyboardGrabEnabled(True)

    def allow_close(self) -> None:
        """From now on the window may be closed: staff said so."""
        self._may_close = True

    def plan(self) -> Plan:
        """The present arrangement."""
        if self._plan is None:
            self.arrange()
        assert self._plan is not None
        return self._plan

    # --- arrangement ---------------------------------------------------------------------------

    def _compute(self, *, wide_panel: bool) -> Plan:
        wish = self.content.site.screen.orientation
        vertical = None if wish == "auto" else wish == "portrait"
        return plan(self.width(), self.height(), vertical=vertical, wide_panel=wide_panel)

    def arrange(self) -> None:
        """Put every part in its place for the present size."""
        self._plan = made = self._compute(wide_panel=not self.typing.isHidden())
        if made.scale != self._theme.scale:
            self._restyle(self._theme.sized(scale=made.scale))
        self.portrait.setGeometry(made.video)
        self.header.setGeometry(made.header)
        low_row_is_free = not any(self._links) and self.reason.isHidden()
        self.body.setGeometry(made.tall_body if low_row_is_free else made.body)
        self.talk.setGeometry(made.talk)
        self.talk_label.setGeometry(made.talk_label)
        self.text_size.setGeometry(made.left)
        self.volume.setGeometry(made.right)
        half = made.links.width() // 2
        links = made.links
        if made.vertical:
            half = min(half, made.left.width())
        self.type_link.setGeometry(links.left(), links.top(), half, links.height())
        self.restart_link.setGeometry(links.right() + 1 - half, links.top(), half, links.height())
        self.disclosure.setGeometry(made.disclosure)
        self.reason.setGeometry(made.links)
        self.support.setGeometry(made.card)
        self.typing.setGeometry(made.sheet)
        self.staff.setGeometry(made.sheet)
        side = max(48, round(_CORNER_PX * made.scale))
        self.corner.setGeometry(QRect(self.width() - side, made.panel.top(), side, side))
        self.corner.raise_()
        self.update()

    def _restyle(self, theme: Theme) -> None:
        self._theme = theme
        for part in (
            self.portrait,
            self.header,
            self.body,
            self.talk,
            self.talk_label,
            self.text_size,
            self.volume,
            self.type_link,
            self.restart_link,
            self.disclosure,
            self.reason,
            self.support,
            self.typing,
            self.staff,
        ):
            part.restyle(theme)

    # --- events --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()
        if self.isVisible():
            self.open_portrait()

    def open_portrait(self) -> None:
        """Start the picture at the window's present shape."""
        self.arrange()
        usual = self._compute(wide_panel=False)
        shape = Shape.UPRIGHT if usual.vertical else Shape.WIDE
        self.portrait.open(usual.video.size(), shape)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.setAccepted(self._may_close)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        panel = self.plan().panel
        shade = QLinearGradient(panel.topLeft(), panel.bottomLeft())
        shade.setColorAt(0.0, self._theme.panel)
        shade.setColorAt(0.55, self._theme.background)
        shade.setColorAt(1.0, self._theme.background)
        painter.fillRect(panel, shade)
        painter.end()
