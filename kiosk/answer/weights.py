"""Weights of the matcher: written by scripts/fit_matcher.py, not by hand.

Fitted on 1455 questions: the tune side of tests/bank/mary-anning.toml and of
tests/answer/questions.toml, and phrasings of persona.toml with themselves left out.
"""

from __future__ import annotations

from typing import Final

RANK: Final = {
    "meaning": 0.522,
    "company": 0.466,
    "support": 0.212,
    "explained": 0.205,
    "foreign": -0.129,
    "letters": 0.398,
    "sounds": 0.114,
    "echo": 0.300,
    "repaired": -0.088,
}
"""Of each view in the order of the answers."""

CONFIDENCE: Final = {
    "meaning": 1.944,
    "company": 2.519,
    "support": 0.269,
    "explained": 0.535,
    "foreign": -0.126,
    "letters": 1.581,
    "sounds": -0.338,
    "echo": 1.184,
    "repaired": -0.169,
    "margin": 6.553,
}
"""Of the best answer's views and of its distance to the second, in its chance to be right."""

BIAS: Final = -5.391
