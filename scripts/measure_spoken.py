"""How often a spoken question gets the right answer, and how often unknown speech gets a wrong one.

Aim: the figure that matters to a visitor, over the whole way from sound to answer. Every question
is spoken by the shipped voices, and by those of flite and espeak-ng where their programs are
installed; it is heard by the recogniser in blocks as in a visit, and is answered as the first
question of a visit.

Usage: ``python scripts/measure_spoken.py [--persona FILE] [--split held_out|tune] [--each N]
[--noise-db 20] [--press late] [--voices slt24,awb]``; prints JSON.
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
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
ESPEAK_VOICES = ("en-gb", "en-us+f3")
BLOCK_SAMPLES = SAMPLE_RATE_HZ * 30 // 1000
ROOM_NOISE_LEVEL = 8.0  # standard deviation of 16-bit samples: a quiet room
# Sound before the first word, which includes the half second from before the press: the button
# pressed long before speaking, as usual, and after the first word has begun.
LEAD_S = {"early": 1.5, "usual": 0.5, "late": -0.1}
CONFIDENCE_STEPS = (0.0, 0.4, 0.55, 0.7, 0.85, 0.95, 1.0)

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


@dataclass(frozen=True, slots=True)
class Room:
    """How speech reaches the recogniser.

    Attributes:
        noise_db: Mean power of the speech over that of pink noise; None for a quiet room.
        lead_s: Sound before the first word; less than nothing: its beginning is cut off.
    """

    noise_db: float | None = None
    lead_s: float = LEAD_S["usual"]

    def hear(self, speech: Samples, seed: int) -> Samples:
        """Speech in the room, and a quarter of a second more of the room."""
        lead = round(self.lead_s * SAMPLE_RATE_HZ)
        sound = speech[max(0, -lead) :].astype(np.float64)
        padded = np.pad(sound, (max(0, lead), SAMPLE_RATE_HZ // 4))
        random = np.random.default_rng(seed)
        noise = random.normal(0, ROOM_NOISE_LEVEL, padded.size)
        if self.noise_db is not None:
            level = np.sqrt(np.mean(sound**2)) / 10 ** (self.noise_db / 20)
            noise = level * pink_noise(padded.size, random)
        return np.clip(padded + noise, -32768, 32767).astype(np.int16)


def pink_noise(count: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Noise with as much power in every octave, standard deviation 1."""
    spectrum = np.fft.rfft(random.normal(size=count))
    steps = np.maximum(np.arange(spectrum.size), 1)
    noise = np.fft.irfft(spectrum / np.sqrt(steps), count)
    scaled: NDArray[np.float64] = noise / np.std(noise)
    return scaled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--persona", type=Path, default=ROOT / "persona.toml")
    parser.add_argument("--split", choices=get_args(Split), default="held_out")
    parser.add_argument("--each", type=int, default=40, help="questions of each kind, at most")
    parser.add_argument("--model", type=Path, help="a Vosk model instead of the built-in one")
    parser.add_argument("--noise-db", type=float, help="speech over pink noise; none: quiet room")
    parser.add_argument("--press", choices=LEAD_S, default="usual", help="when the button is held")
    parser.add_argument("--voices", help="only these, separated by commas")
    parser.add_argument("--kinds", help="only these kinds of questions, separated by commas")
    parser.add_argument("--unknown", help="list of unknown_words.toml, if not the split's own")
    parser.add_argument("--misses", action="store_true", help="list what went wrong as well")
    options = parser.parse_args()

    persona = load_persona(options.persona).persona
    embedder = Embedder(paths.builtin_models_dir() / EMBEDDER, threads=1)
    answerer = Answerer(persona, embedder, seed=0)
    model = options.model or ensure_builtin_model(
        vocabulary_spec(persona), paths.cache_dir(), language=persona.language
    )
    cases = unseen(load_cases(QUESTIONS, options.split), persona.answers)
    unknown = tomllib.loads(UNKNOWN_WORDS.read_text("utf-8"))[options.unknown or options.split]
    kinds = {
        "answerable": [case for case in cases if case.answer_id is not None],
        "unanswerable": [case for case in cases if case.answer_id is None],
        "unknown_words": [Case(text, None) for text in unknown],
    }
    kinds = {kind: spread(of_kind, options.each) for kind, of_kind in kinds.items()}
    if options.kinds:
        kinds = {kind: kinds[kind] for kind in options.kinds.split(",")}
    result = measure(
        answerer,
        VoskRecogniser(model),
        kinds,
        room=Room(options.noise_db, LEAD_S[options.press]),
        only=options.voices.split(",") if options.voices else None,
        misses=options.misses,
    )
    print(json.dumps(result, indent=2, ensure_ascii=False))


def measure(
    answerer: Answerer,
    recogniser: Recogniser,
    kinds: Mapping[str, Sequence[Case]],
    *,
    room: Room,
    only: Collection[str] | None = None,
    misses: bool = False,
) -> dict[str, Any]:
    """Speak and type every question, and count.

    Returns:
        ``typed`` and ``spoken``: for each kind of question the share of each outcome (0..1), the
        median confidence of recognition and ``wer``; ``voices``: shares of each outcome by voice;
        ``confidence``: by steps of it, word errors and outcomes; ``real_time_factor``; with
        ``misses`` also every utterance that went wrong.
    """
    typed = {kind: [typed_in(answerer, case) for case in cases] for kind, cases in kinds.items()}
    spoken: dict[str, list[Answered]] = {kind: [] for kind in kinds}
    by_voice: dict[str, dict[str, Any]] = {}
    computing_s = sound_s = 0.0
    for voice, speak in voices():
        if only is not None and voice not in only:
            continue
        for kind, cases in kinds.items():
            of_voice = []
            for seed, case in enumerate(cases):
                sound = room.hear(speak(case.question), seed)
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
        "confidence": by_confidence([a for answered in spoken.values() for a in answered]),
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
            yield name, flite_speaker(program, name)
    if program := shutil.which("espeak-ng"):
        for name in ESPEAK_VOICES:
            yield name, espeak_speaker(program, name)


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


def espeak_speaker(program: str, voice: str) -> Speak:
    def speak(text: str) -> Samples:
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "speech.wav"
            command = [program, "-v", voice, "-s", "150", "-w", str(file), text]
            subprocess.run(command, check=True)
            return read_wav(file)[0]

    return speak


def by_confidence(answered: Sequence[Answered]) -> dict[str, dict[str, float]]:
    """What became of utterances, by how sure recognition was of them."""
    table = {}
    for low, high in pairwise(CONFIDENCE_STEPS):
        last = high == CONFIDENCE_STEPS[-1]
        inside = [a for a in answered if low <= a.confidence and (a.confidence < high or last)]
        if inside:
            table[f"{low}-{high}"] = {"utterances": len(inside), **_summary(inside)}
    return table


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
