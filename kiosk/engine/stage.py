"""The workers of one engine and the turn that is on: the hands of the main loop.

All methods are called on the main loop's thread, except :meth:`Stage.open_utterance`, which the
responder calls. None of them waits for a worker.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from kiosk.engine.devices import Devices
from kiosk.engine.events import EngineEvent, ReplyChosen, Turn
from kiosk.engine.hearing import Hearing
from kiosk.engine.lips import LipsWorker
from kiosk.engine.lips_network import BackgroundPreparation
from kiosk.engine.parts import Parts
from kiosk.engine.responder import Ask, Responder, Say
from kiosk.engine.utterance import Utterance
from kiosk.messages import AnswerReport, Speaking, Suggestions, ToWindow, UtteranceEnded
from kiosk.persona import LoadedPersona
from kiosk.timing import Clock

LOUDNESS_STEP = {"louder": 1.35, "quieter": 1 / 1.35}
LOWEST_GAIN = 0.15
ENGINES = ("asr", "llm", "tts", "lips")


class Stage:
    """Aim: one turn at a time; an older turn can no longer be seen or heard.

    Args:
        loaded: The persona.
        parts: Loaded models.
        devices: Open microphone and loudspeaker.
        first_gain: Volume at the start of a visit, 0..1.
        send: Sink of messages to the window.
        post: Sink of worker events.
        clock: Monotonic clock.

    Attributes:
        turn: The running turn.
    """

    def __init__(
        self,
        loaded: LoadedPersona,
        parts: Parts,
        devices: Devices,
        first_gain: float,
        send: Callable[[ToWindow], None],
        post: Callable[[EngineEvent], None],
        clock: Clock,
    ) -> None:
        self.turn = Turn(0)
        self.parts = parts
        self._persona = loaded.persona
        self._devices = devices
        self._send = send
        self._clock = clock
        self._first_gain = first_gain
        self._utterance: Utterance | None = None
        self._utterance_id = 0
        self._record: dict[str, Any] | None = None
        self._random = random.Random()
        recogniser = parts.recogniser if devices.has_microphone else None
        self._hearing = Hearing(devices.microphone, recogniser, post, clock)
        self._lips = LipsWorker(parts.lips, send, self.heard_s, post, parts.shape)
        self._lips_network = BackgroundPreparation(loaded, parts.lips, parts.shape)
        self._responder = Responder(parts.answerer, parts.voices, self.open_utterance, post, clock)
        self.set_gain(first_gain)

    def start(self) -> None:
        for worker in (self._hearing, self._lips, self._responder, self._lips_network):
            worker.start()

    def stop(self) -> None:
        self.turn.cancel.cancel()
        for worker in (self._hearing, self._lips, self._responder, self._lips_network):
            worker.stop()

    # --- listening ----------------------------------------------------------------------------

    def listen(self, pressed_at_s: float) -> None:
        self._new_turn()
        self._hearing.begin(self.turn, pressed_at_s)

    def end_listening(self, released_at_s: float) -> None:
        self.turn.released_at_s = released_at_s
        self._hearing.end(released_at_s)

    def abandon_listening(self) -> None:
        self._hearing.abandon()

    def guess(self, partial: str) -> None:
        self._responder.guess(partial)

    # --- answering ----------------------------------------------------------------------------

    def answer(self, text: str, confidence: float) -> None:
        """Answer what was heard in the running turn."""
        self._responder.ask(Ask(self.turn, text, confidence, heard=True))

    def answer_typed(self, text: str, asked_at_s: float) -> None:
        """Answer a typed or tapped question in a turn of its own."""
        self._new_turn()
        self.turn.released_at_s = asked_at_s
        self._responder.ask(Ask(self.turn, text, 1.0, heard=False))

    def greet(self) -> None:
        self._new_turn()
        self.turn.released_at_s = self._clock.now_s()
        greeting = self._random.choice(self._persona.smalltalk.greeting)
        spoken = self._persona.disclosure.spoken
        self._responder.ask(Say(self.turn, (greeting, spoken) if spoken else (greeting,)))

    def reply_chosen(self, reply: ReplyChosen) -> None:
        self._record = dict(reply.record)
        self._send(reply.suggestions)
        if reply.support is not None:
            self._send(reply.support)
        if reply.action in LOUDNESS_STEP:
            self.set_gain(self._gain * LOUDNESS_STEP[reply.action])

    def sound_began(self) -> None:
        """Note how long the visitor waited, device latency included."""
        starts_at_s = self._utterance.starts_at_s if self._utterance is not None else 0.0
        self.turn.timings_ms["release_to_sound"] = 1e3 * (starts_at_s - self.turn.released_at_s)

    def silence(self) -> None:
        """Silent within one audio block; lips and thinking stop with the turn's token."""
        self.turn.cancel.cancel()
        if self._utterance is not None:
            self._utterance.close()
            self._end_utterance(self._devices.speaker.stop(), interrupted=True)

    def forget(self) -> None:
        """Nothing of the visit remains, the volume is back where it was."""
        self._new_turn()
        self._responder.new_visit()
        self.set_gain(self._first_gain)
        self.offer_suggestions()

    def offer_suggestions(self) -> None:
        questions = list(self._persona.suggestions)
        self._random.shuffle(questions)
        self._send(Suggestions(tuple(questions[:3])))

    def set_gain(self, gain: float) -> None:
        self._gain = min(1.0, max(LOWEST_GAIN, gain))
        self._devices.speaker.set_volume(self._gain)

    # --- the utterance ------------------------------------------------------------------------

    @property
    def speaking(self) -> bool:
        return self._utterance is not None

    def set_loop_epoch(self, epoch_at_s: float) -> None:
        self._lips.loop_epoch_at_s = epoch_at_s

    def open_utterance(self, turn: Turn, speaking: Speaking) -> Utterance:
        """Make the utterance of a turn; called on the responder's thread."""
        self._utterance_id += 1
        feed = self._lips.feed(turn.cancel) if speaking is Speaking.PERSONA else None
        speaker = self._devices.speaker
        utterance = Utterance(self._utterance_id, turn, speaking, speaker, feed, self._send)
        self._utterance = utterance
        return utterance

    def heard_s(self, utterance_id: int) -> float | None:
        """Seconds heard of an utterance; None once it is over. Called by the lips worker too."""
        utterance = self._utterance
        if utterance is None or utterance.utterance_id != utterance_id:
            return None
        position = self._devices.speaker.position()
        if position is None or position.utterance_id != utterance_id:
            return 0.0
        return position.heard_s

    def look_after_utterance(self) -> bool:
        """Report the clock, bridge gaps; true when the utterance was heard to its end."""
        utterance = self._utterance
        if utterance is None:
            return False
        if not utterance.started:
            if utterance.turn.cancel.cancelled:
                self._utterance = None
            return False
        position = self._devices.speaker.position()
        if position is not None and position.utterance_id == utterance.utterance_id:
            self._send(position)
            utterance.keep_alive(position.heard_s)
        if not self._devices.speaker.done():
            return False
        self._end_utterance(utterance.written_s, interrupted=False)
        return True

    def report(self) -> dict[str, Any] | None:
        """Send and return the finished turn's JSON object; None if it was reported before."""
        if self._record is None:
            return None
        record = {
            **self._record,
            "timings_ms": {part: round(ms, 1) for part, ms in self.turn.timings_ms.items()},
            "engines": {part: self.parts.engines[part] for part in ENGINES},
        }
        self._record = None
        self._send(AnswerReport(record))
        return record

    def _end_utterance(self, heard_s: float, *, interrupted: bool) -> None:
        utterance, self._utterance = self._utterance, None
        if utterance is None:
            return
        if utterance.started:
            self._send(UtteranceEnded(utterance.utterance_id, heard_s, interrupted))
        if utterance.reply is not None:
            heard_text = utterance.heard_text(heard_s)
            self._responder.heard(utterance.reply, heard_text)
            if self._record is not None:
                self._record["answer"]["text"] = heard_text

    def _new_turn(self) -> None:
        self.turn.cancel.cancel()
        self.turn = Turn(self.turn.number + 1)
        self._record = None
