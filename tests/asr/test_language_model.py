"""The language model is a probability distribution after every history."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.asr.builtin.language_model import END, START, LanguageModel

WORDS = ("who", "are", "you", "she")
UNIGRAM = {"who": 0.4, "are": 0.2, "you": 0.1, "she": 0.1, END: 0.2}
sentences = st.lists(
    st.tuples(st.lists(st.sampled_from((*WORDS, "outside")), max_size=5), st.floats(0.01, 5.0)),
    max_size=8,
)


def trained(texts: list[tuple[list[str], float]], order: int) -> LanguageModel:
    model = LanguageModel(UNIGRAM, order=order, strength=2.0)
    for words, weight in texts:
        model.add(words, weight)
    return model


@given(sentences, st.integers(2, 3))
def test_probabilities_sum_to_one_after_every_history(
    texts: list[tuple[list[str], float]], order: int
) -> None:
    model = trained(texts, order)
    for history in model.histories():
        total = math.fsum(model.probability(word, history) for word in UNIGRAM)
        assert total == pytest.approx(1.0)


@given(sentences, st.integers(2, 3))
def test_arcs_and_back_off_give_the_same_probabilities(
    texts: list[tuple[list[str], float]], order: int
) -> None:
    model = trained(texts, order)
    for history in model.histories():
        if not history:
            continue
        seen = {onward.word: onward.probability for onward in model.continuations(history)}
        for word in UNIGRAM:
            by_back_off = model.back_off(history) * model.probability(word, history[1:])
            assert model.probability(word, history) == pytest.approx(seen.get(word, by_back_off))


@given(sentences)
def test_every_arc_leads_to_a_known_history(texts: list[tuple[list[str], float]]) -> None:
    model = trained(texts, 3)
    known = set(model.histories())
    for history in known:
        assert not history or history[1:] in known
        assert all(onward.history in known for onward in model.continuations(history))


def test_what_was_seen_becomes_likelier() -> None:
    model = trained([(["who", "are", "you"], 3.0)], 3)
    assert model.probability("you", ("who", "are")) > model.probability("you", ("are",)) > 0.1
    assert model.probability("who", (START,)) > model.probability("she", (START,))


def test_general_text_counts_as_so_many_words() -> None:
    model = LanguageModel(UNIGRAM, order=2, strength=1.0)
    model.add_general(("are",), {"you": 0.5}, words=2.0)
    assert model.probability("you", ("are",)) == pytest.approx((1.0 + 0.1) / 2.0)
