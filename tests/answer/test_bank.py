"""The question bank is what docs/question-bank.md promises: big enough, apart from the persona."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kiosk.answer.bank import Bank, load_bank, side_of
from kiosk.answer.words import normalise
from kiosk.errors import BadInput
from kiosk.paths import shipped_dir
from kiosk.persona.loader import load_persona
from kiosk.persona.schema import Persona

PATH = Path(__file__).parent.parent / "bank" / "mary-anning.toml"


@pytest.fixture(scope="module")
def bank() -> Bank:
    return load_bank(PATH)


@pytest.fixture(scope="module")
def mary() -> Persona:
    return load_persona(shipped_dir() / "persona.toml").persona


def test_no_question_stands_in_the_persona(bank: Bank, mary: Persona) -> None:
    asks = {normalise(ask) for answer in mary.answers for ask in answer.ask}
    phrases = {normalise(phrase) for phrase in (*mary.support.phrases, *mary.limits.not_mine)}
    asked = [case.question for case in bank.cases if not case.before]
    assert [q for q in (*asked, *bank.distress) if normalise(q) in asks | phrases] == []


def test_every_answer_has_eight_questions(bank: Bank, mary: Persona) -> None:
    count = Counter(case.answer_id for case in bank.cases)
    assert {answer.id: count[answer.id] for answer in mary.answers if count[answer.id] < 8} == {}
    assert set(count) - {None} == {answer.id for answer in mary.answers}
    known = {answer.id for answer in mary.answers}
    assert all(case.also <= known for case in bank.cases)


def test_three_in_ten_must_not_be_answered_as_prepared(bank: Bank) -> None:
    answerable = sum(case.answer_id is not None for case in bank.cases)
    others = len(bank.cases) - answerable + len(bank.distress) + len(bank.death)
    assert answerable >= 550
    assert others / (answerable + others) >= 0.30


@pytest.mark.parametrize(
    ("name", "earlier"),
    [
        ("mary-anning-2.toml", [PATH.name]),
        ("mary-anning-3.toml", [PATH.name, "mary-anning-2.toml"]),
    ],
)
def test_a_later_bank_holds_nothing_of_an_earlier_one_or_of_the_persona(
    mary: Persona, name: str, earlier: list[str]
) -> None:
    later = load_bank(PATH.with_name(name))
    known = {("", normalise(ask)) for answer in mary.answers for ask in answer.ask}
    known |= {("", normalise(text)) for text in (*mary.limits.not_mine, *mary.limits.not_known)}
    for path in earlier:
        cases = load_bank(PATH.with_name(path)).cases
        known |= {(normalise(case.before), normalise(case.question)) for case in cases}
    asked = [(normalise(case.before), normalise(case.question)) for case in later.cases]
    assert known.intersection(asked) == set()
    assert max(Counter(asked).values()) == 1
    assert {case.answer_id for case in later.cases} <= {a.id for a in mary.answers} | {None}


def test_the_third_bank_asks_for_most_answers_and_often_for_none() -> None:
    third = load_bank(PATH.with_name("mary-anning-3.toml"))
    count = Counter(case.answer_id for case in third.cases)
    assert sum(count[answer_id] >= 3 for answer_id in count if answer_id is not None) >= 30
    assert count[None] / len(third.cases) >= 0.35
    assert min(len(third.distress), len(third.death)) >= 10


def test_no_question_comes_twice(bank: Bank) -> None:
    asked = Counter((normalise(case.before), normalise(case.question)) for case in bank.cases)
    assert [pair for pair, times in asked.items() if times > 1] == []


def test_sides_are_halves_that_do_not_change(bank: Bank) -> None:
    """The three questions fix the way of dividing; whoever changes it, changes every figure."""
    assert side_of("date of birth") == "measure"
    assert side_of("who are ewe") == "tune"
    assert side_of(" Who are EWE ") == side_of("who are ewe")
    assert side_of("why", "when were you born") != side_of("why", "how did you die?")
    sizes = [len(bank.side("tune")), len(bank.side("measure"))]
    assert sum(sizes) == len(bank.cases)
    assert min(sizes) / sum(sizes) > 0.45


@pytest.mark.parametrize("text", ["answers = 3", "[answers.born]\nkeyword = [7]", "x = ["])
def test_a_bad_bank(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bank.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"bank\.toml"):
        load_bank(path)


def test_no_bank(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"missing\.toml"):
        load_bank(tmp_path / "missing.toml")
