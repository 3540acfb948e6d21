"""What the model may say beside what the persona file tells: years, sums, names, denials."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.answer import Embedder
from kiosk.answer.grounding import Fault, Grounding
from kiosk.answer.knowledge import Knowledge
from kiosk.answer.numerals import numbers_in
from kiosk.answer.sentences import split_sentences
from kiosk.persona import Persona, load_persona
from tests.answer.people import small_persona

SHIPPED = Path(__file__).parents[2] / "persona.toml"
QUESTION = "did you know queen victoria or napoleon, and did you own a telescope in 1914"


@pytest.fixture(scope="module")
def mary() -> Persona:
    return load_persona(SHIPPED).persona


@pytest.fixture(scope="module")
def grounding(mary: Persona) -> Grounding:
    return Grounding(mary)


@pytest.mark.parametrize(
    "sentence",
    [
        "I was born in Lyme Regis on the 21st of May 1799.",
        "In 1811 my brother Joseph found the great skull.",
        "Joseph spotted the skull in eighteen eleven, and I dug out the body a year later.",
        "I found the first complete plesiosaur in December 1823.",
        "It was sold to Mr Henley for twenty-three pounds.",
        "My father Richard died in 1810 and left us with debts of 120 pounds.",
        "I never married, sir.",
        "I do not know who Napoleon was to us in Lyme.",
        "That I cannot say.",
        "I know nothing of Queen Victoria's telescope.",
        "Of 1914 I can tell you nothing.",
        "The work was cold and hard.",
        "Elizabeth Philpot was my friend all my life.",
        "William Buckland walked the beach with me.",
        "Perhaps I did, but I am not certain.",
        "In 1829 I travelled to London, and only that once.",
        "Tray, my dog, was killed by a landslip in 1833.",
        "They tell me that now the rocks are known to be 200 million years old.",
        "Lightning struck the tree when I was fifteen months old.",
        "Winter was the best season, after a storm.",
    ],
)
def test_what_is_told_may_be_told_in_other_words(grounding: Grounding, sentence: str) -> None:
    assert grounding.fault(sentence, QUESTION, ()) is None


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("I was born in 1801.", Fault.NUMBER),
        ("I was born in August 1799.", Fault.NUMBER),
        ("I was born in eighteen hundred and one.", Fault.NUMBER),
        ("My father died in 1811.", Fault.NUMBER),
        ("My father was born in 1810.", Fault.NUMBER),
        ("It was sold for fifty pounds.", Fault.NUMBER),
        ("I had three dogs.", Fault.NUMBER),
        ("My brother Joseph died in 1823.", Fault.NUMBER),
        ("I found the plesiosaur in 1828.", Fault.NUMBER),
        ("I visited London in 1824.", Fault.NUMBER),
        ("I had a pension of fifty pounds a year.", Fault.NUMBER),
        ("I was struck by lightning when I was six years old.", Fault.NUMBER),
        ("In June the sea was calm.", Fault.NUMBER),
        ("In 1914 I was there.", Fault.NUMBER),
        ("Charles Darwin came to see me.", Fault.NAME),
        ("I wrote to Charles Darwin about it.", Fault.NAME),
        ("I met Napoleon once.", Fault.NAME),
        ("Napoleon bought one of my fossils.", Fault.NAME),
        ("My friend was Jane Austen.", Fault.NAME),
        ("I went to Vienna with Cuvier.", Fault.NAME),
    ],
)
def test_what_is_invented_is_found_out(grounding: Grounding, sentence: str, fault: Fault) -> None:
    assert grounding.fault(sentence, QUESTION, ()) is fault


def test_everything_in_the_file_is_borne_out_by_it(grounding: Grounding, mary: Persona) -> None:
    """No prepared answer would be kept back if the model said it word for word."""
    said = [s for a in mary.answers for say in a.say for s in split_sentences(say)]
    kept_back = [s for s in said if grounding.fault(s, "", ()) is not None]
    assert len(kept_back) <= len(said) // 100, kept_back


def test_a_short_sentence_is_read_with_its_question(grounding: Grounding) -> None:
    assert grounding.fault("That was in 1829.", "when did you visit london", ()) is None
    assert grounding.fault("That was in 1823.", "when did you visit london", ()) is Fault.NUMBER, (
        "a year of something else"
    )


@pytest.mark.parametrize(
    ("sentence", "denied"),
    [
        ("I had no dog.", True),
        ("I married.", True),
        ("I never visited London.", True),
        ("I had a dog, Tray.", False),
        ("I never married.", False),
        ("I do not know if I had a dog.", False),
        ("I had no cat.", False),
    ],
)
def test_a_note_is_not_denied(grounding: Grounding, sentence: str, denied: bool) -> None:
    notes = (
        "She visited London once, in 1829. She never married and had no children.",
        "Tray was my dog, a small black and white terrier.",
    )
    assert grounding.fault(sentence, "", notes) is (Fault.DENIAL if denied else None)


def test_german_nouns_are_no_names() -> None:
    german = Grounding(small_persona(language="de"))
    assert german.fault("Ich fand einen Knochen.", "", ()) is None
    assert german.fault("Das war im Jahr 1912 am Strand.", "", ()) is Fault.NUMBER


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("in 1811", {"1811"}),
        ("in eighteen eleven", {"1811"}),
        ("seventeen ninety-nine", {"1799"}),
        ("eighteen hundred and eleven", {"1811"}),
        ("two hundred million", {"200"}),
        ("the 23rd of May", {"23", "May"}),
        ("the twenty-first", {"21"}),
        ("a hundred and twenty pounds", {"120"}),
        ("£1,200", {"1200"}),
        ("I may march on", set()),
        ("the first one of all", set()),
        ("four, five and six", {"4", "5", "6"}),
        ("fifteen months", {"15"}),
        ("the 1830s", {"1830"}),
        ("three thousand two hundred", {"3200"}),
        ("", set()),
    ],
)
def test_numbers(text: str, numbers: set[str]) -> None:
    assert numbers_in(text) == numbers


# --- which facts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("did you ever go to london", "visited London once"),
        ("what did mr agassiz name after you", "Louis Agassiz"),
        ("who paid you a pension", "pension of 25 pounds"),
        ("what is a squaloraja", "found Squaloraja"),
        ("in which museum are your finds kept", "Natural History Museum"),
        ("what did you carry up the cliffs", "Her tools were"),
    ],
)
def test_the_facts_that_fit_are_few_and_right(
    mary: Persona, embedder: Embedder, question: str, words: str
) -> None:
    facts = Knowledge(mary, embedder).fitting(question, ())
    assert 1 <= len(facts) <= 4
    assert any(words in fact for fact in facts), facts


def test_prepared_answers_near_the_question_come_first(mary: Persona, embedder: Embedder) -> None:
    tray = next(answer for answer in mary.answers if answer.id == "tray")
    notes = Knowledge(mary, embedder).fitting("was your dog happy", [tray])
    assert notes[0] == tray.say[0]


def test_nothing_fits_nonsense(embedder: Embedder) -> None:
    assert Knowledge(small_persona(), embedder).fitting("xqzzk", ()) == ()
