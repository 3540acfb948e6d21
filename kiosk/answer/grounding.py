"""Does the persona file bear out what the language model says?

A small model invents most where it sounds surest: years, sums and names. So every sentence is held
against what is written down. It fails if it

- gives a number or a month that no single known text gives together with what the sentence is about
  (a right year beside a wrong event is no support);
- names somebody or something that the persona file never names;
- denies what a note says, or says what a note denies.

What a visitor brought up may be named in a sentence that denies it or admits not knowing. Sentences
without numbers, names or denial pass: that they are true is the prompt's business, not provable
here.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kiosk.answer.numerals import numbers_in, without_numbers
from kiosk.answer.sentences import split_sentences
from kiosk.answer.words import content_stems, normalise
from kiosk.persona.schema import Persona

_SHARED = 0.5  # weight of a sentence's words that the text with its number must share
_CONTAINED = 0.65  # ... that a note must share to be what the sentence denies
_UNKNOWN_WEIGHT = 0.3  # of a word that is nowhere in the persona file, against its rarest
_FEW_WORDS = 2  # a sentence with fewer is read together with the question ("That was in 1823.")

_DENIAL = re.compile(
    r"\b(?:not|never|no|none|nothing|nobody|nor|neither|without|hardly|cannot|\w+n't)\b", re.I
)
_NOT_KNOWING = re.compile(
    r"\b(?:(?:do|did|can|could|would) ?not|cannot|can't|don't|never) (?:\w+ )?"
    r"(?:know|say|tell|recall|remember|speak of|heard?|learned|learnt|sure|certain)\b"
    r"|\bnot (?:sure|certain)\b|\bknow nothing\b|\bno (?:record|knowledge|idea|answer)\b",
    re.I,
)
_WORD = re.compile(r"[^\W\d_][\w'’\-]*")
_POSSESSIVE = re.compile(r"(?:'|’)s?$")
# Written with a capital, and no name that could be invented.
_CAPITALS = (
    "i god lord heaven sir madam mr mrs miss ms dr lady christmas easter sabbath bible english "
    "monday tuesday wednesday thursday friday saturday sunday latin greek french german"
)
_NO_NAMES = frozenset(_CAPITALS.split())
_AFTER_A_NAME = re.compile(
    r"(?:was|is|were|had|has|came|bought|said|told|wrote|gave|found|knew|thought|who|and [A-Z])\b"
)
_SUBJECTS = (
    "it he she they we you that this these those there here what who someone somebody everyone "
    "everybody nobody none some many most all both one each neither another people others much "
    "nothing something everything"
)
_NOT_A_NAME_FIRST = frozenset(_SUBJECTS.split())


class Fault(StrEnum):
    """Why a sentence is not borne out."""

    NUMBER = "number"
    NAME = "name"
    DENIAL = "denial"


@dataclass(frozen=True, slots=True)
class _Known:
    numbers: frozenset[str]
    stems: frozenset[str]


class Grounding:
    """Aim: say whether a sentence may stand beside what the persona file tells."""

    def __init__(self, persona: Persona) -> None:
        """Read everything that the persona file tells: facts and prepared answers."""
        who = persona.identity
        texts = [
            f"{who.name}, {who.dates}. {who.epithet}",
            *persona.facts,
            *(say for answer in persona.answers for say in answer.say),
        ]
        self._known = [_Known(numbers_in(text), _stems(text)) for text in texts]
        seen = Counter(stem for known in self._known for stem in known.stems)
        self._weights = {stem: math.log(1 + len(texts) / n) for stem, n in seen.items()}
        self._rarest = max(self._weights.values(), default=1.0)
        # Not the phrasings: what visitors bring up is not thereby true.
        topics = (topic for answer in persona.answers for topic in answer.topics)
        self._words = frozenset(word for text in (*texts, *topics) for word in _bare_words(text))
        # German writes every noun with a capital: a name cannot be told from one.
        self._names_show = persona.language != "de"

    def fault(self, sentence: str, question: str, notes: Sequence[str]) -> Fault | None:
        """What is wrong with a sentence of the model; None if nothing is.

        Args:
            sentence: Clean, as it would be spoken.
            question: What the visitor asked.
            notes: The facts and answers that the model was given.
        """
        denies = _DENIAL.search(sentence) is not None
        numbers = numbers_in(sentence)
        asked = frozenset(_bare_words(question)) if denies else frozenset()
        if denies:
            numbers -= numbers_in(question)
        if numbers and not self._supported(numbers, sentence, question):
            return Fault.NUMBER
        if self._names_show and any(
            name not in self._words and name not in asked for name in _names(sentence)
        ):
            return Fault.NAME
        if not _NOT_KNOWING.search(sentence) and self._denied(sentence, notes, denies=denies):
            return Fault.DENIAL
        return None

    def _supported(self, numbers: frozenset[str], sentence: str, question: str) -> bool:
        about = _stems(sentence)
        if len(about) < _FEW_WORDS:
            about |= _stems(question)
        return any(
            numbers <= known.numbers and self._share(about, known.stems) >= _SHARED
            for known in self._known
        )

    def _denied(self, sentence: str, notes: Sequence[str], *, denies: bool) -> bool:
        """Whether notes tell the same with the opposite sign, and none with this one."""
        about = _stems(sentence)
        if not about & self._weights.keys():
            return False
        signs = {
            _DENIAL.search(told) is not None
            for note in notes
            for told in split_sentences(note)
            if self._share(about, _stems(told)) >= _CONTAINED
        }
        return bool(signs) and denies not in signs

    def _share(self, about: frozenset[str], of: frozenset[str]) -> float:
        """Share, by weight, of the first's words that are among the second's; 1 if it has none."""
        unknown = _UNKNOWN_WEIGHT * self._rarest
        weights = {stem: self._weights.get(stem, unknown) for stem in about}
        total = sum(weights.values())
        return sum(weights[stem] for stem in about & of) / total if total else 1.0


def _stems(text: str) -> frozenset[str]:
    return frozenset(content_stems(_DENIAL.sub(" ", without_numbers(text))))


def _bare_words(text: str) -> list[str]:
    """Words in small letters without a possessive ending, and the parts of compounds."""
    words = []
    for word in _WORD.findall(text):
        bare = _POSSESSIVE.sub("", word.casefold())
        words += [bare, *bare.split("-")]
    return words


def _names(sentence: str) -> list[str]:
    """Words that are names by their capital; the first word only if it is used like one."""
    names = []
    for word in _WORD.finditer(sentence):
        bare = _POSSESSIVE.sub("", word[0].casefold())
        first = not _WORD.search(sentence[: word.start()])
        if not word[0][0].isupper() or bare in _NO_NAMES or normalise(word[0]).split()[:1] == ["i"]:
            continue
        if numbers_in(word[0]):  # a month
            continue
        rest = sentence[word.end() :].lstrip(" ,")
        if first and (bare in _NOT_A_NAME_FIRST or not _AFTER_A_NAME.match(rest)):
            continue
        names.append(bare)
    return names
