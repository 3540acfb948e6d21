"""An utterance on screen: mouth and captions in step with its sound."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from kiosk.messages import (
    Caption,
    MouthPatch,
    PlaybackPosition,
    ToEngine,
    ToWindow,
    UtteranceEnded,
    UtteranceStarted,
)
from ui.loopclock import LoopClock, Shown
from ui.window import KioskWindow


class Performance(QObject):
    """Aim: pass what the engine says of an utterance to the picture's clock and to the captions.

    Tells the engine in return where the idle loop is, and how well the lips kept to the sound.

    Args:
        send: To the engine.
        parent: Owner.
    """

    def __init__(self, send: Callable[[ToEngine], None], parent: QObject) -> None:
        super().__init__(parent)
        self._send = send
        self._window: KioskWindow | None = None
        self._engine_is_up = False

    def show_in(self, window: KioskWindow) -> None:
        """Use this window from now on."""
        self._window = window
        window.portrait.shown.connect(self._frame_shown)

    def receive(self, message: ToWindow) -> None:
        """Deal with a message about an utterance; others are ignored."""
        window, clock = self._window, self._clock()
        if window is None:
            return
        match message:
            case Caption(utterance_id, words):
                window.body.captions.add(utterance_id, words)
                window.body.arrange()
            case UtteranceStarted() if clock is not None:
                clock.begin(message)
            case MouthPatch() if clock is not None:
                clock.add(message)
            case PlaybackPosition() if clock is not None:
                clock.hear(message)
            case UtteranceEnded():
                self._end(window, message)

    def silence(self) -> None:
        """The visitor interrupts: the mouth rests at once, before the engine falls silent."""
        clock = self._clock()
        if clock is not None:
            clock.let_go()
            self._tell_epoch(clock)

    def follow_engine(self, *, is_up: bool) -> None:
        """The engine came or went: a fresh one numbers utterances anew and knows no epoch."""
        clock = self._clock()
        if clock is not None and is_up is not self._engine_is_up:
            clock.forget()
        self._engine_is_up = is_up

    # --- inside --------------------------------------------------------------------------------

    def _clock(self) -> LoopClock | None:
        return None if self._window is None else self._window.portrait.clock

    def _end(self, window: KioskWindow, ended: UtteranceEnded) -> None:
        captions, clock = window.body.captions, self._clock()
        if ended.interrupted:
            captions.cut(ended.heard_s)
        else:
            captions.follow(float("inf"))
        if clock is not None:
            measured = clock.end(ended)
            if measured is not None:
                self._send(measured)
            self._tell_epoch(clock)

    def _frame_shown(self, shown: Shown) -> None:
        if self._window is not None and shown.audio_s is not None:
            self._window.body.captions.follow(shown.audio_s)
        clock = self._clock()
        if clock is not None and self._engine_is_up:
            self._tell_epoch(clock)

    def _tell_epoch(self, clock: LoopClock) -> None:
        epoch = clock.take_epoch()
        if epoch is not None:
            self._send(epoch)
