"""Scripted stand-ins for the models, so that a whole engine runs in milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.answer import Guess, Reply
from kiosk.asr import Hearing
from kiosk.engine.parts import Parts
from kiosk.engine.voices import PreparedVoice
from kiosk.lipsync import Patch
from kiosk.messages import Speaking, SupportNotice
from kiosk.timing import CancelToken
from kiosk.tts import SpeechChunk, WordTiming

RATE_HZ = 16000


class FakeSession:
    def __init__(self, text: str) -> None:
        self._words = text.split()
        self._blocks = 0

    def feed(self, samples: Any) -> str:
        del samples
        self._blocks += 1
        return " ".join(self._words[: self._blocks // 5])

    def finish(self) -> Hearing:
        return Hearing(" ".join(self._words), 0.9 if self._words else 0.0, ())


class FakeRecogniser:
    """Hears what the test says that it hears."""

    name = "fake"

    def __init__(self) -> None:
        self.hears = "who are you"

    def session(self) -> FakeSession:
        return FakeSession(self.hears)


class FakeAnswerer:
    """Answers every question with two sentences, "help me" with support."""

    def __init__(self) -> None:
        self.visits = 0
        self.guessed: list[str] = []
        self.asked: list[str] = []
        self.history: list[str] = []

    def new_visit(self) -> None:
        self.visits += 1
        self.history.clear()

    def guess(self, partial: str) -> Guess | None:
        self.guessed.append(partial)
        return Guess("who", "I am a test.", certain=True)

    def answer(
        self, text: str, *, asr_confidence: float = 1.0, cancel: CancelToken | None = None
    ) -> Reply:
        del asr_confidence, cancel
        self.asked.append(text)
        if text == "help me":
            notice = SupportNotice("Help", "Talk to us.")
            return Reply(
                None, "support", 1.0, iter(["Talk to us."]), Speaking.KIOSK, support=notice
            )
        if text == "say nothing":
            return Reply(None, "unknown", 0.1, iter([]))
        action = "louder" if text == "louder" else "none"
        said = iter(["I am a test.", "Nothing more than that."])
        return Reply("who", "prepared", 0.9, said, suggestions=("And you?",), action=action)

    def heard(self, reply: Reply, heard_text: str) -> None:
        del reply
        self.history.append(heard_text)


class FakeVoice:
    """A tone of 0.1 s a word."""

    name = "fake voice"
    sample_rate_hz = RATE_HZ

    def __init__(self) -> None:
        self.synthesised: list[str] = []

    def synthesise(self, text: str) -> SpeechChunk:
        self.synthesised.append(text)
        words = text.split()
        samples = (8000 * np.sin(np.arange(len(words) * 1600) * 0.2)).astype(np.int16)
        timings = tuple(WordTiming(w, i * 0.1, (i + 1) * 0.1) for i, w in enumerate(words))
        return SpeechChunk(text, samples, RATE_HZ, (), timings, aligned=True)

    def speak(self, sentences: Iterable[str], cancel: CancelToken) -> Iterator[SpeechChunk]:
        for sentence in sentences:
            cancel.check()
            yield self.synthesise(sentence)


class FakeTrack:
    def __init__(self, loop_index: int) -> None:
        self._loop_index = loop_index
        self._samples = 0
        self._frame = 0

    def feed(self, samples: Any) -> None:
        self._samples += len(samples)

    def finish(self) -> None:
        self._samples += RATE_HZ // 5

    def skip_to(self, frame: int) -> None:
        self._frame = max(self._frame, frame)

    def patches(self, cancel: CancelToken) -> Iterator[Patch]:
        while (self._frame + 5) * RATE_HZ // 25 <= self._samples:
            cancel.check()
            frame, self._frame = self._frame, self._frame + 1
            index = (self._loop_index + frame) % FakeLips.frame_count
            yield Patch(frame, index, 0, 0, np.zeros((2, 2, 3), np.uint8))


class FakeLips:
    name = "fake lips"
    provider = "none"
    fps = 25
    frame_count = 50
    lead_ms = 0
    mouth = None

    def track(self, loop_index: int) -> FakeTrack:
        return FakeTrack(loop_index)


def fake_parts() -> Any:
    """Parts of an engine, all fake; typed Any because fakes are duck-typed."""
    voices: Any = {speaking: PreparedVoice(FakeVoice()) for speaking in Speaking}  # type: ignore[arg-type]
    engines = dict.fromkeys(("asr", "llm", "tts", "lips"), "fake")
    recogniser: Any = FakeRecogniser()
    answerer: Any = FakeAnswerer()
    lips: Any = FakeLips()
    return Parts(recogniser, answerer, voices, lips, engines)


SHIPPED_PERSONA = Path(__file__).parents[2] / "persona.toml"
