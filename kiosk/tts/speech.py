"""What a voice gives back: sound, and when each sound and word in it happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class PhonemeTiming(NamedTuple):
    """One phoneme of a chunk.

    Attributes:
        phoneme: IPA symbol as the voice's alphabet has it.
        start_s: Seconds from the chunk's first sample.
        end_s: Seconds from the chunk's first sample.
    """

    phoneme: str
    start_s: float
    end_s: float


class WordTiming(NamedTuple):
    """One word of a chunk.

    Attributes:
        word: As written in the text, punctuation included.
        start_s: Seconds from the chunk's first sample.
        end_s: Seconds from the chunk's first sample.
    """

    word: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A stretch of speech, a sentence or a clause, with the pause that follows it.

    Attributes:
        text: As written, for the captions.
        samples: Mono, int16.
        sample_rate_hz: Rate of ``samples``.
        phonemes: In order; empty if there is nothing to say.
        words: One for each word of ``text``, in order, never overlapping.
        aligned: True if the voice itself gave the timings, false if they are estimated.
    """

    text: str
    samples: NDArray[np.int16] = field(repr=False)
    sample_rate_hz: int
    phonemes: tuple[PhonemeTiming, ...] = field(repr=False)
    words: tuple[WordTiming, ...] = field(repr=False)
    aligned: bool

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate_hz
