"""Weights of the matcher: written by scripts/fit_matcher.py, not by hand.

Fitted on 1455 questions: the tune side of tests/bank/mary-anning.toml and of
tests/answer/questions.toml, and phrasings of persona.toml with themselves left out.
"""

from __future__ import annotations

from typing import Final

RANK: Final = {
    "meaning": 0.482,
    "company": 0.456,
    "support": 0.222,
    "explained": 0.228,
    "foreign": -0.156,
    "letters": 0.384,
    "sounds": 0.110,
    "echo": 0.312,
    "repaired": -0.037,
}
"""Of each view in the order of the answers."""

CONFIDENCE: Final = {
    "meaning": 2.099,
    "company": 2.925,
    "support": 0.733,
    "explained": 0.803,
    "foreign": 0.060,
    "letters": 2.157,
    "sounds": -0.076,
    "echo": 0.986,
    "repaired": 0.476,
    "margin": 7.132,
}
"""Of the best answer's views and of its distance to the second, in its chance to be right."""

BIAS: Final = -6.706
