"""Word errors: how far what was heard is from what was said."""

from __future__ import annotations

from rapidfuzz.distance import Levenshtein


def word_errors(said: str, heard: str) -> int:
    """Words put in, left out or changed between two texts."""
    return Levenshtein.distance(said.split(), heard.split())


def word_error_rate(pairs: list[tuple[str, str]]) -> float:
    """Errors for each word said, over ``(said, heard)`` pairs; can exceed 1."""
    said = sum(len(text.split()) for text, _ in pairs)
    return sum(word_errors(*pair) for pair in pairs) / max(said, 1)
