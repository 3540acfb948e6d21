"""The matcher's weights are not tied to the persona they were fitted on."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from kiosk.answer import Answerer, Embedder
from kiosk.answer.measure import Case, measure
from kiosk.persona.schema import Persona
from tests.answer.people import small_persona

KEEPER = Path(__file__).with_name("keeper.toml")


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    return tomllib.loads(KEEPER.read_text("utf-8"))


@pytest.fixture(scope="module")
def keeper(table: dict[str, Any]) -> Persona:
    identity = small_persona().identity.model_copy(
        update={"name": "Thomas Hale", "dates": "1841-1909", "epithet": "keeper of a lighthouse"}
    )
    answers = tuple(
        {"id": answer_id, "ask": tuple(answer["ask"]), "say": (answer["say"],)}
        for answer_id, answer in table["answers"].items()
    )
    return small_persona(
        identity=identity.model_dump(),
        answers=answers,
        facts=(),
        suggestions=("Who are you?", "How tall is the tower?", "Were you lonely?"),
    )


def test_another_persona_is_understood_with_the_same_weights(
    table: dict[str, Any], keeper: Persona, embedder: Embedder
) -> None:
    cases = [
        *(
            Case(question, answer_id)
            for answer_id, answer in table["answers"].items()
            for question in answer["questions"]
        ),
        *(Case(question, None) for question in table["unanswerable"]),
    ]
    record = measure(Answerer(keeper, embedder, seed=0), cases).as_record()
    assert record["direct"] >= 0.80
    assert record["wrong"] <= 0.08
    assert record["rejected"] >= 0.70, "it has no examples of what nobody knows"
