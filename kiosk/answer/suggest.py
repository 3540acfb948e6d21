"""Which questions to offer next."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from kiosk.answer.matcher import Matcher
from kiosk.answer.words import Kind, kind_of, normalise
from kiosk.persona.schema import Answer, Persona

OFFERED = 3
SOCIAL_IDS = frozenset(
    {"greeting", "farewell", "thanks", "how-are-you", "name-visitor", "joke", "insult", "help"}
)
"""Small talk: may be said again in a visit, and is never offered as a question."""


class Suggester:
    """Aim: three questions that lead on from what was asked and were not asked yet."""

    def __init__(self, persona: Persona, matcher: Matcher) -> None:
        """Work out which answer each of the persona's own suggestions leads to."""
        self._wording: dict[str, str] = {}
        for text in persona.suggestions:
            best = [match for match in matcher.rank(text, most=2) if match.answer.id]
            if best:  # what nobody knows has no id
                self._wording.setdefault(best[0].answer.id, text)
        self._own = tuple(self._wording)
        self._proper = proper_names(persona)
        self._answers = {answer.id: answer for answer in persona.answers}
        self._related = {
            answer.id: tuple(other.id for other in matcher.related(answer.id))
            for answer in persona.answers
        }

    def after(self, answer_id: str, asked: Collection[str]) -> tuple[str, ...]:
        """Questions related to an answer."""
        if is_social(self._answers[answer_id]):
            return self.usual(asked)
        return self._pick((*self._related[answer_id], *self._own), asked)

    def near(self, candidates: Iterable[Answer], asked: Collection[str]) -> tuple[str, ...]:
        """Questions near one that has no answer: its candidates, then the persona's own."""
        return self._pick((*(answer.id for answer in candidates), *self._own), asked)

    def usual(self, asked: Collection[str]) -> tuple[str, ...]:
        """The persona's own suggestions, as far as they were not asked yet."""
        related = self._related[self._own[0]] if self._own else ()
        return self._pick((*self._own, *related), asked)

    def wording(self, answers: Iterable[Answer]) -> tuple[str, ...]:
        """The questions that lead to these answers, asked already or not."""
        offered = dict.fromkeys(answer.id for answer in answers if not is_social(answer))
        return tuple(self._question(answer_id) for answer_id in tuple(offered)[:OFFERED])

    def _pick(self, ids: Iterable[str], asked: Collection[str]) -> tuple[str, ...]:
        fresh = [
            answer_id
            for answer_id in dict.fromkeys(ids)
            if answer_id not in asked and not is_social(self._answers[answer_id])
        ]
        return tuple(self._question(answer_id) for answer_id in fresh[:OFFERED])

    def _question(self, answer_id: str) -> str:
        phrasing = self._answers[answer_id].ask[0]
        return self._wording.get(answer_id) or as_question(phrasing, self._proper)


def is_social(answer: Answer) -> bool:
    """Small talk and service phrases."""
    return answer.action != "none" or answer.id in SOCIAL_IDS


def proper_names(persona: Persona) -> dict[str, str]:
    """Words always written with a capital inside a sentence or as a topic, by their lower case."""
    told = " ".join(line for answer in persona.answers for line in answer.say)
    inside = set(_INSIDE_SENTENCE.findall(told))
    inside.update(_WORD.findall(" ".join(t for answer in persona.answers for t in answer.topics)))
    return {
        word.lower(): word for word in inside if word[0].isupper() and word.lower() not in inside
    }


def as_question(phrasing: str, names: Mapping[str, str]) -> str:
    """A phrasing as it may stand on a button: capitals, and a question mark where one belongs.

    Args:
        phrasing: As written in the persona file, often all in lower case.
        names: Proper names, by their lower case.
    """
    text = _WORD.sub(lambda word: names.get(word[0], word[0]), phrasing)
    text = text[:1].upper() + text[1:]
    if text[-1] in ".?!":
        return text
    normal = normalise(phrasing)
    asks = kind_of(normal) is not Kind.OPEN or normal.split()[0] in _YES_NO
    return f"{text}?" if asks else text


_WORD = re.compile(r"\w+")
_INSIDE_SENTENCE = re.compile(r"(?<=[\w,;] )\w+")
_AUXILIARIES = "did do does was were is are have has had can could would will should may"
_YES_NO = frozenset(_AUXILIARIES.split())
