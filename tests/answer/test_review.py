"""Warnings to a curator."""

from __future__ import annotations

import pytest

from kiosk.answer import Embedder
from kiosk.answer.review import PersonaReview
from tests.answer.people import small_persona


@pytest.fixture(scope="module")
def review(embedder: Embedder) -> PersonaReview:
    persona = small_persona()
    one = persona.answers[2].model_dump()  # when were you born
    twin = {
        **one,
        "id": "born-again",
        "ask": tuple(f"{ask} then" for ask in one["ask"]),
        "say": ("Once more.",),
    }
    answers = (*(answer.model_dump() for answer in persona.answers), twin)
    return PersonaReview(small_persona(answers=answers), embedder)


def test_competing_answers_are_named(review: PersonaReview) -> None:
    pairs = {(pair.one_id, pair.other_id) for pair in review.competing()}
    assert ("born", "born-again") in pairs
    assert "compete" in str(review.competing()[0])


def test_misleading_phrasings_are_named(review: PersonaReview) -> None:
    found = review.misleading()
    assert any({one.answer_id, one.found_id} == {"born", "born-again"} for one in found)
    assert all(one.phrasing in str(one) for one in found)


def test_a_plain_persona_gives_no_competition(embedder: Embedder) -> None:
    assert PersonaReview(small_persona(), embedder).competing() == ()


def test_topics_without_answer(review: PersonaReview) -> None:
    asked = ["stock exchange rates", "quantum chromodynamics", "the quantum chromodynamics"]
    topics = review.topics_without_answer([*asked, "when were you born"])
    assert (topics[0].question, topics[0].count) == ("quantum chromodynamics", 2)
    assert all("born" not in topic.question for topic in topics)
