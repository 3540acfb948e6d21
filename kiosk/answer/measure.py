"""How often the right answer is chosen: direct, wrong, declined."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kiosk.answer.answerer import Answerer
from kiosk.answer.reply import Reply
from kiosk.answer.words import normalise
from kiosk.errors import BadInput
from kiosk.persona.schema import Answer

Split = Literal["tune", "held_out"]


@dataclass(frozen=True, slots=True)
class Case:
    """One question and the answer that it should get.

    Attributes:
        question: As a visitor may say it.
        answer_id: The right prepared answer; None if there is none.
        kind: How it is asked, for figures of each kind.
        before: The question before it in the same visit, for one that leans on it.
        also: Other prepared answers that serve as well.
    """

    question: str
    answer_id: str | None
    kind: str = ""
    before: str = ""
    also: frozenset[str] = frozenset()

    def served_by(self, answer_id: str | None) -> bool:
        """Whether a prepared answer, or none, is right."""
        return answer_id == self.answer_id or answer_id in self.also


@dataclass(frozen=True, slots=True)
class Miss:
    """One question that did not get its answer."""

    case: Case
    given: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a question would get if the threshold were 0.

    Attributes:
        case: The question.
        answer_id: The best answer; None if the question is declined at any threshold.
        confidence: Of it, 0..1.
    """

    case: Case
    answer_id: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """Result of a measurement.

    Attributes:
        answerable: Questions that have an answer.
        direct: Of those, answered rightly.
        wrong: Of those, answered with another answer.
        declined: Of those, not answered.
        offered: Of the declined, those whose answer was among the questions offered instead.
        unanswerable: Questions without an answer.
        rejected: Of those, rightly not answered.
        misses: Everything that went otherwise than it should.
    """

    answerable: int
    direct: int
    wrong: int
    declined: int
    offered: int
    unanswerable: int
    rejected: int
    misses: tuple[Miss, ...]

    def as_record(self) -> dict[str, Any]:
        """JSON for ``kiosk bench answer``; shares are of 1."""
        known, unknown = max(1, self.answerable), max(1, self.unanswerable)
        return {
            "answerable": self.answerable,
            "direct": round(self.direct / known, 3),
            "wrong": round(self.wrong / known, 3),
            "declined": round(self.declined / known, 3),
            "offered": round(self.offered / known, 3),
            "unanswerable": self.unanswerable,
            "rejected": round(self.rejected / unknown, 3),
        }


def measure(answerer: Answerer, cases: Iterable[Case]) -> AnswerFigures:
    """Ask every question as the first of a visit and count."""
    direct = wrong = declined = offered = rejected = answerable = unanswerable = 0
    misses: list[Miss] = []
    for case in cases:
        reply = _asked(answerer, case)
        right = case.served_by(reply.answer_id)
        if case.answer_id is None:
            unanswerable += 1
            rejected += right
        else:
            answerable += 1
            direct += right
            declined += reply.answer_id is None
            offered += reply.answer_id is None and _leads_to(answerer, reply, case.answer_id)
            wrong += not right and reply.answer_id is not None
        if not right:
            misses.append(Miss(case, reply.answer_id, reply.confidence))
    answerer.new_visit()
    return AnswerFigures(
        answerable, direct, wrong, declined, offered, unanswerable, rejected, tuple(misses)
    )


def _asked(answerer: Answerer, case: Case) -> Reply:
    """The reply in a fresh visit, after the question before it was answered and heard."""
    prepare(answerer, case)
    return answerer.answer(case.question)


def prepare(answerer: Answerer, case: Case) -> None:
    """Begin a visit and ask the question before."""
    answerer.new_visit()
    if case.before:
        before = answerer.answer(case.before)
        answerer.heard(before, " ".join(before.sentences))


def outcomes(answerer: Answerer, cases: Iterable[Case]) -> tuple[Outcome, ...]:
    """The best answer to every question, whatever its confidence."""
    found = []
    for case in cases:
        prepare(answerer, case)
        choice = answerer.candidates(case.question)
        best = choice.candidates[0] if choice.candidates and not choice.not_mine else None
        found.append(Outcome(case, best.answer.id if best else None, choice.confidence))
    answerer.new_visit()
    return tuple(found)


def by_kind(cases: Iterable[Case], figures: AnswerFigures) -> dict[str, float]:
    """Share of questions that went right, by kind; kinds without an answer are marked "no:"."""
    asked = Counter(_kind(case) for case in cases)
    missed = Counter(_kind(miss.case) for miss in figures.misses)
    return {kind: round(1 - missed[kind] / count, 3) for kind, count in sorted(asked.items())}


def _kind(case: Case) -> str:
    return case.kind if case.answer_id is not None else f"no: {case.kind}"


def unseen(cases: Iterable[Case], answers: Iterable[Answer]) -> tuple[Case, ...]:
    """Cases that no phrasing holds word for word: those would be no test."""
    known = {normalise(ask) for answer in answers for ask in answer.ask}
    return tuple(case for case in cases if case.before or normalise(case.question) not in known)


def _leads_to(answerer: Answerer, reply: Reply, answer_id: str) -> bool:
    """Whether a tap on one of the offered questions gives the answer."""
    guesses = (answerer.guess(question) for question in reply.suggestions)
    return any(guess is not None and guess.answer_id == answer_id for guess in guesses)


def load_cases(path: Path, split: Split) -> tuple[Case, ...]:
    """Questions of a file such as tests/answer/questions.toml.

    Raises:
        BadInput: The file is missing or has another layout.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        known = [
            Case(question, answer_id)
            for answer_id, splits in table["answers"].items()
            for question in splits[split]
        ]
        return (*known, *(Case(question, None) for question in table["unanswerable"][split]))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"The questions cannot be read ({error}).",
            where=path,
            remedy="Lay the file out as tests/answer/questions.toml.",
        ) from error
