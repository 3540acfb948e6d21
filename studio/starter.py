"""`python -m studio.starter`: make again every model that ships, each by its own recipe.

A step whose product lies in the folder already is passed over, and each recipe goes on where it was
stopped: so the same command may be given until all is there. Nothing in models/ is touched.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import MediaError

OUT = Path("starter-models")

Run = Callable[[list[str]], int]
"""Runs `python -m ...` with these arguments; returns its exit code."""


@dataclass(frozen=True)
class Step:
    """One product and the commands that make it.

    Attributes:
        room: What it belongs to, for ``--only``.
        product: The file, in the folder of products.
        commands: Arguments of ``python -m``, in order; ``{out}`` is the product's path, ``{work}``
            the folder of work, ``{models}`` the folder of products.
    """

    room: str
    product: str
    commands: tuple[str, ...]
    takes: str
    """How long on two cores, in words."""


def _loop(name: str, camera: str, product: str, takes: str) -> Step:
    command = f"studio portrait {name} --format {camera} --workers 2 --out {{out}}"
    return Step("portrait", f"mary-anning/{product}", (command,), takes)


STEPS = (
    Step("meaning", "all-MiniLM-L6-v2-q8_0.gguf", ("studio.meaning --out {out}",), "a minute"),
    _loop("idle", "landscape", "idle.mp4", "10 minutes"),
    _loop("listening", "landscape", "listening.mp4", "7 minutes"),
    _loop("thinking", "landscape", "thinking.mp4", "7 minutes"),
    _loop("idle", "portrait", "upright/idle.mp4", "17 minutes"),
    _loop("listening", "portrait", "upright/listening.mp4", "12 minutes"),
    _loop("thinking", "portrait", "upright/thinking.mp4", "12 minutes"),
    Step(
        "voice",
        "slt24.onnx",
        (
            "studio.voice corpus --work {work}/voice",
            "studio.voice teach --work {work}/voice",
            "studio.voice train --work {work}/voice",
            "studio.voice export --work {work}/voice --out {out}",
        ),
        "an hour and a half",
    ),
    Step(
        "lips",
        "lips256.onnx",
        (
            "studio.lips speech --work {work}/lips",
            "studio.lips hear --work {work}/lips",
            "studio.lips hear --work {work}/lips --every-voice --minutes 10",
            "studio.lips faces --work {work}/lips --poses 87",
            "studio.lips see --work {work}/lips --minutes 70",
            "studio.lips join --work {work}/lips --out {out}",
        ),
        "two hours",
    ),
)
"""rms16.onnx is not among them: its recipe was a prototype's (see models/README.md)."""


def main(arguments: list[str] | None = None, run: Run | None = None) -> int:
    """Make what is missing; returns the exit code of the step that failed, or 0."""
    chosen = _parser().parse_args(arguments)
    run = run or _python_m
    steps = [step for step in STEPS if step.room in (chosen.only or rooms())]
    for number, step in enumerate(steps, start=1):
        product = chosen.out / step.product
        print(f"[{number}/{len(steps)}] {product}", end="", flush=True)
        if product.exists():
            print(": is there")
            continue
        print(f": about {step.takes} on two cores", flush=True)
        try:
            product.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            print(MediaError(f"The folder cannot be made: {error}.", where=product.parent))
            return MediaError.exit_code
        for command in step.commands:
            filled = [
                word.format(out=product, work=chosen.out / "work", models=chosen.out)
                for word in command.split(" ")
            ]
            if code := run(filled):
                print(f"`python -m {' '.join(filled)}` ended with {code}.")
                print("The same command goes on from here.")
                return code
    print(f"Compare {chosen.out}/ with models/, look at it, listen to it, and then copy it there.")
    return 0


def rooms() -> tuple[str, ...]:
    """What ``--only`` takes."""
    return tuple(dict.fromkeys(step.room for step in STEPS))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m studio.starter", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help=f"folder of products ({OUT})")
    parser.add_argument("--only", nargs="+", choices=rooms(), help="these rooms only")
    return parser


def _python_m(arguments: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
