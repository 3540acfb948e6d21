"""`kiosk persona`: check a persona file and prepare what is made from it."""

from __future__ import annotations

import argparse

from cli.options import Commands, add_persona_option, say_faults_once, threads_for


def add_parser(commands: Commands) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "persona", help="check a persona file, or build what is made from it"
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    check = actions.add_parser("check", help="read the file and name every problem in it")
    add_persona_option(check)
    check.set_defaults(run=run_check)
    build = actions.add_parser("build", help="build the recogniser and the lips for this persona")
    add_persona_option(build)
    build.set_defaults(run=run_build)


def run_check(arguments: argparse.Namespace) -> int:
    from kiosk.persona import load_persona

    persona = load_persona(arguments.persona).persona
    print(f"{arguments.persona}: good. {persona.identity.name}, {len(persona.answers)} answers.")
    return 0


def run_build(arguments: argparse.Namespace) -> int:
    """Load every part once, which builds and caches what the kiosk would build at its start."""
    from kiosk.engine.parts import PartsLoader
    from kiosk.persona import load_persona

    say_faults_once()
    loaded = load_persona(arguments.persona)
    parts = PartsLoader(loaded, threads_for()).load()
    for part, engine in parts.engines.items():
        print(f"{part:5} {engine}")
    for fault in parts.faults:
        print(f"replaced: {fault}")
    return 2 if parts.faults else 0
