"""The words of all answers: how rare each is, and which answers know it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from kiosk.answer.embedder import Embedder
from kiosk.answer.sentences import split_sentences
from kiosk.answer.words import content_stems, content_words, normalise, sound_key
from kiosk.persona.schema import Answer

Floats = NDArray[np.float32]

_TOLD_WEIGHT = 0.7  # a word that an answer says, but that nobody asks it with
_SPELT_ALIKE = 0.9
_SHORTEST_SOUNDS = 3
_SOUNDS_ALIKE_WEIGHT = 0.75
_SAME_MEANING_FROM, _SAME_MEANING_FULL = 0.45, 0.85  # cosine between two single words
_SAME_MEANING_WEIGHT = 0.85


@dataclass(frozen=True, slots=True)
class Heard:
    """The content words of a question, as the persona's words see them.

    Attributes:
        likeness: To each known word, 0..1; shape (words, known words).
        weight: How much each word tells, 0..1.
    """

    likeness: Floats
    weight: Floats


class Lexicon:
    """Aim: tell how much of a question each answer knows, by likeness of words.

    Words are alike in spelling, in sound or in meaning.

    Attributes:
        words: All words of phrasings, topics and answers.
        rare_words: Words of few phrasings or topics: what names and subjects are made of.
    """

    def __init__(self, answers: Sequence[Answer], embedder: Embedder) -> None:
        asks = [normalise_all((*answer.ask, *answer.topics)) for answer in answers]
        says = [normalise_all(answer.say) for answer in answers]
        self.words = frozenset(word for text in (*asks, *says) for word in text.split())
        by_stem: dict[str, str] = {}
        for text in (*asks, *says):
            for one, word in content_words(text).items():
                by_stem[one] = min(by_stem.get(one, word), word, key=len)
        self._stems = sorted(by_stem)
        self._row = {word: row for row, word in enumerate(self._stems)}
        self._embedder = embedder
        self._vectors = embedder.embed([by_stem[one] for one in self._stems], pin=True)
        self._sounding: dict[str, list[int]] = {}
        for row, word in enumerate(self._stems):
            key = sound_key(word)
            if len(key) >= _SHORTEST_SOUNDS:
                self._sounding.setdefault(key, []).append(row)
        self._known = np.zeros((len(self._stems), len(asks)), np.float32)
        for column, (ask, say) in enumerate(zip(asks, says, strict=True)):
            self._known[[self._row[word] for word in content_stems(say)], column] = _TOLD_WEIGHT
            self._known[[self._row[word] for word in content_stems(ask)], column] = 1.0
        most = len(asks)
        count = self._known.sum(axis=1)
        self._weight = np.clip(np.log((most + 1) / (count + 0.5)) / np.log(most + 1), 0.1, 1.0)
        asked = Counter(
            word
            for answer in answers
            for word in dict.fromkeys(normalise_all((*answer.ask, *answer.topics)).split())
        )
        self.rare_words = tuple(word for word, n in asked.items() if n <= 4)

    def heard(self, words: Mapping[str, str]) -> Heard:
        """Compare content words with all known ones.

        Args:
            words: Content words of a question, by their stems.
        """
        likeness = np.zeros((len(words), len(self._stems)), np.float32)
        for place, (one, word) in enumerate(words.items()):
            likeness[place] = self._likeness(one, word)
        weight = [self._weight_of(one, row) for one, row in zip(words, likeness, strict=True)]
        return Heard(likeness, np.array(weight, np.float32))

    def explained(self, heard: Heard, fallback: Floats) -> tuple[Floats, Floats]:
        """Share of the question's weight that each answer knows, and the weight of its worst gap.

        Args:
            heard: Content words of the question.
            fallback: Share for a question without any.

        Returns:
            Share and gap, both 0..1, both of shape (answers,).
        """
        answers = self._known.shape[1]
        share, gap = np.zeros(answers, np.float32), np.zeros(answers, np.float32)
        if not len(heard.weight):
            return fallback, gap
        for likeness, weight in zip(heard.likeness, heard.weight, strict=True):
            rows = likeness.nonzero()[0]
            known = (
                (self._known[rows] * likeness[rows, None]).max(axis=0)
                if len(rows)
                else np.zeros(answers, np.float32)
            )
            share += weight * known
            gap = np.maximum(gap, weight * (1 - known))
        return share / heard.weight.sum(), gap

    def _likeness(self, one: str, word: str) -> Floats:
        """How like each known word is, 0..1: by meaning, spelling or sound."""
        row = self._row.get(one)
        vector = self._vectors[row] if row is not None else self._embedder.embed([word])[0]
        meaning = (self._vectors @ vector - _SAME_MEANING_FROM) / (
            _SAME_MEANING_FULL - _SAME_MEANING_FROM
        )
        likeness: Floats = np.clip(meaning, 0, 1) * np.float32(_SAME_MEANING_WEIGHT)
        if row is not None:
            likeness[row] = 1.0
            return likeness
        spelt = process.cdist(
            [one], self._stems, scorer=JaroWinkler.normalized_similarity, dtype=np.float32
        )[0]
        alike = np.where(spelt >= _SPELT_ALIKE, spelt * np.float32(0.9), np.float32(0))
        likeness = np.maximum(likeness, alike)
        rows = self._sounding.get(sound_key(one), ())
        likeness[list(rows)] = np.maximum(likeness[list(rows)], np.float32(_SOUNDS_ALIKE_WEIGHT))
        return likeness

    def _weight_of(self, word: str, likeness: Floats) -> float:
        """Rarity of a word; one that nobody knows weighs as much as the rarest."""
        best = int(np.argmax(likeness))
        if likeness[best] >= 0.5:
            return float(self._weight[best])
        return 0.25 if len(word) < 3 else 1.0


def normalise_all(texts: tuple[str, ...]) -> str:
    """Normal form of several texts as one, each within the length limit."""
    return " ".join(normalise(part) for text in texts for part in split_sentences(text))
