"""When to start a dead engine again: at once, later, or not before staff have looked.

Pure: the host asks, tests count. A crash after it had served says nothing about the next start; a
crash during boot does. So only *early* deaths count towards the safe screen, and the waiting time
doubles with each.
"""

from __future__ import annotations

from dataclasses import dataclass

EARLY_S = 5.0  # an engine that was warm for longer than this could serve visitors
FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 4.0  # with a boot of a few seconds the picture talks again within 10 s
EARLY_DEATHS_UNTIL_SAFE = 6
SAFE_DELAY_S = 60.0  # the safe screen still tries again: the cable may be back


@dataclass(frozen=True, slots=True)
class Restart:
    """Attributes:
    delay_s: How long to wait before the next start.
    safe: True if the safe screen is due.
    """

    delay_s: float
    safe: bool


class RestartPolicy:
    """Counts early deaths in a row."""

    def __init__(self) -> None:
        self.early_deaths = 0

    def died(self, served_s: float) -> Restart:
        """Say what follows the death of an engine that was warm for ``served_s`` seconds."""
        if served_s >= EARLY_S:
            self.early_deaths = 0
            return Restart(FIRST_DELAY_S, safe=False)
        self.early_deaths += 1
        if self.early_deaths >= EARLY_DEATHS_UNTIL_SAFE:
            return Restart(SAFE_DELAY_S, safe=True)
        delay_s = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** (self.early_deaths - 1))
        return Restart(delay_s, safe=False)

    def forgive(self) -> None:
        """Staff asked for a fresh start."""
        self.early_deaths = 0
