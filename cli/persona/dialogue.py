"""The review on a terminal: one group after the other, one key for each decision."""

from __future__ import annotations

from collections.abc import Callable

from cli.persona.review_steps import FEWEST_PHRASINGS, Review, lines_of
from kiosk.errors import BadInput
from kiosk.review import Group

Ask = Callable[[str], str]

KEYS = "[p] add to an answer   [n] new answer   [d] delete   [s] skip   [q] quit"


def hold(review: Review, ask: Ask = input) -> None:
    """Aim: let staff decide what becomes of each group, most asked first.

    Args:
        review: Does what is decided.
        ask: Shows a prompt and returns the line typed; EOFError ends the review.
    """
    print(f"Groups of questions: {len(review.groups)}. {KEYS}")
    for group in review.groups:
        print("", *lines_of(group), sep="\n")
        try:
            if not _decide(review, group, ask):
                return
        except EOFError:
            return


def _decide(review: Review, group: Group, ask: Ask) -> bool:
    """One group; False if staff want to stop."""
    while True:
        key = ask("p, n, d, s or q: ").strip().lower()[:1]
        try:
            match key:
                case "p":
                    _add_phrasing(review, group, ask)
                case "n":
                    _add_answer(review, group, ask)
                case "d":
                    review.dismiss(group)
                case "s":
                    return True
                case "q":
                    return False
                case _:
                    print(KEYS)
                    continue
        except BadInput as error:  # the file is as it was: another try, or skip
            print(error)
            continue
        return True


def _add_phrasing(review: Review, group: Group, ask: Ask) -> None:
    usual = group.nearest.answer_id if group.nearest is not None else ""
    answer_id = ask(f"id of the answer [{usual}]: ").strip() or usual
    wording = ask(f"wording [{group.question}]: ").strip()
    review.add_phrasing(group, answer_id, [wording] if wording else [])


def _add_answer(review: Review, group: Group, ask: Ask) -> None:
    answer_id = ask("id of the new answer (small letters and hyphens): ").strip()
    say = _lines("what the persona says; an empty line ends: ", ask)
    needed = max(0, FEWEST_PHRASINGS - len(group.phrasings))
    wordings = _lines(f"ways to ask, {needed} more at least; an empty line ends: ", ask)
    source = ask("where this is known from: ").strip()
    review.add_answer(group, answer_id, say, wordings, source)


def _lines(prompt: str, ask: Ask) -> list[str]:
    lines = []
    while line := ask(prompt).strip():
        lines.append(line)
    return lines
