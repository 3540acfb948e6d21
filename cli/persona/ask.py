"""`kiosk persona ask`: ask the portrait in writing, and see why it answers as it does."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.options import Commands, add_persona_option

if TYPE_CHECKING:
    from kiosk.answer import Answerer
    from kiosk.persona.schema import Persona

CANDIDATES = 3
WHAT_TO_DO = "Ask a question a line. An empty line begins a new visit; Ctrl-D ends."


def add_parser(actions: Commands) -> None:
    parser: argparse.ArgumentParser = actions.add_parser(
        "ask", help="ask in writing, and see what would be answered and why"
    )
    add_persona_option(parser)
    parser.add_argument(
        "--bank",
        type=Path,
        metavar="FILE",
        help="ask the questions of a question bank, and list what goes wrong on its tune side",
    )
    parser.add_argument(
        "--count-only",
        action="store_true",
        help="with --bank: the figures of both sides together, and no question that went wrong",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from kiosk.engine.parts import PartsLoader
    from kiosk.persona import load_persona

    loaded = load_persona(arguments.persona)
    answerer = PartsLoader(loaded, 1).answerer()
    if arguments.bank is not None and arguments.count_only:
        print(json.dumps(counted(answerer, loaded.persona, arguments.bank), indent=2))
        return 0
    if arguments.bank is not None:
        ask_bank(answerer, loaded.persona, arguments.bank)
        return 0
    if sys.stdin.isatty():
        print(WHAT_TO_DO)
    for line in sys.stdin:
        question = line.strip()
        if question:
            print("\n".join(answered(answerer, question)), flush=True)
        else:
            answerer.new_visit()
            print("(a new visit)", flush=True)
    return 0


def answered(answerer: Answerer, question: str) -> list[str]:
    """What is said to a question, and why: lines to print. The visit goes on from there."""
    choice = answerer.candidates(question)
    reply = answerer.answer(question)
    said = " ".join(reply.sentences)
    answerer.heard(reply, said)
    which = " and ".join(filter(None, (reply.answer_id, reply.second_id))) or reply.source
    lines = [f"> {question}", f"  {which}, sure {reply.confidence:.2f}: {said}"]
    if choice.not_mine:
        lines.append("  declined: like an example in [limits] not_mine")
    for match in choice.candidates[:CANDIDATES]:
        views = ", ".join(f"{name} {value:.2f}" for name, value in match.named_views())
        lines.append(
            f"    {match.confidence:.2f} {match.answer.id} as “{match.phrasing}” ({views})"
        )
    if reply.suggestions:
        lines.append(f"  offers: {' | '.join(reply.suggestions)}")
    return lines


def ask_bank(answerer: Answerer, persona: Persona, path: Path) -> None:
    """Print the figures of both sides of a bank, and the misses of the tune side only."""
    from kiosk.answer.bank import load_bank
    from kiosk.answer.measure import measure, unseen

    bank = load_bank(path)
    tune = measure(answerer, unseen(bank.side("tune"), persona.answers))
    for miss in tune.misses:
        case = miss.case
        asked = f"{case.before} > {case.question}" if case.before else case.question
        given = miss.given or "not answered"
        print(f"{case.answer_id or 'no answer'}: “{asked}” ({case.kind}): {given}")
    print(f"tune: {tune.as_record()}")
    print(
        f"measure: {measure(answerer, unseen(bank.side('measure'), persona.answers)).as_record()}"
    )


def counted(answerer: Answerer, persona: Persona, path: Path) -> dict[str, Any]:
    """Figures of a whole bank that is kept unseen: JSON."""
    from kiosk.answer.bank import load_bank
    from kiosk.answer.bank_figures import bank_figures
    from kiosk.answer.measure import unseen

    bank = load_bank(path)
    return bank_figures(answerer, bank, unseen(bank.cases, persona.answers))
