"""What a question means in this visit: an answer, a topic to decline, or nothing known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kiosk.answer.embedder import Embedder
from kiosk.answer.followup import FollowUp, Topic, resolve
from kiosk.answer.matcher import Match, Matcher
from kiosk.answer.suggest import is_social
from kiosk.answer.visit import Visit
from kiosk.answer.words import normalise
from kiosk.persona.schema import Persona

_ASR_WEIGHT = 0.2  # of the confidence, at most, is lost to badly heard words
_LEAST_ASR = 0.7  # below, much of what was said is not in the words heard
_FOLLOW_UP_BONUS = 0.05
_SERVICE_CONFIDENCE = 0.7
_NOT_MINE_LIKENESS = 0.62
_NOT_MINE_CERTAIN = 0.82


@dataclass(frozen=True, slots=True)
class Choice:
    """What the matcher and the visit make of a question.

    Attributes:
        best: The answer to give; None if none is sure enough.
        candidates: The nearest answers, best first, sure or not.
        question: The question, whole.
        confidence: Of ``best``, or of the best candidate.
        not_mine: True if it is politely not answered.
    """

    best: Match | None
    candidates: tuple[Match, ...]
    question: str
    confidence: float
    not_mine: bool = False


class Chooser:
    """Aim: the best reading of a question, from the matcher, the last topic and the limits."""

    def __init__(self, persona: Persona, embedder: Embedder, matcher: Matcher) -> None:
        """Embed the examples of what is not the persona's to answer."""
        self._persona = persona
        self._embedder = embedder
        self._matcher = matcher
        self._not_mine = embedder.embed(
            [normalise(example) for example in persona.limits.not_mine], pin=True
        )

    def choose(self, text: str, visit: Visit, asr_confidence: float = 1.0) -> Choice:
        """Read a question in the light of the visit; changes nothing.

        Args:
            text: Question as heard or typed.
            visit: For its last topic, and what was told already.
            asr_confidence: 0..1, how sure recognition is of the words.
        """
        topic = visit.topic
        follow = resolve(text, topic)
        if follow.more and topic is not None and topic.answer_id:
            return self._more(topic, visit)
        question, ranked = self._best_reading(text, follow)
        if not ranked:
            return Choice(None, (), normalise(text), 0.0)
        sureness = 1.0 - _ASR_WEIGHT * (1.0 - min(1.0, max(0.0, asr_confidence)))
        confidence = ranked[0].confidence * sureness
        sure = confidence >= self._persona.timings.match_threshold and asr_confidence >= _LEAST_ASR
        not_mine = self._is_not_mine(text, sure)
        best = ranked[0] if sure and not not_mine else None
        return Choice(best, ranked, question, confidence, not_mine)

    def _best_reading(self, text: str, follow: FollowUp) -> tuple[str, tuple[Match, ...]]:
        """The question itself or one of its whole forms, whichever an answer fits best."""
        alone = self._matcher.rank(text)
        if alone and is_social(alone[0].answer) and alone[0].confidence >= _SERVICE_CONFIDENCE:
            return normalise(text), alone  # "say that again" leans on nothing
        readings = [(normalise(text), alone, 0.0 if follow.alone else -1.0)]
        for whole in follow.rewritten:
            readings.append((whole, self._matcher.rank(whole), _FOLLOW_UP_BONUS))
        question, ranked, _ = max(
            readings,
            key=lambda reading: reading[2] + (reading[1][0].confidence if reading[1] else 0.0),
        )
        return question, ranked

    def _more(self, topic: Topic, visit: Visit) -> Choice:
        """More of the last answer: its further lines, then the answers beside it."""
        answers = {answer.id: answer for answer in self._persona.answers}
        answer = answers[topic.answer_id]
        if visit.told[answer.id] >= len(answer.say):
            answer = next(
                (
                    a
                    for a in self._matcher.related(answer.id)
                    if not visit.told[a.id] and not is_social(a)
                ),
                answer,
            )
        match = Match(answer, 1.0, answer.ask[0], 1.0, ())
        return Choice(match, (match,), normalise(answer.ask[0]), 1.0)

    def _is_not_mine(self, text: str, sure: bool) -> bool:
        if not len(self._not_mine):
            return False
        likeness = float(np.max(self._not_mine @ self._embedder.embed([normalise(text)])[0]))
        return likeness >= (_NOT_MINE_CERTAIN if sure else _NOT_MINE_LIKENESS)
