"""How likely each word is after the words before it: an n-gram model with back-off.

Probabilities are smoothed towards the shorter history (a Dirichlet prior, MacKay and Peto 1995)::

    P(word | history) = (count + strength * P(word | shorter history)) / (total + strength)

Counts may be fractions, so texts can be weighted; for every history the probabilities sum to one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

History = tuple[str, ...]

START = "<s>"
END = "</s>"


@dataclass(frozen=True, slots=True)
class Continuation:
    """One seen way on from a history.

    Attributes:
        word: Next word, or ``END``.
        probability: Of the word after the history.
        history: What to remember after it; empty after ``END``.
    """

    word: str
    probability: float
    history: History


class LanguageModel:
    """An n-gram model over a closed vocabulary.

    Args:
        unigram: Word to probability, ``END`` among them; sums to one. Defines the vocabulary.
        order: Longest history plus one.
        strength: How many seen words it takes to trust a history as much as the shorter one.
    """

    def __init__(self, unigram: Mapping[str, float], *, order: int, strength: float) -> None:
        self._unigram = dict(unigram)
        self._order = order
        self._strength = strength
        self._counts: dict[History, dict[str, float]] = defaultdict(dict)
        self._totals: dict[History, float] = defaultdict(float)

    def add(self, words: Sequence[str], weight: float) -> None:
        """Count one sentence; a word outside the vocabulary parts it in two."""
        history: History = (START,)
        for word in (*words, END):
            if word in self._unigram:
                for begin in range(len(history)):
                    self._count(history[begin:], word, weight)
                history = (*history, word)[-(self._order - 1) :]
            else:
                history = ()

    def add_general(self, history: History, following: Mapping[str, float], words: float) -> None:
        """Count ``words`` words of general text after a history.

        Args:
            history: The words before; each in the vocabulary, or ``START``.
            following: Word of the vocabulary to its probability; sums to at most one.
            words: How much text that stands for.
        """
        for word, probability in following.items():
            self._count(history, word, words * probability)

    def _count(self, history: History, word: str, weight: float) -> None:
        seen = self._counts[history]
        seen[word] = seen.get(word, 0.0) + weight
        self._totals[history] += weight

    def probability(self, word: str, history: History) -> float:
        """P(word | history); the history may be longer than the model remembers."""
        if not history:
            return self._unigram[word]
        shorter = self.probability(word, history[1:])
        total = self._totals.get(history, 0.0)
        count = self._counts.get(history, {}).get(word, 0.0)
        return (count + self._strength * shorter) / (total + self._strength)

    def back_off(self, history: History) -> float:
        """Factor from the shorter history's probability to that of an unseen word."""
        return self._strength / (self._totals.get(history, 0.0) + self._strength)

    def histories(self) -> Iterator[History]:
        """Every history with something seen after it, the start of a sentence first."""
        yield (START,)
        yield ()
        yield from (history for history in self._counts if history != (START,))

    def continuations(self, history: History) -> Iterator[Continuation]:
        """What was seen after a history; after the empty one, the whole vocabulary."""
        words: Iterable[str] = self._counts.get(history, {}) if history else self._unigram
        for word in words:
            after = () if word == END else self._remembered((*history, word))
            yield Continuation(word, self.probability(word, history), after)

    def _remembered(self, history: History) -> History:
        """Longest tail of a history that has something seen after it."""
        history = history[-(self._order - 1) :]
        while history and history not in self._totals:
            history = history[1:]
        return history
