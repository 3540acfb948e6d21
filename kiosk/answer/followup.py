"""Questions that lean on the one before: "why?", "and your sister?", "when was that?".

Each is rewritten into whole questions with the last answer's subject; the matcher then decides
which of them an answer exists for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kiosk.answer.words import content_stems, normalise, stem


@dataclass(frozen=True, slots=True)
class Topic:
    """What the visit last spoke of.

    Attributes:
        answer_id: The last prepared answer; empty after a model's answer.
        question: The last question, whole (a follow-up as rewritten).
        subjects: What it was about, most telling first.
    """

    answer_id: str
    question: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a question leans on the last one.

    Attributes:
        rewritten: Whole questions it may stand for; empty if it stands alone.
        more: The visitor wants to hear more about the same thing.
        alone: It also makes sense by itself, and the better reading wins.
    """

    rewritten: tuple[str, ...] = ()
    more: bool = False
    alone: bool = True


_MORE = re.compile(
    r"^(?:(?:please|yes|oh|wow|and|can you|could you|go on|would you) )*"
    r"(?:tell me (?:some ?)?more(?: about (?:it|that|this|him|her|them))?|more(?: please)?|go on|"
    r"continue|and then|what (?:else|then|next|happened (?:then|next|after(?:wards)?))|"
    r"what more|anything (?:else|more)(?: about (?:it|that|him|her|them))?|"
    r"say (?:some ?)?more|i want to (?:hear|know) more)(?: please)?$"
)
_WHAT_ABOUT = re.compile(
    r"^(?:and |but |so |okay |well )*(?:what about|how about|and what of|what of) (?P<rest>.+)$"
    r"|^(?:and|or) (?P<bare>"
    r"(?!(?:then|when|why|how|where|what|who|did|do|was|were|is|are)\b).+)$"
)
_BARE = re.compile(
    r"^(?:and |but |so |oh |really )*"
    r"(?P<word>why not|why|how so|how come|how|when|where|who|what for|"
    r"how old|how long|how much|how many|how big|what year|which year)"
    r"(?: (?:is|was|were|did|are|do|does|has|would))?(?: (?:that|this|it|so|you|they|he|she))?"
    r"(?: (?:be|happen|happened|so|then|do that|do it|did|cost|mean))?$"
)
_PRONOUN = re.compile(
    r"\b(?:it|that|this|he|him|his|she|her|they|them|their|there|then|those|these|one)\b"
)
_OF_ANOTHER = re.compile(r"\b(?:he|him|his|she|her|hers)\b")  # never of the persona itself
_QUESTION_HEAD = re.compile(
    r"^(?:why not|why|how (?:old|long|much|many|big|so|come)|how|when|where|who|whom|whose|"
    r"(?:what|which) (?:year|place|kind of)|what|which|tell me about|do you know)\s*"
)
_STATEMENT_HEAD = re.compile(
    r"^(?:did|do|does|was|were|is|are|have|has|had|can|could|would|will)\s+(?:you|your|the|it|he|she|they|there)?\b"
)
_POSSESSION = re.compile(r"\b(?:your|the|a|an)\s+")


def resolve(text: str, topic: Topic | None) -> FollowUp:
    """Read a question in the light of the last topic.

    Args:
        text: Question as heard.
        topic: Last topic of the visit; None at its start.
    """
    normal = normalise(text)
    if topic is None or not normal:
        return FollowUp(more=bool(_MORE.match(normal)))
    if _MORE.match(normal):
        return FollowUp(_about(topic), more=True, alone=False)
    if about := _WHAT_ABOUT.match(normal):
        subject = (about["rest"] or about["bare"]).strip()
        return FollowUp(_with_subject(subject, topic), alone=True)
    if bare := _BARE.match(normal):
        word = {"how so": "why", "how come": "why", "what for": "why", "why not": "why"}.get(
            bare["word"], bare["word"]
        )
        return FollowUp(_with_question_word(word, topic), alone=False)
    if len(normal.split()) <= 9 and _PRONOUN.search(normal) and topic.subjects:
        replaced = _with_pronoun_replaced(normal, topic)
        return FollowUp(replaced, alone=not (replaced and _OF_ANOTHER.search(normal)))
    return FollowUp()


def _about(topic: Topic) -> tuple[str, ...]:
    return tuple(f"tell me about {subject}" for subject in topic.subjects[:2])


def _with_subject(subject: str, topic: Topic) -> tuple[str, ...]:
    """ "and your brother?" after "when did your father die": "when did your brother die"."""
    swapped = []
    new_words = subject.split()
    core = _POSSESSION.sub("", subject + " ").strip()
    for old in topic.subjects:
        pattern = re.compile(rf"\b(?:(?:your|the|a|an) )?{re.escape(old)}s?\b")
        if pattern.search(topic.question) and old not in new_words:
            swapped.append(pattern.sub(subject, topic.question, count=1))
            break
    return tuple(dict.fromkeys((*swapped, f"tell me about {subject}", core)))


def _with_question_word(word: str, topic: Topic) -> tuple[str, ...]:
    """ "why?" after "when did you find it": "why did you find it", with the subject beside it."""
    rest = _QUESTION_HEAD.sub("", topic.question)
    whole = [f"{word} {rest}"] if rest else []
    subjects = topic.subjects[:1]
    verb = "was" if not _STATEMENT_HEAD.match(rest) else "did you"
    return tuple(dict.fromkeys((*whole, *(f"{word} {verb} {subject}" for subject in subjects))))


def _with_pronoun_replaced(normal: str, topic: Topic) -> tuple[str, ...]:
    stems = {stem(word) for word in normal.split()}
    subjects = [s for s in topic.subjects if not stems & set(content_stems(s))]
    return tuple(_PRONOUN.sub(subject, normal, count=1) for subject in subjects[:2])
