"""How well voices are understood: words that a recogniser gets wrong, theirs and the teacher's.

The recogniser is pocketsphinx with its own language model, which the kiosk does not use. It is
told the names of the persona's world with espeak-ng's pronunciation.
"""

from __future__ import annotations

import hashlib
import json
import time
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

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

    def write(self, path: Path) -> None:
        """Keep them as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Figures:
        """What :meth:`write` kept."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        heard = tuple(Heard(**one) for one in kept["heard"])
        return cls(heard, kept["sound_s"], kept["work_s"])


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
    cache: Path,
    report: Callable[[float, float], None],
) -> dict[str, Figures]:
    """The figures of each voice, and of the teacher, for the same sentences.

    Args:
        texts: Sentences.
        voices: Piper voices.
        teacher: Gives the teacher's sound of sentences as WAV files; None without a teacher.
        cache: Folder in which figures are kept: of the same voice and the same sentences, they are
            not measured again.
        report: Shows progress.
    """
    sayings: dict[str, tuple[bytes, Iterator[Said]]] = {}
    if teacher is not None:
        sayings["teacher"] = (b"teacher", _from_teacher(teacher, texts))
    for path in voices:
        sayings[path.stem] = (path.read_bytes(), _from_voice(path, texts))
    figures: dict[str, Figures] = {}
    for number, (name, (key, saying)) in enumerate(sayings.items()):
        digest = hashlib.sha256(key + "\n".join(texts).encode()).hexdigest()
        kept = cache / f"{digest[:16]}.json"
        if kept.is_file():
            figures[name] = Figures.read(kept)
            continue
        listener = Listener(texts)  # a new one: it adapts to what it hears
        heard, sound_s, work_s = [], 0.0, 0.0
        for done, (text, said) in enumerate(zip(texts, saying, strict=True), 1):
            heard.append(listener.hear(text, said.sound))
            sound_s += len(said.sound[0]) / said.sound[1]
            work_s += said.work_s
            report(number * len(texts) + done, len(sayings) * len(texts))
        figures[name] = Figures(tuple(heard), sound_s, work_s)
        figures[name].write(kept)
    return figures


def _from_teacher(
    teacher: Callable[[Sequence[str]], Sequence[Path]], texts: Sequence[str]
) -> Iterator[Said]:
    for path in teacher(texts):
        yield Said(read_wav(path), 0.0)


def _from_voice(path: Path, texts: Sequence[str]) -> Iterator[Said]:
    speaker = Speaker(path)
    for text in texts:
        began_s = time.process_time()
        sound = speaker.say(text)
        yield Said(sound, time.process_time() - began_s)


class Said(NamedTuple):
    """A sentence's sound, and the processor time that it took."""

    sound: Sound
    work_s: float


class Speaker:
    """A Piper voice on one thread."""

    def __init__(self, path: Path) -> None:
        self._voice = load_piper(path, threads=1)
        self.say("Ready.")  # the first run also makes plans

    def say(self, text: str) -> Sound:
        """The sound of a text."""
        chunks = [chunk.audio_float_array for chunk in self._voice.synthesize(text)]
        return np.concatenate(chunks).astype(np.float32), self._voice.config.sample_rate


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
