"""Start-up and end of the window process, told in order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from kiosk.persona import Site, load_persona, resolve_asset
from ui.conductor import Conductor
from ui.display import prepare_environment
from ui.fonts import load_fonts
from ui.link import EngineLink
from ui.window import Content, KioskWindow

LinkFactory = Callable[[], EngineLink]
OnReady = Callable[[KioskWindow, Conductor], None]

BUILTIN_LOOP = "mary-anning/idle.mp4"
_WINDOWED_SIZE = (1280, 720)


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
        on_ready: Called with window and conductor once the first picture has been shown.

    Returns:
        Exit code of the application.

    Raises:
        PersonaError: persona.toml cannot be used.
        ModelMissing: The portrait's loop is not there.
    """
    loaded = load_persona(persona_path)
    loop = resolve_asset(
        loaded, loaded.persona.portrait.loop, builtin=BUILTIN_LOOP, key="portrait.loop"
    )
    application = make_application()
    windowed = windowed or not site.screen.fullscreen
    window = KioskWindow(Content(loaded.persona, site, loop, windowed=windowed))
    _show(application, window, site, windowed=windowed)
    window.open_portrait()
    # The engine is started after the first picture, so that the visitor sees a face at once.
    conductor = Conductor(window, link_factory())
    conductor.left.connect(application.quit)
    if windowed:
        window.allow_close()

    def begin() -> None:
        conductor.start()
        if on_ready is not None:
            on_ready(window, conductor)

    QTimer.singleShot(0, begin)
    try:
        return application.exec()
    finally:
        conductor.stop()
        window.allow_close()
        window.close()


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
