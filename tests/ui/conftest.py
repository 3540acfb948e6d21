"""One Qt application on the offscreen platform; Qt warnings, left-over timers and threads fail."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from kiosk.messages import Health, LinkState, Shape, State, StateChanged, ToEngine, ToWindow
from kiosk.persona import Site, load_persona
from kiosk.persona.schema import Persona
from kiosk.video.footage import Footage
from ui.app import make_application
from ui.conductor import Conductor
from ui.keys import talk_keys
from ui.window import Content, KioskWindow

PERSONA = Path(__file__).parents[2] / "persona.toml"
LOOP_SIZE = (320, 180)
LOOP_FRAMES = 50

SPACE = talk_keys("space")
HARMLESS = (
    "This plugin does not support",  # offscreen has no window manager to raise or activate with
    "No RHI backend",  # no graphics card: Qt converts video on the processor, as intended
    "XDG_RUNTIME_DIR",  # bare machines have no login session
)


@pytest.fixture(scope="session")
def application() -> QApplication:
    return make_application()


@pytest.fixture(autouse=True)
def qt_is_quiet(application: QApplication) -> Iterator[None]:
    """Any unexpected Qt warning, live timer or thread after a test is a failure."""
    warnings: list[str] = []

    def note(kind: QtMsgType, _context: object, text: str) -> None:
        grave = kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
        if grave and not any(part in text for part in HARMLESS):
            warnings.append(text)

    before = set(threading.enumerate())
    qInstallMessageHandler(note)
    yield
    application.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qInstallMessageHandler(None)
    assert not warnings
    assert not [thread.name for thread in set(threading.enumerate()) - before]
    left = [w for w in QApplication.topLevelWidgets() if w.objectName() == "kiosk"]
    timers = [timer for w in left for timer in w.findChildren(QTimer) if timer.isActive()]
    assert not left
    assert not timers


@pytest.fixture(scope="session")
def persona() -> Persona:
    return load_persona(PERSONA).persona


@pytest.fixture(scope="session")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a slowly changing grey with a light square in the middle."""
    path = tmp_path_factory.mktemp("loop") / "loop.mp4"
    width, height = LOOP_SIZE
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(LOOP_FRAMES):
            picture = np.full((height, width, 3), 60 + index, np.uint8)
            picture[60:120, 120:200] = 200
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


@dataclass
class FakeLink:
    """An engine that says only what a test lets it say, and keeps what it is told."""

    sent: list[ToEngine] = field(default_factory=list)
    restarts: int = 0
    stopped: bool = False

    def start(
        self, on_message: Callable[[ToWindow], None], on_link: Callable[[LinkState], None]
    ) -> None:
        self._on_message, self._on_link = on_message, on_link

    def send(self, message: ToEngine) -> None:
        self.sent.append(message)

    def restart(self) -> None:
        self.restarts += 1

    def stop(self) -> None:
        self.stopped = True

    def says(self, *messages: ToWindow) -> None:
        for message in messages:
            self._on_message(message)

    def is_now(self, health: Health, reason: str = "") -> None:
        self._on_link(LinkState(health, reason))

    def of(self, kind: type) -> list[ToEngine]:
        return [message for message in self.sent if isinstance(message, kind)]


@dataclass
class Kiosk:
    """A window with its conductor and a scripted engine."""

    window: KioskWindow
    conductor: Conductor
    link: FakeLink

    def state(self, state: State, visit: int = 1) -> None:
        self.link.says(StateChanged(state, visit))


MakeKiosk = Callable[..., Kiosk]


@pytest.fixture
def make_kiosk(application: QApplication, persona: Persona, loop: Path) -> Iterator[MakeKiosk]:
    made: list[Kiosk] = []

    def make(
        width: int = 1280,
        height: int = 720,
        *,
        loop: Path = loop,
        footage_of: Callable[[Shape], Footage] | None = None,
        site: Site | None = None,
        persona: Persona = persona,
        talk_keys: frozenset[int] = SPACE,
    ) -> Kiosk:
        link = FakeLink()
        focus = (persona.portrait.focus_x, persona.portrait.focus_y)

        def of_one_loop(shape: Shape) -> Footage:
            del shape
            return Footage(Shape.WIDE, loop, focus=focus)

        footage_of = footage_of or of_one_loop
        window = KioskWindow(Content(persona, site or Site(), footage_of, talk_keys))
        window.resize(width, height)
        window.show()
        window.open_portrait()
        conductor = Conductor(window, link)
        conductor.start()
        link.is_now(Health.UP)
        application.processEvents()
        made.append(Kiosk(window, conductor, link))
        return made[-1]

    yield make
    for kiosk in made:
        kiosk.conductor.stop()
        kiosk.window.allow_close()
        kiosk.window.close()
        kiosk.window.deleteLater()
        kiosk.conductor.deleteLater()
        assert kiosk.link.stopped
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    made.clear()


@pytest.fixture
def kiosk(make_kiosk: MakeKiosk) -> Kiosk:
    return make_kiosk()


def find(kiosk: Kiosk, name: str) -> QWidget:
    found = kiosk.window.findChild(QWidget, name)
    assert isinstance(found, QWidget), name
    return found


def tap(kiosk: Kiosk, name: str) -> None:
    target = find(kiosk, name)
    assert target.isVisible(), name
    QTest.mouseClick(target, Qt.MouseButton.LeftButton)


def kinds(kiosk: Kiosk) -> list[type]:
    return [type(message) for message in kiosk.link.sent]
