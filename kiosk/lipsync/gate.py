"""When there is speech, so that the mouth rests when there is none.

Lips models are trained on speech and let the mouth hang open in room noise or between sentences.
"""

from __future__ import annotations

import numpy as np

from kiosk.lipsync.mel import Mel

COLUMNS_BEFORE = 10
"""Speech up to 125 ms ago keeps the mouth going: closures of plosives are shorter."""

COLUMNS_AFTER = 7
"""Speech within the next 75 ms opens the gate: the mouth moves before the sound."""

_LOUDEST_BANDS = 8
_QUIETEST_SPEECH = -1.2  # contract's scale; about -45 dBFS
_BELOW_PEAK = 3.2  # contract's scale, 40 dB: under this, it is the room and not the voice
_STEP_UP, _STEP_DOWN = 1 / 2, 1 / 4


class Gate:
    """Strength of the mouth's movement, from the mel columns alone.

    Causal but for ``COLUMNS_AFTER``, so that it does not depend on how the sound is cut.
    """

    def __init__(self) -> None:
        self._peak = _QUIETEST_SPEECH
        self._speech: list[bool] = []
        self._strength = 0.0
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
        if any(near):
            self._strength = min(1.0, self._strength + _STEP_UP)
        else:
            self._strength = max(0.0, self._strength - _STEP_DOWN)
        return self._strength
