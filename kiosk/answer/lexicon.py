"""The words of all answers: how rare each is, and which answers know it."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from kiosk.answer.sentences import split_sentences
from kiosk.answer.words import content_stems, normalise, sound_key
from kiosk.persona.schema import Persona

Floats = NDArray[np.float32]

_TOLD_WEIGHT = 0.7  # a word that an answer says, but that nobody asks it with
_SPELT_ALIKE = 0.9
_SHORTEST_SOUNDS = 3
_SOUNDS_ALIKE_WEIGHT = 0.75


class Lexicon:
    """Aim: tell how much of a question each answer knows, by words spelt or sounding alike.

    Attributes:
        words: All words of phrasings, topics and answers.
        rare_words: Words of few phrasings or topics: what names and subjects are made of.
    """

    def __init__(self, persona: Persona) -> None:
        asks = [normalise_all((*answer.ask, *answer.topics)) for answer in persona.answers]
        says = [normalise_all(answer.say) for answer in persona.answers]
        self.words = frozenset(word for text in (*asks, *says) for word in text.split())
        self._stems = sorted({word for text in (*asks, *says) for word in content_stems(text)})
        self._row = {word: row for row, word in enumerate(self._stems)}
        self._sounding: dict[str, list[int]] = {}
        for row, word in enumerate(self._stems):
            key = sound_key(word)
            if len(key) >= _SHORTEST_SOUNDS:
                self._sounding.setdefault(key, []).append(row)
        self._known = np.zeros((len(self._stems), len(asks)), np.float32)
        for column, (ask, say) in enumerate(zip(asks, says, strict=True)):
            self._known[[self._row[word] for word in content_stems(say)], column] = _TOLD_WEIGHT
            self._known[[self._row[word] for word in content_stems(ask)], column] = 1.0
        answers = len(asks)
        count = self._known.sum(axis=1)
        self._weight = np.clip(
            np.log((answers + 1) / (count + 0.5)) / np.log(answers + 1), 0.1, 1.0
        )
        asked = Counter(
            word
            for answer in persona.answers
            for word in set(normalise_all((*answer.ask, *answer.topics)).split())
        )
        self.rare_words = tuple(word for word, n in asked.items() if n <= 4)

    def explained(self, stems: tuple[str, ...], fallback: Floats) -> Floats:
        """Share of the question's weight that each answer knows, 0..1, shape (answers,).

        Args:
            stems: Content stems of the question.
            fallback: Result for a question without any.
        """
        if not stems:
            return fallback
        share = np.zeros(self._known.shape[1], np.float32)
        total = 0.0
        for word in stems:
            likeness = self._likeness(word)
            weight = self._weight_of(word, likeness)
            share += np.float32(weight) * (self._known * likeness[:, None]).max(axis=0)
            total += weight
        return share / np.float32(total)

    def _likeness(self, word: str) -> Floats:
        row = self._row.get(word)
        likeness = np.zeros(len(self._stems), np.float32)
        if row is not None:
            likeness[row] = 1.0
            return likeness
        spelt = process.cdist(
            [word], self._stems, scorer=JaroWinkler.normalized_similarity, dtype=np.float32
        )[0]
        likeness = np.where(spelt >= _SPELT_ALIKE, spelt * np.float32(0.9), likeness)
        rows = self._sounding.get(sound_key(word), ())
        likeness[list(rows)] = np.maximum(likeness[list(rows)], np.float32(_SOUNDS_ALIKE_WEIGHT))
        return likeness

    def _weight_of(self, word: str, likeness: Floats) -> float:
        """Rarity of a word; one that nobody knows weighs as much as the rarest."""
        if likeness.any():
            return float(self._weight[int(np.argmax(likeness))])
        return 0.25 if len(word) < 3 else 1.0


def normalise_all(texts: tuple[str, ...]) -> str:
    """Normal form of several texts as one, each within the length limit."""
    return " ".join(normalise(part) for text in texts for part in split_sentences(text))
