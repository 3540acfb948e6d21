"""A question bank: what visitors may ask, and which answer is right. docs/question-bank.md."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from kiosk.answer.measure import Case
from kiosk.errors import BadInput

Side = Literal["tune", "measure"]


@dataclass(frozen=True, slots=True)
class Bank:
    """All questions of a bank.

    Attributes:
        cases: Questions with the answer they should get, or with none.
        distress: What people in need may say: the support notice is right.
        death: Questions about death that are no cry for help.
    """

    cases: tuple[Case, ...]
    distress: tuple[str, ...]
    death: tuple[str, ...]

    def side(self, side: Side) -> tuple[Case, ...]:
        """The cases of one side."""
        return tuple(case for case in self.cases if side_of(case.question, case.before) == side)


def side_of(question: str, before: str = "") -> Side:
    """The side a question belongs to, by its letters alone, so that it can never change sides.

    Args:
        question: As written in the bank.
        before: The question before it, for a follow-up.
    """
    letters = f"{before.strip()} {question.strip()}".strip().casefold()
    return "measure" if hashlib.sha256(letters.encode()).digest()[0] & 1 else "tune"


def load_bank(path: Path) -> Bank:
    """Read a bank.

    Raises:
        BadInput: The file is missing or has another layout.
    """
    try:
        file = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unreadable(path, str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if not str(part).startswith("tuple"))
        raise _unreadable(path, f"{place}: {first['msg']}") from error
    return Bank(file.cases(), _texts(file.distress), _texts(file.death))


def _unreadable(path: Path, why: str) -> BadInput:
    return BadInput(
        f"The question bank cannot be read ({why}).",
        where=path,
        remedy="Lay the file out as docs/question-bank.md shows.",
    )


Questions = tuple[str | tuple[str, str], ...]
"""A question, or the question before and the question."""


class _File(BaseModel):
    """The file as written."""

    model_config = ConfigDict(extra="forbid")

    answers: dict[str, dict[str, Questions]]
    unanswerable: dict[str, Questions] = {}
    also_right: dict[str, tuple[str, ...]] = {}
    distress: dict[str, tuple[str, ...]] = {}
    death: dict[str, tuple[str, ...]] = {}

    def cases(self) -> tuple[Case, ...]:
        known = [
            self._case(question, kind, answer_id)
            for answer_id, kinds in self.answers.items()
            for kind, questions in kinds.items()
            for question in questions
        ]
        unknown = [
            self._case(question, kind, None)
            for kind, questions in self.unanswerable.items()
            for question in questions
        ]
        return (*known, *unknown)

    def _case(self, question: str | tuple[str, str], kind: str, answer_id: str | None) -> Case:
        before, asked = ("", question) if isinstance(question, str) else question
        also = frozenset(self.also_right.get(asked, ()))
        return Case(asked, answer_id, kind=kind, before=before, also=also)


def _texts(groups: dict[str, Any]) -> tuple[str, ...]:
    return tuple(text for group in groups.values() for text in group)
