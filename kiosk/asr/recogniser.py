"""Speech recognition with Vosk, streaming while the button is held."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.asr.hearing import SAMPLE_RATE_HZ, Hearing, WordHeard
from kiosk.asr.lead import LeadTrim
from kiosk.asr.model_folder import REMEDY, ModelFolder, inspect_model
from kiosk.asr.noise_removal import NoiseRemoval
from kiosk.errors import ModelBroken

PARTIAL_EVERY_S = 0.1
"""A partial text costs Vosk a walk back through the lattice; more often than this nobody reads."""

_SILENT = -2  # below Kaldi's level for warnings, which it writes straight to stderr


class VoskRecogniser:
    """Any Vosk model, held in memory; one session an utterance.

    Args:
        model_dir: Folder of the model, the built-in one or an official one.
        threads: Vosk scores on one thread; kept so that all engines are made alike.

    Raises:
        ModelMissing: There is no such folder.
        ModelBroken: The folder is not a sound Vosk model.
    """

    def __init__(self, model_dir: Path, *, threads: int = 1) -> None:
        # Here and not above: the builder's process must never load vosk (see builtin.cache).
        import vosk

        del threads
        self._folder = inspect_model(model_dir)
        vosk.SetLogLevel(_SILENT)
        try:
            # By path only: by language Vosk would look for a download.
            self._model = vosk.Model(model_path=str(model_dir))
        except Exception as error:  # Vosk raises nothing more precise
            raise ModelBroken("Vosk refuses this model.", where=model_dir, remedy=REMEDY) from error

    @property
    def name(self) -> str:
        return f"vosk:{self._folder.name}"

    def session(self) -> VoskSession:
        """Begin an utterance."""
        from vosk import KaldiRecognizer

        # A recogniser's memory grows with its age, so each utterance has its own.
        return VoskSession(KaldiRecognizer(self._model, float(SAMPLE_RATE_HZ)), self._folder)


class VoskSession:
    """One utterance. Not for use from two threads at once."""

    def __init__(self, recogniser: Any, folder: ModelFolder) -> None:
        self._vosk = recogniser
        self._vosk.SetWords(True)
        self._time_scale = folder.time_scale
        self._noise = NoiseRemoval() if folder.noise_removal else None
        self._lead = LeadTrim() if folder.trim_lead else None
        self._dither = folder.dither
        self._random = np.random.default_rng(0)  # the same sound is heard as the same words
        self._words: list[WordHeard] = []
        self._partial = ""
        self._unread_samples = 0

    def feed(self, samples: NDArray[np.int16]) -> str:
        """Take the next samples (mono, 16 kHz, any number); returns the text so far."""
        if samples.size == 0:
            return self._text_so_far()
        self._unread_samples += samples.size
        if self._accept(samples if self._noise is None else self._noise.feed(samples)):
            self._partial = ""
            self._unread_samples = 0
        elif self._unread_samples >= PARTIAL_EVERY_S * SAMPLE_RATE_HZ:
            partial = json.loads(self._vosk.PartialResult()).get("partial", "")
            self._partial = _without_markers(partial.split())
            self._unread_samples = 0
        return self._text_so_far()

    def finish(self) -> Hearing:
        """All words of the utterance; call it once, after the last block."""
        if self._noise is not None:
            self._accept(self._noise.finish())
        if self._lead is not None:
            self._pass_on(self._lead.finish())
        self._collect(self._vosk.FinalResult())
        words = tuple(self._words)
        text = _without_markers([word.word for word in words])
        return Hearing(text, utterance_confidence(words), words)

    def _accept(self, samples: NDArray[np.int16]) -> bool:
        """Let Vosk hear it; true if it took a pause for the end and gave out its words.

        The visitor still holds the button, so the utterance goes on.
        """
        return self._pass_on(samples if self._lead is None else self._lead.feed(samples))

    def _pass_on(self, samples: NDArray[np.int16]) -> bool:
        if samples.size == 0:
            return False
        if self._dither:
            faint = self._random.normal(0.0, self._dither, samples.size)
            samples = np.clip(np.rint(samples + faint), -32768, 32767).astype(np.int16)
        if not self._vosk.AcceptWaveform(np.ascontiguousarray(samples, dtype="<i2").tobytes()):
            return False
        self._collect(self._vosk.Result())
        return True

    def _collect(self, result: str) -> None:
        begins_s = self._lead.skipped / SAMPLE_RATE_HZ if self._lead is not None else 0.0
        self._words += [
            WordHeard(
                entry["word"],
                begins_s + entry["start"] * self._time_scale,
                begins_s + entry["end"] * self._time_scale,
                min(1.0, float(entry["conf"])),
            )
            for entry in json.loads(result).get("result", ())
        ]

    def _text_so_far(self) -> str:
        done = _without_markers([word.word for word in self._words])
        return f"{done} {self._partial}".strip()


def utterance_confidence(words: tuple[WordHeard, ...]) -> float:
    """Mean square of the words' confidence over the time spoken; what fits no word counts as 0.

    Weighted by time, as a long unknown name should weigh more than an "a"; squared, as one doubtful
    word spoils more than the others make good. A word explains no more time than it may take
    anybody to say it: where nothing fits, the decoder can stretch a "what" over a whole sentence
    and be certain of it, having given up all else. What a value means in practice is measured in
    docs/measurements-asr.md.
    """
    weights = [max(word.end_s - word.start_s, 0.01) for word in words]
    if not weights:
        return 0.0
    explained = [
        0.0 if _is_marker(word.word) else word.confidence**2 * min(weight, longest_s(word.word))
        for word, weight in zip(words, weights, strict=True)
    ]
    return math.fsum(explained) / math.fsum(weights)


def longest_s(word: str) -> float:
    """About the longest time that a word takes a slow speaker, with a pause inside."""
    return 0.35 + 0.1 * len(word)


def _is_marker(word: str) -> bool:
    return word.startswith(("[", "<"))


def _without_markers(words: list[str]) -> str:
    return " ".join(word for word in words if not _is_marker(word))
