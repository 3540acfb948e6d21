"""Weights of the matcher: written by scripts/fit_matcher.py, not by hand.

Fitted on 3327 questions: the tune sides of the banks in tests/bank and of
tests/answer/questions.toml, and examples made of persona.toml.
"""

from __future__ import annotations

from typing import Final

RANK: Final = {
    "meaning": 0.444,
    "company": 0.449,
    "support": 0.340,
    "explained": 0.238,
    "foreign": -0.105,
    "letters": 0.297,
    "sounds": 0.062,
    "echo": 0.262,
    "repaired": -0.046,
    "wanted": 0.059,
}
"""Of each view in the order of the answers."""

CONFIDENCE: Final = {
    "meaning": 0.000,
    "company": 2.933,
    "support": 0.393,
    "explained": 0.138,
    "foreign": -1.095,
    "letters": 4.770,
    "sounds": 0.000,
    "echo": 0.951,
    "repaired": -0.342,
    "wanted": 0.000,
    "margin": 2.166,
    "known": 6.682,
    "unasked": 0.765,
    "phrasings": -1.060,
    "words": 0.204,
    "wordless": -1.595,
    "predicate": -3.434,
    "beyond": 5.006,
}
"""Of the best answer's views and doubts in its chance to be right."""

BIAS: Final = -2.699
