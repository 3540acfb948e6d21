"""How well voices are understood: words that a recogniser gets wrong, theirs and the teacher's.

The recogniser is pocketsphinx with its own language model, which the kiosk does not use. It is
told the names of the persona's world with espeak-ng's pronunciation.
"""

from __future__ import annotations

import time
import wave
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk.asr.builtin.text import spoken_words
from kiosk.tts.piper_model import load_piper
from studio.voice.names import Phonemizer, phones_of

RECOGNISER_RATE_HZ = 16_000
PEAK = 10 ** (-3 / 20)
PADDING_S = 0.25
RESAMPLES = 2000

Sound = tuple[NDArray[np.float32], int]
"""Samples, and their rate in Hz."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood of one sentence.

    Attributes:
        words: How many were said.
        errors: Fewest substitutions, deletions and insertions that explain what was heard.
        text: What was heard.
    """

    words: int
    errors: int
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """One voice.

    Attributes:
        heard: Each sentence.
        sound_s: Seconds of sound made.
        work_s: Seconds of processor time for it; 0 where that was not measured.
    """

    heard: tuple[Heard, ...]
    sound_s: float
    work_s: float

    def error_percent(self) -> float:
        """Word errors over all sentences."""
        return 100 * sum(one.errors for one in self.heard) / sum(one.words for one in self.heard)

    def interval_percent(self) -> tuple[float, float]:
        """95 % interval of the word errors, by drawing sentences again (bootstrap)."""
        errors = np.array([one.errors for one in self.heard])
        words = np.array([one.words for one in self.heard])
        drawn = np.random.default_rng(0).integers(len(errors), size=(RESAMPLES, len(errors)))
        shares = 100 * errors[drawn].sum(1) / words[drawn].sum(1)
        low, high = np.percentile(shares, [2.5, 97.5])
        return float(low), float(high)


class Listener:
    """pocketsphinx, with the words of some sentences in its dictionary.

    Args:
        texts: What will be said; words that it does not know are added.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        from pocketsphinx import Decoder

        self._decoder: Any = Decoder(loglevel="FATAL")
        phonemizer = Phonemizer()
        for word in sorted({word for text in texts for word in spoken_words(text)}):
            if self._decoder.lookup_word(word) is None:
                said = phonemizer.sentences(word)
                phones = [phone.rstrip("012").upper() for phone in phones_of(said[0])]
                spelt = " ".join("AH" if phone == "AX" else phone for phone in phones)
                self._decoder.add_word(word, spelt, True)

    def hear(self, text: str, sound: Sound) -> Heard:
        """Recognise the sound of a sentence and count the errors."""
        samples, rate_hz = sound
        samples = soxr.resample(samples, rate_hz, RECOGNISER_RATE_HZ)
        samples = samples * (PEAK / max(float(np.abs(samples).max()), 1e-6))
        padding = np.zeros(round(PADDING_S * RECOGNISER_RATE_HZ), np.float32)
        padded = np.concatenate([padding, samples, padding])
        self._decoder.start_utt()
        self._decoder.process_raw((padded * 32767).astype("<i2").tobytes(), full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        heard = spoken_words(found.hypstr) if found else ()
        said = spoken_words(text)
        return Heard(len(said), word_errors(said, heard), " ".join(heard))


def measure(
    texts: Sequence[str],
    voices: Sequence[Path],
    teacher: Callable[[Sequence[str]], Sequence[Path]] | None,
    report: Callable[[float, float], None],
) -> dict[str, Figures]:
    """The figures of each voice, and of the teacher, for the same sentences.

    Args:
        texts: Sentences.
        voices: Piper voices.
        teacher: Gives the teacher's sound of sentences as WAV files; None without a teacher.
        report: Shows progress.
    """
    total = len(texts) * (len(voices) + (teacher is not None))
    figures: dict[str, Figures] = {}
    done = 0

    def listen(name: str, sounds: Iterable[Sound], work_s: Callable[[], float]) -> None:
        nonlocal done
        listener = Listener(texts)  # a new one: it adapts to what it hears
        heard, sound_s = [], 0.0
        for text, sound in zip(texts, sounds, strict=True):
            heard.append(listener.hear(text, sound))
            sound_s += len(sound[0]) / sound[1]
            done += 1
            report(done, total)
        figures[name] = Figures(tuple(heard), sound_s, work_s())

    if teacher is not None:
        listen("teacher", map(read_wav, teacher(texts)), lambda: 0.0)
    for path in voices:
        speaker = Speaker(path)
        listen(path.stem, map(speaker.say, texts), lambda: speaker.work_s)  # noqa: B023
    return figures


class Speaker:
    """A Piper voice on one thread.

    Attributes:
        work_s: Processor time spent so far, phonemes included.
    """

    def __init__(self, path: Path) -> None:
        self._voice = load_piper(path, threads=1)
        self._say_to_end("Ready.")  # the first run also makes plans
        self.work_s = 0.0

    def say(self, text: str) -> Sound:
        """The sound of a text."""
        began_s = time.process_time()
        samples = self._say_to_end(text)
        self.work_s += time.process_time() - began_s
        return samples, self._voice.config.sample_rate

    def _say_to_end(self, text: str) -> NDArray[np.float32]:
        chunks = [chunk.audio_float_array for chunk in self._voice.synthesize(text)]
        return np.concatenate(chunks).astype(np.float32)


def read_wav(path: Path) -> Sound:
    """A WAV file of 16-bit mono."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
        return samples / np.float32(32768), file.getframerate()


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein distance in words."""
    row = list(range(len(heard) + 1))
    for done, word in enumerate(said, 1):
        above, row[0] = row[0], done
        for column, other in enumerate(heard, 1):
            above, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, above + (word != other)),
            )
    return row[-1]
