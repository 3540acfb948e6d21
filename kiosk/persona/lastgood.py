"""The last faultless persona.toml, kept so that a broken edit never closes the kiosk."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import tempfile
from pathlib import Path

from kiosk import paths
from kiosk.errors import PersonaError
from kiosk.persona.loader import LoadedPersona, load_persona


def load_or_last_good(path: Path) -> tuple[LoadedPersona, PersonaError | None]:
    """Load ``path``; if it is broken, the copy kept from last time.

    Returns:
        The persona and, if it is the kept one, what is wrong with the file.

    Raises:
        PersonaError: The file is broken and no good copy was ever kept.
    """
    kept = _kept(path)
    try:
        loaded = load_persona(path)
    except PersonaError as error:
        try:
            last_good = load_persona(kept)
        except PersonaError:
            raise error from None
        folder = path.resolve().parent
        return dataclasses.replace(last_good, path=path, folder=folder), error
    _keep(loaded, kept)
    return loaded, None


def _kept(path: Path) -> Path:
    """One copy for each persona file on the machine."""
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    return paths.cache_dir() / "last-good" / f"{name}.toml"


def _keep(loaded: LoadedPersona, kept: Path) -> None:
    """Copy in one step; a full or read-only disk is no reason not to open."""
    with contextlib.suppress(OSError):
        text = loaded.path.read_bytes()
        if hashlib.sha256(text).hexdigest() != loaded.digest:
            return  # saved again since it was checked; the next start keeps that version
        if kept.is_file() and kept.read_bytes() == text:
            return
        kept.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=kept.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, kept)
        except OSError:
            os.unlink(temporary)
            raise
