"""Titles hold every word once, can be read, and break where speech does."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kiosk.render.subtitles import (
    LINE_CHARACTERS,
    LINES,
    SHORTEST_S,
    Title,
    as_srt,
    as_vtt,
    titles_of,
)
from kiosk.tts import WordTiming

REST_S = 1.4


def spoken(text: str, letter_s: float = 0.06) -> list[WordTiming]:
    """Words as they would be spoken, one after the other."""
    words, at_s = [], 0.4
    for word in text.split():
        words.append(WordTiming(word, at_s, at_s + letter_s * (len(word) + 1)))
        at_s = words[-1].end_s
    return words


def titles(text: str) -> list[Title]:
    words = spoken(text)
    return titles_of(words, words[-1].end_s + REST_S)


WORDS = st.lists(st.from_regex(r"[a-zäß’]{1,14}[.,;!?]?", fullmatch=True), min_size=1, max_size=60)


@given(WORDS)
def test_every_word_is_shown_once_in_readable_titles(words: list[str]) -> None:
    found = titles(" ".join(words))
    assert " ".join(line for title in found for line in title.lines).split() == words
    for title in found:
        assert 1 <= len(title.lines) <= LINES
        assert all(0 < len(line) <= LINE_CHARACTERS for line in title.lines)
        assert title.end_s - title.start_s >= SHORTEST_S - 1e-9
    for before, after in pairwise(found):
        assert before.end_s < after.start_s
    assert found[0].start_s == 0.4
    assert found[-1].end_s <= spoken(" ".join(words))[-1].end_s + REST_S


def test_a_word_longer_than_a_line_is_cut() -> None:
    found = titles("Donau" + "dampfschiff" * 9 + " ahoi")
    lines = [line for title in found for line in title.lines]
    assert max(map(len, lines)) <= LINE_CHARACTERS
    assert "".join(lines).replace(" ", "") == "Donau" + "dampfschiff" * 9 + "ahoi"


def test_it_breaks_at_sentences_and_clauses() -> None:
    found = titles(
        "I was born in Lyme Regis in 1799, and I spent my life on the beach. "
        "After every storm I went out with my hammer and my dog, and looked for what the sea had "
        "washed out."
    )
    ends = [title.lines[-1][-1] for title in found]
    assert set(ends) <= {".", ","}
    assert all(line.split()[-1] not in ("the", "my", "and") for t in found for line in t.lines)


def test_a_line_breaks_at_the_clause() -> None:
    (title,) = titles("Tray was my dog, a small black and white terrier.")
    assert title.lines == ("Tray was my dog,", "a small black and white terrier.")


def test_a_pause_parts_titles() -> None:
    first, second = spoken("One two three four five six"), spoken("seven eight nine ten eleven")
    later = [WordTiming(w, s + 10, e + 10) for w, s, e in second]
    found = titles_of([*first, *later], 20.0)
    assert [title.lines for title in found] == [
        ("One two three four five six",),
        ("seven eight nine ten eleven",),
    ]
    assert found[0].end_s < 4


def test_nothing_said_has_no_titles() -> None:
    assert titles_of([], 3.0) == []
    assert as_srt([]) == ""


def test_srt() -> None:
    text = as_srt([Title(("a < b --> c", "d"), 0.4, 1.4), Title(("e",), 3599.9996, 7322.5)])
    assert text == (
        "1\n00:00:00,400 --> 00:00:01,400\na < b → c\nd\n\n2\n01:00:00,000 --> 02:02:02,500\ne\n\n"
    )


def test_vtt_is_escaped() -> None:
    text = as_vtt([Title(("a < b & c --> d",), 0.0, 1.0)])
    assert text == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\na &lt; b &amp; c → d\n\n"


@given(st.floats(0, 90_000))
def test_times_have_three_digits_after_the_point(seconds: float) -> None:
    assert re.search(r"^\d\d+:[0-5]\d:[0-5]\d,\d{3} ", as_srt([Title(("x",), seconds, 9e4)]), re.M)
