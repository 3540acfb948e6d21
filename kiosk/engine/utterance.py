"""One utterance on its way to the loudspeaker, the lips and the captions.

Everything in it is timed in samples handed to the loudspeaker, the only clock there is. Sound is
written as soon as it exists; lips and captions follow through :class:`kiosk.engine.lips.LipsWorker`
and messages, and nothing ever waits for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from kiosk.answer import Reply
from kiosk.audio import Speaker
from kiosk.engine.events import Turn
from kiosk.engine.lips import LipsFeed
from kiosk.messages import Caption, Speaking, ToWindow, UtteranceStarted
from kiosk.tts import SpeechChunk

RUNNING_DRY_S = 0.12  # less than this still to be heard: the next sentence is late
FILL_S = 0.2


class Utterance:
    """Aim: write chunks to the loudspeaker and keep lips and captions on the same time line.

    Args:
        utterance_id: Rising number.
        turn: The turn it answers.
        speaking: Whose voice.
        speaker: Open loudspeaker.
        feed: Where the lips get the same samples; None for a voice without lips.
        send: Sink of messages to the window.

    Attributes:
        starts_at_s: When the first sample is heard, monotonic; 0 before the start.
        written_s: Seconds handed to the loudspeaker so far.
        text: What the chunks say, each with the time at which it ends.
        reply: The reply it speaks; None for greetings.
        reply: The reply it speaks; None for greetings.
    """

    def __init__(
        self,
        utterance_id: int,
        turn: Turn,
        speaking: Speaking,
        speaker: Speaker,
        feed: LipsFeed | None,
        send: Callable[[ToWindow], None],
    ) -> None:
        self.utterance_id = utterance_id
        self.turn = turn
        self.speaking = speaking
        self.starts_at_s = 0.0
        self.written_s = 0.0
        self.text: list[tuple[float, str]] = []
        self.reply: Reply | None = None
        self._speaker = speaker
        self._feed = feed
        self._send = send
        self._rate_hz = 0
        self._finished = False
        self._lock = threading.Lock()

    @property
    def started(self) -> bool:
        return self._rate_hz > 0

    def add(self, chunk: SpeechChunk) -> None:
        """Write one chunk; the first one starts the utterance."""
        with self._lock:
            if self.turn.cancel.cancelled or self._finished:
                return
            if not self.started:
                self._start(chunk.sample_rate_hz)
            offset_s = self.written_s
            self._write(chunk.samples)
            self.text.append((self.written_s, chunk.text))
        words = tuple((word, offset_s + a, offset_s + b) for word, a, b in chunk.words)
        if words:
            self._send(Caption(self.utterance_id, words))

    def keep_alive(self, heard_s: float) -> None:
        """Bridge a late sentence with silence *inside* the utterance, so that its clock goes on."""
        with self._lock:
            late = self.written_s - heard_s < RUNNING_DRY_S
            if self.started and not self._finished and late and not self.turn.cancel.cancelled:
                self._write(np.zeros(int(FILL_S * self._rate_hz), np.int16))

    def finish(self) -> None:
        """No more chunks will come."""
        with self._lock:
            if self._finished:
                return
            self._finished = True
            if self.started:
                self._speaker.finish()
                if self._feed is not None:
                    self._feed.finish()

    def close(self) -> None:
        """Interrupted: after this not one more sample is written."""
        with self._lock:
            self._finished = True

    def heard_text(self, heard_s: float) -> str:
        """What a visitor has heard after ``heard_s``: whole chunks, the last one cut at a word."""
        began_s, heard = 0.0, []
        for ends_s, text in self.text:
            if heard_s >= ends_s - 0.05:
                heard.append(text)
            elif heard_s > began_s:
                share = (heard_s - began_s) / (ends_s - began_s)
                words = text.split()
                heard.append(" ".join(words[: int(share * len(words))]))
            began_s = ends_s
        return " ".join(part for part in heard if part)

    def _start(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._speaker.begin(self.utterance_id, rate_hz)
        starts_at_s = self.starts_at_s = self._speaker.expected_start_s()
        loop_index = 0
        if self._feed is not None:
            loop_index = self._feed.begin(self.utterance_id, rate_hz, starts_at_s)
        self._send(UtteranceStarted(self.utterance_id, self.speaking, loop_index, starts_at_s))

    def _write(self, samples: np.ndarray) -> None:
        self._speaker.write(samples)
        if self._feed is not None:
            self._feed.add(samples)
        self.written_s += len(samples) / self._rate_hz
