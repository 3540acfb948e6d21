"""`kiosk ask`: one answer, or one for each line of standard input."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from cli.options import Commands, add_persona_option, threads_for
from kiosk.engine.offline import Answered, OfflineKiosk
from kiosk.errors import BadInput
from kiosk.persona import load_persona

SOUND = ".wav"
FILM = ".mp4"


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "ask", help="one answer, in text, sound or film"
    )
    parser.add_argument(
        "question", nargs="?", metavar="TEXT", help="the question; '-' reads one a line"
    )
    parser.add_argument("--wav", type=Path, metavar="FILE", help="a recorded question")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=f"also write the answer as {FILM} or {SOUND}"
    )
    parser.add_argument(
        "--visit",
        action="store_true",
        help="with '-': all lines are one visit, so that follow-ups work; an empty line ends it",
    )
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    if (arguments.question is None) == (arguments.wav is None):
        raise BadInput("Give a question, '-' or --wav FILE, and only one of them.")
    out: Path | None = arguments.out
    if out is not None and (out.suffix not in (SOUND, FILM) or arguments.question == "-"):
        raise BadInput(
            "--out takes one answer only."
            if arguments.question == "-"
            else "Unknown kind of file.",
            where=out,
            remedy=f"Name it *{FILM} or *{SOUND}, with a single question.",
        )
    kiosk = OfflineKiosk(load_persona(arguments.persona), threads_for())
    if arguments.question == "-":
        return _ask_lines(kiosk, keep_visit=arguments.visit)
    if arguments.wav is not None:
        answered = kiosk.ask_recording(arguments.wav, speak=out is not None)
    else:
        answered = kiosk.ask(arguments.question, speak=out is not None)
    if out is not None:
        _write(kiosk, answered, out)
    for fault in kiosk.faults:
        print(f"kiosk: {fault}", file=sys.stderr)
    if arguments.json:
        _print(answered.record)
    else:
        if answered.record["heard"] is not None:
            print(f"I heard: {answered.record['heard']}")
        print(answered.record["answer"]["text"])
    return 0


def _ask_lines(kiosk: OfflineKiosk, *, keep_visit: bool) -> int:
    for line in sys.stdin:
        question = line.strip()
        if question:
            _print(kiosk.ask(question).record)
        if not keep_visit or not question:
            kiosk.new_visit()
    return 0


def _write(kiosk: OfflineKiosk, answered: Answered, out: Path) -> None:
    if out.suffix == SOUND:
        kiosk.save_sound(answered, out)
    else:
        kiosk.save_film(answered, out)
        answered.record["engines"]["lips"] = f"{kiosk.lips.name} ({kiosk.lips.provider})"


def _print(record: dict[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=False), flush=True)
