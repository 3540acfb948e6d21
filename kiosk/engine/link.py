"""Messages over two simplex pipes, without ever blocking the one who sends.

``multiprocessing.Pipe(duplex=False)`` is a plain pipe; the duplex form would be a socket, and the
kiosk opens none.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from kiosk.messages import InputLevel, MouthPatch

MOST_WAITING = 4096  # messages; a reader this far behind is dead, and the heartbeat will say so
MOST_DROPPABLE = 128  # waiting messages above which pictures and levels are left out
DROPPABLE = (MouthPatch, InputLevel)


class Outbox:
    """Aim: send from any thread without waiting for the other process.

    A thread of its own writes to the pipe. If the reader is slow, lips frames and levels are
    dropped; text, state and clock readings are not.

    Attributes:
        dropped: Messages left out so far.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self.dropped = 0
        self._connection = connection
        self._waiting: deque[Any] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def send(self, message: Any) -> None:
        """Queue one message; does nothing once the pipe is closed."""
        with self._changed:
            waiting = len(self._waiting)
            full = waiting >= MOST_WAITING
            if (
                self._closed
                or full
                or (waiting >= MOST_DROPPABLE and isinstance(message, DROPPABLE))
            ):
                self.dropped += 1
                return
            self._waiting.append(message)
            self._changed.notify()

    def close(self, timeout_s: float = 1.0) -> None:
        """Write what is waiting, then close the pipe; gives up after ``timeout_s``."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout_s)
        with contextlib.suppress(OSError):
            self._connection.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if not self._waiting:
                    return
                message = self._waiting.popleft()
            try:
                self._connection.send(message)
            except (OSError, ValueError):  # the other process is gone
                with self._changed:
                    self._closed = True
                    self._waiting.clear()
                return


def read_messages(connection: Connection, on_message: Callable[[Any], None]) -> None:
    """Call ``on_message`` for each message until the other end closes; then return."""
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            return
        on_message(message)
