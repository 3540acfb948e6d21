"""`kiosk lips`: train a lips model on one's own footage, or convert an official checkpoint."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from cli.models import add_licence_option
from cli.options import Commands
from cli.progress import bar
from kiosk.errors import BadInput
from kiosk.training.settings import TrainSettings, work_folder
from kiosk.training.torchless import require_torch

MODEL = ".onnx"
LICENCE = "wav2lip"
"""The manifest's entry whose terms a converted checkpoint is under."""


def add_parser(commands: Commands) -> None:
    """Add `lips` with its two actions; each sets ``run`` to a function of the arguments."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "lips", help="train a lips model of one's own, or convert an official one"
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    _add_train(actions)
    _add_convert(actions)


def _add_train(actions: Commands) -> None:
    about = "train a lips model on footage of one person who reads aloud"
    train: argparse.ArgumentParser = actions.add_parser(
        "train", help=about, description=f"{about.capitalize()}; see docs/lips-of-your-own.md."
    )
    usual = TrainSettings()
    train.add_argument("footage", nargs="+", type=Path, metavar="FILM", help="video with sound")
    train.add_argument("--out", type=Path, required=True, metavar="FILE.onnx", help="the model")
    train.add_argument(
        "--loop", type=Path, metavar="FILM", help="the idle loop that the model will draw into"
    )
    train.add_argument(
        "--size", type=int, default=usual.size, help=f"side of the face, pixels ({usual.size})"
    )
    budget = train.add_mutually_exclusive_group()
    budget.add_argument(
        "--minutes", type=float, default=usual.minutes, help=f"to train ({usual.minutes:g})"
    )
    budget.add_argument("--steps", type=int, help="train by steps instead of minutes")
    train.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    train.add_argument("--threads", type=int, help="processor threads (default: all cores)")
    train.add_argument("--lead", type=int, metavar="MS", help="of the mouth; default: measured")
    train.add_argument("--seed", type=int, default=usual.seed, help="of everything random")
    train.add_argument(
        "--resume", action="store_true", help="go on where an interrupted training was"
    )
    train.add_argument(
        "--keep", action="store_true", help="keep the cut-out faces and the checkpoint"
    )
    train.set_defaults(run=_train)


def _add_convert(actions: Commands) -> None:
    about = "turn an official Wav2Lip checkpoint into ONNX, for those who hold a licence"
    convert: argparse.ArgumentParser = actions.add_parser(
        "convert", help=about, description=about.capitalize()
    )
    convert.add_argument("checkpoint", type=Path, metavar="FILE.pth")
    convert.add_argument("--out", type=Path, required=True, metavar="FILE.onnx", help="the model")
    add_licence_option(convert)
    convert.set_defaults(run=_convert)


def _train(arguments: argparse.Namespace) -> int:
    out: Path = arguments.out
    _check_out(out)
    settings = TrainSettings(
        size=arguments.size,
        minutes=arguments.minutes,
        steps=_steps(arguments.steps),
        device=arguments.device,
        threads=arguments.threads if arguments.threads is not None else os.cpu_count() or 1,
        lead_ms=arguments.lead,
        seed=arguments.seed,
    )
    for film in (*arguments.footage, *([arguments.loop] if arguments.loop else [])):
        if not film.is_file():
            raise BadInput("There is no such film.", where=film, remedy="Check the name.")
    require_torch()
    from kiosk.training.train import train

    record = train(
        arguments.footage,
        out,
        settings,
        bar,
        loop=arguments.loop,
        resume=arguments.resume,
        keep=arguments.keep,
    )
    _tell(out, record)
    if arguments.keep:
        print(f"{work_folder(out)}: cut-out faces and checkpoint; delete it when you are done.")
    return 0


def _tell(out: Path, record: dict[str, Any]) -> None:
    network, measured = record["network"], record["measured"]
    print(
        f"{out}: {network['parameters'] / 1e6:.1f} million weights, "
        f"{network['million_multiplications']:.0f} million multiplications a frame, "
        f"mouth {record['lead_ms']} ms ahead."
    )
    print(f"On held-back seconds: {measured['verdict']}")
    print(f"{out.with_suffix('.png')}: truth above, model below.")


def _convert(arguments: argparse.Namespace) -> int:
    _check_out(arguments.out)
    from kiosk.modelstore import open_store

    store = open_store()
    store.require_licence(store.manifest.find(LICENCE), arguments.accepted)
    require_torch()
    from kiosk.training.convert import convert

    apart = convert(arguments.checkpoint, arguments.out)
    print(f"{arguments.out}: differs from PyTorch by at most {apart:.1g}.")
    print(f'persona.toml: portrait.lips = "{arguments.out.name}"')
    return 0


def _steps(wanted: int | None) -> int:
    if wanted is not None and wanted < 1:
        raise BadInput("--steps is 1 or more.")
    return wanted or 0


def _check_out(out: Path) -> None:
    """Refuse a name that cannot be written, before hours are spent."""
    if out.suffix.lower() != MODEL:
        raise BadInput("Unknown kind of file.", where=out, remedy=f"Name it *{MODEL}.")
    if out.is_dir() or not out.parent.is_dir() or not os.access(out.parent, os.W_OK):
        raise BadInput(
            "No file can be written there.", where=out, remedy="Name a file in a folder."
        )
