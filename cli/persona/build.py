"""`kiosk persona build`: make what the kiosk would make at its start."""

from __future__ import annotations

import argparse

from cli.options import Commands, add_persona_option, say_faults_once, threads_for
from cli.persona.check import EXIT_BAD, own_loops


def add_parser(actions: Commands) -> None:
    parser: argparse.ArgumentParser = actions.add_parser(
        "build", help="build the recogniser and the lips for this persona"
    )
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Load every part once, which builds and caches what the kiosk would build at its start.

    The persona's own loops are looked at first: what is wrong with them would be seen by everybody.
    Lips are prepared for both shapes of screen, if there is an idle loop for each.
    """
    from kiosk.engine.lips_network import prepare_network
    from kiosk.engine.parts import PartsLoader
    from kiosk.messages import Shape
    from kiosk.persona import load_persona

    say_faults_once()
    loaded = load_persona(arguments.persona)
    loops = own_loops(loaded)
    for loop in loops:
        print(f"loop  {loop.name}: {loop.inspected}")
    problems = [problem for loop in loops for problem in loop.inspected.problems]
    for problem in problems:
        print(f"problem: {problem}")
    parts = PartsLoader(loaded, threads_for()).load()
    for part, engine in parts.engines.items():
        print(f"{part:5} {engine}")
    if prepare_network(parts.lips, loaded, threads_for()) is not None:
        print(f"lips  {parts.lips.network}")
    upright = PartsLoader(loaded, threads_for(), Shape.UPRIGHT)
    if upright.footage.shape is Shape.UPRIGHT:
        lips = upright.lips()
        if prepare_network(lips, loaded, threads_for()) is not None:
            print(f"lips  upright: {lips.network}")
    parts.faults.extend([*upright.faults, *upright.footage.faults])
    for fault in parts.faults:
        print(f"replaced: {fault}")
    return EXIT_BAD if parts.faults or problems else 0
