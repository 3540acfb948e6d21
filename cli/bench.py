"""`kiosk bench`: how fast and how right each part is on this machine, as figures and ratios."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Mapping
from typing import Any

from cli.options import Commands, add_persona_option
from kiosk.errors import BadInput

PARTS = ("asr", "answer", "llm", "tts", "lips", "render", "latency", "memory")
FEWEST = 4
COUNTED = {"tts": "answers", "latency": "questions", "memory": "visits"}


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "bench", help="speed and quality of each part on this machine"
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all but memory)"
    )
    parser.add_argument(
        "--count",
        type=int,
        metavar="N",
        help="fewer answers (tts), questions (latency) or visits (memory)",
    )
    parser.add_argument(
        "--quality", action="store_true", help="lips: also how good they are, not only how fast"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    wanted = arguments.parts or [part for part in PARTS if part != "memory"]
    if unknown := [part for part in wanted if part not in PARTS]:
        raise BadInput(f"Unknown part {unknown[0]!r}.", remedy=f"Parts: {', '.join(PARTS)}.")
    count: int | None = arguments.count
    if count is not None and count < FEWEST:
        raise BadInput(f"--count is {FEWEST} or more.")
    if arguments.quality and "lips" not in wanted:
        raise BadInput("--quality is about lips.", remedy="Write: kiosk bench lips --quality")
    # Only here: `--help` need not wait for the models' libraries.
    from kiosk.engine import bench
    from kiosk.persona import load_persona
    from kiosk.render.measure import measure as render

    loaded = load_persona(arguments.persona)
    report: dict[str, Any] = {"machine": machine()}
    for part in wanted:
        options = {COUNTED[part]: count} if count is not None and part in COUNTED else {}
        measure: Callable[..., dict[str, Any]]
        measure = render if part == "render" else getattr(bench, part)
        report[part] = measure(loaded, **options)
        if part == "lips" and arguments.quality:
            report[part]["quality"] = bench.lips_quality(loaded)
        if not arguments.json:
            print(part)
            _print(report[part], 1)
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
    return 0


def machine() -> dict[str, Any]:
    """What the figures belong to; the load says how quiet it was."""
    load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load_at_start": load,
    }


def _print(figures: Mapping[str, Any], depth: int) -> None:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            print(f"{'  ' * depth}{name}")
            _print(value, depth + 1)
        else:
            shown = f"{value:.3f}" if isinstance(value, float) else value
            print(f"{'  ' * depth}{name:24} {shown}")
