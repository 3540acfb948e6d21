"""`kiosk bench`: how fast and how right each part is on this machine, as figures and ratios."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Mapping
from typing import Any

from cli.options import Commands, add_persona_option
from kiosk.engine import bench
from kiosk.persona import load_persona

PARTS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "asr": bench.asr,
    "answer": bench.answer,
    "tts": bench.tts,
    "lips": bench.lips,
    "latency": bench.latency,
    "memory": bench.memory,
}


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "bench", help="speed and quality of each part on this machine"
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all but memory)"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from kiosk.errors import BadInput

    wanted = arguments.parts or [part for part in PARTS if part != "memory"]
    if unknown := [part for part in wanted if part not in PARTS]:
        raise BadInput(f"Unknown part {unknown[0]!r}.", remedy=f"Parts: {', '.join(PARTS)}.")
    loaded = load_persona(arguments.persona)
    report: dict[str, Any] = {"machine": f"{platform.machine()}, {os.cpu_count()} cores"}
    for part in wanted:
        report[part] = PARTS[part](loaded)
        if not arguments.json:
            print(part)
            _print(report[part], 1)
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
    return 0


def _print(figures: Mapping[str, Any], depth: int) -> None:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            print(f"{'  ' * depth}{name}")
            _print(value, depth + 1)
        else:
            shown = f"{value:.3f}" if isinstance(value, float) else value
            print(f"{'  ' * depth}{name:24} {shown}")
