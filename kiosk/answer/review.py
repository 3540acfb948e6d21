"""What a curator should look at: answers that compete, phrasings that mislead, missing topics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.answer.embedder import Embedder
from kiosk.answer.matcher import NOT_KNOWN_ID, Matcher
from kiosk.answer.words import normalise
from kiosk.persona.schema import Persona

_NEAR = 0.90  # cosine from which two phrasings of different answers compete
_FEWEST_NEAR = 3  # phrasings, so that two answers count as competing
_NEARER_BY = 0.02  # a foreign phrasing, before the matcher is asked
_SAME_TOPIC = 0.70


@dataclass(frozen=True, slots=True)
class Misleading:
    """A phrasing that would find another answer if it did not stand in the file itself."""

    phrasing: str
    answer_id: str
    found_id: str
    like: str

    def __str__(self) -> str:
        return (
            f"answers.{self.answer_id}: “{self.phrasing}” is nearer to answers.{self.found_id} "
            f"(“{self.like}”). Questions like it will get that answer."
        )


@dataclass(frozen=True, slots=True)
class Competing:
    """Two answers that are asked for in nearly the same words."""

    one_id: str
    other_id: str
    count: int
    example: tuple[str, str]

    def __str__(self) -> str:
        return (
            f"answers.{self.one_id} and answers.{self.other_id} compete: {self.count} phrasings "
            f"are nearly the same, as “{self.example[0]}” and “{self.example[1]}”."
        )


@dataclass(frozen=True, slots=True)
class Topic:
    """Questions of like meaning that no answer serves, the first of them, and how many."""

    question: str
    count: int


class PersonaReview:
    """Aim: warnings about a persona's answers, from the same matcher that visitors meet."""

    def __init__(self, persona: Persona, embedder: Embedder) -> None:
        """Embed the persona's phrasings, if they are not cached."""
        self._threshold = persona.timings.match_threshold
        self._embedder = embedder
        self._matcher = Matcher(persona, embedder)
        self._viewer = self._matcher.viewer
        self._vectors = embedder.embed(self._viewer.normal, pin=True)
        embedder.save_pinned()
        self._foreign = [self._nearest_foreign(row) for row in range(len(self._vectors))]

    def competing(self) -> tuple[Competing, ...]:
        """Pairs of answers, those with most phrasings alike first."""
        count: Counter[tuple[str, str]] = Counter()
        example: dict[tuple[str, str], tuple[float, str, str]] = {}
        for row, (other, likeness, _) in enumerate(self._foreign):
            ids = (self._id(row), self._id(other))
            if likeness < _NEAR or NOT_KNOWN_ID in ids:
                continue
            pair = (min(ids), max(ids))
            count[pair] += 1
            texts = (self._viewer.phrasings[row], self._viewer.phrasings[other])
            one, two = texts if ids == pair else texts[::-1]
            example[pair] = max(example.get(pair, (0.0, "", "")), (likeness, one, two))
        return tuple(
            Competing(*pair, times, example[pair][1:])
            for pair, times in count.most_common()
            if times >= _FEWEST_NEAR
        )

    def misleading(self) -> tuple[Misleading, ...]:
        """Phrasings that find another answer when left out themselves, worst first."""
        found: list[tuple[float, Misleading]] = []
        for row, (other, likeness, own) in enumerate(self._foreign):
            if likeness < own + _NEARER_BY or self._id(row) == NOT_KNOWN_ID:
                continue  # only where a foreign phrasing is nearer: the matcher takes its time
            best = self._matcher.best_without(row)
            if best not in (self._id(row), NOT_KNOWN_ID):
                like = self._viewer.phrasings[other]
                misleading = Misleading(self._viewer.phrasings[row], self._id(row), best, like)
                found.append((likeness - own, misleading))
        return tuple(one for _, one in sorted(found, key=lambda rated: -rated[0]))

    def topics_without_answer(self, questions: Iterable[str]) -> tuple[Topic, ...]:
        """Questions that visitors asked and no answer serves, grouped by meaning, most first.

        Args:
            questions: As kept by the operator; those that have an answer by now are left out.
        """
        groups: list[tuple[str, Counter[str]]] = []
        vectors: list[NDArray[np.float32]] = []
        for question in questions:
            ranked = self._matcher.rank(question, most=1)
            known = ranked and ranked[0].answer.id != NOT_KNOWN_ID
            if not ranked or (known and ranked[0].confidence >= self._threshold):
                continue
            vector = self._embedder.embed([normalise(question)])[0]
            likeness = np.array([float(vector @ leader) for leader in vectors])
            if len(likeness) and likeness.max() >= _SAME_TOPIC:
                groups[int(likeness.argmax())][1][question] += 1
            else:
                groups.append((question, Counter([question])))
                vectors.append(vector)
        topics = [Topic(leader, members.total()) for leader, members in groups]
        return tuple(sorted(topics, key=lambda topic: -topic.count))

    def _nearest_foreign(self, row: int) -> tuple[int, float, float]:
        """The nearest phrasing of another answer, its cosine, and the nearest own one's."""
        likeness = self._vectors @ self._vectors[row]
        own = self._viewer.owner == self._viewer.owner[row]
        foreign = np.where(own, -1.0, likeness)
        likeness = np.where(own, likeness, -1.0)
        likeness[row] = -1.0
        other = int(foreign.argmax())
        return other, float(foreign[other]), float(likeness.max())

    def _id(self, row: int) -> str:
        return self._matcher.answers[int(self._viewer.owner[row])].id
