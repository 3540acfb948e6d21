"""The engine's main loop: messages and worker results in, steps of the conversation out.

One thread owns all state of the conversation. Workers (ear, voice, lips, devices) report events;
the transition table says what follows; :class:`kiosk.engine.stage.Stage` carries it out. Nothing
here blocks for longer than one tick, so the heartbeat it sends is a sign of work done, not of a
timer.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from typing import Any

from kiosk.conversation import Effect, Event, step
from kiosk.engine.attention import Attention
from kiosk.engine.devices import Devices
from kiosk.engine.events import (
    Booted,
    EngineEvent,
    Level,
    NothingSaid,
    PartFailed,
    Partial,
    Recognised,
    Refused,
    ReplyChosen,
    SoundBegan,
)
from kiosk.engine.parts import Parts
from kiosk.engine.stage import Stage
from kiosk.engine.transcripts import Transcripts
from kiosk.messages import (
    AskText,
    EndVisit,
    EngineReady,
    Heard,
    Heartbeat,
    InputLevel,
    LoopEpoch,
    Notice,
    NoticeKind,
    PlayRecording,
    PressTalk,
    ReleaseTalk,
    SetVolume,
    Shape,
    ShapeShown,
    Shutdown,
    StaffNotice,
    State,
    StateChanged,
    StopTalk,
    SyncMeasured,
    ToEngine,
    Touched,
    ToWindow,
)
from kiosk.persona import LoadedPersona, Site
from kiosk.timing import Clock

log = logging.getLogger(__name__)

TICK_SPEAKING_S = 0.02  # clock readings for the window
TICK_S = 0.1
HEARTBEAT_S = 0.5
MOST_EVENTS = 2048
MOST_QUESTION_CHARACTERS = 500
QUIET = {State.ATTRACT, State.CLOSED, State.FAULT}  # nobody would notice a restart


class Engine:
    """Aim: run visits, one after the other, for months.

    Args:
        loaded: The persona.
        site: The machine's settings.
        devices: Open microphone and loudspeaker.
        send: Sink of messages to the window; never blocks.
        clock: Monotonic clock.
        is_open: Whether visitors are served now (opening hours).

    Attributes:
        state: State of the conversation.
        visit: Number of the running visit.
        shape: Of the window; None until it said so.
        wants_restart: Why the engine should be replaced; empty if it should not.
        stopped: True once the window said so.
    """

    def __init__(
        self,
        loaded: LoadedPersona,
        site: Site,
        devices: Devices,
        send: Callable[[ToWindow], None],
        clock: Clock,
        is_open: Callable[[], bool] = lambda: True,
    ) -> None:
        self.loaded = loaded
        self.state = State.BOOTING
        self.visit = 0
        self.shape: Shape | None = None
        self.wants_restart = ""
        self.stopped = False
        self._site = site
        self._devices = devices
        self._send = send
        self._clock = clock
        self._is_open = is_open
        self._inbox: queue.Queue[ToEngine | EngineEvent] = queue.Queue(MOST_EVENTS)
        self._transcripts = Transcripts(site.storage, loaded.persona)
        self._attention = Attention(loaded.persona.timings, clock)
        self._loop_epoch_at_s = 0.0
        self._beat = 0
        self._beat_at_s = -HEARTBEAT_S
        self._stage: Stage | None = None

    def post(self, item: ToEngine | EngineEvent) -> None:
        """Hand over a message or an event from any thread."""
        try:
            self._inbox.put_nowait(item)
        except queue.Full:
            log.error("the engine's inbox is full; %s left out", type(item).__name__)

    def run_once(self) -> None:
        """Take what is waiting, after one tick's wait at most, then see to clocks and devices."""
        speaking = self._stage is not None and self._stage.speaking
        try:
            self._take(self._inbox.get(timeout=TICK_SPEAKING_S if speaking else TICK_S))
            while True:
                self._take(self._inbox.get_nowait())
        except queue.Empty:
            pass
        self._tick()

    def stop(self) -> None:
        """End the workers; the process ends right after."""
        if self._stage is not None:
            self._stage.stop()
        self._devices.close()

    def _boot(self, parts: Parts, boot_s: float) -> None:
        """All parts are loaded: start the workers and open for visitors."""
        stage = Stage(
            self.loaded,
            parts,
            self._devices,
            self._site.audio.volume,
            self._send,
            self.post,
            self._clock,
        )
        stage.set_loop_epoch(self._loop_epoch_at_s)
        stage.start()
        self._stage = stage
        log.info("ready after %.1f s: %s", boot_s, parts.engines)
        self._send(EngineReady({**parts.engines, "audio": self._devices.name}, boot_s))
        if faults := [*parts.faults, *self._devices.faults]:
            self._send(StaffNotice("\n".join(faults)))
        stage.offer_suggestions()
        self._fire(Event.BOOTED)

    # --- messages and events ------------------------------------------------------------------

    def _take(self, item: ToEngine | EngineEvent) -> None:
        match item:
            case Booted(parts, boot_s):
                self._boot(parts, boot_s)
            case Shutdown():
                self.stopped = True
            case LoopEpoch(epoch_at_s):
                self._loop_epoch_at_s = epoch_at_s
                if self._stage is not None:
                    self._stage.set_loop_epoch(epoch_at_s)
            case ShapeShown(shape):
                self.shape = shape
            case PartFailed(part, error, fatal):
                self._part_failed(part, error, fatal)
            case PlayRecording(path):
                self._devices.play_recording(path)
            case _ if self._stage is None:
                return  # a wish before the engine is warm: the window says "one moment please"
            case PressTalk(pressed_at_s):
                self._fire(Event.PRESSED, at_s=pressed_at_s)
            case ReleaseTalk(released_at_s):
                self._fire(Event.RELEASED, at_s=released_at_s)
            case AskText(text, tapped):
                if text.strip():
                    question = text.strip()[:MOST_QUESTION_CHARACTERS]
                    self._fire(Event.ASKED, text=question, corrects=tapped)
            case StopTalk():
                self._fire(Event.STOPPED)
            case Touched():
                self._fire(Event.TOUCHED)
            case EndVisit():
                self._fire(Event.VISIT_ENDED)
            case SetVolume(gain):
                self._stage.set_gain(gain)
            case SyncMeasured():
                self._log_sync(item)
            case _ if item.turn == self._stage.turn.number:
                self._take_result(item, self._stage)

    def _take_result(self, event: Any, stage: Stage) -> None:
        """Results of workers for the running turn; those of older turns never get here."""
        match event:
            case Level(_, level, clipping):
                self._send(InputLevel(level, clipping))
            case Partial(_, text):
                self._send(Heard(text, final=False))
                stage.guess(text)
            case Refused(_, kind):
                self._fire(Event.CAPTURE_BAD, notice=kind)
            case Recognised(_, text, confidence, clipped):
                if clipped:
                    self._send(Notice(NoticeKind.CLIPPED))
                self._send(Heard(text, final=True, confidence=confidence))
                if text:
                    self._fire(Event.HEARD, text=text, confidence=confidence)
                else:
                    self._fire(Event.HEARD_NOTHING, notice=NoticeKind.NOT_UNDERSTOOD)
            case ReplyChosen():
                stage.reply_chosen(event)
            case SoundBegan():
                stage.sound_began()
                self._fire(Event.ANSWERING)
            case NothingSaid():
                self._turn_over(stage)

    def _turn_over(self, stage: Stage) -> None:
        self._report(stage)
        self._fire(Event.SPOKEN)

    def _report(self, stage: Stage, *, corrected: bool = False) -> None:
        record = stage.report()
        if record is not None:
            self._transcripts.keep(record, corrected=corrected)

    # --- effects ------------------------------------------------------------------------------

    def _fire(
        self,
        event: Event,
        *,
        at_s: float | None = None,
        text: str = "",
        confidence: float = 1.0,
        notice: NoticeKind = NoticeKind.MOMENT_PLEASE,
        corrects: bool = False,
    ) -> None:
        """One step of the table, with all its effects."""
        stage = self._stage
        at_s = self._clock.now_s() if at_s is None else at_s
        rule = step(self.state, event)
        before, self.state = self.state, rule.state
        for effect in rule.effects:
            match effect:
                case Effect.NOTIFY:
                    self._send(Notice(notice))
                case Effect.KEEP_AWAKE:
                    self._attention.sign()
                case Effect.BEGIN_VISIT:
                    self._attention.begin()
                case _ if stage is None:
                    continue  # a fault during boot: there is nothing to stop yet
                case Effect.GREET:
                    stage.greet()
                case Effect.CAPTURE_BEGIN:
                    self._attention.asked()
                    stage.listen(at_s)
                case Effect.CAPTURE_END:
                    stage.end_listening(at_s)
                case Effect.CAPTURE_ABANDON:
                    stage.abandon_listening()
                case Effect.ANSWER if event is Event.HEARD:
                    stage.answer(text, confidence)
                case Effect.ANSWER:
                    self._attention.asked()
                    stage.answer_typed(text, at_s)
                case Effect.SILENCE:
                    stage.silence()
                    self._report(stage, corrected=corrects)  # what was cut off was an answer
                case Effect.FORGET:
                    self.visit += 1
                    stage.forget()
        if before is not self.state or Effect.FORGET in rule.effects:
            self._send(StateChanged(self.state, self.visit))

    # --- time and health ----------------------------------------------------------------------

    def _tick(self) -> None:
        now_s = self._clock.now_s()
        if self._stage is not None:
            if self._stage.look_after_utterance():
                self._turn_over(self._stage)
            if self.state is State.IDLE and self._attention.lost():
                self._fire(Event.INACTIVE)
            if self.state is State.ATTRACT and not self._is_open():
                self._fire(Event.CLOSED)
            elif self.state is State.CLOSED and self._is_open():
                self._fire(Event.OPENED)
        # Between two questions, too: whoever could only type would rather wait two seconds.
        quiet = self.state in QUIET or self.state is State.IDLE
        reason = self._devices.check(now_s, quiet=quiet)
        self.wants_restart = self.wants_restart or reason
        if now_s - self._beat_at_s >= HEARTBEAT_S:
            self._beat_at_s = now_s
            self._beat += 1
            self._send(Heartbeat(self._beat, self._devices.blocks))

    def _part_failed(self, part: str, error: str, fatal: bool) -> None:
        log.error("%s failed: %s", part, error)
        self._send(StaffNotice(f"{part}: {error}"))
        if fatal:
            self._fire(Event.FAILED)
            self.wants_restart = f"{part} failed"

    def _log_sync(self, sync: SyncMeasured) -> None:
        log.info(
            "lips offset %.0f ms (p95 %.0f ms), shown %d, dropped %d",
            sync.median_ms,
            sync.p95_ms,
            sync.shown,
            sync.dropped,
        )
