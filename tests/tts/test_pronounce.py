"""Written words and how they are spoken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.tts.pronounce import Pronouncer

NAMES = {
    "Lyme Regis": "lime reejis",
    "Lyme": "lime",
    "Plesiosaurus": "pleesio-sorus",
    "Lias": "lye-us",
}


def spoken(text: str, names: dict[str, str] = NAMES, language: str = "en-us") -> str:
    return " ".join(span.spoken for span in Pronouncer(names, language).spans(text))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("I live in Lyme Regis.", "I live in lime reejis."),
        ("in LYME regis, by the sea", "in lime reejis, by the sea"),
        ("Lyme is near", "lime is near"),
        ("The Plesiosaurus's head", "The pleesio-sorus's head"),
        ("The Plesiosaurus’s head", "The pleesio-sorus's head"),
        ("“Plesiosaurus!” they said", "“pleesio-sorus!” they said"),
        ("Lyme Regis's cliffs", "lime reejis's cliffs"),
        ("the Lias' layers", "the lye-us' layers"),
        ("Lymeish words", "Lymeish words"),
        ("near Lyme. Regis is king", "near lime. Regis is king"),
        ("two Plesiosauruss", "two pleesio-soruss"),
    ],
)
def test_names(written: str, said: str) -> None:
    assert spoken(written) == said


def test_the_longest_name_wins_and_keeps_its_words() -> None:
    spans = Pronouncer(NAMES, "en").spans("At Lyme Regis, yes")
    assert [span.written for span in spans] == [("At",), ("Lyme", "Regis,"), ("yes",)]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("in 1811, they", "in 18 11, they"),
        ("of 1804.", "of 18 oh 4."),
        ("in 1800", "in 18 hundred"),
        ("the 1840s were", "the 18 forties were"),
        ("the 1800s", "the 18 hundreds"),
        ("in 2005", "in 2005"),
        ("in 2014", "in 20 14"),
        ("1,811 fossils", "1,811 fossils"),
        ("£1811", "£1811"),
        ("number 18111", "number 18111"),
    ],
)
def test_english_years(written: str, said: str) -> None:
    assert spoken(written) == said


def test_other_languages_read_their_own_numbers() -> None:
    assert spoken("im Jahr 1811", language="de") == "im Jahr 1811"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("with Dr. Buckland and W. D. Conybeare.", "with Dr Buckland and W D Conybeare."),
        ("called the doctor Dr.", "called the doctor Dr."),
        ("well... then", "well, then"),
        ("well… then...", "well, then..."),
    ],
)
def test_full_stops_that_end_no_sentence(written: str, said: str) -> None:
    assert spoken(written) == said


def test_empty_entries_are_ignored() -> None:
    assert spoken("a b", {"": "x", "a": " "}) == "a b"


@given(st.text(max_size=200))
def test_captions_keep_every_written_word(text: str) -> None:
    spans = Pronouncer(NAMES, "en").spans(text)
    assert [word for span in spans for word in span.written] == text.split()
