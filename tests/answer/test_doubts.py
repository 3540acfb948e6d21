"""What a question wants, apart from its subject."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.answer import Embedder
from kiosk.answer.matcher import Matcher
from kiosk.answer.names import Names
from kiosk.answer.preamble import bare_question
from kiosk.answer.predicates import Predicates
from kiosk.answer.wanted import Askings, Wanted, wanted_of
from kiosk.answer.words import normalise
from kiosk.persona.schema import Persona


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("What colour was it?", Wanted.COLOUR),
        ("How much is it worth?", Wanted.PRICE),
        ("How much did it weigh?", Wanted.WEIGHT),
        ("How tall were you?", Wanted.SIZE),
        ("How long ago was that?", Wanted.DURATION),
        ("How old was he?", Wanted.AGE),
        ("How many were there?", Wanted.COUNT),
        ("Which year was it?", Wanted.TIME),
        ("Who's that?", Wanted.PERSON),
        ("Did it bite?", Wanted.TRUTH),
        ("Farben", Wanted.ANYTHING),
    ],
)
def test_what_a_question_wants(question: str, wanted: Wanted) -> None:
    assert wanted_of(normalise(question)) is wanted


def test_an_answer_never_asked_for_a_price_is_the_less_likely_the_more_phrasings_it_has() -> None:
    normal = ["how much was it", *["who was he"] * 4, *["when was it"] * 40]
    normal[0] = "what did it cost"
    askings = Askings(normal, np.array([0] + [1] * 4 + [2] * 40), 3)
    asked, few, many = askings.lift(Wanted.PRICE)
    assert asked > 0 > few > many


def test_the_same_is_asked_of_another_subject(persona: Persona, embedder: Embedder) -> None:
    viewer = Matcher(persona, embedder).viewer
    predicates = Predicates(persona.answers, viewer.normal, viewer.slices, embedder)
    place = next(i for i, answer in enumerate(persona.answers) if answer.id == "plesiosaur")
    told = predicates.compare("how did you find the plesiosaur", place)
    untold = predicates.compare("how much is the plesiosaur worth", place)
    assert told.own > 0.99
    assert told.beyond > 0 > untold.beyond
    rows = viewer.slices[place]
    assert (
        predicates.compare(
            "how did you find the plesiosaur", place, list(range(rows.start, rows.stop))
        ).own
        == 0
    )


def test_a_long_name_is_put_right_before_a_short_one_inside_it() -> None:
    names = Names(["dimorphodon", "fortune"], ["what", "is", "more", "die", "for"])
    assert names.repair("what is die more for don") == "what is dimorphodon"


def test_rare_words_come_in_the_order_of_the_file(persona: Persona, embedder: Embedder) -> None:
    """Of two names that sound alike the first is taken: not one at this start, one at the next."""
    words = Matcher(persona, embedder).viewer.lexicon.rare_words
    texts = [text for answer in persona.answers for text in (*answer.ask, *answer.topics)]
    order = list(dict.fromkeys(" ".join(map(normalise, texts)).split()))
    assert [word for word in order if word in words] == list(words)


def test_a_greeting_leaves_no_single_word() -> None:
    assert bare_question("hello again") == "hello again"
    assert bare_question("hello who are you") == "who are you"
