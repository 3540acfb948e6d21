"""`kiosk demo`: the same kiosk, unattended, with a virtual visitor.

A private sound server and a private screen stand in for the room, so that nothing of this machine's
own sound or display is touched. Where one of them cannot be started, the recordings are fed
straight into the engine and the window is drawn off screen; everything is written all the same.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from cli.options import Commands, add_persona_option, threads_for
from cli.tap import TappedLink
from kiosk import paths
from kiosk.audio import SAMPLE_RATE_HZ, read_wav, write_wav
from kiosk.engine.config import AudioMode, EngineConfig
from kiosk.engine.host import EngineHost
from kiosk.engine.parts import PartsLoader
from kiosk.engine.process import engine_process
from kiosk.errors import BadInput, KioskError
from kiosk.messages import Speaking, StaffNotice, SyncMeasured
from kiosk.persona import LoadedPersona, Site, load_persona
from kiosk.room.recorder import Recorder
from kiosk.room.screen import Screen
from kiosk.room.sound import SoundRoom

QUESTIONS = 3
FILM_RATE_HZ = 24_000
SOUND_FILE = "heard.wav"


@dataclass
class Stage:
    """Where the demo plays.

    Attributes:
        room: Sound server; None: recordings are fed straight in.
        screen: X server; None: the window is drawn off screen.
        why: What could not be started and why, for the report.
    """

    room: SoundRoom | None
    screen: Screen | None
    why: list[str]


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "demo", help="the kiosk with a virtual visitor, unattended, as a film"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument(
        "--size", default="1280x720", metavar="WxH", help="screen (720x1280 for an upright one)"
    )
    parser.add_argument(
        "--wav",
        type=Path,
        action="append",
        metavar="FILE",
        help="a recorded question, up to three times (default: made with the kiosk's own voice)",
    )
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    try:
        width, height = (int(part) for part in arguments.size.split("x"))
    except ValueError:
        raise BadInput(f"--size is WIDTHxHEIGHT, not {arguments.size!r}.") from None
    return make(arguments.persona, arguments.out, (width, height), arguments.wav or [])


def make(
    persona: Path,
    out: Path,
    size: tuple[int, int] = (1280, 720),
    recordings: list[Path] | None = None,
) -> int:
    """Run the whole demo and write ``visit.mp4``, screenshots and ``report.json`` into ``out``."""
    loaded = load_persona(persona)
    out.mkdir(parents=True, exist_ok=True)
    questions = _questions(loaded, out, recordings or [])
    print(f"A virtual visitor asks {len(questions)} questions; this takes about a minute.")
    with _stage(size) as stage:
        report = _visit(loaded, out, size, questions, stage)
    (out / "report.json").write_text(
        json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    if not report["engines"]:
        raise KioskError(
            f"The engine did not become ready. {report['faults']}".strip(),
            where=out / "report.json",
            remedy="Run `kiosk doctor`.",
        )
    for answer in report["answers"]:
        print(f"  heard: {answer['heard']!r} -> {answer['answer']['id']}")
    print(f"Written: {out / 'visit.mp4'}, {len(report['screenshots'])} screenshots, report.json")
    return 0


def _visit(
    loaded: LoadedPersona,
    out: Path,
    size: tuple[int, int],
    questions: list[Path],
    stage: Stage,
) -> dict[str, Any]:
    # Qt reads the environment when it is first imported, and this decides on which screen.
    from cli.visitor import VirtualVisitor
    from ui.app import run_window

    began_s = time.monotonic()
    sound_out = out / SOUND_FILE if stage.room is None else None
    config = EngineConfig(
        loaded.path,
        audio=AudioMode.DEVICES if stage.room is not None else AudioMode.VIRTUAL,
        sound_out=sound_out,
        sound_from_s=began_s,
        threads=threads_for(),
    )
    link = TappedLink(EngineHost(config, engine_process))
    visitor = VirtualVisitor(link, stage.room, questions, out)
    with contextlib.ExitStack() as stack:
        recorder = None
        if stage.room is not None:
            recorder = stack.enter_context(Recorder(stage.room, FILM_RATE_HZ))
        run_window(
            loaded.path,
            Site(),
            lambda: link,
            windowed=False,
            on_ready=lambda window, conductor: visitor.start(window, conductor.first_picture_s),
        )
    if recorder is not None:
        sound, from_s, rate_hz = recorder.samples, recorder.started_at_s, FILM_RATE_HZ
    elif sound_out is not None and sound_out.exists():
        sound, rate_hz = read_wav(sound_out)
        from_s = began_s
    else:
        raise KioskError(
            "The engine left no sound.", where=out, remedy="See the log of the engine."
        )
    visitor.film.finish(out / "visit.mp4", sound, rate_hz, from_s, visitor.said)
    return {
        "persona": loaded.persona.identity.name,
        "size": list(size),
        "sound": "virtual" if stage.room is None else "PulseAudio room",
        "screen": "off screen" if stage.screen is None else "Xvfb",
        "why": stage.why,
        "engines": visitor.engines,
        "faults": "\n".join(dict.fromkeys(notice.text for notice in link.of(StaffNotice))),
        "first_picture_s": visitor.first_picture_s,
        "answers": link.records,
        "lips_offset_ms": [_sync(sync) for sync in link.of(SyncMeasured)],
        "screenshots": [path.name for path in visitor.screenshots],
        "seconds": round(time.monotonic() - began_s, 1),
    }


def _sync(sync: SyncMeasured) -> dict[str, float]:
    return {
        "median": round(sync.median_ms, 1),
        "p95": round(sync.p95_ms, 1),
        "shown": sync.shown,
        "dropped": sync.dropped,
    }


@contextlib.contextmanager
def _stage(size: tuple[int, int]) -> Iterator[Stage]:
    """Start what can be started, put its environment into ours, and put it back."""
    before = dict(os.environ)
    stage = Stage(None, None, [])
    cache = paths.cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        stack.callback(_restore, before)
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # The demo leaves nothing behind and heeds no site.toml; only what is built is shared.
        (home / "cache").symlink_to(cache.resolve(), target_is_directory=True)
        os.environ["KIOSK_HOME"] = str(home)
        try:
            stage.room = stack.enter_context(SoundRoom())
            os.environ.update(stage.room.env)
        except KioskError as error:
            stage.why.append(str(error))
        try:
            stage.screen = stack.enter_context(Screen(*size, env=dict(os.environ)))
            os.environ.update(stage.screen.env)
            os.environ.pop("WAYLAND_DISPLAY", None)
            os.environ["QT_QPA_PLATFORM"] = "xcb"
        except KioskError as error:
            stage.why.append(str(error))
            os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={_offscreen(home, size)}"
        yield stage


def _offscreen(folder: Path, size: tuple[int, int]) -> Path:
    """Qt's offscreen platform has a screen of 800x800 unless a file says otherwise."""
    screen = {"name": "demo", "x": 0, "y": 0, "width": size[0], "height": size[1]}
    scale = {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    path = folder / "offscreen.json"
    path.write_text(json.dumps({"screens": [{**screen, **scale}]}), encoding="utf-8")
    return path


def _restore(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)


def _questions(loaded: LoadedPersona, out: Path, recordings: list[Path]) -> list[Path]:
    """The visitor's recordings: given ones, else suggestions spoken by the neutral voice."""
    if recordings:
        for path in recordings:
            read_wav(path)  # a broken file is told before anything starts
        return recordings[:QUESTIONS]
    voice = PartsLoader(loaded, threads_for()).voice(Speaking.KIOSK)
    questions = []
    for number, text in enumerate(loaded.persona.suggestions[:QUESTIONS], 1):
        samples: NDArray[np.int16] = np.concatenate([c.samples for c in voice.speak((text,))])
        path = out / f"question-{number}.wav"
        write_wav(
            path, soxr.resample(samples, voice.sample_rate_hz, SAMPLE_RATE_HZ), SAMPLE_RATE_HZ
        )
        questions.append(path)
    return questions
