"""`kiosk persona`: everything about a persona file. One module for each action."""

from __future__ import annotations

import argparse

from cli.options import Commands
from cli.persona import ask, build, check, new, review

ACTIONS = (new, check, ask, build, review)


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "persona",
        help="make a persona, check its file, build what it needs, review questions",
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for action in ACTIONS:
        action.add_parser(actions)
