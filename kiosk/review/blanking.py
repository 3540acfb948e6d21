"""Take persons out of a question: what remains may be kept, and says nothing about who asked.

What visitors say about themselves goes as a whole ("my name is Tom and I am from Leeds, how ..."),
because names and places have no mark by which a machine could tell them from the subject of a
question, above all in recognised speech without capitals. Then addresses, letters spelt out and
all numbers, in digits and in words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from kiosk.review.wording import ENGLISH, WORDINGS, Wording

PERSONAL = "[personal]"
NUMBER = "[number]"
LONGEST_CHARACTERS = 200

_PLACEHOLDER = re.compile(r"\[(?:personal|number)\]")
_RUN = re.compile(
    r"(\[(?:personal|number)\])(?:[\s,.;:'’\-–&/]|\b(?:and|und|et|y|и|at|of)\b)*(?=\1)", re.I
)
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ADDRESSES = re.compile(
    r"\b(?:https?|ftp)\s*:\s*\S+|\bwww\s*\.?\s*\S+"  # web
    r"|\S*@\S*"  # mail, handles
    r"|\b\w+(?:\.\w+)*\.(?:com|org|net|de|fr|es|ru|uk|co|eu|io|info|museum|edu|gov)\b\S*"
    r"|\w*[\\/]\w+\S*|\b\w+_\w+\b"  # paths, user names
    r"|\b\w+(?:\s+dot\s+\w+)+",  # web, spoken
    re.I,
)
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b", re.I)
_WITH_DIGITS = re.compile(r"[\w.,:/+\-()']*\d[\w.,:/+\-()']*(?:[\s\-./()]*\d[\w.,:/+\-()']*)*")
# Letters spelt out: at least two, and not only "a" and "I", which are words.
_SPELT = re.compile(r"\b(?!(?:[aio]\s+)+[aio]\b)[^\W\d_](?:[\s.\-]+[^\W\d_]\b)+(?![’'])", re.I)
_SIGNED = re.compile(
    r"(?:[,;–\-]\s*)([A-ZÀ-ÞА-Я][\w’'\-]*(?:\s+[A-ZÀ-ÞА-Я][\w’'\-]*){0,2})\s*[.!]*$"
)


def blank(text: str, language: str = "en", *, known: Iterable[str] = ()) -> str:
    """Aim: the question without the person who asked it.

    Args:
        text: As heard (small letters, no punctuation) or as typed.
        language: Of the persona; English is understood as well.
        known: Names of the persona's own world, which may stay after a title ("Mr Buckland").

    Returns:
        Text with ``[personal]`` and ``[number]`` for what was taken out, at most 200 characters;
        empty if nothing of a question is left.
    """
    names = frozenset(word.casefold() for phrase in known for word in phrase.split())
    plain = _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).replace("[", "(").replace("]", ")")
    for patterns in _patterns_of(language):
        plain = patterns.mail.sub(PERSONAL, plain)
    plain = _ADDRESSES.sub(PERSONAL, plain)
    for patterns in _patterns_of(language):
        plain = patterns.statement.sub(f"{PERSONAL} ", plain)
        plain = patterns.own.sub(f"{PERSONAL} ", plain)
        plain = patterns.titled.sub(lambda m: m[0] if _all_known(m[1], names) else PERSONAL, plain)
    signed = _SIGNED.search(plain)
    if signed is not None and not _all_known(signed[1], names):
        plain = f"{plain[: signed.start()]} {PERSONAL}"
    plain = _POSTCODE.sub(PERSONAL, plain)
    plain = _SPELT.sub(PERSONAL, plain)
    for patterns in _patterns_of(language):
        plain = patterns.number.sub(NUMBER, plain)
    plain = _WITH_DIGITS.sub(NUMBER, plain)
    plain = "".join(c if not c.isnumeric() else "#" for c in plain).replace("#", NUMBER)
    for patterns in _patterns_of(language):
        plain = patterns.dated.sub(NUMBER, plain)
    plain = _RUN.sub("", _SPACE.sub(" ", plain)).strip()
    plain = _cut(plain)
    return plain if _WORD.search(without_blanks(plain)) else ""


def without_blanks(text: str) -> str:
    """A blanked question without its placeholders, for comparing meanings."""
    return _SPACE.sub(" ", _PLACEHOLDER.sub(" ", text)).strip(" ,.;:-–")


def has_blanks(text: str) -> bool:
    """Whether something was taken out."""
    return _PLACEHOLDER.search(text) is not None


def _cut(text: str) -> str:
    if len(text) <= LONGEST_CHARACTERS:
        return text
    head = text[:LONGEST_CHARACTERS]
    return head[: head.rfind(" ")] if " " in head else head


def _all_known(name: str, known: frozenset[str]) -> bool:
    return all(
        word.casefold().removesuffix("'s").removesuffix("’s") in known for word in name.split()
    )


@dataclass(frozen=True, slots=True)
class _Patterns:
    mail: re.Pattern[str]
    statement: re.Pattern[str]
    own: re.Pattern[str]
    titled: re.Pattern[str]
    number: re.Pattern[str]
    dated: re.Pattern[str]


def _patterns_of(language: str) -> tuple[_Patterns, ...]:
    """English, because guests speak it everywhere, and the persona's language."""
    own = WORDINGS.get(language, ENGLISH)
    return tuple(_compiled(wording) for wording in dict.fromkeys((own, ENGLISH)))


@lru_cache(maxsize=len(WORDINGS))
def _compiled(w: Wording) -> _Patterns:
    def pattern(text: str) -> re.Pattern[str]:
        return re.compile(text, re.IGNORECASE)

    # A full stop after one or two letters may belong to a name ("J. Smith", "Dr. Smith").
    ends = rf"(?<!\b\w)(?<!\b\w\w)[.!?;]|\b(?:{w.question})(?!\w)|\Z"
    number, lone = rf"\b(?:{w.number})\b", rf"\b(?:{w.lone})\b"
    either = rf"(?:{number}|{lone})"
    joint = rf"(?:[\s,\-]+(?:(?:{w.between})[\s\-]+)*)"
    number_run = rf"(?:{lone}{joint})*{number}(?:{joint}{either})*|{lone}(?:{joint}{lone}){{2,}}"
    place = re.escape(NUMBER)
    small = rf"(?:{place}|{lone})"
    return _Patterns(
        mail=pattern(
            rf"\b\w+(?:\s+(?:{w.dot}|underscore|dash|minus)\s+\w+)*\s+(?:{w.at})\s+\w+"
            rf"(?:\s+(?:{w.dot})\s+\w+)+"
        ),
        statement=pattern(rf"\b(?!(?:{w.asking})\b)(?:{w.statement})\b.*?(?={ends})"),
        own=pattern(
            rf"\b(?:{w.own})\b(?!\s+(?:{w.not_own})\b)(?:\s+(?!(?:{w.question})\b)[\w’'\-]+){{0,4}}"
        ),
        titled=pattern(rf"\b(?:{w.title})\.?\s+([\w’'\-]+)"),
        number=pattern(number_run),
        dated=pattern(
            rf"(?:{small}\s+(?:of\s+|de\s+|the\s+)?)(?:{w.month})\b(?:\s*,?\s*{place})?"
            rf"|\b(?:{w.month})\s+(?:the\s+)?{small}(?:\s*,?\s*{place})?"
        ),
    )
