"""What the persona must never say: every sentence of the language model passes here."""

from __future__ import annotations

import re

import numpy as np

from kiosk.answer.content import ContentFilter
from kiosk.answer.embedder import Embedder
from kiosk.answer.words import normalise, stem

_INFLECTIONS = r"(?:e|s|es|ed|d|ing|er|ers|y|ies|ist|ists|ism|al|ally|ly|n|ns|ian|ians)?"
_PHRASE_LIKENESS = 0.72


class Guard:
    """Aim: let no sentence pass that touches ``limits.never_say``, or that is fit for no museum.

    A single word forbids itself and its inflections as whole words. A phrase forbids its words in
    order (inflected, with at most two words between) and sentences that mean nearly the same.
    """

    def __init__(self, never_say: tuple[str, ...], embedder: Embedder) -> None:
        """Prepare the list of the persona file."""
        self._embedder = embedder
        self._content = ContentFilter(embedder)
        entries = [normal for normal in map(normalise, never_say) if normal]
        self._patterns = tuple(_pattern(entry) for entry in entries)
        phrases = [entry for entry in entries if " " in entry]
        self._phrases = embedder.embed(phrases, pin=True) if phrases else None

    def allows(self, sentence: str) -> bool:
        """Whether a sentence may be spoken."""
        normal = normalise(sentence)
        if any(pattern.search(normal) for pattern in self._patterns):
            return False
        if not self._content.allows(sentence):
            return False
        if self._phrases is None or not normal:
            return True
        vector = self._embedder.embed([normal])[0]
        return float(np.max(self._phrases @ vector)) < _PHRASE_LIKENESS


def _pattern(entry: str) -> re.Pattern[str]:
    words = [_inflected(word) for word in entry.split()]
    return re.compile(r"\b" + r"\s(?:\w+\s){0,2}".join(words) + r"\b")


def _inflected(word: str) -> str:
    """A word with its endings; a short one stays as it is, or "an" would forbid "any"."""
    if len(word) < 4:
        return re.escape(word)
    root = stem(word) if len(word) >= 5 else word
    return f"(?:{re.escape(word)}|{re.escape(root)}){_INFLECTIONS}"
