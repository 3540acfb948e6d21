"""Views of how alike a question and each prepared answer are, each blind to what another one sees.

- *meaning*: cosine between the question and the nearest phrasing (sees paraphrase, blind to names);
- *company*: mean cosine of the nearest three phrasings (one odd phrasing does not decide alone);
- *support*: cosine between the question and the sentences of the answer itself;
- *explained*: share of the question's rare words that the answer knows, spelt or sounding alike or
  meaning the same (sees "grandmother" where only the mother is told of);
- *foreign*: weight of the question's rarest word that the answer does not know ("what did the dog
  eat" is mostly about the dog, and nothing is told about eating);
- *letters*: likeness of the words in whatever order (survives garbled words);
- *sounds*: likeness of the consonants run together ("foss hills" for fossils);
- *echo*: the same, telling only whether they are all but identical;
- *repaired*: what putting garbled names right adds to the meaning: a guess, so it counts for less;
- *wanted*: how usual it is that the answer is asked for such a thing: a colour, a price, a reason.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from kiosk.answer.embedder import Embedder
from kiosk.answer.lexicon import Lexicon
from kiosk.answer.sentences import split_sentences
from kiosk.answer.wanted import Askings, wanted_of
from kiosk.answer.words import Kind, content_words, kind_of, normalise, sound_shape
from kiosk.persona.schema import Answer

Floats = NDArray[np.float32]

VIEWS = (
    "meaning", "company", "support", "explained", "foreign", "letters", "sounds", "echo",
    "repaired", "wanted",
)  # fmt: skip
_COMPANY = 3
_ECHO_POWER = 6
_KIND_PENALTY = np.float32(0.12)
_STRICT_KINDS = frozenset({Kind.WHO, Kind.WHEN, Kind.WHERE, Kind.WHY, Kind.HOW_OLD, Kind.HOW_MUCH})
_ALIKE = frozenset({frozenset({Kind.WHEN, Kind.HOW_OLD}), frozenset({Kind.WHEN, Kind.HOW_MUCH})})


@dataclass(frozen=True, slots=True)
class Sight:
    """How a question looks beside every answer.

    Attributes:
        table: Shape (answers, views), columns in the order of ``VIEWS``.
        nearest: Row of each answer's nearest phrasing.
        words: Number of content words of the question.
    """

    table: Floats
    nearest: NDArray[np.intp]
    words: int


class Viewer:
    """Aim: all views of a question within a few milliseconds.

    Attributes:
        phrasings: All phrasings, answer by answer.
        normal: Their normal forms.
        owner: The answer that each belongs to, by its place.
        centres: Mean vector of each answer's phrasings.
        slices: Rows of each answer's phrasings.
        askings: What each answer is asked for.
    """

    def __init__(self, answers: Sequence[Answer], embedder: Embedder) -> None:
        """Embed all phrasings and answers (a few milliseconds each)."""
        self._embedder = embedder
        self.lexicon = Lexicon(answers, embedder)
        self.phrasings = [ask for answer in answers for ask in answer.ask]
        self.normal = [normalise(ask) for ask in self.phrasings]
        self._conflicting = _conflicts([kind_of(text) for text in self.normal])
        self._sorted = [_in_order(text) for text in self.normal]
        self._shapes = [sound_shape(text) for text in self.normal]
        self._asks = _Groups.of([len(answer.ask) for answer in answers])
        self.owner, self.slices = self._asks.owner, self._asks.slices
        self.askings = Askings(self.normal, self.owner, len(answers))
        self._ask_vectors = embedder.embed(self.normal, pin=True)
        self.centres = np.stack([self._ask_vectors[s].mean(axis=0) for s in self.slices])
        told = [split_sentences(" ".join(answer.say)) for answer in answers]
        self._says = _Groups.of([len(sentences) for sentences in told])
        self._say_vectors = embedder.embed(list(chain.from_iterable(told)), pin=True)

    def see(
        self, readings: Sequence[str], repaired: str = "", *, without: Collection[int] = ()
    ) -> Sight:
        """Views of one question.

        Args:
            readings: Normal forms of the question: whole, and without its preamble. At least one.
            repaired: The same with garbled names put right; empty if there are none.
            without: Rows of phrasings that are not looked at, to see how the others do without.
        """
        vectors = self._embedder.embed(readings)
        penalty = _KIND_PENALTY * self._conflicting[kind_of(readings[-1])]
        meaning = (self._ask_vectors @ vectors.T).max(axis=1) - penalty
        letters = _likeness([_in_order(text) for text in readings], self._sorted)
        sounds = _likeness([sound_shape(text) for text in readings], self._shapes)
        told = (self._say_vectors @ vectors.T).max(axis=1)
        whole = meaning
        if repaired:
            vector = self._embedder.embed([repaired])[0]
            whole = np.maximum(meaning, self._ask_vectors @ vector - penalty)
        text = repaired or readings[-1]
        heard = self.lexicon.heard(content_words(text))
        if without:
            for rows in (meaning, whole, letters, sounds):
                rows[list(without)] = 0
        table = np.empty((len(self.centres), len(VIEWS)), np.float32)
        table[:, 0] = self._asks.best(meaning)
        table[:, 1] = self._asks.mean_of_best(whole, _COMPANY)
        table[:, 2] = self._says.best(told)
        table[:, 5] = self._asks.best(letters)
        table[:, 6] = self._asks.best(sounds)
        table[:, 7] = table[:, 6] ** _ECHO_POWER
        table[:, 8] = self._asks.best(whole) - table[:, 0]
        table[:, 3], table[:, 4] = self.lexicon.explained(heard, table[:, 5])
        table[:, 9] = self.askings.lift(wanted_of(readings[-1]))
        return Sight(table, self._asks.row_of_best(whole), len(heard.weight))

    def like(self, row: int, least: float) -> tuple[int, ...]:
        """Rows of phrasings of the same answer that are like one of them, itself among them.

        Args:
            row: Of ``phrasings``.
            least: Cosine from which they are alike.
        """
        rows = self.slices[self.owner[row]]
        near = np.flatnonzero(self._ask_vectors[rows] @ self._ask_vectors[row] >= least)
        return tuple(int(place) + rows.start for place in near)


def _conflicts(kinds: Sequence[Kind]) -> dict[Kind, NDArray[np.bool_]]:
    """Phrasings that ask for another kind of thing ("when" for "where"), one flag each, by kind."""
    return {
        asked: np.array(
            [
                {kind, asked} <= _STRICT_KINDS
                and kind != asked
                and frozenset({kind, asked}) not in _ALIKE
                for kind in kinds
            ],
            np.bool_,
        )
        for asked in Kind
    }


def _in_order(normal: str) -> str:
    return " ".join(sorted(normal.split()))


def _likeness(texts: Sequence[str], others: Sequence[str]) -> Floats:
    """Likeness of each of the others to the nearest text, 0..1."""
    table = process.cdist(texts, others, scorer=fuzz.ratio, dtype=np.float32)
    likeness: Floats = table.max(axis=0) / np.float32(100)
    return likeness


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows of a table that belong together: the phrasings, or the sentences, of each answer.

    Attributes:
        slices: Rows of each group; no group is empty.
        owner: Group of each row.
        sizes: Number of rows of each group.
        starts: First row of each group.
    """

    slices: tuple[slice, ...]
    owner: NDArray[np.intp]
    sizes: NDArray[np.intp]
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, sizes: list[int]) -> _Groups:
        counts = np.array(sizes, np.intp)
        ends = np.cumsum(counts)
        slices = tuple(
            slice(int(end - size), int(end)) for end, size in zip(ends, sizes, strict=True)
        )
        return cls(slices, np.repeat(np.arange(len(sizes)), sizes), counts, ends - counts)

    def best(self, rows: Floats) -> Floats:
        """Largest value of each group."""
        largest: Floats = np.maximum.reduceat(rows, self.starts)
        return largest

    def mean_of_best(self, rows: Floats, count: int) -> Floats:
        """Mean of the ``count`` largest values of each group, or of all if it has fewer."""
        left, total = rows.copy(), np.zeros(len(self.sizes), np.float32)
        for taken in range(count):
            total += np.where(self.sizes > taken, self.best(left), np.float32(0))
            left[self.row_of_best(left)] = -np.inf
        mean: Floats = np.divide(total, np.minimum(self.sizes, count), dtype=np.float32)
        return mean

    def row_of_best(self, rows: Floats) -> NDArray[np.intp]:
        """Row of the largest value of each group, the first of several."""
        hits = np.flatnonzero(rows == self.best(rows)[self.owner])
        groups = self.owner[hits]
        first: NDArray[np.intp] = hits[np.append(True, groups[1:] != groups[:-1])]
        return first
