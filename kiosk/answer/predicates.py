"""What is asked of a subject, apart from the subject: "how much is it worth" of any fossil.

Sentence vectors see above all what a question is about. With the subject taken out, what is left
can be compared with what an answer is usually asked, and with what people ask of anything at all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kiosk.answer.aspects import ASPECTS
from kiosk.answer.embedder import Embedder
from kiosk.answer.words import STOP_WORDS, content_stems, content_words, normalise
from kiosk.persona.schema import Answer

_SUBJECT_FROM = 0.3  # share of an answer's phrasings that hold a word of its subject
_SUBJECT = "it"


@dataclass(frozen=True, slots=True)
class Predicate:
    """How like a question is to what is asked, its subject taken out; cosines.

    Attributes:
        own: To the nearest phrasing of the answer.
        beyond: ``own`` less the likeness to the nearest thing that people ask of anything.
    """

    own: float
    beyond: float


class Predicates:
    """Aim: tell whether an answer is ever asked such a thing."""

    def __init__(
        self,
        answers: Sequence[Answer],
        normal: Sequence[str],
        slices: Sequence[slice],
        embedder: Embedder,
    ) -> None:
        """Embed all phrasings without their subjects.

        Args:
            answers: The candidates; one without id has no subject of its own.
            normal: Normal forms of all phrasings, answer by answer.
            slices: Rows of each answer.
            embedder: Sentence embedding.
        """
        self._embedder = embedder
        self._slices = slices
        topics = [_stems(answer.topics) for answer in answers]
        every = frozenset().union(*topics)
        self._subjects = [
            own | _usual(normal[rows]) if answer.id else every
            for answer, own, rows in zip(answers, topics, slices, strict=True)
        ]
        texts = [
            _without(text, subjects)
            for rows, subjects in zip(slices, self._subjects, strict=True)
            for text in normal[rows]
        ]
        self._vectors = embedder.embed(texts, pin=True)
        self._aspects = embedder.embed(ASPECTS, pin=True)

    def compare(self, text: str, answer: int, without: Collection[int] = ()) -> Predicate:
        """A question beside one answer.

        Args:
            text: Normal form.
            answer: Place of the answer.
            without: Rows of phrasings that are not looked at.
        """
        vector = self._embedder.embed([_without(text, self._subjects[answer])])[0]
        rows = self._slices[answer]
        likeness = self._vectors[rows] @ vector
        likeness[[row - rows.start for row in without if rows.start <= row < rows.stop]] = 0
        own = float(likeness.max())
        return Predicate(own, own - float((self._aspects @ vector).max()))


def _stems(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(stem for text in texts for stem in content_stems(normalise(text)))


def _usual(normal: Sequence[str]) -> frozenset[str]:
    """Words that many phrasings of an answer hold: what it is about."""
    held = [set(content_stems(text)) for text in normal]
    return frozenset(
        stem
        for stem in frozenset().union(*held)
        if sum(stem in words for words in held) > _SUBJECT_FROM * len(held)
    )


def _without(text: str, subjects: frozenset[str]) -> str:
    """A normalised question with "it" for every word of the subject."""
    return " ".join(
        _SUBJECT
        if word not in STOP_WORDS and not subjects.isdisjoint(content_words(word))
        else word
        for word in text.split()
    )
