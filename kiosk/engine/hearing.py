"""The ear: microphone and recogniser on one thread, streaming while the button is held.

The microphone always runs, so that half a second from before the press is at hand; that half second
lives in memory only and is overwritten for ever.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.asr import Recogniser, RecognitionSession
from kiosk.audio import AudioBlock, Microphone, PushToTalk, Verdict
from kiosk.engine.events import EngineEvent, Level, PartFailed, Partial, Recognised, Refused, Turn
from kiosk.errors import KioskError
from kiosk.messages import NoticeKind
from kiosk.timing import Clock

READ_S = 0.1
REFUSALS = {
    Verdict.TOO_SHORT: NoticeKind.TOO_SHORT,
    Verdict.TOO_QUIET: NoticeKind.TOO_QUIET,
    Verdict.TOO_LONG: NoticeKind.TOO_LONG,
}


@dataclass(frozen=True, slots=True)
class _Begin:
    turn: Turn
    pressed_at_s: float


@dataclass(frozen=True, slots=True)
class _End:
    released_at_s: float


class _Abandon:
    pass


class Hearing:
    """Aim: turn button presses into :class:`Recognised` or :class:`Refused` events.

    Args:
        microphone: Opened by the thread's owner; read here only.
        recogniser: None if this machine has none: presses are then refused with NO_MICROPHONE.
        post: Thread-safe sink of events.
        clock: Monotonic clock.
    """

    def __init__(
        self,
        microphone: Microphone,
        recogniser: Recogniser | None,
        post: Callable[[EngineEvent], None],
        clock: Clock,
    ) -> None:
        self._microphone = microphone
        self._recogniser = recogniser
        self._post = post
        self._clock = clock
        self._commands: queue.SimpleQueue[_Begin | _End | _Abandon | None] = queue.SimpleQueue()
        self._button = PushToTalk()
        self._turn: Turn | None = None
        self._session: RecognitionSession | None = None
        self._partial = ""
        self._thread = threading.Thread(target=self._run, name="hearing", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def begin(self, turn: Turn, pressed_at_s: float) -> None:
        """Listen from half a second before ``pressed_at_s``."""
        self._commands.put(_Begin(turn, pressed_at_s))

    def end(self, released_at_s: float) -> None:
        """The button is up: finish with a short tail, at once if the visitor is already silent."""
        self._commands.put(_End(released_at_s))

    def abandon(self) -> None:
        """Forget the recording; posts nothing more for this turn."""
        self._commands.put(_Abandon())

    def stop(self) -> None:
        self._commands.put(None)
        self._thread.join(1.0)

    def _run(self) -> None:
        try:
            while self._obey():
                block = self._microphone.read(READ_S)
                if block is not None:
                    self._take(block)
                elif self._overdue():
                    self._finish()  # the microphone fell silent after the release
        except KioskError as error:
            self._post(PartFailed("asr", str(error), fatal=True))

    def _obey(self) -> bool:
        """Carry out waiting commands; false if the thread should end."""
        while True:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return True
            match command:
                case None:
                    return False
                case _Begin(turn, pressed_at_s):
                    self._begin(turn, pressed_at_s)
                case _End(released_at_s):
                    if self._turn is not None:
                        self._button.release(released_at_s)
                        self._finish_if_done()
                case _Abandon():
                    self._drop()

    def _begin(self, turn: Turn, pressed_at_s: float) -> None:
        self._drop()
        if self._recogniser is None:
            self._post(Refused(turn.number, NoticeKind.NO_MICROPHONE))
            return
        self._turn = turn
        self._session = self._recogniser.session()
        for block in self._button.press(pressed_at_s):
            self._session.feed(block.samples)

    def _take(self, block: AudioBlock) -> None:
        if self._turn is None or self._session is None:
            self._button.idle(block)
            return
        update = self._button.feed(block)
        self._post(Level(self._turn.number, update.level, update.clipping))
        partial = self._session.feed(block.samples)
        if partial and partial != self._partial:
            self._partial = partial
            self._post(Partial(self._turn.number, partial))
        if update.too_long:
            self._refuse(NoticeKind.TOO_LONG)
        else:
            self._finish_if_done()

    def _finish_if_done(self) -> None:
        if self._turn is not None and self._button.done:
            self._finish()

    def _overdue(self) -> bool:
        deadline_s = self._button.deadline_s
        return deadline_s is not None and self._clock.now_s() > deadline_s

    def _finish(self) -> None:
        if self._turn is None or self._session is None:
            return
        verdict = self._button.verdict()
        if verdict in REFUSALS:
            self._refuse(REFUSALS[verdict])
            return
        turn = self._turn
        began_s = self._clock.now_s()
        turn.timings_ms["tail"] = max(0.0, 1e3 * (began_s - turn.released_at_s))
        hearing = self._session.finish()
        turn.timings_ms["asr"] = 1e3 * (self._clock.now_s() - began_s)
        clipped = verdict is Verdict.CLIPPED
        self._drop()
        self._post(Recognised(turn.number, hearing.text, hearing.confidence, clipped))

    def _refuse(self, kind: NoticeKind) -> None:
        if self._turn is not None:
            self._post(Refused(self._turn.number, kind))
        self._drop()

    def _drop(self) -> None:
        """Nothing of the recording remains."""
        self._turn = None
        self._session = None
        self._partial = ""
