"""Body of the engine process, told in order."""

from __future__ import annotations

import datetime
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from kiosk.engine.config import EngineConfig
from kiosk.engine.core import QUIET, Engine
from kiosk.engine.devices import Devices
from kiosk.engine.events import Booted, PartFailed
from kiosk.engine.host import EXIT_FOR_NEW_PICTURE
from kiosk.engine.link import Outbox, read_messages
from kiosk.engine.logs import log_to_files
from kiosk.engine.parts import PartsLoader, recogniser_folder
from kiosk.errors import KioskError, PersonaError
from kiosk.messages import PersonaReloaded, Shape, StaffNotice
from kiosk.persona import LoadedPersona, PersonaWatch, Site, load_or_last_good, load_site
from kiosk.timing import SystemClock
from kiosk.video.footage import footage_of

log = logging.getLogger(__name__)

PERSONA_POLL_S = 2.0
EXIT_FAULT = 70


def engine_process(config: EngineConfig, inbox: Connection, outbox: Connection) -> None:
    """Run one engine until it is told to stop, or should be replaced; ends the process."""
    clock = SystemClock()
    site = load_site(config.site_path)
    log_to_files("engine", site.log_level)
    to_window = Outbox(outbox, "to-window")
    loaded, broken = load_or_last_good(config.persona_path)
    if broken is not None:
        to_window.send(StaffNotice(str(broken)))

    devices = Devices(config, site, clock)
    engine = Engine(loaded, site, devices, to_window.send, clock, lambda: _is_open(site))
    replace_if_a_thread_dies(engine.post)
    reader = threading.Thread(target=_read, args=(inbox, engine), name="from-window", daemon=True)
    reader.start()
    loader = threading.Thread(
        target=_load, args=(engine, loaded, config, clock), name="boot", daemon=True
    )
    loader.start()

    persona = _PersonaOnDisk(config.persona_path, loaded)
    window = _WindowTurned(loaded, config.shape)
    exit_code = 0
    while not engine.stopped:
        engine.run_once()
        if engine.wants_restart:
            log.warning("engine asks to be replaced: %s", engine.wants_restart)
            exit_code = EXIT_FAULT
            break
        notice = persona.poll(clock.now_s())
        if notice is not None:
            to_window.send(StaffNotice(notice))
        if persona.prepared and engine.state in QUIET:
            to_window.send(PersonaReloaded())
            exit_code = EXIT_FOR_NEW_PICTURE
            break
        if engine.state in QUIET and window.needs_other_lips(engine.shape):
            exit_code = EXIT_FOR_NEW_PICTURE
            break
    if exit_code != EXIT_FAULT:
        engine.stop()
        if config.sound_out is not None:
            devices.save_sound(config.sound_out, config.sound_from_s, clock.now_s())
    to_window.close()
    logging.shutdown()
    # Native threads (PortAudio, onnxruntime) may hang in their own clean-up; nothing is left to do.
    sys.stdout.flush()
    os._exit(exit_code)


def replace_if_a_thread_dies(post: Callable[[PartFailed], None]) -> None:
    """An error that nobody foresaw would leave its part mute for ever: have the engine replaced."""

    def report(error: threading.ExceptHookArgs) -> None:
        place = traceback.extract_tb(error.exc_traceback)[-1]
        # Where, and not the error's own words: they may quote a visitor.
        text = f"{error.exc_type.__name__} in {Path(place.filename).name}, line {place.lineno}"
        post(PartFailed(error.thread.name if error.thread else "thread", text, fatal=True))

    threading.excepthook = report


def _load(engine: Engine, loaded: LoadedPersona, config: EngineConfig, clock: SystemClock) -> None:
    """Load the parts beside the main loop, which keeps beating meanwhile."""
    began_s = clock.now_s()
    try:
        parts = PartsLoader(loaded, config.threads, config.shape).load()
    except KioskError as error:
        engine.post(PartFailed("boot", str(error), fatal=True))
        return
    engine.post(Booted(parts, clock.now_s() - began_s))


def _read(inbox: Connection, engine: Engine) -> None:
    read_messages(inbox, engine.post)
    os._exit(0)  # the window is gone: nobody is there to serve


def _is_open(site: Site) -> bool:
    return site.is_open(datetime.datetime.now())


class _WindowTurned:
    """Whether the window has come to show another idle loop than the lips were loaded for.

    Until this engine makes way for another, between two visits, the window shows the loop without
    lips: it refuses patches that were made for the other one.
    """

    def __init__(self, loaded: LoadedPersona, shape: Shape) -> None:
        self._loaded = loaded
        self._answers: dict[Shape | None, bool] = {shape: False, None: False}
        self._shape = shape

    def needs_other_lips(self, shape: Shape | None) -> bool:
        """Looks at the files once for each shape."""
        if shape is not None and shape not in self._answers:
            try:
                shown, own = (footage_of(self._loaded, one).shape for one in (shape, self._shape))
            except KioskError:  # told at the start of this engine; the next one would fail as well
                shown = own = shape
            self._answers[shape] = shown is not own
        return self._answers[shape]


class _PersonaOnDisk:
    """Watches persona.toml while visitors are served.

    What takes long for a new version, its recogniser, is made beside the running engine, so that
    the change of personas takes no longer than any start.

    Attributes:
        prepared: True once a good new version is on disk and all is made for it.
    """

    def __init__(self, path: Path, loaded: LoadedPersona) -> None:
        self.prepared = False
        self._watch = PersonaWatch(path, loaded.digest)
        self._digest = loaded.digest
        self._wanted: LoadedPersona | None = None
        self._next_at_s = 0.0

    def poll(self, now_s: float) -> str | None:
        """A new notice for staff, an empty one if the fault is mended, or None."""
        if now_s < self._next_at_s:
            return None
        self._next_at_s = now_s + PERSONA_POLL_S
        found = self._watch.poll()
        if isinstance(found, PersonaError):
            self._wanted = None
            self.prepared = False
            return str(found)
        if found is not None:
            self._wanted = found if found.digest != self._digest else None
            self.prepared = False
            if self._wanted is not None:
                threading.Thread(target=self._prepare, args=(found,), daemon=True).start()
            return ""
        return None

    def _prepare(self, loaded: LoadedPersona) -> None:
        try:
            recogniser_folder(loaded)
        except (KioskError, OSError) as error:
            log.warning("not prepared: %s", error)  # the next engine says so to staff
        self.prepared = self._wanted is loaded
