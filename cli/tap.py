"""A link to the engine that also remembers what it carried, for the demo's report."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from kiosk.engine.host import EngineHost
from kiosk.messages import (
    AnswerReport,
    InputLevel,
    LinkState,
    MouthPatch,
    PlaybackPosition,
    ToEngine,
    ToWindow,
)

M = TypeVar("M")
TOO_MANY = (MouthPatch, PlaybackPosition, InputLevel)


class TappedLink:
    """Passes everything through and keeps a copy of what is not a stream.

    Attributes:
        messages: Both directions, oldest first.
    """

    def __init__(self, host: EngineHost) -> None:
        self.host = host
        self.messages: list[ToEngine | ToWindow] = []
        self._lock = threading.Lock()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The JSON objects of all answers so far."""
        return [message.record for message in self.of(AnswerReport)]

    def of(self, kind: type[M]) -> list[M]:
        with self._lock:
            return [message for message in self.messages if isinstance(message, kind)]

    def start(
        self, on_message: Callable[[ToWindow], None], on_link: Callable[[LinkState], None]
    ) -> None:
        def tapped(message: ToWindow) -> None:
            self._keep(message)
            on_message(message)

        self.host.start(tapped, on_link)

    def send(self, msg: ToEngine) -> None:
        self._keep(msg)
        self.host.send(msg)

    def restart(self) -> None:
        self.host.restart()

    def stop(self) -> None:
        self.host.stop()

    def _keep(self, message: ToEngine | ToWindow) -> None:
        if not isinstance(message, TOO_MANY):
            with self._lock:
                self.messages.append(message)
