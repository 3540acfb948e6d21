"""A server of the room: a program with a temporary folder of its own, while it is needed."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.room.process import end


class RoomServer:
    """Context manager; both are gone afterwards, also where the start fails half-way.

    Attributes:
        env: Environment for programs that use the server (a full one, not only the additions).
    """

    PREFIX = "kiosk-"

    def __init__(self) -> None:
        self.env: dict[str, str] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._require()
        self._folder = tempfile.TemporaryDirectory(prefix=self.PREFIX)
        try:
            self._start(Path(self._folder.name))
        except BaseException:
            self._shut()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shut()

    @property
    def pid(self) -> int:
        if self._server is None:
            raise RuntimeError("the server does not run")
        return self._server.pid

    @property
    def folder(self) -> Path:
        if self._folder is None:
            raise RuntimeError("the server does not run")
        return Path(self._folder.name)

    def _require(self) -> None:
        """Raise ``DeviceMissing`` where this machine lacks what the server needs."""
        raise NotImplementedError

    def _start(self, folder: Path) -> None:
        """Set ``_server`` and ``env``; return once the server answers."""
        raise NotImplementedError

    def _shut(self) -> None:
        if self._server is not None:
            end(self._server)
            self._server = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
