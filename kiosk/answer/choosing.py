"""What a question means in this visit: an answer, a topic to decline, or nothing known."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from kiosk.answer.embedder import Embedder
from kiosk.answer.followup import FollowUp, Topic, resolve
from kiosk.answer.matcher import EXACT_CONFIDENCE, NOT_KNOWN_ID, Match, Matcher
from kiosk.answer.parts import two_parts
from kiosk.answer.suggest import is_social
from kiosk.answer.visit import Visit
from kiosk.answer.words import content_stems, normalise
from kiosk.persona.schema import Persona

_ASR_WEIGHT = 0.2  # of the confidence, at most, is lost to badly heard words
LEAST_ASR = 0.7  # below, much of what was said is not in the words heard (measurements-asr.md)
# Some words that fit an answer very well do not come about by chance, so less will do for them:
# short questions such as "who are you" sound like many others, and so are never heard for certain.
LEAST_ASR_FITTING = 0.4
_FITTING = 0.9
_FITTING_WORDS = 3
_FOLLOW_UP_BONUS = 0.05
_SERVICE_CONFIDENCE = 0.7
_NEVER_LAST = frozenset(
    {"the", "a", "an", "your", "my", "their", "our", "and", "or", "but", "because", "if", "did"}
)
_ONLY_BEGUN = re.compile(
    r"(?:(?:what|when|where|why|who|how|how (?:long|many|much|old)|which) )?"
    r"(?:did|do|does|was|were|is|are|have|has|had|can|could|would|will)"
    r"(?: (?:i|you|he|she|it|they|we))?(?: ever)?$"
)
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

    def choose_both(
        self, text: str, visit: Visit, asr_confidence: float = 1.0
    ) -> tuple[Choice, Choice] | None:
        """Read two questions in one breath; None unless both have an answer, and not the same.

        Args:
            text: Question as heard or typed.
            visit: For its last topic, and what was told already.
            asr_confidence: 0..1, how sure recognition is of the words.
        """
        parts = two_parts(text)
        if parts is None:
            return None
        first = self.choose(parts[0], visit, asr_confidence)
        if first.best is None or is_social(first.best.answer):
            return None
        topic = topic_of(first.best, first.question)
        second = self.choose(parts[1], visit, asr_confidence, topic=topic)
        if second.best is None or is_social(second.best.answer):
            return None
        return (first, second) if first.best.answer.id != second.best.answer.id else None

    def choose(
        self,
        text: str,
        visit: Visit,
        asr_confidence: float = 1.0,
        *,
        topic: Topic | None = None,
    ) -> Choice:
        """Read a question in the light of the visit; changes nothing.

        Args:
            text: Question as heard or typed.
            visit: For its last topic, and what was told already.
            asr_confidence: 0..1, how sure recognition is of the words.
            topic: What the question leans on instead of the visit's last topic.
        """
        topic = topic or visit.topic
        follow = resolve(text, topic)
        if follow.more and topic is not None and topic.answer_id:
            return self._more(topic, visit)
        if follow.more:
            return Choice(None, (), normalise(text), 0.0)  # more of what?
        question, found = self._best_reading(text, follow)
        ranked = tuple(match for match in found if match.answer.id != NOT_KNOWN_ID)
        if not ranked:
            return Choice(None, (), normalise(text), 0.0)
        nobody_knows = found[0].answer.id == NOT_KNOWN_ID
        confidence = ranked[0].confidence * sureness(asr_confidence)
        if nobody_knows or (ranked[0].confidence < EXACT_CONFIDENCE and unfinished(text)):
            confidence = 0.0
        fits = ranked[0].confidence >= _FITTING and len(text.split()) >= _FITTING_WORDS
        understood = asr_confidence >= (LEAST_ASR_FITTING if fits else LEAST_ASR)
        sure = understood and confidence >= self._persona.timings.match_threshold
        not_mine = self._is_not_mine(text, sure)
        best = ranked[0] if sure and not not_mine else None
        return Choice(best, ranked, question, confidence, not_mine)

    def _best_reading(self, text: str, follow: FollowUp) -> tuple[str, tuple[Match, ...]]:
        """The question itself or one of its whole forms, whichever an answer fits best."""
        alone = self._matcher.rank(text)
        if alone and _leans_on_nothing(alone[0], follow):
            return normalise(text), alone
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


def topic_of(match: Match, question: str) -> Topic:
    """What a visit speaks of after an answer, for a follow-up.

    Its subjects are the answer's topics, else the phrasing's own words.
    """
    topics = tuple(normalise(topic) for topic in match.answer.topics)
    subjects = topics or content_stems(normalise(match.phrasing))
    return Topic(match.answer.id, question, subjects)


def sureness(asr_confidence: float) -> float:
    """What is left of a confidence, 0..1, when the words may be misheard."""
    return 1.0 - _ASR_WEIGHT * (1.0 - min(1.0, max(0.0, asr_confidence)))


def unfinished(text: str) -> bool:
    """Whether a question breaks off: "tell me about the"."""
    normal = normalise(text)
    return bool(normal) and (normal.split()[-1] in _NEVER_LAST or bool(_ONLY_BEGUN.match(normal)))


def _leans_on_nothing(best: Match, follow: FollowUp) -> bool:
    """Whether a reading is whole as it stands: "say that again", or word for word in the file."""
    if is_social(best.answer):
        return best.confidence >= _SERVICE_CONFIDENCE
    return follow.alone and best.confidence >= EXACT_CONFIDENCE
