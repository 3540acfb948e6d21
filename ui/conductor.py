"""Between window and engine: what each message shows, and what each touch sends."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from kiosk.messages import (
    AskText,
    EndVisit,
    EngineReady,
    Heard,
    InputLevel,
    Notice,
    PressTalk,
    ReleaseTalk,
    SetVolume,
    ShapeShown,
    StaffNotice,
    State,
    StateChanged,
    Suggestions,
    SupportNotice,
    ToEngine,
    Touched,
    ToWindow,
)
from ui.button import Face
from ui.keys import KioskKeys
from ui.link import EngineLink, Health, LinkBridge, LinkState
from ui.loopclock import Loop
from ui.performance import Performance
from ui.status import FACES, LOOPS, StaffStatus, closed_text
from ui.theme import NORMAL_STEP
from ui.window import VOLUME_STEPS, KioskWindow

TOUCH_EVERY_S = 1.0
_MAX_ASK = 500

_ASKABLE = frozenset({State.ATTRACT, State.IDLE, State.SPEAKING})


class Conductor(QObject):
    """Aim: keep window and engine in step. Everything here runs on the GUI thread.

    Attributes:
        first_picture_s: Seconds from the call of ``run_window`` until the first video frame was on
            screen; None before that, or where there is no picture.

    Signals:
        received(ToWindow): A message of the engine, after the window dealt with it.
        linked(LinkState): The engine came, went, or failed for good.
        left: Staff left the kiosk.
    """

    received = Signal(object)
    linked = Signal(object)
    left = Signal()

    def __init__(
        self,
        window: KioskWindow,
        link: EngineLink,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.first_picture_s: float | None = None
        self._link = link
        self._now_s = now_s
        self._state, self._visit = State.BOOTING, -1
        self._status = StaffStatus()
        self._holders = 0  # button and keys that are held now
        self._talking = False  # the engine was told of a press, and not yet of its release
        self._touched_at_s = float("-inf")
        self._performance = Performance(self._send, self)
        self.keys = KioskKeys(window.content.talk_keys, self)
        self._bridge = LinkBridge(link, self)
        self._bridge.message.connect(self.receive)
        self._bridge.state.connect(self.show_link)
        self.keys.talk_held.connect(self._hold)
        self.keys.talk_released.connect(self._release)
        self.keys.typed.connect(self._typed)
        self.keys.present.connect(self._touched)
        self.show_in(window)

    @property
    def state(self) -> State:
        return self._state

    # --- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to talk with the engine and to watch the keys."""
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self.keys)
        self._bridge.start()

    def stop(self) -> None:
        """End picture and engine in order."""
        application = QApplication.instance()
        assert application is not None
        application.removeEventFilter(self.keys)
        self._window.portrait.close_loop()
        self._link.stop()

    def show_in(self, window: KioskWindow) -> None:
        """Use this window from now on; a reloaded persona gets a window of its own."""
        self._window = window
        window.talk.held.connect(self._hold)
        window.talk.released.connect(self._release)
        window.body.asked.connect(lambda text: self._ask(text, tapped=True))
        window.typing.asked.connect(lambda text: self._ask(text, tapped=False))
        window.typing.closed.connect(self._close_typing)
        window.type_link.tapped.connect(self._open_typing)
        window.restart_link.tapped.connect(lambda: self._send(EndVisit()))
        window.text_size.changed.connect(window.show_text_step)
        window.volume.changed.connect(self._set_volume)
        window.corner.opened.connect(self._open_staff)
        window.staff.closed.connect(window.close_staff)
        window.staff.restart.connect(self._restart_engine)
        window.staff.leave.connect(self._leave)
        window.portrait.reshaped.connect(lambda shape: self._send(ShapeShown(shape)))
        self._send(ShapeShown(window.portrait.shape))
        self._performance.show_in(window)
        self._show_availability()
        self._show_state()

    # --- what the visitor does -----------------------------------------------------------------

    def _send(self, message: ToEngine) -> None:
        self._link.send(message)

    def _hold(self) -> None:
        self._holders += 1
        if self._holders > 1 or not self._usable():
            return
        if self._state is State.SPEAKING:
            self._performance.silence()
        self._close_typing()
        self._talking = True
        self._send(PressTalk(self._now_s()))

    def _release(self) -> None:
        self._holders = max(0, self._holders - 1)
        if self._holders == 0 and self._talking:
            self._talking = False
            self._send(ReleaseTalk(self._now_s()))

    def _usable(self) -> bool:
        return self._window.talk.face is not Face.DISABLED

    def _ask(self, text: str, *, tapped: bool) -> None:
        self._close_typing()
        if self._status.link.health is Health.UP and self._state in _ASKABLE:
            self._performance.silence()
            self._send(AskText(text[:_MAX_ASK], tapped))

    def _touched(self) -> None:
        now_s = self._now_s()
        if now_s - self._touched_at_s >= TOUCH_EVERY_S:
            self._touched_at_s = now_s
            self._send(Touched())

    def _set_volume(self, step: int) -> None:
        self._send(SetVolume(step / (VOLUME_STEPS - 1)))

    def _open_typing(self) -> None:
        self.keys.typing = True
        self._window.open_typing()

    def _close_typing(self) -> None:
        self.keys.typing = False
        if not self._window.typing.isHidden():
            self._window.close_typing()

    def _typed(self, event: QKeyEvent) -> None:
        self._window.typing.type_key(event)

    # --- what the engine says ------------------------------------------------------------------

    def receive(self, message: ToWindow) -> None:
        """Deal with one message."""
        window = self._window
        match message:
            case StateChanged():
                self._change_state(message)
            case InputLevel(level, clipping):
                window.talk.show_level(level, clipping)
            case Heard(text):
                window.body.show_heard(text)
            case Notice(kind):
                window.body.show_notice(window.strings.notice(kind))
            case Suggestions(questions, instead):
                window.body.offer(questions, instead=instead)
            case SupportNotice(title, text):
                window.support.show_notice(title, text)
            case EngineReady(engines):
                self._status.engines = dict(engines)
            case StaffNotice(text):
                self._status.notice = text
                window.staff.show_status(self.status_text())
            case _:
                self._performance.receive(message)
        self.received.emit(message)

    def _change_state(self, message: StateChanged) -> None:
        if message.visit != self._visit:
            self._visit = message.visit
            self._forget_visitor()
        self._state, self._status.fault = message.state, message.reason
        if message.state is State.CLOSED:
            hours = self._window.content.site.opening_hours
            self._window.body.show_closed(closed_text(self._window.strings, hours, datetime.now()))
        self._show_state()

    def show_link(self, state: LinkState) -> None:
        """The engine came, went, or failed for good; the portrait breathes on."""
        self._status.link = state
        if state.health is not Health.UP:
            self._holders, self._talking = 0, False
            self._state = State.BOOTING
            self._window.support.clear()
            self._close_typing()
        self._performance.follow_engine(is_up=state.health is Health.UP)
        self._show_availability()
        self._show_state()
        self.linked.emit(state)

    def _show_availability(self) -> None:
        state = self._status.link
        self._window.body.show_available(state.health is Health.UP)
        self._window.staff.show_status(self.status_text())
        self._window.show_reason(state.reason if state.health is Health.SAFE else "")

    def _show_state(self) -> None:
        window = self._window
        state = self._state if self._status.link.health is Health.UP else State.BOOTING
        face, label = FACES[state]
        window.talk.show_face(face, window.strings[label])
        window.talk_label.show_text(window.strings[label])
        window.body.show_state(state)
        window.portrait.wish(LOOPS.get(state, Loop.IDLE))
        window.show_links(
            type_question=state in (State.ATTRACT, State.IDLE), start_again=state is State.IDLE
        )

    def _forget_visitor(self) -> None:
        window = self._window
        window.body.clear()
        window.body.offer(window.content.persona.suggestions, instead=False)
        window.support.clear()
        self._close_typing()
        window.show_text_step(NORMAL_STEP)
        if window.volume.step != window.usual_volume:
            window.volume.show_step(window.usual_volume)
            self._send(SetVolume(window.content.site.audio.volume))

    # --- staff ---------------------------------------------------------------------------------

    def status_text(self) -> str:
        """Engine and persona in a few lines, for staff."""
        return self._status.text(self._window.portrait.faults())

    def _open_staff(self) -> None:
        self.keys.typing = False
        self._window.open_staff(self.status_text())

    def _restart_engine(self) -> None:
        self._window.close_staff()
        self._link.restart()

    def _leave(self) -> None:
        self._window.allow_close()
        self.left.emit()
