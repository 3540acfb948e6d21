"""Questions that mean the same come together; those that do not stay apart."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.answer import Embedder
from kiosk.paths import builtin_models_dir
from kiosk.review import Group, Kept, Phrasings, Why, group_questions
from kiosk.review.groups import clusters

FRIDAY = date(2026, 11, 20)
ASKS = {
    "tray": ("who was tray", "did you have a dog", "what was your dog called"),
    "born": ("when were you born", "where were you born"),
}


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(builtin_models_dir() / "all-MiniLM-L6-v2-q8_0.gguf", threads=1)


def grouped(embedder: Embedder, *questions: str) -> tuple[Group, ...]:
    kept = [Kept(FRIDAY, question, Why.DECLINED) for question in questions]
    phrasings = Phrasings(ASKS, embedder.embed, embedder.embed)
    return group_questions(kept, embedder.embed, phrasings)


CHEESE = ("did you like cheese", "do you like eating cheese", "what is your favourite cheese")
TELESCOPE = ("did you own a telescope", "did you have a telescope to see the stars")
RAILWAY = ("did you ever ride on a train", "did you travel by train")


def test_the_same_meaning_is_one_group(embedder: Embedder) -> None:
    groups = grouped(embedder, *CHEESE, *TELESCOPE, *RAILWAY, *CHEESE[:1])
    found = {frozenset(text for text, _ in group.wordings) for group in groups}
    assert found == {frozenset(CHEESE), frozenset(TELESCOPE), frozenset(RAILWAY)}


def test_most_asked_first_and_led_by_the_most_frequent(embedder: Embedder) -> None:
    groups = grouped(embedder, *TELESCOPE, *CHEESE, CHEESE[1])
    assert [group.count for group in groups] == [4, 2]
    assert groups[0].question == CHEESE[1]
    assert groups[0].wordings[0] == (CHEESE[1], 2)


def test_the_nearest_answer_is_named(embedder: Embedder) -> None:
    (group,) = grouped(embedder, "was your dog a terrier")
    assert group.nearest is not None
    assert group.nearest.answer_id == "tray"
    assert 0.5 < group.nearest.likeness < 1.0


def test_case_punctuation_and_blanks_do_not_part(embedder: Embedder) -> None:
    (group,) = grouped(
        embedder, "Did you like cheese?", "did you like cheese", "[personal] did you like cheese"
    )
    assert group.count == 3
    assert len(group.wordings) == len(group.phrasings) == 1, "one of them is a phrasing"
    assert len(group.texts) == 3, "but all three are in the store"


def test_a_group_is_led_by_a_wording_that_can_be_used(embedder: Embedder) -> None:
    (group,) = grouped(embedder, "[personal] did you own a telescope", "have you got a telescope")
    assert group.question == "have you got a telescope"


def test_a_groups_name_stays_while_more_is_asked(embedder: Embedder) -> None:
    (before,) = grouped(embedder, "did you like cheese")
    after = grouped(embedder, "did you like cheese", *TELESCOPE, "did you like cheese")
    assert before.group_id in {group.group_id for group in after}


def test_reasons_and_days_are_counted(embedder: Embedder) -> None:
    kept = [
        Kept(date(2026, 11, 2), "did you like cheese", Why.MODEL),
        Kept(date(2026, 11, 9), "did you like cheese", Why.MODEL),
        Kept(date(2026, 11, 5), "did you like cheese", Why.CORRECTED),
    ]
    (group,) = group_questions(kept, embedder.embed, Phrasings({}, embedder.embed, embedder.embed))
    assert dict(group.why) == {"model": 2, "corrected": 1}
    assert group.last_day == date(2026, 11, 9)
    assert group.nearest is None


def test_nothing_kept_is_no_group(embedder: Embedder) -> None:
    assert grouped(embedder) == ()


@given(st.integers(1, 12), st.integers(0, 1000), st.floats(0.0, 1.0))
def test_every_question_is_in_one_group(count: int, seed: int, likeness: float) -> None:
    vectors = np.random.default_rng(seed).standard_normal((count, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    members = [index for group in clusters(vectors, likeness) for index in group]
    assert sorted(members) == list(range(count))


def test_average_linkage_against_plain_counting() -> None:
    """Two groups may join only while the mean of all pairs between them is over the threshold."""
    vectors = np.random.default_rng(5).standard_normal((40, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    alike = vectors @ vectors.T
    groups = clusters(vectors, 0.3)
    assert 1 < len(groups) < 40
    for one in range(len(groups)):
        for other in range(one):
            assert alike[np.ix_(groups[one], groups[other])].mean() < 0.3 + 1e-6
