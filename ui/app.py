"""Start-up and end of the window process, told in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication

from kiosk.messages import PersonaReloaded, ToWindow
from kiosk.persona import Site, load_or_last_good, loop_path
from kiosk.video.footage import footage_of
from ui.conductor import Conductor
from ui.display import prepare_environment
from ui.fonts import load_fonts
from ui.keys import talk_keys
from ui.link import EngineLink
from ui.window import Content, KioskWindow

LinkFactory = Callable[[], EngineLink]
OnReady = Callable[[KioskWindow, Conductor], None]

_WINDOWED_SIZE = (1280, 720)
_PICTURE_LIMIT_MS = 5000  # a picture that does not come must not keep the engine waiting


def make_application() -> QApplication:
    """The one application object, with the packaged typefaces loaded."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    prepare_environment()
    application = QApplication(["kiosk"])
    application.setApplicationName("persona-kiosk")
    load_fonts()
    return application


def run_window(
    persona_path: Path,
    site: Site,
    link_factory: LinkFactory,
    *,
    windowed: bool,
    on_ready: OnReady | None = None,
) -> int:
    """Aim: show the kiosk until staff leave it.

    Args:
        persona_path: persona.toml.
        site: The machine's settings.
        link_factory: Makes the link to an engine that is not started yet.
        windowed: In a window of 1280x720, for trying things out, instead of full screen.
        on_ready: Called once, with window and conductor, when the first video frame has been on
            screen and the engine has been started. ``conductor.first_picture_s`` then says how long
            after this call the picture came. Where there is no picture (a broken loop), it is
            called all the same, and the figure is None.

    Returns:
        Exit code of the application.

    Raises:
        PersonaError: persona.toml cannot be used.
        ModelMissing: The portrait's loop is not there.
    """
    began_s = time.monotonic()
    content = _load(persona_path, site)  # before Qt, so that a broken file costs no time
    application = make_application()
    windowed = windowed or not site.screen.fullscreen
    window = _open(application, content, windowed=windowed)
    conductor = Conductor(window, link_factory())
    conductor.left.connect(lambda: application.exit(0))  # quit() would ask every window
    windows = [window]

    def follow_persona(message: ToWindow) -> None:
        if isinstance(message, PersonaReloaded):
            renewed = _open(application, _load(persona_path, site), windowed=windowed)
            conductor.show_in(renewed)
            _close(windows.pop())
            windows.append(renewed)

    begun = False

    def begin() -> None:
        # The engine is started after the first picture, so that the visitor sees a face at once.
        nonlocal begun
        if begun:
            return
        begun = True
        if window.portrait.seen_at_s is not None:
            conductor.first_picture_s = window.portrait.seen_at_s - began_s
        conductor.start()
        if on_ready is not None:
            on_ready(window, conductor)

    window.portrait.seen.connect(begin)
    QTimer.singleShot(0 if window.portrait.error else _PICTURE_LIMIT_MS, conductor, begin)
    conductor.received.connect(follow_persona)
    try:
        return application.exec()
    finally:
        conductor.stop()
        _close(windows.pop())


def _load(persona_path: Path, site: Site) -> Content:
    loaded, _ = load_or_last_good(persona_path)  # the engine tells staff what is wrong
    loop_path(loaded)  # raises if there is no portrait at all
    keys = talk_keys(site.screen.talk_key)
    return Content(loaded.persona, site, partial(footage_of, loaded), keys)


def _open(application: QApplication, content: Content, *, windowed: bool) -> KioskWindow:
    window = KioskWindow(content)
    if windowed:
        window.allow_close()
    _show(application, window, content.site, windowed=windowed)
    window.open_portrait()
    return window


def _close(window: KioskWindow) -> None:
    window.portrait.close_loop()
    window.allow_close()
    # Not closed: Qt still paints a video frame that is on its way, and needs the native window.
    window.deleteLater()
    QCoreApplication.sendPostedEvents()
    QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)


def _show(application: QApplication, window: KioskWindow, site: Site, *, windowed: bool) -> None:
    if windowed:
        width, height = _WINDOWED_SIZE
        if site.screen.orientation == "portrait":
            width, height = height, width
        window.resize(width, height)
        window.show()
        return
    screens = application.screens()
    screen = screens[min(site.screen.index, len(screens) - 1)]
    window.setGeometry(screen.geometry())
    window.showFullScreen()
    window.grab_keys()
