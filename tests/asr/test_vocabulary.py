"""What visitors are expected to say."""

from __future__ import annotations

import math

import pytest

from kiosk.asr.builtin.sentences import TEMPLATE_WEIGHT, UNKNOWN_NAME_SHARE, weighted_sentences
from kiosk.asr.builtin.vocabulary import UNKNOWN_WORD, question_templates
from kiosk.asr.spec import VocabularySpec

ABOUT = "tell me about {name}"


def sentences(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    (template,) = [t for t in question_templates(names) if t.pattern == ABOUT]
    return template.sentences


def test_names_fill_the_slot_of_names_and_one_may_be_unknown() -> None:
    assert sentences(("Lyme Regis", UNKNOWN_WORD)) == (
        ("tell", "me", "about", "lyme", "regis"),
        ("tell", "me", "about", UNKNOWN_WORD),
    )


def test_a_pattern_whose_slot_is_empty_is_left_out() -> None:
    assert not [t for t in question_templates(()) if t.pattern == ABOUT]


@pytest.mark.parametrize("names", [("Tray", "Lyme Regis"), ("Tray",)])
def test_unforeseen_names_share_a_pattern_with_the_known_ones(names: tuple[str, ...]) -> None:
    endings = {("tray",), ("lyme", "regis"), (UNKNOWN_WORD,)}
    about = [
        (words, weight)
        for words, weight in weighted_sentences(VocabularySpec(phrasings=(), words=names))
        if words[:3] == ("tell", "me", "about") and words[3:] in endings
    ]
    assert len(about) == len(names) + 1
    assert math.fsum(weight for _, weight in about) == pytest.approx(TEMPLATE_WEIGHT)
    unknown = [weight for words, weight in about if UNKNOWN_WORD in words]
    assert unknown == [pytest.approx(TEMPLATE_WEIGHT * UNKNOWN_NAME_SHARE)]
