"""`kiosk persona check`: read a persona file and name every problem in it."""

from __future__ import annotations

import argparse

from cli.options import Commands, add_persona_option


def add_parser(actions: Commands) -> None:
    parser: argparse.ArgumentParser = actions.add_parser(
        "check", help="read the file and name every problem in it"
    )
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from kiosk.persona import load_persona

    persona = load_persona(arguments.persona).persona
    print(f"{arguments.persona}: good. {persona.identity.name}, {len(persona.answers)} answers.")
    return 0
