"""Weights of the matcher: written by scripts/fit_matcher.py, not by hand.

Fitted on 2298 questions: the tune sides of the banks in tests/bank and of
tests/answer/questions.toml, and examples made of persona.toml.
"""

from __future__ import annotations

from typing import Final

RANK: Final = {
    "meaning": 0.443,
    "company": 0.437,
    "support": 0.277,
    "explained": 0.272,
    "foreign": -0.149,
    "letters": 0.324,
    "sounds": 0.103,
    "echo": 0.298,
    "repaired": -0.016,
    "covered": -0.039,
    "wanted": 0.051,
}
"""Of each view in the order of the answers."""

CONFIDENCE: Final = {
    "meaning": -0.044,
    "company": 4.805,
    "support": -0.091,
    "explained": 1.983,
    "foreign": -0.697,
    "letters": 7.202,
    "sounds": -4.016,
    "echo": 1.779,
    "repaired": 1.284,
    "covered": -2.457,
    "wanted": 0.014,
    "margin": 3.839,
    "known": 7.642,
    "asked": 2.074,
    "words": 0.142,
    "wordless": -2.186,
    "predicate": -3.727,
    "beyond": 4.198,
}
"""Of the best answer's views and doubts in its chance to be right."""

BIAS: Final = -9.283
