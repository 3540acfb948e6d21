"""`kiosk ask`: one answer, or one for each line of standard input."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.options import Commands, add_persona_option, say_faults_once, threads_for
from cli.progress import bar
from kiosk.errors import BadInput

if TYPE_CHECKING:  # the models' libraries take half a second, which `--help` need not wait for
    from kiosk.engine.offline import Answered, OfflineKiosk
    from kiosk.persona import LoadedPersona

SOUND = ".wav"
FILM = ".mp4"
LINES = "-"


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "ask", help="one answer, in text, sound or film"
    )
    parser.add_argument(
        "question", nargs="?", metavar="TEXT", help=f"the question; '{LINES}' reads one a line"
    )
    parser.add_argument("--wav", type=Path, metavar="FILE", help="a recorded question")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=f"also write the answer as {FILM} or {SOUND}"
    )
    parser.add_argument(
        "--visit",
        action="store_true",
        help=f"with '{LINES}': all lines are one visit, so that follow-ups work; "
        "an empty line ends it",
    )
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    _check(arguments)
    from kiosk.engine.offline import OfflineKiosk
    from kiosk.persona import load_persona

    say_faults_once()
    loaded = load_persona(arguments.persona)
    kiosk = OfflineKiosk(loaded, threads_for())
    if arguments.question == LINES:
        _ask_lines(kiosk, keep_visit=arguments.visit)
    else:
        _ask_once(kiosk, loaded, arguments)
    for fault in kiosk.faults:
        print(f"kiosk: {fault}", file=sys.stderr)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Refuse wrong use before anything is loaded."""
    question: str | None = arguments.question
    out: Path | None = arguments.out
    if (question is None) == (arguments.wav is None):
        raise BadInput(f"Give a question, '{LINES}' or --wav FILE, and only one of them.")
    if question is not None and not question.strip():
        raise BadInput("The question is empty.")
    if arguments.visit and question != LINES:
        raise BadInput(f"--visit belongs to '{LINES}', which asks many questions.")
    if out is None:
        return
    if question == LINES:
        raise BadInput("--out takes one answer only.", remedy="Ask a single question.")
    if out.suffix.lower() not in (SOUND, FILM):
        raise BadInput("Unknown kind of file.", where=out, remedy=f"Name it *{FILM} or *{SOUND}.")
    if not out.parent.is_dir() or out.is_dir():
        raise BadInput(
            "No file can be written there.", where=out, remedy="Name a file in a folder."
        )


def _ask_once(kiosk: OfflineKiosk, loaded: LoadedPersona, arguments: argparse.Namespace) -> None:
    out: Path | None = arguments.out
    if arguments.wav is not None:
        answered = kiosk.ask_recording(arguments.wav, speak=out is not None)
    else:
        answered = kiosk.ask(arguments.question, speak=out is not None)
    if out is not None:
        _write(kiosk, loaded, answered, out)
    if arguments.json:
        _print(answered.record)
        return
    if answered.record["heard"] is not None:
        print(f"I heard: {answered.record['heard']}")
    print(answered.record["answer"]["text"])


def _ask_lines(kiosk: OfflineKiosk, *, keep_visit: bool) -> None:
    if isinstance(sys.stdin, io.TextIOWrapper):  # not whatever the locale says, nor a crash on it
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    for line in sys.stdin:
        question = line.strip()
        if question:
            _print(kiosk.ask(question).record)
        if not keep_visit or not question:
            kiosk.new_visit()


def _write(kiosk: OfflineKiosk, loaded: LoadedPersona, answered: Answered, out: Path) -> None:
    if out.suffix.lower() == SOUND:
        kiosk.save_sound(answered, out)
        return
    from kiosk.messages import Speaking
    from kiosk.render import FilmMaker, FilmRequest
    from kiosk.timing import CancelToken

    request = FilmRequest(
        persona=loaded.path,
        out=out.resolve(),
        text=answered.record["answer"]["text"],
        voice=answered.speaking,
    )
    maker = FilmMaker(loaded, threads_for())
    with bar(f"Rendering {out.name}") as report:
        maker.make(request, CancelToken(), report, spoken=answered.chunks)
    if answered.speaking is Speaking.PERSONA:  # to the kiosk's own voice she does not move them
        answered.record["engines"]["lips"] = f"{maker.lips.name} ({maker.lips.provider})"
    for fault in maker.faults:
        print(f"kiosk: {fault}", file=sys.stderr)


def _print(record: dict[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=False), flush=True)
