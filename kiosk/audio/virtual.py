"""A microphone and a loudspeaker without devices, on a given clock.

``kiosk demo`` uses them where there is no sound server, and tests use them on a clock of their own.
They keep the promises of the protocols to the sample.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kiosk.audio.blocks import BLOCK_S, BLOCK_SAMPLES, FULL_SCALE, SAMPLE_RATE_HZ, AudioBlock
from kiosk.audio.playout import Playout
from kiosk.messages import PlaybackPosition
from kiosk.timing import Clock

MICROPHONE_BACKLOG_S = 2.0
"""What an unread microphone keeps, as the real one does."""

SPEAKER_BLOCK_S = 0.01

RECORDING_S = 600.0
"""What the virtual loudspeaker remembers, seconds of sound (not of silence): 19 MB at 16 kHz."""


class ScriptedMicrophone:
    """Hears silence, and what ``say`` puts into the room.

    Args:
        clock: Blocks become readable as its time passes.
    """

    def __init__(self, clock: Clock) -> None:
        self.blocks_captured = 0
        self.overruns = 0
        self._clock = clock
        self._lock = threading.Lock()
        self._sayings: deque[tuple[float, NDArray[np.int16]]] = deque()
        self._next_s: float | None = None

    def open(self) -> None:
        self._next_s = self._clock.now_s()

    def close(self) -> None:
        self._next_s = None

    def healthy(self, now_s: float) -> bool:
        del now_s
        return self._next_s is not None

    def say(self, samples: NDArray[np.int16], starts_at_s: float | None = None) -> float:
        """Put 16 kHz mono sound into the room.

        Args:
            samples: What the visitor says.
            starts_at_s: Monotonic time of the first sample; now if None.

        Returns:
            Monotonic time at which it ends.
        """
        start_s = self._clock.now_s() if starts_at_s is None else starts_at_s
        with self._lock:
            self._sayings.append((start_s, samples))
        return start_s + len(samples) / SAMPLE_RATE_HZ

    def read(self, timeout_s: float) -> AudioBlock | None:
        if self._next_s is None:
            return None
        deadline_s = self._clock.now_s() + timeout_s
        ready_at_s = self._next_s + BLOCK_S
        wait_s = min(ready_at_s, deadline_s) - self._clock.now_s()
        if wait_s > 0:
            self._clock.sleep_s(wait_s)
        now_s = self._clock.now_s()
        if now_s < ready_at_s - 1e-9:
            return None
        self._drop_backlog(now_s)
        block = AudioBlock(self._mix(self._next_s), self._next_s)
        self._next_s += BLOCK_S
        self.blocks_captured += 1
        return block

    def _drop_backlog(self, now_s: float) -> None:
        assert self._next_s is not None
        late = int((now_s - self._next_s - MICROPHONE_BACKLOG_S) / BLOCK_S)
        if late > 0:
            self.overruns += late
            self.blocks_captured += late
            self._next_s += late * BLOCK_S

    def _mix(self, block_at_s: float) -> NDArray[np.int16]:
        total = np.zeros(BLOCK_SAMPLES, np.int32)
        with self._lock:
            for start_s, samples in self._sayings:
                offset = round((block_at_s - start_s) * SAMPLE_RATE_HZ)
                first, last = max(offset, 0), min(offset + BLOCK_SAMPLES, len(samples))
                if first < last:
                    total[first - offset : last - offset] += samples[first:last]
            while self._sayings and _ended(self._sayings[0], block_at_s):
                self._sayings.popleft()
        return np.clip(total, -32_768, 32_767).astype(np.int16)


def _ended(saying: tuple[float, NDArray[np.int16]], time_s: float) -> bool:
    start_s, samples = saying
    return start_s + len(samples) / SAMPLE_RATE_HZ < time_s


@dataclass(frozen=True, slots=True)
class PlayedBlock:
    """A block with sound in it.

    Attributes:
        heard_at_s: Monotonic time of its first sample.
        samples: Mono, int16, at the speaker's rate.
    """

    heard_at_s: float
    samples: NDArray[np.int16] = field(repr=False)


class VirtualSpeaker:
    """Plays as the clock advances, and keeps what it played.

    Args:
        clock: Source of monotonic time.
        sample_rate_hz: Rate of the imagined device.
        latency_s: Time from taking a sample to hearing it.
        recording_s: How much of what was played is kept for ``recording``; 0 for nothing.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        sample_rate_hz: int = SAMPLE_RATE_HZ,
        latency_s: float = 0.0,
        recording_s: float = RECORDING_S,
    ) -> None:
        self.blocks_played = 0
        self._clock = clock
        self._rate_hz = sample_rate_hz
        self._latency_s = latency_s
        self._block = round(sample_rate_hz * SPEAKER_BLOCK_S)
        self._lock = threading.RLock()
        self._playout = Playout(sample_rate_hz)
        self._next_s: float | None = None
        self._played: deque[PlayedBlock] = deque(maxlen=round(recording_s / SPEAKER_BLOCK_S))

    @property
    def sample_rate_hz(self) -> int:
        return self._rate_hz

    def open(self) -> None:
        with self._lock:
            self._next_s = self._clock.now_s()

    def close(self) -> None:
        with self._lock:
            self._advance()
            self._next_s = None

    def healthy(self, now_s: float) -> bool:
        del now_s
        return self._next_s is not None

    def begin(self, utterance_id: int, sample_rate_hz: int) -> None:
        with self._lock:
            self._advance()
            self._playout.begin(utterance_id, sample_rate_hz)

    def write(self, samples: NDArray[np.int16]) -> None:
        with self._lock:
            self._advance()
            self._playout.write(samples)

    def finish(self) -> None:
        with self._lock:
            self._advance()
            self._playout.finish()

    def stop(self) -> float:
        with self._lock:
            self._advance()
            return self._playout.stop()

    def position(self) -> PlaybackPosition | None:
        with self._lock:
            self._advance()
            return self._playout.position(self._clock.now_s())

    def done(self) -> bool:
        with self._lock:
            self._advance()
            return self._playout.done(self._clock.now_s())

    def expected_start_s(self) -> float:
        with self._lock:
            self._advance()
            taken_at_s = self._clock.now_s() if self._next_s is None else self._next_s
            return taken_at_s + self._latency_s + self._playout.queued_s()

    def set_volume(self, gain: float) -> None:
        with self._lock:
            self._advance()
            self._playout.set_volume(gain)

    def recording(self, start_s: float, end_s: float) -> NDArray[np.int16]:
        """What was heard between two monotonic times: mono int16, silence where nothing played."""
        with self._lock:
            self._advance()
            blocks = list(self._played)
        heard = np.zeros(max(0, round((end_s - start_s) * self._rate_hz)), np.int16)
        for block in blocks:
            offset = round((block.heard_at_s - start_s) * self._rate_hz)
            first, last = max(offset, 0), min(offset + len(block.samples), len(heard))
            if first < last:
                heard[first:last] = block.samples[first - offset : last - offset]
        return heard

    def _advance(self) -> None:
        """Play every block whose time has come."""
        if self._next_s is None:
            return
        now_s = self._clock.now_s()
        buffer = np.zeros(self._block, np.float32)
        while self._next_s <= now_s - SPEAKER_BLOCK_S + 1e-9:
            if self._playout.idle:
                # Nothing to play: jump to now, so that a long pause costs nothing.
                blocks = max(1, int((now_s - self._next_s) / SPEAKER_BLOCK_S + 1e-6))
                self._next_s += blocks * SPEAKER_BLOCK_S
                self.blocks_played += blocks
                continue
            heard_at_s = self._next_s + self._latency_s
            self._playout.render(buffer, heard_at_s)
            samples = np.clip(buffer * FULL_SCALE, -32_768, 32_767).astype(np.int16)
            self._played.append(PlayedBlock(heard_at_s, samples))
            self._next_s += SPEAKER_BLOCK_S
            self.blocks_played += 1
