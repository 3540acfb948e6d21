"""The whole kiosk: how long a visitor waits, and whether memory grows."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk.audio import SAMPLE_RATE_HZ, write_wav
from kiosk.engine.bench.figures import THREADS, spread
from kiosk.engine.config import AudioMode
from kiosk.engine.parts import Parts, PartsLoader
from kiosk.engine.rehearsal import Rehearsal
from kiosk.messages import Speaking
from kiosk.persona import LoadedPersona
from kiosk.room.sound import SoundRoom, missing_programs
from kiosk.timing import HurriedClock

LATENCY_QUESTIONS = 24
RELEASE_AFTER_S = 0.2  # visitors let go a moment after the last word
HEARD_S = 1.0  # how much of each answer is listened to
VISITS = 200
HURRY = 4.0  # how much faster than the wall clock the scripted visits run


def latency(loaded: LoadedPersona, questions: int = LATENCY_QUESTIONS) -> dict[str, Any]:
    """From the release of the button to the first sample of speech, part by part.

    The questions are the persona's own phrasings, spoken by the kiosk's neutral voice into a
    virtual room's microphone where there is a sound server, else into a virtual microphone.
    """
    parts = PartsLoader(loaded, THREADS).load()
    spoken = list(_spoken_questions(loaded, parts, questions))
    report: dict[str, Any] = {}
    with _sound_room() as room:
        say = None if room is None else _into(room)
        report["audio"] = "virtual" if room is None else "PortAudio in a PulseAudio room"
        audio = AudioMode.VIRTUAL if room is None else AudioMode.DEVICES
        with Rehearsal(loaded, parts, say=say, audio=audio) as rehearsal:
            for release_after_s in (0.0, RELEASE_AFTER_S):
                timings: list[dict[str, float]] = []
                right = 0
                for wanted, samples in spoken:
                    record = _timed(rehearsal, samples, release_after_s)
                    timings.append(record["timings_ms"])
                    right += record["answer"]["id"] == wanted
                name = f"released_{1e3 * release_after_s:.0f}_ms_after_the_last_word"
                report[name] = {
                    "questions": len(spoken),
                    "right_answer": right,
                    **_by_part(timings),
                }
    return report


def memory(loaded: LoadedPersona, visits: int = VISITS) -> dict[str, Any]:
    """Resident memory over scripted visits: a question spoken, one typed, one cut off."""
    parts = PartsLoader(loaded, THREADS).load()
    questions = list(_spoken_questions(loaded, parts, 10))
    typed = loaded.persona.suggestions
    clock = HurriedClock(HURRY)
    resident: list[float] = []
    with Rehearsal(loaded, parts, clock=clock) as rehearsal:
        for visit in range(visits):
            _, samples = questions[visit % len(questions)]
            rehearsal.ask_aloud(samples, hear_out=False)
            rehearsal.cut_short(HEARD_S)
            rehearsal.ask_typed(typed[visit % len(typed)], hear_out=False)
            clock.sleep_s(HEARD_S)
            rehearsal.leave()
            resident.append(_resident_bytes() / 2**20)
    half = len(resident) // 2
    slope = float(np.polyfit(np.arange(half), resident[half:], 1)[0])
    return {
        "visits": visits,
        "mib_after_10": round(resident[min(9, half)], 1),
        "mib_after_half": round(resident[half], 1),
        "mib_at_end": round(resident[-1], 1),
        "mib_every_tenth_of_the_way": [round(x) for x in resident[:: max(1, visits // 10)]],
        "mib_a_visit_in_second_half": round(slope, 4),
    }


def _timed(
    rehearsal: Rehearsal, samples: NDArray[np.int16], release_after_s: float
) -> dict[str, Any]:
    """One question, interrupted as soon as lips have come; a new visit for each."""
    rehearsal.ask_aloud(samples, release_after_s=release_after_s, hear_out=False)
    record = rehearsal.cut_short(HEARD_S)
    if rehearsal.first_patch_at_s is not None:
        released_at_s = rehearsal.released_at_s
        record["timings_ms"]["release_to_first_lips"] = 1e3 * (
            rehearsal.first_patch_at_s - released_at_s
        )
    rehearsal.leave()
    return record


def _spoken_questions(
    loaded: LoadedPersona, parts: Parts, count: int
) -> Iterator[tuple[str, NDArray[np.int16]]]:
    """Phrasings over the whole persona, spoken by the kiosk's neutral voice at 16 kHz."""
    voice = parts.voices[Speaking.KIOSK].voice
    answers = [a for a in loaded.persona.answers if a.action == "none"]
    for prepared in answers[:: max(1, len(answers) // count)][:count]:
        phrase = max(prepared.ask, key=len)
        samples = np.concatenate([c.samples for c in voice.speak((phrase,))])
        rate_hz = voice.sample_rate_hz
        yield prepared.id, _without_tail(soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ))


def _without_tail(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Cut the silence that a voice adds after a sentence: the visitor stops at the last word."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 300)
    return samples[: int(loud[-1]) + 1] if len(loud) else samples


@contextlib.contextmanager
def _sound_room() -> Iterator[SoundRoom | None]:
    """A virtual room for this process, if this machine can have one."""
    if missing_programs():
        yield None
        return
    with SoundRoom() as room:
        before = dict(os.environ)
        os.environ.update(room.env)  # PortAudio reads it when it is first used
        try:
            yield room
        finally:
            os.environ.clear()
            os.environ.update(before)


def _into(room: SoundRoom) -> Callable[[NDArray[np.int16]], None]:
    folder = tempfile.TemporaryDirectory()
    players: list[subprocess.Popen[bytes]] = []

    def say(samples: NDArray[np.int16]) -> None:
        path = Path(folder.name) / "question.wav"
        write_wav(path, samples, SAMPLE_RATE_HZ)
        players.append(room.say(path))

    return say


def _by_part(timings: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    parts = sorted({part for timing in timings for part in timing})
    return {f"{part}_ms": spread([t[part] for t in timings if part in t]) for part in parts}


def _resident_bytes() -> int:
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
