"""How often a spoken question gets the right answer, and how often unknown speech gets a wrong one.

Aim: the figure that matters to a visitor, over the whole way from sound to answer. Every question
is spoken by the shipped voices, and by flite's where its program is installed, is heard by the
recogniser in blocks as in a visit, and is answered as the first question of a visit.

Usage: ``python scripts/measure_spoken.py [--persona FILE] [--split held_out|tune] [--each N]``;
prints JSON.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import soxr
from numpy.typing import NDArray
from piper import PiperVoice

from kiosk import paths
from kiosk.answer import Answerer, Embedder
from kiosk.answer.measure import Case, Split, load_cases, unseen
from kiosk.asr import Recogniser, VoskRecogniser, ensure_builtin_model, vocabulary_spec
from kiosk.asr.builtin.text import spoken_words
from kiosk.asr.hearing import SAMPLE_RATE_HZ
from kiosk.asr.word_errors import word_error_rate
from kiosk.audio import read_wav
from kiosk.persona import load_persona

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "tests/answer/questions.toml"
UNKNOWN_WORDS = ROOT / "tests/asr/unknown_words.toml"
EMBEDDER = "all-MiniLM-L6-v2-q8_0.gguf"
PIPER_VOICES = ("slt24", "rms16")
FLITE_VOICES = ("kal16", "awb", "slt", "rms")
BLOCK_SAMPLES = SAMPLE_RATE_HZ * 30 // 1000
ROOM_NOISE_LEVEL = 8.0  # standard deviation of 16-bit samples: a quiet room

Samples = NDArray[np.int16]
Speak = Callable[[str], Samples]


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one utterance.

    Attributes:
        said: Words spoken.
        heard: Words heard; None for a typed question.
        outcome: ``right``, ``wrong`` (a prepared answer, but not this one), ``declined`` (not
            known, or not the persona's to answer), ``support`` (taken for distress) or
            ``not_understood`` (no words were heard).
        confidence: 0..1, of recognition.
    """

    said: str
    heard: str | None
    outcome: str
    confidence: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--persona", type=Path, default=ROOT / "persona.toml")
    parser.add_argument("--split", choices=get_args(Split), default="held_out")
    parser.add_argument("--each", type=int, default=40, help="questions of each kind, at most")
    parser.add_argument("--model", type=Path, help="a Vosk model instead of the built-in one")
    parser.add_argument("--misses", action="store_true", help="list what went wrong as well")
    options = parser.parse_args()

    persona = load_persona(options.persona).persona
    embedder = Embedder(paths.builtin_models_dir() / EMBEDDER, threads=1)
    answerer = Answerer(persona, embedder, seed=0)
    model = options.model or ensure_builtin_model(
        vocabulary_spec(persona), paths.cache_dir(), language=persona.language
    )
    cases = unseen(load_cases(QUESTIONS, options.split), persona)
    unknown = tomllib.loads(UNKNOWN_WORDS.read_text("utf-8"))[options.split]
    kinds = {
        "answerable": [case for case in cases if case.answer_id is not None],
        "unanswerable": [case for case in cases if case.answer_id is None],
        "unknown_words": [Case(text, None) for text in unknown],
    }
    kinds = {kind: spread(of_kind, options.each) for kind, of_kind in kinds.items()}
    result = measure(answerer, VoskRecogniser(model), kinds, misses=options.misses)
    print(json.dumps(result, indent=2, ensure_ascii=False))


def measure(
    answerer: Answerer,
    recogniser: Recogniser,
    kinds: Mapping[str, Sequence[Case]],
    *,
    misses: bool = False,
) -> dict[str, Any]:
    """Speak and type every question, and count.

    Returns:
        ``typed`` and ``spoken``: for each kind of question the share of each outcome (0..1), the
        median confidence of recognition and ``wer``; ``voices``: shares of ``right`` and ``wrong``
        by voice; ``real_time_factor``; with ``misses`` also every utterance that went wrong.
    """
    typed = {kind: [typed_in(answerer, case) for case in cases] for kind, cases in kinds.items()}
    spoken: dict[str, list[Answered]] = {kind: [] for kind in kinds}
    by_voice: dict[str, dict[str, Any]] = {}
    computing_s = sound_s = 0.0
    for voice, speak in voices():
        for kind, cases in kinds.items():
            of_voice = []
            for case in cases:
                sound = in_a_room(speak(case.question))
                begun_s = time.perf_counter()
                of_voice.append(spoken_to(answerer, recogniser, case, sound))
                computing_s += time.perf_counter() - begun_s
                sound_s += sound.size / SAMPLE_RATE_HZ
            spoken[kind] += of_voice
            by_voice.setdefault(voice, {})[kind] = _shares(of_voice)
    result = {
        "typed": {kind: _summary(answered) for kind, answered in typed.items()},
        "spoken": {kind: _summary(answered) for kind, answered in spoken.items()},
        "voices": by_voice,
        "real_time_factor": round(computing_s / sound_s, 3),
    }
    if misses:
        result["misses"] = {
            kind: [
                f"{a.outcome}: {a.said} | {a.heard} | {a.confidence:.2f}"
                for a in answered
                if a.outcome == "wrong" or (kind == "answerable" and a.outcome != "right")
            ]
            for kind, answered in spoken.items()
        }
    return result


def typed_in(answerer: Answerer, case: Case) -> Answered:
    """The same question without recognition: the best that it can get."""
    return Answered(case.question, None, _outcome(answerer, case, case.question, 1.0), 1.0)


def spoken_to(answerer: Answerer, recogniser: Recogniser, case: Case, sound: Samples) -> Answered:
    """Hear one question in blocks and answer it."""
    session = recogniser.session()
    for begin in range(0, sound.size, BLOCK_SAMPLES):
        session.feed(sound[begin : begin + BLOCK_SAMPLES])
    hearing = session.finish()
    outcome = _outcome(answerer, case, hearing.text, hearing.confidence)
    return Answered(case.question, hearing.text, outcome, hearing.confidence)


def _outcome(answerer: Answerer, case: Case, text: str, confidence: float) -> str:
    if not text:
        return "not_understood"
    answerer.new_visit()
    reply = answerer.answer(text, asr_confidence=confidence)
    if reply.source != "prepared":
        return {"unknown": "declined"}.get(reply.source, reply.source)
    return "right" if reply.answer_id == case.answer_id else "wrong"


def voices() -> Iterator[tuple[str, Speak]]:
    """Name of each voice on this machine, and what speaks with it."""
    for name in PIPER_VOICES:
        yield name, piper_speaker(paths.builtin_models_dir() / f"{name}.onnx")
    if program := shutil.which("flite"):
        for name in FLITE_VOICES:
            yield f"flite {name}", flite_speaker(program, name)


def piper_speaker(model: Path) -> Speak:
    voice = PiperVoice.load(model)

    def speak(text: str) -> Samples:
        sound = np.concatenate([chunk.audio_int16_array for chunk in voice.synthesize(text)])
        speech = soxr.resample(sound.astype(np.float32), voice.config.sample_rate, SAMPLE_RATE_HZ)
        samples: Samples = np.clip(speech, -32768, 32767).astype(np.int16)
        return samples

    return speak


def flite_speaker(program: str, voice: str) -> Speak:
    def speak(text: str) -> Samples:
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "speech.wav"
            subprocess.run([program, "-voice", voice, "-t", text, "-o", str(file)], check=True)
            return read_wav(file)[0]

    return speak


def in_a_room(speech: Samples) -> Samples:
    """Speech after half a second and before a quarter of a quiet room."""
    padded = np.pad(speech.astype(np.float32), (SAMPLE_RATE_HZ // 2, SAMPLE_RATE_HZ // 4))
    noise = np.random.default_rng(0).normal(0, ROOM_NOISE_LEVEL, padded.size)
    return np.clip(padded + noise, -32768, 32767).astype(np.int16)


def spread(cases: Sequence[Case], count: int) -> list[Case]:
    """At most ``count`` cases, evenly from all of them."""
    places = np.linspace(0, len(cases), min(count, len(cases)), endpoint=False)
    return [cases[int(place)] for place in places]


def _summary(answered: Sequence[Answered]) -> dict[str, Any]:
    summary: dict[str, Any] = _shares(answered)
    if heard := [(_plain(a.said), a.heard) for a in answered if a.heard is not None]:
        summary["confidence"] = round(float(np.median([a.confidence for a in answered])), 2)
        summary["wer"] = round(word_error_rate(heard), 3)
    return summary


def _shares(answered: Sequence[Answered]) -> dict[str, float]:
    counts = Counter(a.outcome for a in answered)
    outcomes = ("right", "wrong", "declined", "support", "not_understood")
    return {outcome: round(counts[outcome] / len(answered), 3) for outcome in outcomes}


def _plain(text: str) -> str:
    return " ".join(spoken_words(text))


if __name__ == "__main__":
    main()
