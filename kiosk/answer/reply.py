"""What the answerer hands out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from kiosk.messages import Speaking, SupportNotice

Source = Literal["prepared", "model", "unknown", "support"]
Action = Literal["none", "repeat", "louder", "quieter", "stop", "help"]


@dataclass(frozen=True, slots=True)
class Guess:
    """What would be answered if the visitor stopped now.

    Attributes:
        answer_id: The prepared answer.
        say: Exactly the text that ``answer`` would say.
        certain: True if more words are unlikely to change it.
    """

    answer_id: str
    say: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Attributes:
        answer_id: The prepared answer's id; None for all else.
        source: Where the words come from.
        confidence: 0..1, how sure the choice is.
        sentences: The words, sentence by sentence, to be read once; a model's as they come.
        speaking: Whose voice.
        suggestions: Up to three questions to offer next.
        instead: Up to three questions that may have been meant, nearest first; empty if the
            choice is beyond doubt.
        action: What the kiosk does besides speaking.
        support: The notice for a visitor in distress.
        matched: The phrasing that the question was nearest to; empty if none.
        say: All the words, where they are known beforehand; empty for a model's.
        question: The question, for the visit's history.
        second_id: The other prepared answer of a question with two parts; empty otherwise.
    """

    answer_id: str | None
    source: Source
    confidence: float
    sentences: Iterator[str] = field(repr=False)
    speaking: Speaking = Speaking.PERSONA
    suggestions: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    action: Action = "none"
    support: SupportNotice | None = None
    matched: str = ""
    say: str = ""
    question: str = field(default="", repr=False)
    second_id: str = ""
