"""What the engine's worker threads report to its main loop.

Each carries the ``turn`` it belongs to. A turn is one question and its answer; whatever comes from
an older turn than the running one was interrupted and is ignored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kiosk.messages import NoticeKind, Speaking, Suggestions, SupportNotice
from kiosk.timing import CancelToken


@dataclass(slots=True)
class Turn:
    """One question and its answer, from the press to the last sample.

    Attributes:
        number: Rising.
        cancel: Calls off everything that still works on it.
        released_at_s: Monotonic time at which the visitor let go of the button or tapped.
        timings_ms: Part to milliseconds, filled by the workers; a contract of `kiosk ask`.
    """

    number: int
    cancel: CancelToken = field(default_factory=CancelToken)
    released_at_s: float = 0.0
    timings_ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Level:
    turn: int
    level: float
    clipping: bool


@dataclass(frozen=True, slots=True)
class Partial:
    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The recording cannot be used; the visitor is told why."""

    turn: int
    kind: NoticeKind


@dataclass(frozen=True, slots=True)
class Recognised:
    """Attributes:
    text: Empty if nothing was understood.
    confidence: 0..1.
    clipped: True if the input was too loud; used all the same.
    """

    turn: int
    text: str
    confidence: float
    clipped: bool


@dataclass(frozen=True, slots=True)
class ReplyChosen:
    """What will be said; speech follows.

    Attributes:
        record: JSON object of `kiosk ask`, without the parts' times.
    """

    turn: int
    record: dict[str, Any]
    suggestions: Suggestions
    support: SupportNotice | None
    action: str


@dataclass(frozen=True, slots=True)
class SoundBegan:
    """The first chunk of an utterance was handed to the loudspeaker."""

    turn: int
    utterance_id: int
    speaking: Speaking


@dataclass(frozen=True, slots=True)
class NothingSaid:
    """The turn is over without a sound."""

    turn: int


@dataclass(frozen=True, slots=True)
class PartFailed:
    """A worker met a fault that it cannot mend.

    Attributes:
        part: ``microphone``, ``speaker``, ``asr``, ``answer``, ``tts`` or ``lips``.
        error: One sentence for staff.
        fatal: True if the process should be replaced.
    """

    part: str
    error: str
    fatal: bool


@dataclass(frozen=True, slots=True)
class Booted:
    """All parts are loaded; ``parts`` is a :class:`kiosk.engine.parts.Parts`."""

    parts: Any
    boot_s: float


EngineEvent = (
    Level
    | Partial
    | Refused
    | Recognised
    | ReplyChosen
    | SoundBegan
    | NothingSaid
    | PartFailed
    | Booted
)
