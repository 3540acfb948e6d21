"""Written English to the words that are spoken: lower case, no punctuation, numbers in words."""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(r"\d+|[a-z]+(?:'[a-z]+)*")
_ORDINAL = re.compile(r"(\d+)(st|nd|rd|th)\b")
_BELOW_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_BY_TEN = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = _BELOW_TWENTY.split()
_TENS = _BY_TEN.split()
_IRREGULAR_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
YEARS = range(1100, 2000)
"""Numbers that are read in pairs of digits, as a year: eighteen eleven."""


def spoken_words(text: str) -> tuple[str, ...]:
    """Words of a text as somebody says them; accents are dropped (``Agassiz's café, 1811``)."""
    plain = text.lower()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain).replace("’", "'")
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = _ORDINAL.sub(lambda found: f" {_ordinal(int(found[1]))} ", plain)
    words: list[str] = []
    for token in _TOKEN.findall(plain):
        words += number_words(int(token)) if token.isdigit() else [token]
    return tuple(words)


def number_words(number: int) -> list[str]:
    """A number in words; beyond 999,999 digit by digit."""
    if number in YEARS and number % 100 >= 10:
        return number_words(number // 100) + number_words(number % 100)
    if number < 20:
        return [_UNITS[number]]
    if number < 100:
        return [_TENS[number // 10], *(number_words(number % 10) if number % 10 else [])]
    if number < 1000:
        rest = ["and", *number_words(number % 100)] if number % 100 else []
        return [_UNITS[number // 100], "hundred", *rest]
    if number < 1_000_000:
        below = number % 1000
        joint = ["and"] if 0 < below < 100 else []
        rest = [*joint, *number_words(below)] if below else []
        return [*number_words(number // 1000), "thousand", *rest]
    return [_UNITS[int(digit)] for digit in str(number)]


def _ordinal(number: int) -> str:
    *front, last = number_words(number)
    if last in _IRREGULAR_ORDINALS:
        last = _IRREGULAR_ORDINALS[last]
    elif last.endswith("y"):
        last = f"{last[:-1]}ieth"
    else:
        last = f"{last}th"
    return " ".join([*front, last])
