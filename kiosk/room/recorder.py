"""The visitor's ear, with times: what the loudspeaker plays, on the monotonic clock.

``SoundRoom.record`` writes a file and cannot say when its first sample was heard. Here each piece
is stamped as it arrives. The earliest start that all stamps agree with is when the recording began,
because pieces can come late but never early.
"""

from __future__ import annotations

import subprocess
import threading
import time
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kiosk.room.process import end
from kiosk.room.sound import SoundRoom

PIECE_S = 0.01


class Recorder:
    """Context manager: records the room's loudspeaker until it is left.

    Args:
        room: Open room.
        rate_hz: Rate of the recording.
        source: What to record.

    Attributes:
        started_at_s: Monotonic time of the first sample; known once some have come.
    """

    def __init__(
        self, room: SoundRoom, rate_hz: int = 24_000, source: str = "speaker.monitor"
    ) -> None:
        self.started_at_s = float("inf")
        self._room = room
        self._rate_hz = rate_hz
        self._source = source
        self._pieces: list[bytes] = []

    def __enter__(self) -> Self:
        command = (
            "parec",
            f"--device={self._source}",
            "--format=s16le",
            f"--rate={self._rate_hz}",
            "--channels=1",
            f"--latency-msec={round(1e3 * PIECE_S)}",
        )
        self._process = subprocess.Popen(
            command, env=self._room.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        self._thread = threading.Thread(target=self._read, name="recorder", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        end(self._process)
        self._thread.join(2.0)
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def samples(self) -> NDArray[np.int16]:
        """All samples so far, mono."""
        return np.frombuffer(b"".join(self._pieces), np.int16)

    def _read(self) -> None:
        pipe = self._process.stdout
        if pipe is None:
            return
        count = 0
        size = 2 * round(PIECE_S * self._rate_hz)
        while piece := pipe.read(size):
            count += len(piece) // 2
            self._pieces.append(piece)
            began_s = time.monotonic() - count / self._rate_hz
            self.started_at_s = min(self.started_at_s, began_s)
