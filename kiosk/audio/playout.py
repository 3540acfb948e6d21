"""What a loudspeaker plays next, and how much of it has been heard.

The bookkeeping shared by the PortAudio speaker and the virtual one: a writer appends samples, the
device asks for blocks and says when each will be heard. It knows no device and no clock, so every
rule here is tested on invented time.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk.audio.blocks import FULL_SCALE
from kiosk.errors import AudioFault
from kiosk.messages import PlaybackPosition

FADE_S = 0.005
"""Length of the fade that ends a stopped utterance: too short to hear as speech, no click."""

VOLUME_RAMP_S = 0.03
"""Time for a full change of volume."""

MAX_QUEUED_S = 180.0
"""Sound that may wait to be played; the longest prepared answer takes about 90 s."""

HISTORY_S = 5.0
"""How long the times of played blocks are remembered: longer than any device's latency."""


@dataclass(frozen=True, slots=True)
class _Played:
    """A run of utterance samples given to the device.

    Attributes:
        first: Index of its first sample in the utterance, at the stream's rate.
        count: Number of samples.
        heard_at_s: Monotonic time at which its first sample is heard.
    """

    first: int
    count: int
    heard_at_s: float


class Playout:
    """Queue of one utterance at the stream's rate, with a record of when its samples sound.

    ``render`` is called on the device's thread and must never wait: the lock is held for
    bookkeeping and for copying one block, never during resampling or input/output.

    Args:
        stream_rate_hz: Rate at which the device runs.
    """

    def __init__(self, stream_rate_hz: int) -> None:
        self.stream_rate_hz = stream_rate_hz
        self.underruns = 0
        self._lock = threading.Lock()
        self._waiting: deque[NDArray[np.float32]] = deque()
        self._tail = np.zeros(0, np.float32)
        self._played: deque[_Played] = deque()
        self._utterance_id: int | None = None
        self._utterance = 0  # Own count, in case a caller gives the same id twice.
        self._resampler: soxr.ResampleStream | None = None
        self._written = 0
        self._rendered = 0
        self._heard_s = 0.0
        self._complete = True
        self._gain = 1.0
        self._target_gain = 1.0

    def begin(self, utterance_id: int, sample_rate_hz: int) -> None:
        """Start an utterance; one that still sounds is faded out first."""
        resampler = None
        if sample_rate_hz != self.stream_rate_hz:
            resampler = soxr.ResampleStream(sample_rate_hz, self.stream_rate_hz, 1, dtype="float32")
        with self._lock:
            self._cut()
            self._played.clear()
            self._utterance_id = utterance_id
            self._utterance += 1
            self._resampler = resampler
            self._written = self._rendered = 0
            self._heard_s = 0.0
            self._complete = False

    def write(self, samples: NDArray[np.int16]) -> None:
        """Append mono int16 samples at the utterance's rate."""
        self._append(samples.astype(np.float32) / FULL_SCALE, last=False)

    def finish(self) -> None:
        """Mark the end of the utterance; its last samples leave the resampler."""
        if not self._complete:
            self._append(np.zeros(0, np.float32), last=True)

    def stop(self) -> float:
        """Cut the utterance off; seconds of it that have sounded or can no longer be called back.

        Samples already inside the device will still be heard, so they count.
        """
        with self._lock:
            self._cut()
            self._complete = True
            return self._rendered / self.stream_rate_hz

    def set_volume(self, gain: float) -> None:
        self._target_gain = min(max(gain, 0.0), 1.0)

    def render(self, out: NDArray[np.float32], heard_at_s: float) -> int:
        """Fill ``out`` with the next samples and silence.

        Args:
            out: Shape (frames,), overwritten.
            heard_at_s: Monotonic time at which ``out[0]`` will be heard.

        Returns:
            Number of utterance samples in it; the position moves by exactly these.
        """
        out.fill(0.0)
        with self._lock:
            start = self._render_tail(out)
            count = self._take(out[start:])
            if count:
                starts_at_s = heard_at_s + start / self.stream_rate_hz
                self._played.append(_Played(self._rendered, count, starts_at_s))
                self._rendered += count
                self._forget_before(heard_at_s - HISTORY_S)
            if not self._complete and self._rendered and start + count < len(out):
                self.underruns += 1
        self._apply_volume(out)
        return count

    def position(self, now_s: float) -> PlaybackPosition | None:
        """How far the utterance has been heard at ``now_s``; None before the first ``begin``."""
        with self._lock:
            if self._utterance_id is None:
                return None
            self._heard_s = max(self._heard_s, self._heard_at(now_s))
            return PlaybackPosition(self._utterance_id, self._heard_s, now_s)

    def done(self, now_s: float) -> bool:
        """True once nothing of the utterance is left to be heard."""
        with self._lock:
            if not self._complete or self._waiting:
                return False
            return not self._played or now_s >= self._ends_at_s(self._played[-1])

    def queued_s(self) -> float:
        """Seconds of sound written but not yet given to the device."""
        with self._lock:
            return (self._written - self._rendered) / self.stream_rate_hz

    @property
    def idle(self) -> bool:
        """True if rendering would give silence only."""
        return not self._waiting and not len(self._tail)

    # --- under the lock ---------------------------------------------------------------------

    def _append(self, samples: NDArray[np.float32], *, last: bool) -> None:
        # Resampling is the slow part and belongs to the writer's thread alone: outside the lock.
        with self._lock:
            utterance, resampler = self._utterance, self._resampler
        converted = samples
        if resampler is not None:
            converted = resampler.resample_chunk(samples, last=last)
        with self._lock:
            if self._complete or self._utterance != utterance:
                return  # Stopped meanwhile: what is written late is not to be heard.
            queued_s = (self._written - self._rendered + len(converted)) / self.stream_rate_hz
            if queued_s > MAX_QUEUED_S:
                raise AudioFault(
                    f"more than {MAX_QUEUED_S:.0f} s of speech are waiting to be played.",
                    where="loudspeaker",
                    remedy="Shorten the answer.",
                )
            if len(converted):
                self._waiting.append(converted)
                self._written += len(converted)
            self._complete = last

    def _cut(self) -> None:
        """Replace everything that waits by a short fade-out of it."""
        if not self._waiting:
            return
        frames = round(FADE_S * self.stream_rate_hz)
        tail = np.zeros(frames, np.float32)
        count = self._take(tail)
        self._waiting.clear()
        if self._rendered:  # Nothing has sounded yet: nothing needs to be faded.
            self._tail = (tail * np.linspace(1.0, 0.0, frames, dtype=np.float32))[:count]
        self._written = self._rendered

    def _take(self, out: NDArray[np.float32]) -> int:
        """Move waiting samples into ``out``; how many."""
        filled = 0
        while self._waiting and filled < len(out):
            head = self._waiting[0]
            count = min(len(head), len(out) - filled)
            out[filled : filled + count] = head[:count]
            filled += count
            if count == len(head):
                self._waiting.popleft()
            else:
                self._waiting[0] = head[count:]
        return filled

    def _render_tail(self, out: NDArray[np.float32]) -> int:
        count = min(len(self._tail), len(out))
        out[:count] = self._tail[:count]
        self._tail = self._tail[count:]
        return count

    def _heard_at(self, now_s: float) -> float:
        heard = 0.0
        for run in reversed(self._played):
            if run.heard_at_s <= now_s:
                elapsed = (now_s - run.heard_at_s) * self.stream_rate_hz
                heard = run.first + min(float(run.count), elapsed)
                break
        return min(heard, float(self._rendered)) / self.stream_rate_hz

    def _ends_at_s(self, run: _Played) -> float:
        return run.heard_at_s + run.count / self.stream_rate_hz

    def _forget_before(self, time_s: float) -> None:
        while len(self._played) > 1 and self._ends_at_s(self._played[0]) < time_s:
            self._played.popleft()

    def _apply_volume(self, out: NDArray[np.float32]) -> None:
        target = self._target_gain
        if self._gain == target:
            if target != 1.0:
                out *= np.float32(target)
            return
        step = 1.0 / (VOLUME_RAMP_S * self.stream_rate_hz)
        change = target - self._gain
        ramp = np.arange(1, len(out) + 1, dtype=np.float32) * np.float32(step)
        np.minimum(ramp, np.float32(abs(change)), out=ramp)
        gains = self._gain + np.copysign(ramp, np.float32(change))
        out *= gains
        self._gain = target if ramp[-1] >= abs(change) else float(gains[-1])
