"""What is remembered of one visitor, and forgotten with them."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from kiosk.answer.followup import Topic
from kiosk.answer.prompt import Turn
from kiosk.messages import Speaking, SupportNotice

_TURNS = 8


@dataclass(frozen=True, slots=True)
class Spoken:
    """The last thing said, to be said again on request."""

    say: str
    speaking: Speaking = Speaking.PERSONA
    support: SupportNotice | None = None


@dataclass(slots=True)
class Visit:
    """State of one visit; a new visit is a new object.

    Attributes:
        turns: What was asked and really heard, oldest first.
        told: Number of times that each prepared answer was given, by id.
        lines: Use of each list of small talk (``unknown``, ``bridge``, ...), by name.
        topic: What was last spoken of.
        spoken: The last thing said.
        misses: Questions in a row that had no answer.
        generated: Normal forms of the model's sentences, none of which comes twice.
    """

    turns: deque[Turn] = field(default_factory=lambda: deque(maxlen=_TURNS))
    told: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    topic: Topic | None = None
    spoken: Spoken | None = None
    misses: int = 0
    generated: set[str] = field(default_factory=set)
