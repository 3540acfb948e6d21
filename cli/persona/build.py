"""`kiosk persona build`: make what the kiosk would make at its start."""

from __future__ import annotations

import argparse

from cli.options import Commands, add_persona_option, say_faults_once, threads_for
from cli.persona.check import EXIT_BAD, own_loop


def add_parser(actions: Commands) -> None:
    parser: argparse.ArgumentParser = actions.add_parser(
        "build", help="build the recogniser and the lips for this persona"
    )
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Load every part once, which builds and caches what the kiosk would build at its start.

    The persona's own loop is looked at first: what is wrong with it would be seen by everybody.
    """
    from kiosk.engine.lips_network import prepare_network
    from kiosk.engine.parts import PartsLoader
    from kiosk.persona import load_persona

    say_faults_once()
    loaded = load_persona(arguments.persona)
    inspected = own_loop(loaded)
    if inspected is not None:
        print(f"loop  {inspected}")
    problems = inspected.problems if inspected is not None else ()
    for problem in problems:
        print(f"problem: {problem}")
    parts = PartsLoader(loaded, threads_for()).load()
    for part, engine in parts.engines.items():
        print(f"{part:5} {engine}")
    if prepare_network(parts.lips, loaded, threads_for()) is not None:
        print(f"lips  {parts.lips.network}")
    for fault in parts.faults:
        print(f"replaced: {fault}")
    return EXIT_BAD if parts.faults or problems else 0
