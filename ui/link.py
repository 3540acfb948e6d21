"""What the window asks of whatever runs the engine for it.

The real one starts, watches and replaces the engine process; tests use a scripted one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from kiosk.messages import Health, LinkState, ToEngine, ToWindow

__all__ = ["EngineLink", "Health", "LinkBridge", "LinkState"]


class EngineLink(Protocol):
    """One engine, kept alive by somebody else. All methods are called on the GUI thread."""

    def start(
        self,
        on_message: Callable[[ToWindow], None],
        on_link: Callable[[LinkState], None],
    ) -> None:
        """Begin; both callbacks may be called from any thread."""

    def send(self, message: ToEngine) -> None:
        """Pass a message on; never blocks, and drops it while the engine is away."""

    def restart(self) -> None:
        """Replace the engine now (staff asked for it)."""

    def stop(self) -> None:
        """End the engine in order; no callback comes after this returns."""


class LinkBridge(QObject):
    """Carries the link's callbacks over to the GUI thread.

    Signals:
        message(ToWindow): A message of the engine.
        state(LinkState): The engine came, went, or failed for good.
    """

    message = Signal(object)
    state = Signal(object)

    def __init__(self, link: EngineLink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._link = link

    def start(self) -> None:
        # A signal emitted on a thread that is not its receiver's is queued by Qt.
        self._link.start(self.message.emit, self.state.emit)
