"""A voice in Piper's format, spoken chunk by chunk with the time of every word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import ModelBroken
from kiosk.timing import CancelToken
from kiosk.tts.chunks import clean, pause_after_s, split_chunks
from kiosk.tts.piper_model import load_piper
from kiosk.tts.pronounce import Pronouncer
from kiosk.tts.speech import PhonemeTiming, SpeechChunk
from kiosk.tts.timing import estimate_phonemes, is_sound, word_timings

LOUDNESS_PEAK = 0.8
"""Peak of the calibration sentence; leaves room for louder sentences and for the converter."""

MAX_PEAK = 0.98

CALIBRATION = "The tide goes out, and the cliffs give up what they have kept."
"""Spoken once when the voice is loaded: sets its loudness and warms everything up."""

EDGE_LEVEL = 0.01
"""-40 dB below full scale: quieter sound at either end of a chunk is the voice's own silence."""

LEAD_IN_S = 0.015
"""Sound kept before the first louder one: a soft consonant, but no silence to wait through."""

LEAD_OUT_S = 0.03
"""Sound kept after the last louder one: the end of a soft consonant or vowel."""

_EDGES = ("^", "$", "_")
"""Piper's marks for start, end and padding: no sounds of a language."""


class PiperVoiceEngine:
    """Speaks text with a Piper voice.

    Every method may be called from any thread.

    Args:
        path: The voice (.onnx), with its ``.onnx.json`` beside it.
        rate: Speaking rate; 1 is the voice's own, 2 twice as fast.
        pronunciations: Name to plain respelling (``[voice.pronunciations]``).
        threads: Threads of onnxruntime.

    Raises:
        ModelMissing: There is no such file.
        ModelBroken: A file is damaged, or is no Piper voice, or espeak-ng's data are missing.

    Source: Piper, https://github.com/OHF-Voice/piper1-gpl.
    """

    def __init__(
        self,
        path: Path,
        *,
        rate: float = 1.0,
        pronunciations: Mapping[str, str] | None = None,
        threads: int = 1,
    ) -> None:
        from piper import SynthesisConfig

        self._path = path
        self._voice: Any = load_piper(path, threads=threads)
        self._pronouncer = Pronouncer(pronunciations or {}, self._voice.config.espeak_voice)
        self._settings: Any = SynthesisConfig(
            length_scale=self._voice.config.length_scale / rate, normalize_audio=False
        )
        self._alone = lru_cache(maxsize=4096)(self._phonemes_alone)
        self._gain = 1.0
        self._calibrate()

    @property
    def name(self) -> str:
        return f"piper:{self._path.stem}"

    @property
    def sample_rate_hz(self) -> int:
        return int(self._voice.config.sample_rate)

    def speak(
        self, sentences: Iterable[str], cancel: CancelToken | None = None
    ) -> Iterator[SpeechChunk]:
        """Speak text as it arrives.

        Args:
            sentences: One or more sentences each; consumed one at a time, so a language model may
                still be making the next one.
            cancel: Calls the work off.

        Yields:
            Chunks in order, the first one short.

        Raises:
            Cancelled: Called off; checked before each chunk.
            ModelBroken: The voice failed.
        """
        for text in split_chunks(sentences):
            if cancel is not None:
                cancel.check()
            yield self.synthesise(text)

    def synthesise(self, text: str) -> SpeechChunk:
        """Speak one chunk (see ``split_chunks``), with the pause that follows it.

        Raises:
            ModelBroken: The voice failed.
        """
        text = clean(text)
        spans = self._pronouncer.spans(text)
        sound, phonemes, aligned = self._run(" ".join(span.spoken for span in spans))
        sound, shift_s = self._trim(sound, pause_after_s(text))
        end_s = len(sound) / self.sample_rate_hz
        moved = tuple(_moved(timing, shift_s, end_s) for timing in phonemes)
        alone = [self._alone(span.spoken) for span in spans]
        return SpeechChunk(
            text=text,
            samples=_to_int16(sound * self._gain),
            sample_rate_hz=self.sample_rate_hz,
            phonemes=moved,
            words=word_timings(spans, alone, moved),
            aligned=aligned,
        )

    def _run(self, spoken: str) -> tuple[NDArray[np.float32], list[PhonemeTiming], bool]:
        """Sound, phoneme times in it, and whether the voice itself gave them."""
        try:
            parts = list(self._voice.synthesize(spoken, self._settings, include_alignments=True))
        except Exception as error:  # onnxruntime's own exceptions have no common root
            raise ModelBroken(
                f"the voice failed while speaking ({error}).",
                where=self._path,
                remedy="Install it again, or name another voice in persona.toml.",
            ) from error
        timings: list[PhonemeTiming] = []
        at_s = 0.0
        for part in parts:
            timings += self._phoneme_times(part, at_s)
            at_s += len(part.audio_float_array) / self.sample_rate_hz
        sound = np.concatenate([np.zeros(0, np.float32), *(p.audio_float_array for p in parts)])
        aligned = bool(parts) and all(part.phoneme_alignments for part in parts)
        return sound, [timing for timing in timings if timing.phoneme not in _EDGES], aligned

    def _phoneme_times(self, part: Any, at_s: float) -> list[PhonemeTiming]:
        """Times of the phonemes of one piece of Piper's, which begins at ``at_s``."""
        if not part.phoneme_alignments:
            first, last = self._voiced(part.audio_float_array)
            rate_hz = self.sample_rate_hz
            return estimate_phonemes(part.phonemes, at_s + first / rate_hz, at_s + last / rate_hz)
        timings: list[PhonemeTiming] = []
        for alignment in part.phoneme_alignments:
            end_s = at_s + int(alignment.num_samples) / self.sample_rate_hz
            timings.append(PhonemeTiming(alignment.phoneme, at_s, end_s))
            at_s = end_s
        return timings

    def _voiced(self, sound: NDArray[np.float32]) -> tuple[int, int]:
        """First sample that is heard, and the one after the last; equal if there is none."""
        loud = np.flatnonzero(np.abs(sound) * self._gain > EDGE_LEVEL)
        return (int(loud[0]), int(loud[-1]) + 1) if len(loud) else (0, 0)

    def _trim(
        self, sound: NDArray[np.float32], pause_s: float
    ) -> tuple[NDArray[np.float32], float]:
        """Replace a voice's own silence at both ends by ours; the sound and how far it moved."""
        first, last = self._voiced(sound)
        if first == last:
            return np.zeros(0, np.float32), 0.0
        first = max(0, first - round(LEAD_IN_S * self.sample_rate_hz))
        last += round(LEAD_OUT_S * self.sample_rate_hz)
        pause = np.zeros(round(pause_s * self.sample_rate_hz), np.float32)
        return np.concatenate((sound[first:last], pause)), first / self.sample_rate_hz

    def _phonemes_alone(self, spoken: str) -> tuple[str, ...]:
        sentences = self._voice.phonemize(spoken)
        return tuple(phoneme for sentence in sentences for phoneme in sentence if is_sound(phoneme))

    def _calibrate(self) -> None:
        sound, _, _ = self._run(CALIBRATION)
        peak = float(np.max(np.abs(sound), initial=0.0))
        if not np.isfinite(peak) or peak < 1e-4:
            raise ModelBroken(
                "the voice makes no sound.",
                where=self._path,
                remedy="Install it again, or name another voice in persona.toml.",
            )
        self._gain = LOUDNESS_PEAK / peak


def _moved(timing: PhonemeTiming, shift_s: float, end_s: float) -> PhonemeTiming:
    start_s, stop_s = (
        min(max(time_s - shift_s, 0.0), end_s) for time_s in (timing.start_s, timing.end_s)
    )
    return PhonemeTiming(timing.phoneme, start_s, stop_s)


def _to_int16(sound: NDArray[np.float32]) -> NDArray[np.int16]:
    peak = float(np.max(np.abs(sound), initial=0.0))
    if peak > MAX_PEAK:
        sound = sound * np.float32(MAX_PEAK / peak)
    samples: NDArray[np.int16] = (sound * 32_767.0).astype(np.int16)
    return samples
