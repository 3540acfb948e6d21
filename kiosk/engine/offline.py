"""One question, one answer, without devices: the same parts as the kiosk's, in one thread.

`kiosk ask` and the benchmarks use it. A part is loaded when it is first needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.answer import Answerer, Reply
from kiosk.asr import VoskRecogniser
from kiosk.audio import BLOCK_SAMPLES, read_wav, write_wav
from kiosk.engine.events import Turn
from kiosk.engine.parts import PartsLoader, recogniser_folder
from kiosk.engine.responder import Ask, answer_record
from kiosk.engine.stage import ENGINES
from kiosk.messages import Speaking
from kiosk.persona import LoadedPersona
from kiosk.timing import Clock, SystemClock
from kiosk.tts import PiperVoiceEngine, SpeechChunk

LIPS_RATE_HZ = 16000
NOT_USED = "not used"


@dataclass
class Answered:
    """Attributes:
    record: The JSON object of `kiosk ask`.
    speaking: Whose voice.
    chunks: The answer as sound; empty if it was not asked for.
    """

    record: dict[str, Any]
    speaking: Speaking
    chunks: list[SpeechChunk] = field(default_factory=list)

    @property
    def sound(self) -> tuple[NDArray[np.int16], int]:
        """All chunks as one: int16 mono samples and their rate in Hz."""
        if not self.chunks:
            return np.zeros(0, np.int16), LIPS_RATE_HZ
        return np.concatenate([c.samples for c in self.chunks]), self.chunks[0].sample_rate_hz


class OfflineKiosk:
    """Aim: ask the persona something, in text or as a recording."""

    def __init__(self, loaded: LoadedPersona, threads: int, clock: Clock | None = None) -> None:
        self._loaded = loaded
        self._loader = PartsLoader(loaded, threads)
        self._clock = clock or SystemClock()

    @property
    def faults(self) -> list[str]:
        """What had to be replaced, for staff."""
        return self._loader.faults

    @cached_property
    def recogniser(self) -> VoskRecogniser:
        return VoskRecogniser(recogniser_folder(self._loaded))

    @cached_property
    def answerer(self) -> Answerer:
        return self._loader.answerer()

    @cached_property
    def voices(self) -> dict[Speaking, PiperVoiceEngine]:
        return {speaking: self._loader.voice(speaking) for speaking in Speaking}

    def ask(self, text: str, *, speak: bool = False) -> Answered:
        """Answer a typed question."""
        return self._answer(text, 1.0, Turn(0), heard=False, speak=speak)

    def ask_recording(self, path: Path, *, speak: bool = False) -> Answered:
        """Answer a spoken question, fed block by block as from the microphone.

        Raises:
            MediaError: The file is no usable recording.
        """
        samples, _ = read_wav(path)
        session = self.recogniser.session()
        for start in range(0, len(samples), BLOCK_SAMPLES):
            session.feed(samples[start : start + BLOCK_SAMPLES])
        turn = Turn(0)
        began_s = self._clock.now_s()
        hearing = session.finish()
        turn.timings_ms["asr"] = 1e3 * (self._clock.now_s() - began_s)
        return self._answer(hearing.text, hearing.confidence, turn, heard=True, speak=speak)

    def new_visit(self) -> None:
        self.answerer.new_visit()

    def save_sound(self, answered: Answered, path: Path) -> None:
        samples, rate_hz = answered.sound
        write_wav(path, samples, rate_hz)

    def _answer(
        self, text: str, confidence: float, turn: Turn, *, heard: bool, speak: bool
    ) -> Answered:
        text = text.encode("utf-8", "replace").decode("utf-8")  # half characters of a shell
        job = Ask(turn, text, confidence, heard)
        answerer = self.answerer  # loaded before the clock starts, as in the kiosk
        began_s = self._clock.now_s()
        reply = answerer.answer(text, asr_confidence=confidence, cancel=turn.cancel)
        turn.timings_ms["answer"] = 1e3 * (self._clock.now_s() - began_s)
        record = answer_record(job, reply)
        chunks: list[SpeechChunk] = []
        if speak:
            chunks = list(self._speak(reply, turn))
            record["answer"]["text"] = " ".join(chunk.text for chunk in chunks)
        else:
            record["answer"]["text"] = " ".join(reply.sentences)
        answerer.heard(reply, record["answer"]["text"])
        record["timings_ms"] = {part: round(ms, 1) for part, ms in turn.timings_ms.items()}
        used = {"llm": self._loader.llm_name}
        if heard:
            used["asr"] = self.recogniser.name
        if speak:
            used["tts"] = self.voices[reply.speaking].name
        # Nothing is loaded only to be named.
        record["engines"] = {part: used.get(part, NOT_USED) for part in ENGINES}
        return Answered(record, reply.speaking, chunks)

    def _speak(self, reply: Reply, turn: Turn) -> Iterator[SpeechChunk]:
        voice = self.voices[reply.speaking]
        began_s = self._clock.now_s()
        for chunk in voice.speak(reply.sentences, turn.cancel):
            turn.timings_ms.setdefault("tts_first", 1e3 * (self._clock.now_s() - began_s))
            yield chunk
