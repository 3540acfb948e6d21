"""The lips worker: mouth patches a little ahead of the sound, never in its way.

It works at most ``AHEAD_S`` ahead of what has been heard, so that an interruption wastes little,
and skips frames whose moment has passed, so that a slow machine shows fewer lips frames, not late
ones.
"""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk.engine.events import EngineEvent, PartFailed
from kiosk.errors import Cancelled, KioskError
from kiosk.lipsync import LipsTrack, LipSync
from kiosk.messages import MouthPatch, Shape, ToWindow
from kiosk.timing import CancelToken

AHEAD_S = 1.2
SHOWN_EARLY_S = 0.05  # the window chooses a frame this long before its sound (its AHEAD_S)
LIPS_RATE_HZ = 16000
MOST_CHUNKS = 256  # sentences waiting; far more than any answer has


@dataclass(frozen=True, slots=True)
class _Begin:
    utterance_id: int
    loop_index: int
    rate_hz: int
    cancel: CancelToken


class _Finish:
    pass


class LipsFeed:
    """One utterance's way into the worker; created by :meth:`LipsWorker.feed`."""

    def __init__(self, worker: LipsWorker, cancel: CancelToken) -> None:
        self._worker = worker
        self._cancel = cancel

    def begin(self, utterance_id: int, rate_hz: int, starts_at_s: float) -> int:
        """Start; returns the loop frame that will be on screen with the first sample."""
        loop_index = self._worker.loop_index_at(starts_at_s)
        self._worker.put(_Begin(utterance_id, loop_index, rate_hz, self._cancel))
        return loop_index

    def add(self, samples: NDArray[np.int16]) -> None:
        self._worker.put(samples)

    def finish(self) -> None:
        self._worker.put(_Finish())


class LipsWorker:
    """Aim: patches for the running utterance, in time.

    Args:
        lips: Loaded lips over the persona's loop.
        send: Sink of messages to the window.
        heard_s: Seconds heard of a given utterance; None if it is not the running one.
        post: Sink of engine events.
        shape: Which of the persona's idle loops the lips are over.
    """

    def __init__(
        self,
        lips: LipSync,
        send: Callable[[ToWindow], None],
        heard_s: Callable[[int], float | None],
        post: Callable[[EngineEvent], None],
        shape: Shape = Shape.WIDE,
    ) -> None:
        self.lips = lips
        self._shape = shape
        self.loop_epoch_at_s = 0.0
        self._send = send
        self._heard_s = heard_s
        self._post = post
        self._inbox: queue.Queue[_Begin | NDArray[np.int16] | _Finish | None] = queue.Queue(
            MOST_CHUNKS
        )
        self._thread = threading.Thread(target=self._run, name="lips", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._inbox.put(None)
        self._thread.join(1.0)

    def feed(self, cancel: CancelToken) -> LipsFeed:
        return LipsFeed(self, cancel)

    def loop_index_at(self, at_s: float) -> int:
        elapsed = (at_s - self.loop_epoch_at_s) * self.lips.fps
        return math.floor(elapsed) % self.lips.frame_count

    def put(self, item: _Begin | NDArray[np.int16] | _Finish) -> None:
        """Never blocks the sound: if the worker is hopelessly behind, lips are left out."""
        try:
            self._inbox.put_nowait(item)
        except queue.Full:
            self._post(PartFailed("lips", "The lips cannot keep up.", fatal=False))

    def _run(self) -> None:
        begin: _Begin | None = None
        track: LipsTrack | None = None
        to_lips: soxr.ResampleStream | None = None
        while (item := self._inbox.get()) is not None:
            try:
                if isinstance(item, _Begin):
                    begin, track = item, self.lips.track(item.loop_index)
                    to_lips = soxr.ResampleStream(item.rate_hz, LIPS_RATE_HZ, 1, dtype="int16")
                    continue
                if begin is None or track is None or to_lips is None or begin.cancel.cancelled:
                    continue
                if isinstance(item, _Finish):
                    track.feed(to_lips.resample_chunk(np.zeros(0, np.int16), last=True))
                    track.finish()
                else:
                    track.feed(to_lips.resample_chunk(item))
                self._show(begin, track)
            except Cancelled:
                track = None
            except KioskError as error:
                # The portrait goes on without lips; the engine decides whether to replace them.
                track = None
                self._post(PartFailed("lips", str(error), fatal=False))

    def _show(self, begin: _Begin, track: LipsTrack) -> None:
        """Send all patches that can be made now, no more than AHEAD_S before their sound.

        On a machine that is too slow, frames are left out: those whose moment has passed, and as
        many more as will pass while the next ones are drawn, or these would be late again.
        """
        fps = self.lips.fps
        before: float | None = None
        for patch in track.patches(begin.cancel):
            self._send(
                MouthPatch(
                    begin.utterance_id,
                    patch.frame,
                    patch.loop_index,
                    patch.x,
                    patch.y,
                    patch.bgr,
                    self._shape,
                )
            )
            while True:
                heard_s = self._heard_s(begin.utterance_id)
                if heard_s is None:  # over or interrupted: nobody will see the rest
                    raise Cancelled("the utterance is over")
                ahead_s = patch.frame / fps - heard_s - AHEAD_S
                if ahead_s <= 0:
                    break
                if begin.cancel.wait_s(min(ahead_s, 0.2)):
                    raise Cancelled("interrupted")
            due = (heard_s + SHOWN_EARLY_S) * fps
            if due >= patch.frame + 2:  # the next frame's moment has passed, too
                drawing = due - before if before is not None else 0.0
                track.skip_to(math.ceil(due + drawing))
            before = due
