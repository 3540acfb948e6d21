"""The demo's virtual visitor: presses the button, speaks, listens, looks, and leaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from cli.film import FPS, WindowFilm
from cli.tap import TappedLink
from kiosk.audio import read_wav
from kiosk.messages import (
    AnswerReport,
    EndVisit,
    EngineReady,
    PlayRecording,
    State,
    StateChanged,
)
from kiosk.room.sound import SoundRoom
from ui.capture import grab_window
from ui.window import KioskWindow

STEP_MS = 20
BOOT_LIMIT_S = 90.0
ANSWER_LIMIT_S = 60.0
PRESS_TO_SPEAK_S = 0.35
SPEAK_TO_RELEASE_S = 0.25

Script = Iterator[None]


class VirtualVisitor(QObject):
    """Runs a script in small steps on the window's own event loop.

    Attributes:
        film: What was shown.
        said: What the visitor said: monotonic time, samples, rate in Hz.
        screenshots: Pictures written so far.
        engines: What the engine said it uses.
        first_picture_s: Seconds from the opening of the window to its first picture.
    """

    def __init__(
        self, link: TappedLink, room: SoundRoom | None, questions: list[Path], out: Path
    ) -> None:
        super().__init__()
        self.film = WindowFilm(out / ".visit-silent.mp4")
        self.said: list[tuple[float, NDArray[np.int16], int]] = []
        self.screenshots: list[Path] = []
        self.engines: dict[str, str] = {}
        self.first_picture_s: float | None = None
        self._link = link
        self._room = room
        self._questions = questions
        self._out = out
        self._script = self._visit()
        self._steps = QTimer(self)
        self._steps.setInterval(STEP_MS)
        self._steps.timeout.connect(self._step)
        self._camera = QTimer(self)
        self._camera.setTimerType(Qt.TimerType.PreciseTimer)
        self._camera.setInterval(1000 // FPS)
        self._camera.timeout.connect(self._take_frame)

    def start(self, window: KioskWindow, first_picture_s: float | None) -> None:
        """Begin; the window shows a picture."""
        self._window = window
        self.first_picture_s = first_picture_s and round(first_picture_s, 2)
        self._steps.start()
        self._camera.start()

    def _visit(self) -> Script:
        yield from self._until(lambda: self._link.of(EngineReady), BOOT_LIMIT_S)
        if not (ready := self._link.of(EngineReady)):
            return
        self.engines = dict(ready[-1].engines)
        yield from self._pause(1.5)
        self._shoot("attract")
        for number, question in enumerate(self._questions, 1):
            yield from self._ask(number, question)
        self._link.send(EndVisit())
        yield from self._pause(1.5)
        self._shoot("left")

    def _ask(self, number: int, question: Path) -> Script:
        samples, rate_hz = read_wav(question)
        seconds = len(samples) / rate_hz
        answered = len(self._link.of(AnswerReport))
        self._key(QEvent.Type.KeyPress)
        yield from self._pause(PRESS_TO_SPEAK_S)
        self.said.append((time.monotonic(), samples, rate_hz))
        if self._room is not None:
            self._room.say(question)
        else:
            self._link.send(PlayRecording(str(question)))
        yield from self._pause(0.7 * seconds)
        self._shoot(f"listening-{number}")
        yield from self._pause(0.3 * seconds + SPEAK_TO_RELEASE_S)
        self._key(QEvent.Type.KeyRelease)
        yield from self._until(
            lambda: self._state() in (State.SPEAKING, State.IDLE), ANSWER_LIMIT_S
        )
        yield from self._pause(1.6)
        self._shoot(f"speaking-{number}")
        yield from self._until(
            lambda: len(self._link.of(AnswerReport)) > answered or self._state() is State.IDLE,
            ANSWER_LIMIT_S,
        )
        yield from self._pause(1.0)

    def _step(self) -> None:
        try:
            next(self._script)
        except StopIteration:
            self._steps.stop()
            self._camera.stop()
            self.film.stop()
            QApplication.exit(0)  # quit() would ask the window, which never agrees

    def _state(self) -> State:
        changes = self._link.of(StateChanged)
        return changes[-1].state if changes else State.BOOTING

    def _until(self, condition: Callable[[], object], limit_s: float) -> Script:
        until_s = time.monotonic() + limit_s
        while not condition() and time.monotonic() < until_s:
            yield

    def _pause(self, seconds: float) -> Script:
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            yield

    def _key(self, kind: QEvent.Type) -> None:
        event = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
        QCoreApplication.postEvent(self._window, event)

    def _take_frame(self) -> None:
        self.film.add(time.monotonic(), grab_window(self._window))

    def _shoot(self, name: str) -> None:
        path = self._out / f"{len(self.screenshots) + 1}-{name}.png"
        cv2.imwrite(str(path), grab_window(self._window))
        self.screenshots.append(path)
