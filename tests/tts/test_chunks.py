"""Cutting an answer into pieces that are spoken one after another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.tts.chunks import (
    CLAUSE_PAUSE_S,
    MAX_CHUNK_WORDS,
    SENTENCE_PAUSE_S,
    clean,
    pause_after_s,
    split_chunks,
    split_sentences,
)


@pytest.mark.parametrize(
    "sentences",
    [
        ["I was born in 1799.", "My father was a carpenter."],
        ["Dr. Buckland came with Mr. Conybeare.", "St. Michael's church stood near."],
        ["It was 5.2 metres long.", "That is No 1."],
        ["I said no.", "They went on, etc. and so on."],
        ["Well... I waited for the tide.", "Then it came."],
        ["So it was…", "Nobody knew… and nobody asked."],
        ["“Is it a crocodile?” he asked.", "“No!” she said."],
        ["He called: “Come!”", "We ran."],
        ["J. R. Smith and W. D. Conybeare wrote.", "So did I.", "Twice."],
        ["Really?!", "Yes!"],
        ["Das kostet z.B. 5 Mark.", "Nr. 7 ist Dr. Meier."],
        ["¿De verdad?", "¡Sí!"],
        ["Я жила в Лайме.", "Это на море."],
    ],
)
def test_sentences(sentences: list[str]) -> None:
    assert split_sentences(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("**Bold** and _soft_ `code`", "Bold and soft code"),
        ("# Title\n\n- one\n- two", "Title one two"),
        ("see [the cliff](http://x.example/a_b)", "see the cliff"),
        ("a\x00b\u200bc\td\u202ee", "a bc de"),
        ("fossils 🦕 here ✓", "fossils here"),
        ("the sea -- it was high - left", "the sea — it was high — left"),
        ("well-known", "well-known"),
        ("[[ˈɛvɪl]] phonemes", "ˈɛvɪl phonemes"),
        ("It cost £3 & 20 %, at 5° ©", "It cost £3 & 20 %, at 5° ©"),
        ("  \n ", ""),
    ],
)
def test_clean(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_long_first_sentence_is_cut_at_its_first_clause() -> None:
    text = (
        "When I was eleven, my brother Joseph found a great skull in the cliff. I found the rest."
    )
    assert list(split_chunks([text])) == [
        "When I was eleven,",
        "my brother Joseph found a great skull in the cliff.",
        "I found the rest.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "My brother, Joseph, found it.",
        "Yes, my brother Joseph found a great skull in the black cliff.",
        "My brother Joseph found a great black skull in that cliff, yes.",
    ],
    ids=["short", "too little before", "too little after"],
)
def test_a_first_sentence_is_left_whole_where_a_cut_would_chop(text: str) -> None:
    assert list(split_chunks([text])) == [text]


def test_only_the_first_sentence_is_cut_early() -> None:
    long = "When I was eleven, my brother Joseph found a great skull in the cliff."
    assert list(split_chunks(["Good day.", long])) == ["Good day.", long]


def test_text_is_taken_piece_by_piece() -> None:
    """The second sentence is not asked for before the first has been given out."""
    asked: list[str] = []

    def model() -> Iterator[str]:
        for sentence in ("One is here.", "Two is here."):
            asked.append(sentence)
            yield sentence

    chunks = split_chunks(model())
    assert next(chunks) == "One is here."
    assert asked == ["One is here."]


def test_pieces_without_words_are_skipped() -> None:
    assert list(split_chunks(["", "  ", "***", "… !", "Yes."])) == ["Yes."]


def test_pauses() -> None:
    assert pause_after_s("It was so.") == SENTENCE_PAUSE_S
    assert pause_after_s("“Was it?”") == SENTENCE_PAUSE_S
    assert pause_after_s("When I was eleven,") == CLAUSE_PAUSE_S


WORDS = st.text(st.sampled_from("abcdeABC019.,;:!?…—-*_ \n\"'“”()[]é\x07\u200b"), max_size=600)


@given(st.lists(WORDS, max_size=4))
def test_nothing_is_lost_or_made_up(pieces: list[str]) -> None:
    chunks = list(split_chunks(pieces))
    spoken = "".join(c for chunk in chunks for c in chunk if c.isalnum())
    written = "".join(c for piece in pieces for c in clean(piece) if c.isalnum())
    assert spoken == written
    for chunk in chunks:
        assert chunk == clean(chunk)
        assert 0 < len(chunk.split()) <= MAX_CHUNK_WORDS


@given(st.integers(1, 400))
def test_endless_text_is_bounded(count: int) -> None:
    chunks = list(split_chunks([" ".join(["word"] * count)]))
    assert max(len(chunk.split()) for chunk in chunks) <= MAX_CHUNK_WORDS
    assert sum(len(chunk.split()) for chunk in chunks) == count
