"""How often a spoken question gets the right answer, and how often unknown speech gets a wrong one.

Aim: the figure that matters to a visitor, over the whole way from sound to answer. Every question
is spoken by the shipped voices, and by those of flite and espeak-ng where their programs are
installed; it is heard by the recogniser in blocks as in a visit, and is answered as the first
question of a visit, or after the one that it leans on.

Usage: ``python -m scripts.measure_spoken [--persona FILE] [--split held_out|tune] [--bank FILE]
[--each N] [--noise-db 20] [--press late] [--voices slt24,awb]``; prints JSON.
"""

from __future__ import annotations

import argparse
import json
import time
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np

from kiosk import paths
from kiosk.answer import Answerer, Embedder
from kiosk.answer.bank import Side, load_bank
from kiosk.answer.measure import Case, Split, load_cases, prepare, unseen
from kiosk.asr import Recogniser, VoskRecogniser, ensure_builtin_model, vocabulary_spec
from kiosk.asr.builtin.text import spoken_words
from kiosk.asr.hearing import SAMPLE_RATE_HZ
from kiosk.asr.word_errors import word_error_rate
from kiosk.persona import load_persona
from scripts.speaking import LEAD_S, Room, Samples, voices

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = ROOT / "tests/answer/questions.toml"
UNKNOWN_WORDS = ROOT / "tests/asr/unknown_words.toml"
EMBEDDER = "all-MiniLM-L6-v2-q8_0.gguf"
MISHEARD = "misheard"
BLOCK_SAMPLES = SAMPLE_RATE_HZ * 30 // 1000
CONFIDENCE_STEPS = (0.0, 0.4, 0.55, 0.7, 0.85, 0.95, 1.0)


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
    parser.add_argument("--bank", type=Path, help="ask this question bank, and not the split")
    parser.add_argument("--side", choices=get_args(Side), help="of the bank; neither: both")
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
    cases = (
        of_bank(options.bank, options.side)
        if options.bank
        else load_cases(QUESTIONS, options.split)
    )
    cases = unseen(cases, persona.answers)
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
    prepare(answerer, case)
    reply = answerer.answer(text, asr_confidence=confidence)
    if reply.source != "prepared":
        return {"unknown": "declined"}.get(reply.source, reply.source)
    return "right" if case.served_by(reply.answer_id) else "wrong"


def of_bank(path: Path, side: Side | None) -> tuple[Case, ...]:
    """Questions of a bank, but for those written as a recogniser may mishear them.

    Args:
        path: The bank.
        side: One side of it; None for both.
    """
    bank = load_bank(path)
    cases = bank.side(side) if side is not None else bank.cases
    return tuple(case for case in cases if case.kind != MISHEARD)


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
