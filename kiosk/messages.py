"""Typed, immutable messages between the window process and the engine process.

Each is a frozen dataclass; they cross one simplex pipe in each direction (``kiosk.engine.link``).
Times named ``*_at_s`` are on the monotonic clock, which both processes share. Times named ``*_s``
inside an utterance count from its first sample. Only mouth patches and text cross the pipe, never
recorded sound.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray


class State(StrEnum):
    """What the kiosk is doing, as the visitor sees it."""

    BOOTING = "booting"
    ATTRACT = "attract"
    IDLE = "idle"
    LISTENING = "listening"
    TRANSCRIBING = "transcribing"
    THINKING = "thinking"
    SPEAKING = "speaking"
    FAULT = "fault"
    CLOSED = "closed"


class Speaking(StrEnum):
    """Whose voice an utterance is in."""

    PERSONA = "persona"
    KIOSK = "kiosk"  # neutral, without lips: support notice


class Shape(StrEnum):
    """What kind of screen a portrait was made for."""

    WIDE = "wide"
    UPRIGHT = "upright"


class Health(StrEnum):
    """The engine process as the window sees it."""

    BOOTING = "booting"
    UP = "up"
    DOWN = "down"  # dead or hung; a replacement is on its way
    SAFE = "safe"  # given up for a while after repeated crashes; staff must look


@dataclass(frozen=True, slots=True)
class LinkState:
    """Attributes:
    health: How the engine is.
    reason: For staff, one sentence; empty if there is nothing to say.
    """

    health: Health
    reason: str = ""


# --- window to engine -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PressTalk:
    """The visitor began to hold the button."""

    pressed_at_s: float


@dataclass(frozen=True, slots=True)
class ReleaseTalk:
    """The visitor let go of the button."""

    released_at_s: float


@dataclass(frozen=True, slots=True)
class AskText:
    """A typed question or a tapped suggestion.

    Attributes:
        text: Question, at most 500 characters.
        tapped: True if it was a suggestion.
    """

    text: str
    tapped: bool = False


@dataclass(frozen=True, slots=True)
class StopTalk:
    """The visitor wants silence now."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Any sign of a visitor; restarts the inactivity time."""


@dataclass(frozen=True, slots=True)
class EndVisit:
    """The visitor left or pressed "start again": forget everything about the visit."""


@dataclass(frozen=True, slots=True)
class SetVolume:
    """Attributes:
    gain: 0..1.
    """

    gain: float


@dataclass(frozen=True, slots=True)
class LoopEpoch:
    """Where the idle loop is, in the ear's time.

    The loop frame on which lips for a sound heard at time t are laid:
    ``floor((t - epoch_at_s) * fps) % frames``.
    """

    epoch_at_s: float


@dataclass(frozen=True, slots=True)
class ShapeShown:
    """The window stands upright, or no longer: lips belong over the idle loop that it shows.

    Attributes:
        shape: The window's.
    """

    shape: Shape


@dataclass(frozen=True, slots=True)
class SyncMeasured:
    """The window's figure for one utterance: audio position minus lips time, when seen.

    Attributes:
        utterance_id: Utterance.
        median_ms: Median offset; positive if the lips are late.
        p95_ms: 95th percentile of the absolute offset.
        shown: Lips frames shown.
        dropped: Lips frames that came too late and were skipped.
    """

    utterance_id: int
    median_ms: float
    p95_ms: float
    shown: int
    dropped: int


@dataclass(frozen=True, slots=True)
class PlayRecording:
    """Say a recording into the virtual microphone; ignored where the microphone is real.

    Attributes:
        path: WAV file.
    """

    path: str


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Stop the engine in order."""


# --- engine to window -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The engine is warm; visitors can be served.

    Attributes:
        engines: Part to implementation in use, keys ``asr``, ``llm``, ``tts``, ``lips``, ``audio``.
        boot_s: Seconds from the start of the process.
    """

    engines: dict[str, str]
    boot_s: float


@dataclass(frozen=True, slots=True)
class StateChanged:
    """Attributes:
    state: New state.
    visit: Number of the visit since the engine started; a change means: forget.
    reason: For staff, only with FAULT; empty otherwise.
    """

    state: State
    visit: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class InputLevel:
    """Live level while listening.

    Attributes:
        level: 0..1, perceptual (linear in decibels between -60 and 0 dBFS).
        clipping: True if the input hits full scale.
    """

    level: float
    clipping: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """Recognised words of the question.

    Attributes:
        text: Words so far, or all words.
        final: False while the button is held.
        confidence: 0..1; 0 for partial text.
    """

    text: str
    final: bool
    confidence: float = 0.0


class NoticeKind(StrEnum):
    """Plain words for the visitor; the window has them in each language."""

    TOO_SHORT = "too_short"
    TOO_QUIET = "too_quiet"
    TOO_LONG = "too_long"
    CLIPPED = "clipped"
    NOT_UNDERSTOOD = "not_understood"
    NO_MICROPHONE = "no_microphone"
    NO_SPEAKER = "no_speaker"
    MOMENT_PLEASE = "moment_please"


@dataclass(frozen=True, slots=True)
class Notice:
    kind: NoticeKind


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Up to three questions to offer.

    Attributes:
        questions: As the visitor would ask them.
        instead: They are what may have been asked instead of what was answered: one tap corrects
            what was misheard, while the answer still sounds.
    """

    questions: tuple[str, ...]
    instead: bool = False


@dataclass(frozen=True, slots=True)
class SupportNotice:
    """The site's notice for a visitor in distress; stays until dismissed or the visit ends."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class UtteranceStarted:
    """An answer begins to sound.

    Attributes:
        utterance_id: Rising number.
        speaking: Whose voice.
        loop_index: Idle-loop frame that belongs to the first sample.
        starts_at_s: Monotonic time at which the first sample is expected to be heard.
    """

    utterance_id: int
    speaking: Speaking
    loop_index: int
    starts_at_s: float


@dataclass(frozen=True, slots=True)
class Caption:
    """One chunk of the answer with the time of each word.

    Attributes:
        utterance_id: Utterance.
        words: ``(word as written, start_s, end_s)``, in order, times in the utterance.
    """

    utterance_id: int
    words: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class MouthPatch:
    """Pixels to lay over the idle loop for one 40 ms frame of an utterance.

    Attributes:
        utterance_id: Utterance.
        frame: Lips frame; frame k belongs to audio time ``k / fps``.
        loop_index: The loop frame that these pixels were made for.
        x: Left edge in the loop frame, pixels.
        y: Top edge in the loop frame, pixels.
        bgr: Pixels, uint8, shape (height, width, 3).
        shape: Which of the persona's idle loops that is; over another one it must not be laid.
    """

    utterance_id: int
    frame: int
    loop_index: int
    x: int
    y: int
    bgr: NDArray[np.uint8] = field(repr=False)
    shape: Shape = Shape.WIDE


@dataclass(frozen=True, slots=True)
class PlaybackPosition:
    """The master clock: how much of an utterance has really been heard.

    Attributes:
        utterance_id: Utterance.
        heard_s: Seconds of it that have left the loudspeaker.
        heard_at_s: Monotonic time of this reading.
    """

    utterance_id: int
    heard_s: float
    heard_at_s: float


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """Attributes:
    utterance_id: Utterance.
    heard_s: Seconds really heard.
    interrupted: True if it was cut off.
    """

    utterance_id: int
    heard_s: float
    interrupted: bool


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """What was answered and how long the parts took; for `kiosk demo`, bench and transcripts.

    Attributes:
        record: The JSON object of `kiosk ask` (keys are a contract).
    """

    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PersonaReloaded:
    """A saved persona.toml takes effect now, between two visits."""


@dataclass(frozen=True, slots=True)
class StaffNotice:
    """For the staff corner of the window: one clear message; empty text clears it."""

    text: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Sign of finished work, not of a timer.

    Attributes:
        beat: Rising number of rounds of the engine's main loop.
        audio_blocks: Blocks the devices have processed; stands still if audio hangs.
    """

    beat: int
    audio_blocks: int


ToEngine = (
    PressTalk
    | ReleaseTalk
    | AskText
    | StopTalk
    | Touched
    | EndVisit
    | SetVolume
    | LoopEpoch
    | ShapeShown
    | SyncMeasured
    | PlayRecording
    | Shutdown
)
ToWindow = (
    EngineReady
    | StateChanged
    | InputLevel
    | Heard
    | Notice
    | Suggestions
    | SupportNotice
    | UtteranceStarted
    | Caption
    | MouthPatch
    | PlaybackPosition
    | UtteranceEnded
    | AnswerReport
    | PersonaReloaded
    | StaffNotice
    | Heartbeat
)
