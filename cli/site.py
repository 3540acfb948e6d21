"""`kiosk site`: print a commented site.toml, or check the one in place."""

from __future__ import annotations

import argparse
from pathlib import Path

from cli.options import Commands


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "site", help="print a commented site.toml, or check one"
    )
    parser.add_argument("--check", type=Path, metavar="FILE", help="read it and name every problem")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from kiosk.persona import load_site, site_template

    if arguments.check is None:
        print(site_template(), end="")
    else:
        load_site(arguments.check)
        print(f"{arguments.check}: good.")
    return 0
