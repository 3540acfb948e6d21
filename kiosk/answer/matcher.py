"""Which prepared answer a question asks for, and how sure that is.

The views of kiosk/answer/views.py are joined by two small models whose weights are in
kiosk/answer/weights.py: the first puts the answers in order, the second tells the chance that the
first of them is right, from its own views and from its doubts (kiosk/answer/doubts.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from kiosk.answer.doubts import DOUBTS, WIDEST_MARGIN, Doubter, against
from kiosk.answer.embedder import Embedder
from kiosk.answer.names import Names
from kiosk.answer.preamble import bare_question
from kiosk.answer.views import VIEWS, Sight, Viewer
from kiosk.answer.weights import BIAS, CONFIDENCE, RANK
from kiosk.answer.words import as_known, normalise
from kiosk.persona.schema import Answer, Persona

Floats = NDArray[np.float32]

NOT_KNOWN_ID = ""
"""Of the candidate that stands for "nobody knows that": the examples in limits.not_known."""

EXACT_CONFIDENCE = 0.99
"""Of a question that a phrasing holds word for word."""
_RANK = np.array([RANK[view] for view in VIEWS], np.float32)
_CONFIDENCE = np.array([CONFIDENCE[name] for name in (*VIEWS, *DOUBTS)], np.float32)
_EXACT_BONUS = np.float32(1.0)


@dataclass(frozen=True, slots=True)
class Match:
    """One prepared answer as a candidate.

    Attributes:
        answer: The answer.
        confidence: 0..1, the chance that it answers the question.
        phrasing: The nearest of its phrasings.
        margin: Distance of its rank score to the next best answer's; negative for all but the best.
        views: Its views, in the order of ``VIEWS``.
    """

    answer: Answer
    confidence: float
    phrasing: str
    margin: float
    views: tuple[float, ...]

    def named_views(self) -> tuple[tuple[str, float], ...]:
        """The views with their names; empty for an answer that no question was compared with."""
        return tuple(zip(VIEWS, self.views, strict=False))


@dataclass(frozen=True, slots=True)
class Readings:
    """Normal forms of a question.

    Attributes:
        whole: As it was said.
        bare: Without address, preamble and tag.
        repaired: ``bare`` with garbled names and words put right; empty if there are none.
    """

    whole: str
    bare: str
    repaired: str

    def asked(self) -> str:
        """The reading that tells best what is asked."""
        return self.repaired or self.bare

    def distinct(self) -> list[str]:
        """The readings that are no guess, each once."""
        return list(dict.fromkeys((self.whole, self.bare)))


class Matcher:
    """Aim: rank a persona's prepared answers for a question within a few milliseconds.

    Attributes:
        answers: The candidates: all answers, and "nobody knows that" if there are examples of it.
        viewer: The views they are ranked by.
    """

    def __init__(self, persona: Persona, embedder: Embedder) -> None:
        """Embed all phrasings and answers of a persona (a few milliseconds each)."""
        self.answers = (*persona.answers, *_not_known(persona))
        self.viewer = viewer = Viewer(self.answers, embedder)
        self._doubter = Doubter(
            self.answers, viewer, embedder, not_known=self._place_of(NOT_KNOWN_ID)
        )
        self._exact = {
            text: int(owner) for text, owner in zip(viewer.normal, viewer.owner, strict=True)
        }
        self._names = Names(
            chain(
                persona.recognition.words,
                chain.from_iterable(answer.topics for answer in persona.answers),
                viewer.lexicon.rare_words,
            ),
            viewer.lexicon.words,
        )
        own_name = "|".join(re.escape(w) for w in normalise(persona.identity.name).split())
        self._vocative = re.compile(rf"^(?:{own_name})\s+|\s+(?:{own_name})$")

    def rank(self, text: str, *, most: int = 8) -> tuple[Match, ...]:
        """The best answers to a question, best first.

        Args:
            text: Question as heard or typed.
            most: Length of the list.

        Returns:
            At most ``most`` candidates; empty if the text holds no word.
        """
        readings = self.readings(text)
        if not readings.whole:
            return ()
        sight = self.viewer.see(readings.distinct(), readings.repaired)
        rating = rated(sight)
        exact = next((self._exact[r] for r in readings.distinct() if r in self._exact), None)
        if exact is not None:
            rating[exact] = rating.max() + _EXACT_BONUS
        order = np.argsort(-rating, kind="stable")[:most]
        best = int(order[0])
        doubts = self._doubter.doubts(readings.asked(), best, rating, sight)
        matches: list[Match] = []
        for place, index in enumerate(order):
            rival = order[1] if place == 0 and len(order) > 1 else best
            margin = float(rating[index] - rating[rival]) if len(order) > 1 else WIDEST_MARGIN
            views = sight.table[index]
            confidence = chance(views, doubts if place == 0 else against(doubts, margin))
            if index == exact:
                confidence = EXACT_CONFIDENCE
            elif matches:
                confidence = min(confidence, 1.0 - matches[0].confidence)
            matches.append(
                Match(
                    answer=self.answers[index],
                    confidence=confidence,
                    phrasing=self.viewer.phrasings[sight.nearest[index]],
                    margin=margin,
                    views=tuple(float(v) for v in views),
                )
            )
        return tuple(matches)

    def doubts(
        self,
        readings: Readings,
        sight: Sight,
        best: int,
        rating: Floats,
        without: Collection[int] = (),
    ) -> Floats:
        """What speaks for or against an answer, for fitting the weights of it.

        Args:
            readings: Of the question.
            sight: The question beside all answers.
            best: Place of the answer.
            rating: Rank scores of all answers.
            without: Rows of phrasings that are not looked at.
        """
        return self._doubter.doubts(readings.asked(), best, rating, sight, without)

    def best_without(self, row: int) -> str:
        """Id of the answer that a phrasing would find if it did not stand in the file.

        Args:
            row: Of ``viewer.phrasings``.
        """
        readings = self.readings(self.viewer.phrasings[row])
        sight = self.viewer.see(readings.distinct(), readings.repaired, without=(row,))
        return self.answers[int(np.argmax(rated(sight)))].id

    def readings(self, text: str) -> Readings:
        """Normal forms of a question; all empty if it holds no word."""
        whole = normalise(text)
        bare = bare_question(self._vocative.sub("", whole)) or whole
        repaired = self._names.repair(as_known(bare, self.viewer.lexicon.words))
        return Readings(whole, bare, repaired if repaired != bare else "")

    def _place_of(self, answer_id: str) -> int | None:
        places = (place for place, answer in enumerate(self.answers) if answer.id == answer_id)
        return next(places, None)

    def related(self, answer_id: str) -> tuple[Answer, ...]:
        """All other answers, the nearest in meaning first."""
        centres = self.viewer.centres
        index = next(i for i, answer in enumerate(self.answers) if answer.id == answer_id)
        order = np.argsort(-(centres @ centres[index]), kind="stable")
        others = (self.answers[i] for i in order if i != index)
        return tuple(answer for answer in others if answer.id != NOT_KNOWN_ID)


def _not_known(persona: Persona) -> tuple[Answer, ...]:
    """The questions that nobody can answer, as a candidate beside the answers."""
    examples = persona.limits.not_known
    if not examples:
        return ()
    unspoken = persona.smalltalk.unknown[:1] or ("?",)
    return (Answer.model_construct(id=NOT_KNOWN_ID, ask=examples, say=unspoken),)


def rated(sight: Sight) -> Floats:
    """Rank scores of all answers."""
    rating: Floats = sight.table @ _RANK
    return rating


def chance(views: Floats, doubts: Floats) -> float:
    """Chance that a candidate is right, from its views and its doubts."""
    activation = BIAS + float(_CONFIDENCE @ np.concatenate((views, doubts)))
    return float(1.0 / (1.0 + np.exp(-activation)))
