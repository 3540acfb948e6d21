"""How long a visit lasts without a sign of the visitor."""

from __future__ import annotations

from kiosk.persona.schema import Timings
from kiosk.timing import Clock


class Attention:
    """Aim: the screen invites again soon after a passer-by who only touched it, and leaves somebody
    who asked the time to think of another question.

    Args:
        timings: The persona's times.
        clock: Monotonic clock.
    """

    def __init__(self, timings: Timings, clock: Clock) -> None:
        self._asked_s = timings.inactivity_s
        self._touched_s = min(timings.attract_s, timings.inactivity_s)
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """A visit begins, in which nothing was asked yet."""
        self._patience_s = self._touched_s
        self.sign()

    def asked(self) -> None:
        """The visitor asks, or holds the button to ask."""
        self._patience_s = self._asked_s
        self.sign()

    def sign(self) -> None:
        """Anything that tells of a visitor, or of a kiosk that is busy with one."""
        self._until_s = self._clock.now_s() + self._patience_s

    def lost(self) -> bool:
        """Nobody seems to be there any more."""
        return self._clock.now_s() > self._until_s
