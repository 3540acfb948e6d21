"""How much of a question stands in one single phrasing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from kiosk.answer.lexicon import Heard

Floats = NDArray[np.float32]


class Wordings:
    """Aim: compare a question's words with those of every phrasing at once."""

    def __init__(self, words: Sequence[Sequence[int]]) -> None:
        """Note the words of all phrasings.

        Args:
            words: For each phrasing, the places of its content words among the known ones.
        """
        # One column of no likeness stands before the words of each phrasing: some have none.
        self._columns = np.fromiter(chain.from_iterable((-1, *of) for of in words), np.intp)
        sizes = np.array([len(of) + 1 for of in words])
        self._starts = np.cumsum(sizes) - sizes

    def cover(self, heard: Heard, fallback: Floats) -> Floats:
        """Share of the question that each phrasing holds, 0..1, of shape (phrasings,).

        Args:
            heard: Content words of the question.
            fallback: Share for a question without any, of the same shape.
        """
        if not len(heard.weight):
            return fallback.copy()
        known = np.pad(heard.likeness, ((0, 0), (0, 1)))[:, self._columns]
        found = np.maximum.reduceat(known, self._starts, axis=1)
        share: Floats = heard.weight @ found / heard.weight.sum()
        return share
