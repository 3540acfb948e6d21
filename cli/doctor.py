"""`kiosk doctor`: what is there, what is missing, and what to do about it."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.options import Commands, add_persona_option, say_faults_once, threads_for
from kiosk import paths
from kiosk.errors import KioskError

if TYPE_CHECKING:  # the models' libraries take half a second, which `--help` need not wait for
    from kiosk.persona import LoadedPersona

FREE_BYTES = 500_000_000
LIBRARY_LIMIT_S = 30.0
DISPLAY_LIMIT_S = 20.0
INDENT = " " * 30
LIBRARIES = ("av", "cv2", "llama_cpp", "onnxruntime", "piper", "sounddevice", "vosk")
QT_CHECK = "from PySide6.QtGui import QGuiApplication as A; a = A([]); print(a.platformName())"


@dataclass(frozen=True, slots=True)
class Finding:
    """Attributes:
    name: What was looked at.
    good: False if visitors cannot be served like this, or only in part.
    needed: True if nobody can be served without it.
    detail: What was found.
    remedy: What to do; empty if all is well.
    """

    name: str
    good: bool
    needed: bool
    detail: str
    remedy: str = ""


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "doctor", help="what is there, what is missing, what to do"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 if a visitor could be served now, else 3."""
    findings = list(examine(arguments.persona))
    served = all(finding.good for finding in findings if finding.needed)
    if arguments.json:
        print(json.dumps({"served": served, "findings": [asdict(f) for f in findings]}))
    else:
        for finding in findings:
            mark = "ok     " if finding.good else ("MISSING" if finding.needed else "note   ")
            print(f"{mark} {finding.name:22} {_indented(finding.detail)}")
            if finding.remedy:
                print(f"{INDENT} -> {finding.remedy}")
        print("A visitor could be served." if served else "No visitor could be served like this.")
    return 0 if served else 3


def examine(persona_path: Path) -> Iterator[Finding]:
    """Look at one thing after the other; a fault in one does not stop the rest."""
    from kiosk.persona import load_persona, load_site

    for library in LIBRARIES:
        yield _library(library)
    yield _checked("site.toml", lambda: f"log level {load_site().log_level}")
    yield _display()
    yield from _sound()
    loaded: list[LoadedPersona] = []

    def read() -> str:
        loaded.append(load_persona(persona_path))
        return f"{loaded[0].persona.identity.name}, {len(loaded[0].persona.answers)} answers"

    yield _checked("persona.toml", read)
    if loaded:
        yield from _portrait(loaded[0])
        yield from _engines(loaded[0])
    yield from _folders()


def _checked(name: str, look: Callable[[], str], *, needed: bool = True) -> Finding:
    try:
        return Finding(name, True, needed, look())
    except KioskError as error:
        return _fault(name, error, needed=needed)


def _fault(name: str, error: KioskError, *, needed: bool = True) -> Finding:
    detail = f"{error.where}: {error.what}" if error.where else error.what
    return Finding(name, False, needed, detail.rstrip(), error.remedy)


def _indented(detail: str) -> str:
    return f"\n{INDENT} ".join(detail.splitlines())


def _library(name: str) -> Finding:
    """Import in a process of its own: a native library may end it without a word."""
    if getattr(sys, "frozen", False):
        return Finding(name, True, True, "inside the installed program")
    try:
        done = subprocess.run(
            [sys.executable, "-c", f"import {name}"],
            capture_output=True,
            timeout=LIBRARY_LIMIT_S,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding(name, False, True, "hangs on import", "Install it again: make setup")
    if done.returncode == 0:
        return Finding(name, True, True, "loads")
    last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return Finding(name, False, True, last, "Install it again: make setup")


def _display() -> Finding:
    if sys.platform == "linux" and not has_display():
        return Finding(
            "display",
            False,
            True,
            "neither DISPLAY nor WAYLAND_DISPLAY is set",
            "Start the kiosk from a graphical session, or look at it with: kiosk demo --out DIR",
        )
    remedy = "See that the display runs; if it does, install the system packages: make setup"
    try:
        done = subprocess.run(
            [sys.executable, "-c", QT_CHECK],
            capture_output=True,
            text=True,
            check=False,
            timeout=DISPLAY_LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        return Finding("display", False, True, "Qt hangs when it opens the display", remedy)
    if done.returncode == 0:
        return Finding("display", True, True, f"Qt platform {done.stdout.strip()}")
    # Qt names the cause first, and ends with a list of every platform there is.
    first = (done.stderr.strip().splitlines() or ["Qt cannot open it"])[0]
    return Finding("display", False, True, first, remedy)


def has_display() -> bool:
    """Whether a window could be opened at all."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _sound() -> Iterator[Finding]:
    from kiosk.audio import list_devices

    try:
        devices = list_devices()
    except KioskError as error:
        yield _fault("sound", error)
        return
    inputs = [d.name for d in devices if d.inputs and not d.monitor]
    outputs = [d.name for d in devices if d.outputs]
    plug = "Plug one in, or start the sound server."
    yield Finding(
        "microphone", bool(inputs), True, ", ".join(inputs) or "none", "" if inputs else plug
    )
    yield Finding(
        "loudspeaker", bool(outputs), True, ", ".join(outputs) or "none", "" if outputs else plug
    )


def _portrait(loaded: LoadedPersona) -> Iterator[Finding]:
    """Which loops are shown on which screens."""
    from kiosk.messages import Shape
    from kiosk.video.footage import footage_of

    for shape in Shape:
        name = f"portrait, {shape}"
        try:
            footage = footage_of(loaded, shape)
        except KioskError as error:
            yield _fault(name, error)
            continue
        loops = {"listening": footage.listening, "thinking": footage.thinking}
        have = [footage.idle.name, *(loop.name for loop in loops.values() if loop is not None)]
        lacking = [f"no {key}" for key, loop in loops.items() if loop is None]
        cut = [] if footage.shape is shape else ["cut from the wide loop"]
        remedy = "" if not footage.faults else "Correct it: kiosk persona check"
        detail = "\n".join([", ".join([*have, *lacking, *cut]), *footage.faults])
        yield Finding(name, not footage.faults, False, detail, remedy)


def _engines(loaded: LoadedPersona) -> Iterator[Finding]:
    """Load each model as the kiosk would, and say what really runs, and on what."""
    from kiosk.engine.parts import PartsLoader

    say_faults_once()
    try:
        parts = PartsLoader(loaded, threads_for()).load()
    except KioskError as error:
        yield _fault("models", error)
        return
    for part, engine in parts.engines.items():
        yield Finding(f"engine {part}", engine != "none", part != "llm", engine)
    for fault in parts.faults:
        part, _, why = fault.partition(": ")
        yield Finding(f"replaced {part}", False, False, why)
    yield Finding("lips run on", True, False, _provider(parts.lips.provider))
    if parts.lips.network:
        yield Finding("lips network", True, False, parts.lips.network)


def _provider(used: str) -> str:
    """The processor that the lips really use, and what onnxruntime was built for besides."""
    import onnxruntime

    others = [name for name in onnxruntime.get_available_providers() if name != used]
    return f"{used} (also built in: {', '.join(others)})" if others else used


def _folders() -> Iterator[Finding]:
    for name, folder in (("cache", paths.cache_dir()), ("logs", paths.log_dir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".probe"
            probe.write_bytes(b"probe")
            probe.unlink()
            free = shutil.disk_usage(folder).free
        except OSError as error:
            why = error.strerror or str(error)
            yield Finding(f"disk ({name})", False, False, f"{folder}: {why}", "Make it writable.")
            continue
        enough = free > FREE_BYTES
        yield Finding(
            f"disk ({name})",
            enough,
            False,
            f"{free / 1e9:.1f} GB free",
            "" if enough else "Free some space; the kiosk runs without, but starts more slowly.",
        )
