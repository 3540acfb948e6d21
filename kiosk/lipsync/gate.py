"""When there is speech, so that the mouth rests when there is none.

Lips models are trained on speech and let the mouth hang open in room noise or between sentences.
"""

from __future__ import annotations

import numpy as np

from kiosk.lipsync.mel import Mel

COLUMNS_BEFORE = 10
"""Speech up to 125 ms ago keeps the mouth going: closures of plosives are shorter."""

COLUMNS_AFTER = 2
"""Speech within the next 40 ms opens the gate, which is as long as the frame is shown: a mouth that
moves before there is a sound looks like a fault. (A column hears 25 ms to both sides.)"""

_LOUDEST_BANDS = 8
_QUIETEST_SPEECH = -1.2  # contract's scale; about -45 dBFS
_BELOW_PEAK = 3.2  # contract's scale, 40 dB: under this, it is the room and not the voice
FRAMES_TO_OPEN, FRAMES_TO_CLOSE = 3, 4


class Gate:
    """Strength of the mouth's movement, from the mel columns alone.

    It eases in and out over a few frames. Causal but for ``COLUMNS_AFTER``, so that it does not
    depend on how the sound is cut.
    """

    def __init__(self) -> None:
        self._peak = _QUIETEST_SPEECH
        self._speech: list[bool] = []
        self._way = 0.0  # from rest, 0, to wholly moving, 1
        self._frame = -1

    def feed(self, columns: Mel) -> None:
        """Add mel columns, shape (80, n)."""
        loudest = np.sort(columns, axis=0)[-_LOUDEST_BANDS:].mean(axis=0)
        for level in loudest.tolist():
            self._peak = max(self._peak, level)
            self._speech.append(level > max(_QUIETEST_SPEECH, self._peak - _BELOW_PEAK))

    def strength(self, frame: int, column: int) -> float:
        """Strength for the next frame, 0..1.

        Args:
            frame: Must rise by one from call to call, from 0.
            column: The mel column at the frame's time; ``COLUMNS_AFTER`` more must have been fed.
        """
        if frame != self._frame + 1:
            raise ValueError("frames out of order")
        self._frame = frame
        near = self._speech[max(0, column - COLUMNS_BEFORE) : column + COLUMNS_AFTER]
        step = 1 / FRAMES_TO_OPEN if any(near) else -1 / FRAMES_TO_CLOSE
        self._way = min(1.0, max(0.0, self._way + step))
        return eased(self._way)


def eased(way: float) -> float:
    """Begins slowly and ends slowly; 0 at 0 and 1 at 1."""
    return way * way * (3 - 2 * way)
