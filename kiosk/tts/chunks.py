"""From an answer's text to chunks that can be spoken one after another.

A sentence is a chunk, so that its melody stays whole. Only the very first one is cut at a clause if
it is long, because the visitor waits for it; and endless ones are cut because a voice cannot hold
its breath for ever.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

SENTENCE_PAUSE_S = 0.2
CLAUSE_PAUSE_S = 0.08

FIRST_CHUNK_WORDS = 8
"""A first sentence with more words than this is cut at a clause, if it has one."""

MIN_CLAUSE_WORDS = 3
"""A clause with fewer words sounds chopped off."""

MAX_CHUNK_WORDS = 40
"""About 15 s of speech."""

# Lower case, without the last full stop. Words that often end a sentence ("no.", "etc.") are left
# out: a sentence that runs on is worse than one that pauses.
ABBREVIATIONS = frozenset(
    {
        *("mr", "mrs", "ms", "dr", "prof", "rev", "st", "mt", "jr", "vol", "approx", "vs", "capt"),
        *("e.g", "i.e", "ca", "cf", "hon"),
        *("nr", "hr", "z.b", "d.h", "u.a", "bzw", "usw"),  # German
        *("mme", "mlle"),  # French
        *("sra", "dra", "ud", "uds"),  # Spanish
        *("г", "гг", "т.е", "ул"),  # Russian
    }
)

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"[*_`~#|\\<>{}\[\]]+")
_BULLET = re.compile(r"^\s*(?:(?:[-•–]|\d+\))\s+)+", re.MULTILINE)
_SPACES = re.compile(r"\s+")
_DASHES = re.compile(r"\s+-{1,3}\s+|-{2,3}")

_CLOSERS = "\"'”’»)"
_ENDERS = ".!?…"
_BOUNDARY = re.compile(rf"[{re.escape(_ENDERS)}]+[{re.escape(_CLOSERS)}]*(?=\s)")
_CLAUSE = re.compile(r"(?:[,;:]|\s[—–])(?=\s)")
_LAST_RESORT = re.compile(r"\s(?=(?:and|but|because|which|who|und|aber|et|mais|y|pero|и|но)\s)")


def clean(text: str) -> str:
    """Text as it may be spoken and shown: no markup, control characters or pictographs."""
    text = "".join(map(_speakable, text))
    text = _MARKUP.sub("", _LINK.sub(r"\1", text))
    text = _DASHES.sub(" — ", _BULLET.sub("", text))
    return unicodedata.normalize("NFC", _SPACES.sub(" ", text).strip())


def _speakable(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        return "\n" if character == "\n" else " "
    hidden = category in ("Cf", "Cs", "Co", "Cn", "Sk", "Me")
    pictograph = category == "So" and character not in "°©®№"
    return "" if hidden or pictograph else character


def split_sentences(text: str) -> list[str]:
    """Sentences of a cleaned text, in order; joined by spaces they give it back."""
    sentences: list[str] = []
    start = 0
    for match in _BOUNDARY.finditer(text):
        if _ends_sentence(text[start : match.start()], match.group(), text[match.end() :]):
            sentences.append(text[start : match.end()].strip())
            start = match.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if sentence]


def _ends_sentence(before: str, mark: str, after: str) -> bool:
    """True if ``mark`` between the two pieces of text ends a sentence."""
    following = after.lstrip().lstrip("\"'“‘«(¿¡")
    if following[:1].islower():
        return False  # "so... we waited", "said: 'No!' and left"
    if mark.startswith(("..", "…")) and len(before.split()) < MIN_CLAUSE_WORDS:
        return False  # "Well... I waited"
    if mark != ".":
        return True
    last = before.rsplit(" ", 1)[-1].lstrip("\"'“‘«(")
    initial = len(last) == 1 and last.isupper() and last != "I"
    return not initial and last.lower() not in ABBREVIATIONS


def split_chunks(sentences: Iterable[str]) -> Iterator[str]:
    """Cut text that arrives piece by piece into chunks.

    Args:
        sentences: Pieces of text, each one or more whole sentences, perhaps still being made by a
            language model: one piece is consumed at a time.

    Yields:
        Cleaned text of each chunk; never empty, never without a letter or digit.
    """
    first = True
    for piece in sentences:
        for sentence in split_sentences(clean(piece)):
            if not any(character.isalnum() for character in sentence):
                continue
            for clause in _first_cut(sentence) if first else [sentence]:
                yield from _bounded(clause)
            first = False


def pause_after_s(chunk: str) -> float:
    """Silence that follows a chunk: longer after a sentence than after a clause."""
    ends_sentence = chunk.rstrip(_CLOSERS + " ").endswith(tuple(_ENDERS))
    return SENTENCE_PAUSE_S if ends_sentence else CLAUSE_PAUSE_S


def _first_cut(sentence: str) -> list[str]:
    """Split a long sentence at its first clause of at least three words on either side."""
    if len(sentence.split()) <= FIRST_CHUNK_WORDS:
        return [sentence]
    for match in _CLAUSE.finditer(sentence):
        head, tail = sentence[: match.end()].strip(), sentence[match.end() :].strip()
        if min(len(head.split()), len(tail.split())) >= MIN_CLAUSE_WORDS:
            return [head, tail]
    return [sentence]


def _bounded(text: str) -> list[str]:
    """Split an endless sentence near its middle: at a clause, a conjunction, or just a word."""
    words = text.split()
    if len(words) <= MAX_CHUNK_WORDS:
        return [text]
    middle = len(text) // 2
    cuts = [match.end() for match in _CLAUSE.finditer(text)]
    cuts = cuts or [match.start() for match in _LAST_RESORT.finditer(text)]
    inside = [cut for cut in cuts if len(text) // 5 < cut < len(text) * 4 // 5]
    cut = min(inside, key=lambda place: abs(place - middle), default=0)
    if not cut:
        cut = len(" ".join(words[: len(words) // 2]))
    return [*_bounded(text[:cut].strip()), *_bounded(text[cut:].strip())]
