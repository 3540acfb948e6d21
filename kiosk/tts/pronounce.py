"""How written words are spoken: names from persona.toml, years, abbreviations.

Captions show what is written, the voice gets what is to be spoken; spans keep the two together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.tts.chunks import ABBREVIATIONS


@dataclass(frozen=True, slots=True)
class Span:
    """Written words and how they are spoken together.

    Attributes:
        written: One or more words as written, punctuation included.
        spoken: What the voice is given for them.
    """

    written: tuple[str, ...]
    spoken: str


_CORE = re.compile(r"^(?P<before>[^\w£$€]*)(?P<core>.*?)(?P<after>[^\w%°]*)$", re.DOTALL)
_ENDING = re.compile(r"(?:['’]s|s['’]|s)$", re.IGNORECASE)
_YEAR = re.compile(r"^(1[1-9]|20)(\d\d)(s?)$")
_ELLIPSIS = re.compile(r"\.{2,}|…")

_DECADES = {
    "10": "tens", "20": "twenties", "30": "thirties", "40": "forties", "50": "fifties",
    "60": "sixties", "70": "seventies", "80": "eighties", "90": "nineties",
}  # fmt: skip


class Pronouncer:
    """Applies a persona's pronunciations, word by word.

    Args:
        pronunciations: Name, of one or more words, to a plain respelling, or to phonemes in Piper's
            double brackets. Capitals do not matter; possessives and plurals of a name are spoken
            with the name's respelling.
        language: Code of the voice's language, such as "en-us".
    """

    def __init__(self, pronunciations: Mapping[str, str], language: str) -> None:
        self._names = {
            tuple(_fold(word) for word in name.split()): respelling.strip()
            for name, respelling in pronunciations.items()
            if name.strip() and respelling.strip()
        }
        self._longest = max(map(len, self._names), default=0)
        self._english = language.lower().startswith("en")

    def spans(self, text: str) -> list[Span]:
        """The words of a text, in order, with what is to be spoken for them."""
        words = text.split()
        spans: list[Span] = []
        at = 0
        while at < len(words):
            span = self._name_at(words, at) or Span((words[at],), self._plain(words, at))
            spans.append(span)
            at += len(span.written)
        return spans

    def _name_at(self, words: list[str], at: int) -> Span | None:
        """The longest name that begins at a word; None if there is none."""
        for length in range(min(self._longest, len(words) - at), 0, -1):
            written = tuple(words[at : at + length])
            parts = [_split(word) for word in written]
            # Punctuation inside a name means that it is none: "to Lyme. Regis, however, ..."
            if any(after for _, _, after in parts[:-1]) or any(b for b, _, _ in parts[1:]):
                continue
            before, after = parts[0][0], parts[-1][2]
            folded = [_fold(core) for _, core, _ in parts]
            for stem, ending in _readings(folded[-1]):
                respelling = self._names.get((*folded[:-1], stem))
                if respelling:
                    return Span(written, before + respelling + ending + _pause(after))
        return None

    def _plain(self, words: list[str], at: int) -> str:
        before, core, after = _split(words[at])
        last = at == len(words) - 1
        if after.startswith(".") and not last and _abbreviated(core):
            after = after[1:]  # Espeak would end the sentence here.
        if self._english:
            core = _english_year(core)
        return before + core + (after if last else _pause(after))


def _split(word: str) -> tuple[str, str, str]:
    """Punctuation before a word, the word, punctuation after it."""
    match = _CORE.match(word)
    assert match is not None  # The pattern matches everything.
    return match["before"], match["core"], match["after"]


def _fold(word: str) -> str:
    return word.casefold().replace("’", "'")


def _readings(word: str) -> list[tuple[str, str]]:
    """A folded word as a name and an ending: as it is, without possessive or plural."""
    readings = [(word, "")]
    ending = _ENDING.search(word)
    if ending:
        stem = word[: ending.start()]
        readings.append((stem, "'s" if "'" in ending.group() else "s"))
    return readings


def _abbreviated(core: str) -> bool:
    return core.casefold() in ABBREVIATIONS or (len(core) == 1 and core.isupper() and core != "I")


def _pause(after: str) -> str:
    """Punctuation inside a sentence: espeak runs over an ellipsis, so it becomes a comma."""
    return _ELLIPSIS.sub(",", after)


def _english_year(core: str) -> str:
    """Years as people say them: "eighteen eleven", "eighteen oh four", "eighteen forties"."""
    match = _YEAR.match(core)
    if match is None:
        return core
    century, rest, plural = match.groups()
    if plural:
        decade = "hundreds" if rest == "00" else _DECADES.get(rest)
        return f"{century} {decade}" if decade and century + rest != "2000" else core
    if century == "20" and rest < "10":
        return core  # "two thousand and four"
    if rest == "00":
        return f"{century} hundred"
    return f"{century} oh {rest[1]}" if rest < "10" else f"{century} {rest}"
