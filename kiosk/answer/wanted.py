"""What a question wants to know, finer than its question word: a colour, a price (English)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_MOST_LIFT = 1.0  # what is asked for thrice as often as elsewhere is asked for: more says no more
_PRIOR_PHRASINGS = 5.0  # an answer of few phrasings is taken to be asked as answers usually are


class Wanted(StrEnum):
    """The thing that would be an answer."""

    COLOUR = "colour"
    PRICE = "price"
    WEIGHT = "weight"
    SIZE = "size"
    SPEED = "speed"  # and distance
    AGE = "age"
    DURATION = "duration"
    COUNT = "count"
    TIME = "time"
    PLACE = "place"
    NAME = "name"
    PERSON = "person"
    REASON = "reason"
    MANNER = "manner"
    LIKENESS = "likeness"
    THING = "thing"
    TRUTH = "truth"  # yes or no
    ANYTHING = "anything"  # no question word at all, or no English


_PATTERNS = tuple(
    (re.compile(pattern), wanted)
    for pattern, wanted in (
        (r"\bcolou?r\b", Wanted.COLOUR),
        (
            r"\bhow (?:much|expensive)\b.*"
            r"\b(?:cost|worth|pay|paid|price|sold|sell|earn|money|owe|get for)\b"
            r"|\b(?:price|cost|worth)\b",
            Wanted.PRICE,
        ),
        (r"\bhow much\b.*\bweigh|\bhow heavy\b|\bweight\b", Wanted.WEIGHT),
        (
            r"\bhow (?:big|tall|long|large|wide|high|small|deep)\b(?! ago)|\bwhat size\b",
            Wanted.SIZE,
        ),
        (r"\bhow (?:far|fast|quick)\b", Wanted.SPEED),
        (r"\bhow old\b|\bwhat age\b", Wanted.AGE),
        (r"\bhow (?:long|often)\b", Wanted.DURATION),
        (r"\bhow (?:many|much)\b", Wanted.COUNT),
        (
            r"\b(?:what|which) (?:year|date|day|month|time|season|century)\b|\bwhen\b",
            Wanted.TIME,
        ),
        (
            r"\b(?:what|which) (?:place|town|city|country|museum|street)\b|\bwhere\b",
            Wanted.PLACE,
        ),
        (r"\b(?:what|whats) .*\b(?:called|names?)\b|\bname of\b", Wanted.NAME),
        (r"\bwho(?:m|se)?\b", Wanted.PERSON),
        (r"\bwhy\b|\bhow come\b|\bwhat for\b", Wanted.REASON),
        (r"\bhow\b", Wanted.MANNER),
        (r"\b(?:what|which)\b.*\blike\b", Wanted.LIKENESS),
        (r"\b(?:what|which)\b", Wanted.THING),
        (
            r"^(?:did|do|does|was|were|is|are|have|has|had|can|could|would|will|should)\b",
            Wanted.TRUTH,
        ),
    )
)
_PLACE_OF = {wanted: place for place, wanted in enumerate(Wanted)}


def wanted_of(normal: str) -> Wanted:
    """What a normalised question wants to know."""
    for pattern, wanted in _PATTERNS:
        if pattern.search(normal):
            return wanted
    return Wanted.ANYTHING


class Askings:
    """Aim: how usual it is that an answer is asked for a thing of some kind, from its phrasings."""

    def __init__(self, normal: Sequence[str], owner: NDArray[np.intp], answers: int) -> None:
        """Count what the phrasings want.

        Args:
            normal: Normal forms of all phrasings.
            owner: The answer of each, by its place.
            answers: Number of answers.
        """
        counts = np.zeros((answers, len(Wanted)))
        for place, text in zip(owner, normal, strict=True):
            counts[place, _PLACE_OF[wanted_of(text)]] += 1
        overall = (counts.sum(axis=0) + 1) / (counts.sum() + len(Wanted))
        total = counts.sum(axis=1, keepdims=True)
        shares = (counts + _PRIOR_PHRASINGS * overall) / (total + _PRIOR_PHRASINGS)
        self._lift = np.minimum(np.log(shares / overall), _MOST_LIFT).astype(np.float32)

    def lift(self, wanted: Wanted) -> Floats:
        """Log of how much more usual than among all phrasings, for each answer."""
        lift: Floats = self._lift[:, _PLACE_OF[wanted]]
        return lift
