"""How well and how fast the built-in recogniser hears: `kiosk bench asr`, or this module alone.

The speech comes from the shipped voices, so the figures compare builds and machines; people, rooms
and microphones are harder.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray
from piper import PiperVoice

from kiosk.asr.builtin.cache import build_apart
from kiosk.asr.builtin.text import spoken_words
from kiosk.asr.hearing import SAMPLE_RATE_HZ
from kiosk.asr.recogniser import VoskRecogniser
from kiosk.asr.spec import VocabularySpec
from kiosk.asr.word_errors import word_error_rate
from kiosk.paths import builtin_models_dir

VOICES = ("slt24", "rms16")
BLOCK_SAMPLES = SAMPLE_RATE_HZ * 30 // 1000
ROOM_NOISE_LEVEL = 8.0  # standard deviation of 16-bit samples: a quiet room

# Not in any persona or template word for word: what a language model has to cope with.
UNSEEN_QUESTIONS = (
    "how many brothers and sisters did you have",
    "which church did you belong to",
    "what could people buy in your shop",
    "have you ever seen the city of london",
    "did the king really come to see you",
    "what kind of tools did you need",
    "is winter the best time for fossils",
    "what time did you get up in the morning",
)


def measure(spec: VocabularySpec, *, questions: int = 16) -> dict[str, Any]:
    """Build the model for ``spec`` and recognise its own and unseen questions.

    Args:
        spec: What visitors say.
        questions: How many of the spec's phrasings to speak, spread evenly over them.

    Returns:
        ``build_s``, ``model_mb``, ``words``, ``wer`` (by voice and kind of question, 0..1),
        ``confidence`` (medians by kind), ``real_time_factor`` (all computing over the length of the
        sound), ``final_ms`` (``median`` and ``p95`` from the last block to the final text) and
        ``peak_memory_mb`` of this process.
    """
    step = max(1, len(spec.phrasings) // questions)
    kinds = {"own": spec.phrasings[::step][:questions], "unseen": UNSEEN_QUESTIONS}
    final_ms: list[float] = []
    computing_s = sound_s = 0.0
    rates: dict[str, float] = {}
    confidence: dict[str, list[float]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as scratch:
        report = build_apart(Path(scratch) / "model", spec)
        recogniser = VoskRecogniser(report.folder)
        for voice_name in VOICES:
            voice = PiperVoice.load(builtin_models_dir() / f"{voice_name}.onnx")
            for kind, texts in kinds.items():
                pairs = []
                for text in _plain(texts):
                    sound = _speech(voice, text)
                    session = recogniser.session()
                    begun_s = time.perf_counter()
                    for i in range(0, sound.size, BLOCK_SAMPLES):
                        session.feed(sound[i : i + BLOCK_SAMPLES])
                    fed_s = time.perf_counter()
                    hearing = session.finish()
                    done_s = time.perf_counter()
                    final_ms.append((done_s - fed_s) * 1000)
                    computing_s += done_s - begun_s
                    sound_s += sound.size / SAMPLE_RATE_HZ
                    pairs.append((text, hearing.text))
                    confidence[kind].append(hearing.confidence)
                rates[f"{voice_name}/{kind}"] = round(word_error_rate(pairs), 3)
    return {
        "build_s": round(report.seconds, 1),
        "model_mb": round(report.bytes / 1e6, 1),
        "words": report.words,
        "wer": rates,
        "confidence": {k: round(statistics.median(v), 2) for k, v in confidence.items()},
        "real_time_factor": round(computing_s / sound_s, 3),
        "final_ms": {
            "median": round(statistics.median(final_ms), 1),
            "p95": round(float(np.percentile(final_ms, 95)), 1),
        },
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _plain(texts: Sequence[str]) -> list[str]:
    return [" ".join(spoken_words(text)) for text in texts]


def _speech(voice: PiperVoice, text: str) -> NDArray[np.int16]:
    """The text spoken at 16 kHz, after half a second and before a quarter of quiet room."""
    sound = np.concatenate([chunk.audio_int16_array for chunk in voice.synthesize(text)])
    speech = soxr.resample(sound.astype(np.float32), voice.config.sample_rate, SAMPLE_RATE_HZ)
    padded = np.pad(speech, (SAMPLE_RATE_HZ // 2, SAMPLE_RATE_HZ // 4))
    noise = np.random.default_rng(0).normal(0, ROOM_NOISE_LEVEL, padded.size)
    return np.clip(padded + noise, -32768, 32767).astype(np.int16)


def main() -> int:
    """Measure with the persona file given on the command line."""
    from kiosk.asr.spec import vocabulary_spec
    from kiosk.persona import load_persona

    spec = vocabulary_spec(load_persona(Path(sys.argv[1])).persona)
    print(json.dumps(measure(spec), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
