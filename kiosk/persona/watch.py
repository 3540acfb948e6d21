"""Notice that a curator has saved persona.toml, by asking the file now and then.

Polling, because notifications of the system do not cross network shares and break when an editor
replaces the file instead of writing into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import PersonaError
from kiosk.persona.loader import LoadedPersona, load_persona
from kiosk.persona.strict_toml import fingerprint


@dataclass(frozen=True, slots=True)
class _Stamp:
    """Cheap to ask for; differs after nearly every save. All zero if there is no file."""

    modified_ns: int = 0
    size_bytes: int = 0
    inode: int = 0


class PersonaWatch:
    """Aim: report each finished edit of a persona.toml once.

    A file that changed since the last poll may still be in the middle of being written, so it is
    read only when two polls in a row found it alike. Poll about once a second.

    Args:
        path: The file; need not exist.
        known_digest: ``LoadedPersona.digest`` of the version in use, so that an edit between that
            load and now is not missed; None takes the file as it is now for known.
    """

    def __init__(self, path: Path, known_digest: str | None = None) -> None:
        self._path = Path(path)
        self._seen = self._stamp()
        self._pending = known_digest is not None
        self._digest = fingerprint(self._path) if known_digest is None else known_digest

    def poll(self) -> LoadedPersona | PersonaError | None:
        """The new persona, or why the edit cannot be used; None if nothing (finished) is new."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            self._pending = True
            return None
        if not self._pending:
            return None
        self._pending = False
        digest = fingerprint(self._path)
        if digest == self._digest:
            return None
        try:
            loaded = load_persona(self._path)
        except PersonaError as error:
            self._digest = digest
            return error
        self._digest = loaded.digest
        return loaded

    def _stamp(self) -> _Stamp:
        try:
            status = self._path.stat()
        except OSError:
            return _Stamp()
        return _Stamp(status.st_mtime_ns, status.st_size, status.st_ino)
