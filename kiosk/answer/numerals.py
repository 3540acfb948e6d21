"""Numbers and months in a text, however written: 1811, "eighteen eleven", "23rd", "May"."""

from __future__ import annotations

import re

from kiosk.answer.words import normalise

_BELOW_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {
    **{word: value for value, word in enumerate(_BELOW_TWENTY.split())},
    **{word: 10 * value for value, word in enumerate(_TENS.split(), 2)},
}
_ORDINALS = {
    "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20,
    "thirtieth": 30,
}  # fmt: skip
_AFTER_TENS = {"first": 1, "second": 2, "third": 3}  # alone they count nothing that could be wrong
_HUNDRED, _THOUSAND = "hundred", "thousand"
_SCALES = frozenset({_HUNDRED, _THOUSAND})
_JOINING = frozenset({"and", "oh"})
_MONTHS = "January February March April May June July August September October November December"
_MONTH_NAME = re.compile(rf"\b({_MONTHS.replace(' ', '|')})\b")
_DIGITS = re.compile(r"\d+(?:[,.]\d{3})*")


def numbers_in(text: str) -> frozenset[str]:
    """Numbers of a text in digits, and months by name ("May"), each once.

    "One" and the first three ordinals are left out: alone they are hardly ever a statement.
    """
    found = {re.sub(r"[,.]", "", digits[0]).lstrip("0") or "0" for digits in _DIGITS.finditer(text)}
    # Months only where they are written as names: "may" and "march" are words, too.
    found.update(month[1] for month in _MONTH_NAME.finditer(text))
    run: list[str] = []
    for word in (*normalise(text).split(), ""):
        if _counts(word) or (run and word in (*_JOINING, *_AFTER_TENS)):
            run.append(word)
            continue
        found.update(_value(run))
        run = []
    return frozenset(found)


def without_numbers(text: str) -> str:
    """The words of a text that are neither numbers nor months, normalised."""
    plain = normalise(_MONTH_NAME.sub(" ", text))
    words = (w for w in plain.split() if not _counts(w) and not w[0].isdigit())
    return " ".join(words)


def _counts(word: str) -> bool:
    return word in _VALUES or word in _ORDINALS or word in _SCALES


def _value(run: list[str]) -> list[str]:
    """The numbers in a run of number words; "one" alone is none."""
    while run and run[-1] in (*_JOINING, *_AFTER_TENS) and not _ends_compound(run):
        run = run[:-1]
    if not run or run == ["one"]:
        return []
    found: list[str] = []
    total = current = 0
    for place, word in enumerate(run):
        if word in _JOINING:
            continue
        if word == _HUNDRED:
            current = max(1, current) * 100
        elif word == _THOUSAND:
            total, current = total + max(1, current) * 1000, 0
        else:
            value = {**_VALUES, **_ORDINALS, **_AFTER_TENS}[word]
            if 10 <= current < 100 and value >= 10:  # "eighteen eleven"
                current = current * 100 + value
            elif place and (current % 10 or (value >= 10 and current % 100)):  # "four five"
                found.append(str(total + current))
                total, current = 0, value
            else:
                current += value
    return [*found, str(total + current)]


def _ends_compound(run: list[str]) -> bool:
    """ "twenty first": the ordinal belongs to the number before it."""
    return len(run) > 1 and run[-1] in _AFTER_TENS and run[-2] in _TENS.split()
