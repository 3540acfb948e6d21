"""Clocks and cancel tokens: the two things every part shares.

Every timeout runs on the monotonic clock (``time.monotonic``), which is one clock for all processes
of a machine. The wall clock is for opening hours only.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

from kiosk.errors import Cancelled


class Clock(Protocol):
    """Source of time, injected so that tests run on a clock of their own."""

    def now_s(self) -> float:
        """Monotonic seconds, comparable between processes of one machine."""

    def sleep_s(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's monotonic clock."""

    def now_s(self) -> float:
        return time.monotonic()

    def sleep_s(self, seconds: float) -> None:
        time.sleep(seconds)


class HurriedClock(SystemClock):
    """The monotonic clock, run faster, so that virtual devices and pauses pass more quickly."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def now_s(self) -> float:
        return super().now_s() * self._speed

    def sleep_s(self, seconds: float) -> None:
        super().sleep_s(seconds / self._speed)


class CancelToken:
    """One-way switch with which the owner of some work calls it off.

    ``cancel`` is idempotent and may be called from any thread; workers poll ``cancelled`` or call
    ``check`` between steps.
    """

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raise ``Cancelled`` if the work was called off."""
        if self._event.is_set():
            raise Cancelled("called off")

    def wait_s(self, seconds: float) -> bool:
        """Wait up to ``seconds``; true if cancelled meanwhile."""
        return self._event.wait(seconds)
