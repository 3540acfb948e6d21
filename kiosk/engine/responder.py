"""The voice: choose an answer, speak it, sentence by sentence, on one thread.

Guesses from partial words are handled on the same thread between answers, so that the first
sentence of a sure answer is already synthesised when the visitor lets go of the button.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from kiosk.answer import Answerer, Reply
from kiosk.engine.events import EngineEvent, NothingSaid, PartFailed, ReplyChosen, SoundBegan, Turn
from kiosk.engine.utterance import Utterance
from kiosk.engine.voices import PreparedVoice
from kiosk.errors import Cancelled, KioskError
from kiosk.messages import Speaking, Suggestions
from kiosk.timing import Clock


@dataclass(frozen=True, slots=True)
class Ask:
    """Answer a question."""

    turn: Turn
    text: str
    confidence: float
    heard: bool  # recognised from speech, not typed


@dataclass(frozen=True, slots=True)
class Say:
    """Say given sentences (greeting, farewell)."""

    turn: Turn
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Heard:
    reply: Reply
    text: str


class _NewVisit:
    pass


@dataclass
class _Guesses:
    """The latest partial text only; older ones are worthless."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    text: str = ""

    def put(self, text: str) -> None:
        with self.lock:
            self.text = text

    def take(self) -> str:
        with self.lock:
            text, self.text = self.text, ""
        return text


class _Look:
    """Wakes the thread to look at the latest guess."""


class Responder:
    """Aim: own the answerer and the voices; report through events and utterances.

    Args:
        answerer: Used on this thread only.
        voices: Voice of the persona and of the kiosk.
        open_utterance: Makes the utterance of a turn (the engine knows loudspeaker and lips).
        post: Thread-safe sink of events.
        clock: Monotonic clock.
    """

    def __init__(
        self,
        answerer: Answerer,
        voices: dict[Speaking, PreparedVoice],
        open_utterance: Callable[[Turn, Speaking], Utterance],
        post: Callable[[EngineEvent], None],
        clock: Clock,
    ) -> None:
        self._answerer = answerer
        self._voices = voices
        self._open = open_utterance
        self._post = post
        self._clock = clock
        self._guesses = _Guesses()
        self._jobs: queue.SimpleQueue[Ask | Say | _Heard | _NewVisit | _Look | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._run, name="responder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._jobs.put(None)
        self._thread.join(1.0)

    def ask(self, job: Ask | Say) -> None:
        self._jobs.put(job)

    def guess(self, partial: str) -> None:
        """Look ahead: what would be answered to the words so far?"""
        self._guesses.put(partial)
        self._jobs.put(_Look())

    def new_visit(self) -> None:
        """Forget the visit."""
        self._guesses.put("")
        self._jobs.put(_NewVisit())

    def heard(self, reply: Reply, text: str) -> None:
        """Tell the history what was really heard."""
        self._jobs.put(_Heard(reply, text))

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._do(job)
            except Cancelled:
                continue
            except KioskError as error:
                self._post(PartFailed("answer", str(error), fatal=True))

    def _do(self, job: Ask | Say | _Heard | _NewVisit | _Look) -> None:
        match job:
            case Ask():
                self._ask(job)
            case Say(turn, sentences):
                self._speak(turn, sentences, Speaking.PERSONA, self._clock.now_s())
            case _Heard(reply, text):
                self._answerer.heard(reply, text)
            case _NewVisit():
                self._answerer.new_visit()
                for voice in self._voices.values():
                    voice.forget()
            case _Look():
                self._look_ahead()

    def _look_ahead(self) -> None:
        partial = self._guesses.take()
        guess = self._answerer.guess(partial) if partial else None
        if guess is not None and guess.certain:
            self._voices[Speaking.PERSONA].prepare((guess.say,))

    def _ask(self, job: Ask) -> None:
        turn = job.turn
        turn.cancel.check()
        began_s = self._clock.now_s()
        reply = self._answerer.answer(job.text, asr_confidence=job.confidence, cancel=turn.cancel)
        turn.timings_ms["answer"] = 1e3 * (self._clock.now_s() - began_s)
        self._post(
            ReplyChosen(
                turn.number,
                answer_record(job, reply),
                offered(job, reply),
                reply.support,
                reply.action,
            )
        )
        self._speak(turn, reply.sentences, reply.speaking, self._clock.now_s(), reply)

    def _speak(
        self,
        turn: Turn,
        sentences: Iterable[str],
        speaking: Speaking,
        began_s: float,
        reply: Reply | None = None,
    ) -> None:
        utterance = self._open(turn, speaking)
        utterance.reply = reply
        try:
            for chunk in self._voices[speaking].speak(sentences, turn.cancel):
                first = not utterance.started
                if first:
                    turn.timings_ms["tts_first"] = 1e3 * (self._clock.now_s() - began_s)
                utterance.add(chunk)
                if first:
                    self._post(SoundBegan(turn.number, utterance.utterance_id, speaking))
        finally:
            utterance.finish()
        if not utterance.started:
            self._post(NothingSaid(turn.number))


def offered(job: Ask, reply: Reply) -> Suggestions:
    """What to offer beside an answer; typed questions were not misheard."""
    if job.heard and reply.instead:
        return Suggestions(reply.instead, instead=True)
    return Suggestions(reply.suggestions)


def answer_record(job: Ask, reply: Reply) -> dict[str, Any]:
    """The answer's part of the JSON object of `kiosk ask`; text is filled in when it was spoken."""
    return {
        "question": None if job.heard else job.text,
        "heard": job.text if job.heard else None,
        "answer": {"id": reply.answer_id, "source": reply.source, "text": ""},
        "confidence": round(reply.confidence, 3),
    }
