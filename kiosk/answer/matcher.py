"""Which prepared answer a question asks for, and how sure that is.

Five views of likeness are joined, each blind to something that another one sees:

- *meaning*: cosine between the question and the nearest phrasing (sees paraphrase, blind to names);
- *company*: mean cosine of the nearest three phrasings (one odd phrasing does not decide alone);
- *support*: cosine between the question and the sentences of the answer itself;
- *explained*: share of the question's rare words that the answer knows, spelt or sounding alike
  (sees "grandmother" where only the mother is told of);
- *letters*: token-set likeness with the phrasings (survives garbled words).

The confidence is a logistic function of the best answer's views and of its distance to the second
best. Weights: docs/measurements-answers.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from kiosk.answer.embedder import Embedder
from kiosk.answer.lexicon import Lexicon
from kiosk.answer.names import Names
from kiosk.answer.sentences import split_sentences
from kiosk.answer.words import Kind, content_stems, kind_of, normalise
from kiosk.persona.schema import Answer, Persona

Floats = NDArray[np.float32]

VIEWS = ("meaning", "company", "support", "explained", "letters")
_RANK_WEIGHTS = np.array([0.5, 0.5, 0.3, 0.45, 0.15], np.float32)
_CONFIDENCE_BIAS = -7.4
_CONFIDENCE_TOP = 4.8
_CONFIDENCE_MARGIN = 6.4
_WIDEST_MARGIN = 0.5  # a wider one says no more
_EXACT_CONFIDENCE = 0.99
_COMPANY = 3

_KIND_PENALTY = np.float32(0.12)
_STRICT_KINDS = frozenset({Kind.WHO, Kind.WHEN, Kind.WHERE, Kind.WHY, Kind.HOW_OLD, Kind.HOW_MUCH})
_ALIKE = frozenset({frozenset({Kind.WHEN, Kind.HOW_OLD}), frozenset({Kind.WHEN, Kind.HOW_MUCH})})
_PREAMBLE = re.compile(
    r"^(?:(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|excuse me|please|sorry|well"
    r"|so|okay|um|uh)\s+)+"
    r"|^(?:i (?:would like|want) to (?:know|ask)(?: you)?|(?:can|could) you tell me|do you know"
    r"|(?:please )?tell me)\s+(?=who|what|when|where|why|how|which|if|whether)"
)
_OWN_NAME = re.compile(
    r"\b(my name is|my names|i am called|they call me|call me|this is my \w+) (?:\w+ ?){1,2}$"
)


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


class Matcher:
    """Aim: rank a persona's prepared answers for a question within a few milliseconds."""

    def __init__(self, persona: Persona, embedder: Embedder) -> None:
        """Embed all phrasings and answers of a persona (a few milliseconds each)."""
        self._embedder = embedder
        self._answers = persona.answers
        self._phrasings = [ask for answer in persona.answers for ask in answer.ask]
        normal = [normalise(ask) for ask in self._phrasings]
        self._normal = normal
        self._kinds = [kind_of(text) for text in normal]
        self._asks = _Groups.of([len(answer.ask) for answer in persona.answers])
        self._ask_vectors = embedder.embed(normal, pin=True)
        self._centres = np.stack([self._ask_vectors[s].mean(axis=0) for s in self._asks.slices])
        told = [split_sentences(" ".join(answer.say)) for answer in persona.answers]
        self._says = _Groups.of([len(sentences) for sentences in told])
        self._say_vectors = embedder.embed(list(chain.from_iterable(told)), pin=True)
        self._exact = {
            text: int(owner) for text, owner in zip(normal, self._asks.owner, strict=True)
        }
        self._lexicon = Lexicon(persona)
        self._names = Names(
            chain(
                persona.recognition.words,
                chain.from_iterable(answer.topics for answer in persona.answers),
                self._lexicon.rare_words,
            ),
            self._lexicon.words,
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
        normal = normalise(text)
        if not normal:
            return ()
        variants = self._variants(normal)
        views, nearest = self._views(variants)
        rating = views @ _RANK_WEIGHTS
        exact = next((self._exact[v] for v in variants[:2] if v in self._exact), None)
        if exact is not None:
            rating[exact] = rating.max() + 0.5
        order = np.argsort(-rating, kind="stable")[:most]
        matches = []
        for place, index in enumerate(order):
            rival = order[1] if place == 0 and len(order) > 1 else order[0]
            margin = float(rating[index] - rating[rival]) if len(order) > 1 else 1.0
            confidence = _confidence(float(rating[index]), margin)
            matches.append(
                Match(
                    answer=self._answers[index],
                    confidence=_EXACT_CONFIDENCE if index == exact else confidence,
                    phrasing=self._phrasings[nearest[index]],
                    margin=margin,
                    views=tuple(float(v) for v in views[index]),
                )
            )
        return tuple(matches)

    def related(self, answer_id: str) -> tuple[Answer, ...]:
        """All other answers, the nearest in meaning first."""
        index = next(i for i, answer in enumerate(self._answers) if answer.id == answer_id)
        order = np.argsort(-(self._centres @ self._centres[index]), kind="stable")
        return tuple(self._answers[i] for i in order if i != index)

    def _variants(self, normal: str) -> list[str]:
        """The question, without its preamble, and with garbled names put right."""
        bare = _PREAMBLE.sub("", self._vocative.sub("", normal)) or normal
        bare = _OWN_NAME.sub(r"\1", bare)
        repaired = self._names.repair(bare)
        return list(dict.fromkeys((normal, bare, repaired)))

    def _views(self, variants: list[str]) -> tuple[Floats, NDArray[np.intp]]:
        """Views, shape (answers, views), and the row of each answer's nearest phrasing."""
        vectors = self._embedder.embed(variants)
        meaning = (self._ask_vectors @ vectors.T).max(axis=1)
        meaning -= _KIND_PENALTY * self._conflicts(kind_of(variants[-1]))
        letters = process.cdist(
            variants, self._normal, scorer=fuzz.token_set_ratio, dtype=np.float32
        ).max(axis=0)
        views = np.empty((len(self._answers), len(VIEWS)), np.float32)
        views[:, 0] = self._asks.best(meaning)
        views[:, 1] = self._asks.mean_of_best(meaning, _COMPANY)
        views[:, 2] = self._says.best((self._say_vectors @ vectors.T).max(axis=1))
        views[:, 4] = self._asks.best(letters) / 100
        views[:, 3] = np.max(
            [self._lexicon.explained(content_stems(v), views[:, 4]) for v in variants], axis=0
        )
        return views, self._asks.row_of_best(meaning)

    def _conflicts(self, asked: Kind) -> NDArray[np.bool_]:
        """Phrasings that ask for another kind of thing ("when" for "where"), one flag each."""
        if asked not in _STRICT_KINDS:
            return np.zeros(len(self._kinds), np.bool_)
        return np.array(
            [
                kind in _STRICT_KINDS and kind != asked and frozenset({kind, asked}) not in _ALIKE
                for kind in self._kinds
            ]
        )


def _confidence(rating: float, margin: float) -> float:
    """Chance that the candidate is right; ``margin`` is negative for all but the best."""
    activation = (
        _CONFIDENCE_BIAS
        + _CONFIDENCE_TOP * rating
        + _CONFIDENCE_MARGIN * max(-_WIDEST_MARGIN, min(margin, _WIDEST_MARGIN))
    )
    return float(1.0 / (1.0 + np.exp(-activation)))


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows of a table that belong together: the phrasings, or the sentences, of each answer.

    Attributes:
        slices: Rows of each group.
        owner: Group of each row.
        members: Rows of each group as a table, filled up with 0.
        filled: Which places of ``members`` are rows of the group.
    """

    slices: tuple[slice, ...]
    owner: NDArray[np.intp]
    members: NDArray[np.intp]
    filled: NDArray[np.bool_]

    @classmethod
    def of(cls, sizes: list[int]) -> _Groups:
        ends = np.cumsum(sizes)
        slices = tuple(
            slice(int(end - size), int(end)) for end, size in zip(ends, sizes, strict=True)
        )
        place = np.arange(max(sizes))
        filled = place < np.array(sizes)[:, None]
        members = np.where(filled, (ends - sizes)[:, None] + place, 0)
        return cls(slices, np.repeat(np.arange(len(sizes)), sizes), members, filled)

    def best(self, rows: Floats) -> Floats:
        """Largest value of each group (no group is empty)."""
        return np.maximum.reduceat(rows, [s.start for s in self.slices])

    def mean_of_best(self, rows: Floats, count: int) -> Floats:
        """Mean of the ``count`` largest values of each group."""
        table = np.where(self.filled, rows[self.members], np.float32(-1.0))
        best = (
            -np.partition(-table, count - 1, axis=1)[:, :count] if count < table.shape[1] else table
        )
        shares = np.minimum(self.filled.sum(axis=1), best.shape[1])
        mean: Floats = np.where(best > -1.0, best, np.float32(0)).sum(axis=1) / shares
        return mean.astype(np.float32)

    def row_of_best(self, rows: Floats) -> NDArray[np.intp]:
        """Row of the largest value of each group."""
        table = np.where(self.filled, rows[self.members], -np.inf)
        rows_of_best: NDArray[np.intp] = self.members[np.arange(len(table)), table.argmax(axis=1)]
        return rows_of_best
