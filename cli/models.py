"""`kiosk models`: list, fetch, verify, import and export models."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

from cli.options import Commands
from cli.progress import bar
from kiosk.errors import ModelBroken
from kiosk.modelstore import ModelState, Store, export_models, import_models, open_store
from kiosk.modelstore.files import readable

HELP = {
    "list": "what is built in, installed, and can be fetched",
    "fetch": "download models, check them and install them",
    "verify": "hash the files of installed and built-in models",
    "import": "install models from a USB stick, or from a file you downloaded",
    "export": "copy installed models to a USB stick",
}


def add_parser(commands: Commands) -> None:
    """Add `models` with its five actions; each sets ``run`` to a function of the arguments."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "models", help="list, fetch and carry models"
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    def action(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        added = actions.add_parser(name, help=HELP[name], description=HELP[name].capitalize())
        added.set_defaults(run=run)
        return added

    listing = action("list", _list)
    listing.add_argument("--json", action="store_true", help="for programs")

    fetch = action("fetch", _fetch)
    fetch.add_argument("names", nargs="+", metavar="NAME")
    add_licence_option(fetch)

    verify = action("verify", _verify)
    verify.add_argument("names", nargs="*", metavar="NAME", help="default: all that are there")
    verify.add_argument("--json", action="store_true", help="for programs")

    importing = action("import", _import)
    importing.add_argument("source", type=Path, metavar="FOLDER|FILE.tar|FILE")
    add_licence_option(importing)

    exporting = action("export", _export)
    exporting.add_argument("target", type=Path, metavar="FOLDER|FILE.tar")
    exporting.add_argument("names", nargs="*", metavar="NAME", help="default: all installed")


def add_licence_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--accept-licence",
        action="append",
        default=[],
        dest="accepted",
        metavar="NAME",
        help="acknowledge the special terms of this model (`kiosk models list` shows them)",
    )


def _list(arguments: argparse.Namespace) -> int:
    states = open_store().states()
    if arguments.json:
        _print_json([dataclasses.asdict(state) for state in states])
        return 0
    width = max(len(state.name) for state in states)
    for state in states:
        print(_line(state, width))
        for more in (state.detail, state.conditions if state.status != "built-in" else ""):
            if more:
                print(f"{'':{width}}    {more}")
    return 0


def _line(state: ModelState, width: int) -> str:
    size = readable(state.size) if state.size else "?"
    return (
        f"{state.name:{width}}  {state.status:9}  {state.kind:9}  {size:>8}  "
        f"{state.about} [{state.licence}]"
    )


def _fetch(arguments: argparse.Namespace) -> int:
    store = open_store()
    for name in arguments.names:  # all are asked for before the first byte of any moves
        store.require_licence(store.manifest.find(name), arguments.accepted)
    for name in arguments.names:
        with bar(name, in_bytes=True) as report:
            done = store.fetch(name, accepted=arguments.accepted, progress=report)
        print(f"{name}: {'already installed' if done.already_there else 'installed and verified'}.")
        _tell_first_use(done.first_use)
        print(f"  persona.toml: {done.model.use}")
        if done.model.conditions:
            print(f"  {done.model.licence}: {done.model.conditions}")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    found = open_store().verify(arguments.names)
    if arguments.json:
        _print_json({name: list(faults) for name, faults in found.items()})
    else:
        for name, faults in found.items():
            print(f"{name}: {'; '.join(faults) or 'as it should be'}")
    broken = [name for name, faults in found.items() if faults]
    return ModelBroken.exit_code if broken else 0


def _import(arguments: argparse.Namespace) -> int:
    with bar("Importing", in_bytes=True) as report:
        done = import_models(
            open_store(), arguments.source, accepted=arguments.accepted, progress=report
        )
    for name in done.names:
        print(f"{name}: installed and verified.")
    for name in done.already_there:
        print(f"{name}: already installed.")
    _tell_first_use(done.first_use)
    return 0


def _export(arguments: argparse.Namespace) -> int:
    store: Store = open_store()
    with bar("Exporting", in_bytes=True) as report:
        names = export_models(store, arguments.names, arguments.target, progress=report)
    print(f"{arguments.target}: {', '.join(names)}")
    print(f"On the other machine: kiosk models import {arguments.target.name}")
    return 0


def _tell_first_use(first_use: dict[str, str]) -> None:
    for saved, sha256 in first_use.items():
        print(f"  {saved}: its publisher gives no SHA-256; recorded now: {sha256}")


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
