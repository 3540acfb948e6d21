"""Speed and quality of each part alone, beside a plain way of doing the same in the same run."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, get_args

from rapidfuzz import fuzz, process

from kiosk import paths
from kiosk.answer.bank import Side, load_bank
from kiosk.answer.bank_figures import bank_figures
from kiosk.answer.curve import curve
from kiosk.answer.measure import Case, outcomes, unseen
from kiosk.asr import vocabulary_spec
from kiosk.asr.measure import measure as measure_asr
from kiosk.engine.bench.figures import THREADS, spread
from kiosk.engine.bench.standins import NOTE, lips_standin
from kiosk.engine.lips_network import CALIBRATION_S, spoken
from kiosk.engine.parts import PartsLoader
from kiosk.errors import Missing
from kiosk.lipsync.measure import measure as measure_lips
from kiosk.messages import Speaking
from kiosk.persona import LoadedPersona, Persona, lips_path, loop_path
from kiosk.video.footage import face_place

SPOKEN_ANSWERS = 40


def asr(loaded: LoadedPersona) -> dict[str, Any]:
    """Word errors and speed of the built-in recogniser on this persona's vocabulary."""
    return measure_asr(vocabulary_spec(loaded.persona))


def answer(loaded: LoadedPersona) -> dict[str, Any]:
    """Which answers the question bank gets: the measured side, and the curve of the tuned one.

    The bank is ``question-bank.toml`` beside the persona file, else the shipped one. The plain
    way is the phrasing with the most words in common, whatever the question.

    Raises:
        Missing: There is no bank.
    """
    path = loaded.folder / "question-bank.toml"
    if not path.is_file():
        path = paths.shipped_dir() / "tests" / "bank" / "mary-anning.toml"
    if not path.is_file():
        raise Missing(
            "There are no questions to measure with.",
            where=path,
            remedy="Write a question bank (docs/question-bank.md), or run this from the source.",
        )
    bank = load_bank(path)
    sides = {side: unseen(bank.side(side), loaded.persona.answers) for side in get_args(Side)}
    answerer = PartsLoader(loaded, THREADS).answerer()
    took_ms = []
    for case in sides["measure"]:
        began_s = time.perf_counter()
        answerer.guess(case.question)
        took_ms.append(1e3 * (time.perf_counter() - began_s))
    record = bank_figures(answerer, bank, sides["measure"])
    plain_direct = _plain_choice(loaded.persona, sides["measure"])
    return {
        "bank": str(path),
        **record,
        "choice_ms": spread(took_ms),
        "plain_direct": round(plain_direct, 3),
        "direct_ratio_to_plain": round(record["direct"] / plain_direct, 3) if plain_direct else 0,
        "curve": {
            side: [point.as_record() for point in curve(outcomes(answerer, cases))]
            for side, cases in sides.items()
        },
    }


def _plain_choice(persona: Persona, cases: tuple[Case, ...]) -> float:
    """Share of answerable questions that word overlap alone answers rightly."""
    owners = [(ask, one.id) for one in persona.answers for ask in one.ask]
    phrasings = [ask for ask, _ in owners]
    known = [case for case in cases if case.answer_id is not None]
    right = 0
    for case in known:
        found = process.extractOne(case.question, phrasings, scorer=fuzz.token_set_ratio)
        right += found is not None and owners[found[2]][1] == case.answer_id
    return right / max(1, len(known))


def tts(loaded: LoadedPersona, answers: int = SPOKEN_ANSWERS) -> dict[str, Any]:
    """Synthesis of the persona's own answers.

    The plain way is Piper with the whole answer before the first sample is heard.
    """
    voice = PartsLoader(loaded, THREADS).voice(Speaking.PERSONA)
    texts = [prepared.say[0] for prepared in loaded.persona.answers[:answers]]
    first_ms, whole_ms, factor, ratio = [], [], [], []
    for text in texts:
        began_s = time.perf_counter()
        chunks = voice.speak((text,))
        spoken_s = next(chunks).duration_s
        first_ms.append(1e3 * (time.perf_counter() - began_s))
        spoken_s += sum(chunk.duration_s for chunk in chunks)
        whole_ms.append(1e3 * (time.perf_counter() - began_s))
        factor.append(whole_ms[-1] / (1e3 * spoken_s))
        ratio.append(whole_ms[-1] / first_ms[-1])
    return {
        "engine": voice.name,
        "answers": len(texts),
        "first_chunk_ms": spread(first_ms),
        "plain_whole_answer_ms": spread(whole_ms),
        "plain_ratio": spread(ratio),
        "real_time_factor": spread(factor),
    }


def lips(loaded: LoadedPersona) -> dict[str, Any]:
    """Milliseconds a frame: the persona's lips, the warp, and Wav2Lip's own shape.

    The networks are measured plainly, cut in float, and in bytes, in turns.

    The stand-in for Wav2Lip is left out, with the reason, where it cannot be made.
    """
    loader = PartsLoader(loaded, THREADS)
    speech = spoken(loader.voice(Speaking.PERSONA), loaded.persona, CALIBRATION_S)

    def cost(model: Path | None, cache_dir: Path | None) -> dict[str, Any]:
        return measure_lips(
            model,
            loop_path(loader.loaded),
            face_place(loaded),
            speech,
            threads=THREADS,
            cache_dir=cache_dir,
        )

    model = lips_path(loaded)
    report: dict[str, Any] = {
        "persona": cost(model, paths.cache_dir()),
        "warp": cost(None, paths.cache_dir()),
    }
    try:
        standin = lips_standin()
    except Missing as error:
        report["wav2lip_shaped"] = {"left_out": str(error)}
        return report
    shaped = cost(standin, None)  # the cache is for what visitors see
    report["wav2lip_shaped"] = {**shaped, "note": NOTE}
    report["wav2lip_shaped_plain_ratio"] = round(
        shaped["plain_ms"] / report["persona"]["all_ms"], 2
    )
    return report
