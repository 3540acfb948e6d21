"""What speaks for or against the best answer beside its own views.

- *margin*: distance of its rank score to the second's;
- *known*: the same to that of "nobody knows that", where the persona has examples of it;
- *unasked*: 0, or less if the answer is seldom asked for a thing of this kind (a colour, a price):
  the log of how much more seldom than answers are on the whole;
- *phrasings*: log of how many phrasings the answer has: of many, one is alike by chance;
- *words*: number of content words of the question: the more fit, the less it is by chance;
- *wordless*: 1 for a question without any ("who are you");
- *predicate*: likeness of what is asked to the nearest phrasing, the subject of both taken out;
- *beyond*: the same less the likeness to what people ask of anything at all.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.answer.embedder import Embedder
from kiosk.answer.predicates import Predicates
from kiosk.answer.views import Sight, Viewer
from kiosk.answer.wanted import wanted_of
from kiosk.persona.schema import Answer

Floats = NDArray[np.float32]

DOUBTS = ("margin", "known", "unasked", "phrasings", "words", "wordless", "predicate", "beyond")
WIDEST_MARGIN = 0.5  # a wider one says no more
_MARGIN_ALONE = 0.15  # of an only answer: as usual
_MOST_WORDS = 8


class Doubter:
    """Aim: the signs by which a fitting answer is told from one that is only the nearest."""

    def __init__(
        self,
        answers: Sequence[Answer],
        viewer: Viewer,
        embedder: Embedder,
        *,
        not_known: int | None,
    ) -> None:
        """Embed what is asked in every phrasing.

        Args:
            answers: The candidates.
            viewer: Of the same answers.
            embedder: Sentence embedding.
            not_known: Place of "nobody knows that" among the answers; None if there is none.
        """
        self._viewer = viewer
        self._not_known = not_known
        self._predicates = Predicates(answers, viewer.normal, viewer.slices, embedder)

    def doubts(
        self, text: str, best: int, rating: Floats, sight: Sight, without: Collection[int] = ()
    ) -> Floats:
        """The signs, in the order of ``DOUBTS``.

        Args:
            text: Normal form of the question, bare and with garbled words put right.
            best: Place of the answer.
            rating: Rank scores of all answers.
            sight: The question beside all answers.
            without: Rows of phrasings that are not looked at.
        """
        margin = self._margin(best, rating)
        known = margin
        if self._not_known not in (None, best):
            known = _bounded(float(rating[best] - rating[self._not_known]))
        rows = self._viewer.slices[best]
        predicate = self._predicates.compare(text, best, without)
        return np.array(
            [
                margin,
                known,
                min(0.0, float(self._viewer.askings.lift(wanted_of(text))[best])),
                math.log(rows.stop - rows.start),
                min(sight.words, _MOST_WORDS),
                sight.words == 0,
                predicate.own,
                predicate.beyond,
            ],
            np.float32,
        )

    def _margin(self, best: int, rating: Floats) -> float:
        """Distance to the next best; ``nobody knows that`` has a sign of its own."""
        others = np.ones(len(rating), np.bool_)
        others[best] = False
        if self._not_known is not None:
            others[self._not_known] = False
        return (
            _bounded(float(rating[best] - rating[others].max())) if others.any() else _MARGIN_ALONE
        )


def against(doubts: Floats, margin: float) -> Floats:
    """The signs of the best answer as those of one that comes after it.

    Args:
        doubts: Of the best answer.
        margin: Distance to the best answer, less than nothing.
    """
    after = doubts.copy()
    after[: DOUBTS.index("unasked")] = _bounded(margin)
    return after


def _bounded(margin: float) -> float:
    return max(-WIDEST_MARGIN, min(margin, WIDEST_MARGIN))
