"""A visitor in need, told apart from a question about death.

"I want to die" needs help; "how did you die" and "did your brother kill himself" are questions.
The difference is who is spoken of and when: distress is in the first person and the present. Three
looks, in this order: fixed patterns, the site's own phrases, and likeness of meaning to known
utterances of distress, compared with known questions about death.
"""

from __future__ import annotations

import re

import numpy as np

from kiosk.answer.distress_examples import DISTRESSED, HARMLESS
from kiosk.answer.distress_phrases import IDIOMS, UTTERANCES, compile_lines
from kiosk.answer.embedder import Embedder
from kiosk.answer.words import normalise

_PATTERNS = compile_lines(UTTERANCES)
_IDIOMS = compile_lines(IDIOMS)

_LIKENESS = 0.56
_ADVANTAGE = 0.06
_SPEAKS_OF_SELF = re.compile(r"\b(?:i|me|my|myself|mine)\b")
_SPEAKS_OF_OTHERS = re.compile(
    r"\b(?:you|your|yourself|he|his|him|himself|she|her|herself|they|their|themselves|mary)\b"
)
_PAST_QUESTION = re.compile(r"^(?:did|was|were|had|when did|why did|how did|who|what|where)\b")


class DistressDetector:
    """Aim: never miss a person in need, and never take a question about death for one."""

    def __init__(self, embedder: Embedder, phrases: tuple[str, ...] = ()) -> None:
        """Prepare the known utterances.

        Args:
            embedder: For likeness of meaning.
            phrases: The persona's ``support.phrases``.
        """
        self._embedder = embedder
        own = [normalise(phrase) for phrase in phrases]
        self._own = tuple(f" {phrase} " for phrase in own if phrase)
        self._distressed = embedder.embed([*DISTRESSED, *own], pin=True)
        self._harmless = embedder.embed(HARMLESS, pin=True)

    def detects(self, text: str) -> bool:
        """Whether the visitor seems to be in distress."""
        spoken = normalise(text) + " "
        for idiom in _IDIOMS:
            spoken = idiom.sub("", spoken)
        normal = spoken.strip()
        if not normal:
            return False
        if any(pattern.search(spoken) for pattern in _PATTERNS):
            return True
        if any(phrase in f" {normal} " for phrase in self._own):
            return True
        if _SPEAKS_OF_OTHERS.search(normal) or _PAST_QUESTION.search(normal):
            return False
        if not _SPEAKS_OF_SELF.search(normal):
            return False
        vector = self._embedder.embed([normal])[0]
        distress = float(np.max(self._distressed @ vector))
        harmless = float(np.max(self._harmless @ vector))
        return distress >= _LIKENESS and distress - harmless >= _ADVANTAGE
