"""`kiosk pin`: turn a staff PIN into the hash that site.toml keeps."""

from __future__ import annotations

import argparse
import getpass
import sys

from cli.options import Commands
from kiosk.errors import BadInput

SHORTEST = 4
LONGEST = 12


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "pin", help="hash a staff PIN for site.toml"
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    from kiosk.persona import hash_pin

    asked = getpass.getpass("PIN: ") if sys.stdin.isatty() else sys.stdin.readline()
    pin = asked.strip()
    if not (pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise BadInput(f"A PIN is {SHORTEST} to {LONGEST} digits.")
    print("[staff]")
    print(f'pin_hash = "{hash_pin(pin)}"')
    return 0
