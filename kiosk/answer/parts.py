"""Two questions in one breath: "when were you born and how did you die" (English)."""

from __future__ import annotations

import re

from kiosk.answer.words import LONGEST_QUESTION, normalise

_ASKING = (
    r"(?:who|what|when|where|why|how|which|did|do|does|were|was|are|is|can|could|have|had|has|will"
    r"|would|tell)"
)
_BORDER = re.compile(
    rf"[?!;.]+\s*(?:and|or|but|also|then)?\s*(?=\S)|,?\s+(?:and|but)\s+(?:also\s+)?(?={_ASKING}\b)",
    re.IGNORECASE,
)
_BEGINS = re.compile(rf"{_ASKING}\b")
_SHORTEST_FIRST = 3  # words


def two_parts(text: str) -> tuple[str, str] | None:
    """The two questions of a text; None if it is one, or more than two.

    The second may lean on the first ("who found it and when"), so it may be a single word.
    """
    parts = [part.strip(" ,") for part in _BORDER.split(text[:LONGEST_QUESTION])]
    parts = [part for part in parts if normalise(part)]
    if len(parts) != 2 or len(normalise(parts[0]).split()) < _SHORTEST_FIRST:
        return None
    return (parts[0], parts[1]) if _BEGINS.match(normalise(parts[1])) else None
