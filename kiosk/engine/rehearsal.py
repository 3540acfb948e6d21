"""A whole engine in this process with a scripted visitor: for benchmarks and tests.

Everything is the real thing but the devices, which are virtual unless the caller gives real ones,
and the window, whose place a list of messages takes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from kiosk.audio import SAMPLE_RATE_HZ, ScriptedMicrophone
from kiosk.engine.config import AudioMode, EngineConfig
from kiosk.engine.core import Engine
from kiosk.engine.devices import Devices
from kiosk.engine.events import Booted
from kiosk.engine.parts import Parts
from kiosk.errors import EngineFault
from kiosk.messages import (
    AnswerReport,
    AskText,
    EndVisit,
    MouthPatch,
    PressTalk,
    ReleaseTalk,
    State,
    StateChanged,
    StopTalk,
    ToEngine,
    ToWindow,
)
from kiosk.persona import LoadedPersona, Site
from kiosk.timing import Clock, SystemClock

M = TypeVar("M")
LONGEST_ANSWER_S = 60.0
LEAD_IN_S = 0.3  # a visitor presses, then speaks


class Rehearsal:
    """Context manager: an engine on a thread of its own, warm and open.

    Args:
        loaded: The persona.
        parts: Loaded models.
        clock: Clock of engine and virtual devices; a faster one makes time pass faster.
        site: The machine's settings.
        say: How a question gets to the microphone; None for the virtual one.
        audio: Virtual or real devices.

    Attributes:
        engine: The engine.
        messages: What the window would have got, pictures left out, oldest first.
        released_at_s: When the button was let go, last time.
        first_patch_at_s: Time of the first mouth patch of the last answer; None if there was none.
    """

    def __init__(
        self,
        loaded: LoadedPersona,
        parts: Parts,
        *,
        clock: Clock | None = None,
        site: Site | None = None,
        say: Callable[[NDArray[np.int16]], None] | None = None,
        audio: AudioMode = AudioMode.VIRTUAL,
    ) -> None:
        self.clock = clock or SystemClock()
        self.messages: list[ToWindow] = []
        self.released_at_s = 0.0
        self._asked = 0
        self.first_patch_at_s: float | None = None
        self._parts = parts
        self._arrived = threading.Condition()
        site = site or Site()
        self._devices = Devices(EngineConfig(loaded.path, audio=audio), site, self.clock)
        self._say = say or self._say_virtually
        self.engine = Engine(loaded, site, self._devices, self._receive, self.clock)
        self._thread = threading.Thread(target=self._run, name="rehearsal", daemon=True)
        self._leaving = threading.Event()

    def __enter__(self) -> Self:
        self.engine.post(Booted(self._parts, 0.0))
        self._thread.start()
        self.wait_for(StateChanged, lambda m: m.state is State.ATTRACT)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        self._leaving.set()
        self._thread.join(5.0)

    def send(self, message: ToEngine) -> None:
        self.engine.post(message)

    def ask_aloud(
        self, question: NDArray[np.int16], *, release_after_s: float = 0.0, hear_out: bool = True
    ) -> dict[str, Any] | None:
        """Press, speak, let go, and listen.

        Args:
            question: 16 kHz mono.
            release_after_s: Time between the last sample and the release.
            hear_out: False returns as soon as the answer begins to sound.

        Returns:
            The answer's JSON object; None if not heard out.
        """
        seconds = len(question) / SAMPLE_RATE_HZ
        since = self._asked = len(self.messages)
        self.send(PressTalk(self.clock.now_s()))
        self.clock.sleep_s(LEAD_IN_S)
        self._say(question)
        self.clock.sleep_s(seconds + release_after_s)
        self.first_patch_at_s = None  # here: the last answer's may still come while one speaks
        self.released_at_s = self.clock.now_s()
        self.send(ReleaseTalk(self.released_at_s))
        return self._listen(since, hear_out=hear_out)

    def ask_typed(self, question: str, *, hear_out: bool = True) -> dict[str, Any] | None:
        """Type a question and listen."""
        self.first_patch_at_s = None
        since = self._asked = len(self.messages)
        self.send(AskText(question))
        return self._listen(since, hear_out=hear_out)

    def cut_short(self, after_s: float) -> dict[str, Any]:
        """Listen to the running answer for ``after_s`` more, then stop it; its JSON object."""
        self.clock.sleep_s(after_s)
        self.send(StopTalk())
        return self.wait_for(AnswerReport, since=self._asked).record

    def leave(self) -> None:
        """End the visit; returns when it is forgotten."""
        since = len(self.messages)
        self.send(EndVisit())
        self.wait_for(StateChanged, lambda m: m.state is State.ATTRACT, since=since)
        del self.messages[:]

    def wait_for(
        self,
        kind: type[M],
        wanted: Callable[[M], bool] = lambda _: True,
        *,
        since: int = 0,
        timeout_s: float = LONGEST_ANSWER_S,
    ) -> M:
        """The first such message after ``since``; EngineFault if none comes in time."""

        def find() -> M | None:
            for message in self.messages[since:]:
                if isinstance(message, kind) and wanted(message):
                    return message
            return None

        with self._arrived:
            found = self._arrived.wait_for(find, timeout_s)
        if found is None:
            raise EngineFault(f"no {kind.__name__} within {timeout_s:.0f} s")
        return found

    def _listen(self, since: int, *, hear_out: bool) -> dict[str, Any] | None:
        if not hear_out:
            self.wait_for(
                StateChanged,
                lambda m: m.state in (State.SPEAKING, State.IDLE),
                since=since,
            )
            return None
        # The report of an answer that this question cut off comes before the thinking begins.
        thinking = self.wait_for(StateChanged, lambda m: m.state is State.THINKING, since=since)
        since = next(i for i, m in enumerate(self.messages) if m is thinking)
        return self.wait_for(AnswerReport, since=since).record

    def _say_virtually(self, question: NDArray[np.int16]) -> None:
        if not isinstance(self._devices.microphone, ScriptedMicrophone):
            raise EngineFault("a real microphone needs a way to speak to it")
        self._devices.microphone.say(question)

    def _receive(self, message: ToWindow) -> None:
        if isinstance(message, MouthPatch):
            if self.first_patch_at_s is None:
                self.first_patch_at_s = self.clock.now_s()
            return
        with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()

    def _run(self) -> None:
        while not self._leaving.is_set() and not self.engine.wants_restart:
            self.engine.run_once()
        self.engine.stop()
