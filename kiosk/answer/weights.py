"""Weights of the matcher: written by scripts/fit_matcher.py, not by hand.

Fitted on 3329 questions: the tune sides of the banks in tests/bank and of
tests/answer/questions.toml, and examples made of persona.toml.
"""

from __future__ import annotations

from typing import Final

RANK: Final = {
    "meaning": 0.466,
    "company": 0.474,
    "support": 0.325,
    "explained": 0.297,
    "foreign": -0.111,
    "letters": 0.300,
    "sounds": 0.070,
    "echo": 0.278,
    "repaired": -0.041,
    "covered": -0.106,
    "wanted": 0.047,
}
"""Of each view in the order of the answers."""

CONFIDENCE: Final = {
    "meaning": 0.075,
    "company": 3.940,
    "support": 0.107,
    "explained": 2.186,
    "foreign": -0.668,
    "letters": 5.736,
    "sounds": -5.693,
    "echo": 3.289,
    "repaired": -0.134,
    "covered": -2.427,
    "wanted": -0.121,
    "margin": 2.494,
    "known": 6.364,
    "unasked": 0.928,
    "phrasings": -0.978,
    "words": 0.043,
    "wordless": -1.638,
    "predicate": -3.618,
    "beyond": 5.281,
}
"""Of the best answer's views and doubts in its chance to be right."""

BIAS: Final = -0.082
