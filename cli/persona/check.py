"""`kiosk persona check`: read a persona file, look at its loop, and name every problem."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
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
    loops = own_loops(loaded)
    problems = [problem for loop in loops for problem in loop.inspected.problems]
    if problems:
        for problem in problems:
            print(problem)
        return EXIT_BAD
    print(f"{arguments.persona}: good. {persona.identity.name}, {len(persona.answers)} answers.")
    for loop in loops:
        print(f"{loop.name}: good. {loop.inspected}.")
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


@dataclass(frozen=True, slots=True)
class OwnLoop:
    """Attributes:
    name: As persona.toml names the file.
    inspected: What is to be said of it.
    """

    name: str
    inspected: Inspected


def own_loops(loaded: LoadedPersona) -> list[OwnLoop]:
    """Look at every loop that persona.toml names, in its order; none if it uses the built-in ones.

    Raises:
        ModelMissing: A file that the persona names is not there.
    """
    from kiosk.making import inspect_joined, inspect_loop
    from kiosk.messages import Shape
    from kiosk.persona import loop_path, optional_loop
    from kiosk.video.footage import face_place

    portrait = loaded.persona.portrait
    found = []
    for shape, loops, prefix in (
        (Shape.WIDE, portrait, ""),
        (Shape.UPRIGHT, portrait.upright, "upright."),
    ):
        if not (loops.loop or loops.face_boxes or loops.face_box):
            continue
        wide = shape is Shape.WIDE
        idle = loop_path(loaded) if wide else optional_loop(loaded, "upright.loop")
        if idle is None:
            continue
        found.append(OwnLoop(loops.loop, inspect_loop(idle, face_place(loaded, shape))))
        for key in ("listening", "thinking"):
            joined = optional_loop(loaded, f"{prefix}{key}") if loops.loop else None
            if joined is not None:
                found.append(OwnLoop(getattr(loops, key), inspect_joined(joined, idle)))
    return found
