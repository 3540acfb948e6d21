"""What recognition gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class WordHeard:
    """Attributes:
    word: As in the model's vocabulary; a marker such as ``[unk]`` for speech that fits no word.
    start_s: From the first sample of the utterance.
    end_s: From the first sample of the utterance.
    confidence: 0..1, posterior probability of the word.
    """

    word: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Hearing:
    """One recognised utterance.

    Attributes:
        text: Words without markers, separated by spaces; empty if there were none.
        confidence: 0..1; how much of the speech is well explained by ``text``.
        words: Every word and marker in order.
    """

    text: str
    confidence: float
    words: tuple[WordHeard, ...]


class RecognitionSession(Protocol):
    """One utterance, while it is spoken."""

    def feed(self, samples: NDArray[np.int16]) -> str:
        """Take the next samples (mono, 16 kHz); returns the text so far."""

    def finish(self) -> Hearing:
        """The whole utterance; the session is over."""


class Recogniser(Protocol):
    """Turns speech into words."""

    @property
    def name(self) -> str:
        """For reports, e.g. ``vosk:built-in``."""

    def session(self) -> RecognitionSession:
        """Begin an utterance."""
