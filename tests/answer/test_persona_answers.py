"""The shipped persona: garbled words, near misses, and the held-out figures with a floor."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.answer import Answerer, Embedder
from kiosk.answer.bank import load_bank
from kiosk.answer.measure import Split, by_kind, load_cases, measure, unseen
from kiosk.errors import BadInput
from kiosk.paths import shipped_dir
from kiosk.persona.loader import load_persona

QUESTIONS = Path(__file__).with_name("questions.toml")
BANK = Path(__file__).parent.parent / "bank" / "mary-anning.toml"
SECOND_BANK = BANK.with_name("mary-anning-2.toml")


@pytest.fixture(scope="session")
def mary(embedder: Embedder) -> Answerer:
    return Answerer(load_persona(shipped_dir() / "persona.toml").persona, embedder, seed=0)


@pytest.mark.parametrize(
    ("heard", "answer_id"),
    [
        ("what is a please e a sore", "plesiosaur"),
        ("tell me about the plea see a saw", "plesiosaur"),
        ("what is an ick thee a sore", "ichthyosaur-what"),
        ("what is a copper light", "coprolites"),
        ("what is a bell em night", "belemnite"),
        ("what is a mon night", "ammonite"),
        ("who was elizabeth fill pot", "philpot"),
        ("who was william buck land", "buckland"),
        ("who was louis agger see", "agassiz"),
        ("what is die more for don", "pterosaur"),
        ("who was henry della beach", "de-la-beche"),
        ("what is a skwala raja", "squaloraja"),
        ("were you really struck by lightening", "lightning"),
        ("did you go to skull", None),
    ],
)
def test_garbled_words(mary: Answerer, heard: str, answer_id: str | None) -> None:
    mary.new_visit()
    given = mary.answer(heard).answer_id
    assert given == answer_id if answer_id else given in {"school", None}


@pytest.mark.parametrize(
    ("question", "answer_id"),
    [
        ("When were you born?", "born"),
        ("How did you die?", "death"),
        ("Where are you buried?", "buried"),
        ("How did your father die?", "father-death"),
        ("Where did you search for fossils?", "where"),
        ("When did you search for fossils?", "when-search"),
        ("What is a plesiosaur?", "plesiosaur"),
        ("What is an ichthyosaur?", "ichthyosaur-what"),
        ("Who was Tray?", "tray"),
        ("Are you real?", "real"),
    ],
)
def test_near_misses(mary: Answerer, question: str, answer_id: str) -> None:
    mary.new_visit()
    assert mary.answer(question).answer_id == answer_id


@pytest.mark.parametrize("split", ["tune", "held_out"])
def test_questions_cover_every_documented_answer(mary: Answerer, split: Split) -> None:
    ids = {answer.id for answer in mary._persona.answers}
    asked = {case.answer_id for case in load_cases(QUESTIONS, split)} - {None}
    assert asked <= ids
    assert len(asked) >= 60


def test_every_phrasing_leads_to_its_answer(mary: Answerer) -> None:
    wrong = []
    for answer in mary._persona.answers:
        for ask in answer.ask:
            best = mary._matcher.rank(ask, most=1)[0]
            if best.answer.id != answer.id:
                wrong.append((ask, answer.id, best.answer.id))
    assert wrong == []


def test_the_gates_on_the_measured_side_of_the_bank(mary: Answerer) -> None:
    """What docs/measurements-answers.md promises, so that a change cannot spoil it unseen."""
    cases = unseen(load_bank(BANK).side("measure"), mary._persona.answers)
    assert len(cases) >= 700
    figures = measure(mary, cases)
    record = figures.as_record()
    assert record["direct"] >= 0.85
    assert record["wrong"] <= 0.05
    assert by_kind(cases, figures)["no: off_topic"] >= 0.85
    assert record["rejected"] >= 0.82, "with the questions close to her life, the hardest"


def test_the_measured_side_of_the_second_bank(mary: Answerer) -> None:
    """Mostly questions close to her life that nobody can answer."""
    cases = unseen(load_bank(SECOND_BANK).side("measure"), mary._persona.answers)
    assert len(cases) >= 200
    record = measure(mary, cases).as_record()
    assert record["direct"] >= 0.90
    assert record["wrong"] <= 0.02
    assert record["rejected"] >= 0.78


def test_the_bank_s_distress_is_noticed_and_questions_about_death_are_not(mary: Answerer) -> None:
    bank = load_bank(BANK)
    assert [text for text in bank.distress if mary.answer(text).source != "support"] == []
    assert [text for text in bank.death if mary.answer(text).source == "support"] == []


def test_the_earlier_held_out_questions(mary: Answerer) -> None:
    cases = unseen(load_cases(QUESTIONS, "held_out"), mary._persona.answers)
    assert len(cases) >= 100
    figures = measure(mary, cases).as_record()
    assert figures["direct"] >= 0.85
    assert figures["wrong"] <= 0.05


def test_a_bad_question_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cases\.toml"):
        load_cases(tmp_path / "cases.toml", "tune")
    (tmp_path / "cases.toml").write_text("[answers]\nborn = 3\n")
    with pytest.raises(BadInput, match=r"cases\.toml"):
        load_cases(tmp_path / "cases.toml", "tune")
