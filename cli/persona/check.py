"""`kiosk persona check`: read a persona file, look at its loop, and name every problem."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from cli.options import Commands, add_persona_option

if TYPE_CHECKING:
    from kiosk.making import Inspected
    from kiosk.persona import LoadedPersona
    from kiosk.persona.schema import Persona

EXIT_BAD = 2
MOST = 15  # warnings of each kind


def add_parser(actions: Commands) -> None:
    parser: argparse.ArgumentParser = actions.add_parser(
        "check", help="read the file, look at its loop, and name every problem"
    )
    add_persona_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from kiosk.persona import load_persona

    loaded = load_persona(arguments.persona)
    persona = loaded.persona
    inspected = own_loop(loaded)
    if inspected is not None and inspected.problems:
        for problem in inspected.problems:
            print(problem)
        return EXIT_BAD
    print(f"{arguments.persona}: good. {persona.identity.name}, {len(persona.answers)} answers.")
    if inspected is not None:
        print(f"{persona.portrait.loop}: good. {inspected}.")
    for warning in answer_warnings(persona):
        print(f"look at: {warning}")
    return 0


def answer_warnings(persona: Persona) -> list[str]:
    """What a curator should look at among the answers; none of it is an error."""
    from kiosk import paths
    from kiosk.answer import Embedder
    from kiosk.answer.review import PersonaReview
    from kiosk.engine.parts import BUILTIN_EMBEDDER
    from kiosk.persona import load_site
    from kiosk.review import QuestionStore, questions_dir

    model = paths.builtin_models_dir() / BUILTIN_EMBEDDER
    review = PersonaReview(persona, Embedder(model, threads=1, cache_dir=paths.cache_dir()))
    competing, misleading = review.competing(), review.misleading()
    kept = QuestionStore(questions_dir(), keep_days=load_site().storage.keep_days).texts()
    unanswered = [
        f"'{topic.question}' was asked {topic.count} times and has no answer: kiosk persona review"
        for topic in review.topics_without_answer(kept)
        if topic.count > 1
    ]
    found = (competing, misleading, unanswered)
    warnings = [str(one) for kind in found for one in kind[:MOST]]
    left = sum(max(0, len(kind) - MOST) for kind in found)
    return [*warnings, f"{left} more of the same kinds."] if left else warnings


def own_loop(loaded: LoadedPersona) -> Inspected | None:
    """What is to be said of the persona's own loop; None if it uses the built-in one.

    Raises:
        ModelMissing: A file that the persona names is not there.
    """
    portrait = loaded.persona.portrait
    if not (portrait.loop or portrait.face_boxes or portrait.face_box):
        return None
    from kiosk.engine.parts import face_place
    from kiosk.making import inspect_loop
    from kiosk.persona import loop_path

    return inspect_loop(loop_path(loaded), face_place(loaded))
