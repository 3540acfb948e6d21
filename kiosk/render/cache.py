"""Films that were made before: the same request is answered by a copy.

A film is found by what it depends on and nothing else: text or recording, the files of voice, lips
and loop, what persona.toml says of them, the notice, size, rate, and whether titles are burned in.
What may lie beside the film is kept with it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from kiosk.engine.parts import BUILTIN_NEUTRAL_VOICE, BUILTIN_VOICE
from kiosk.messages import Shape, Speaking
from kiosk.persona import LoadedPersona, lips_path, resolve_asset
from kiosk.render.maker import Made, cannot_be_written, write_beside
from kiosk.render.request import FilmRequest, Subtitles
from kiosk.video import part_of
from kiosk.video.footage import footage_of

log = logging.getLogger(__name__)

FORMAT = 1
"""Of films and of what is kept with them; raise it whenever the same request looks different."""

MOST_BYTES = 2 * 2**30
_COPY_BYTES = 2**20
_FILM, _BESIDE = "film.mp4", "beside.json"


def ingredients(loaded: LoadedPersona) -> dict[str, str]:
    """Hashes of the files that films of a persona are made of, by what each is for.

    Raises:
        ModelMissing: A file that persona.toml names is not there; a film made with a replacement
            is not kept.
        PersonaError: A file that persona.toml names is outside of the persona's folder.
        OSError: A file cannot be read.
    """
    voice = loaded.persona.voice

    def asset(value: str, builtin: str, key: str) -> str:
        path = resolve_asset(loaded, value, builtin=builtin, key=key)
        return _digests(path, path.with_name(f"{path.name}.json"), path.with_suffix(".json"))

    def loop(shape: Shape) -> str:
        footage = footage_of(loaded, shape)
        beside = footage.idle.with_name(f"{footage.idle.stem}.faces.json")
        return _digests(footage.idle, footage.place if isinstance(footage.place, Path) else beside)

    lips = lips_path(loaded)
    return {
        Speaking.PERSONA: asset(voice.model, BUILTIN_VOICE, "voice.model"),
        Speaking.KIOSK: asset(voice.neutral_model, BUILTIN_NEUTRAL_VOICE, "voice.neutral_model"),
        "lips": _digests(lips, lips.with_suffix(".json")) if lips is not None else "warp",
        **{f"{shape} loop": loop(shape) for shape in Shape},
    }


def fingerprint(loaded: LoadedPersona, request: FilmRequest, made_of: Mapping[str, str]) -> str:
    """Name of a film in the cache: equal for requests whose films are equal.

    Args:
        loaded: The persona.
        request: The film.
        made_of: The persona's ``ingredients``.

    Raises:
        OSError: The recording cannot be read.
    """
    persona = loaded.persona
    depends = {
        "format": FORMAT,
        "said": _digests(request.wav) if request.wav else request.text,
        "speaking": request.voice,
        "voice": None if request.wav else made_of[request.voice],
        "lips": made_of["lips"],
        "loop": made_of[f"{request.shape} loop"],
        "name": persona.identity.name,
        "notice": persona.disclosure.text,
        "settings": [persona.voice.model_dump(), persona.portrait.model_dump()],
        "size": request.size,
        "fps": request.fps,
        "burned": request.subtitles is Subtitles.BURN,
    }
    return hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()[:32]


class FilmCache:
    """A folder of films, the least recently used of which make way for new ones.

    Args:
        folder: Made when the first film is kept.
        most_bytes: Of all films together.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def fetch(self, name: str, request: FilmRequest) -> bool:
        """Copy a film to where it is wanted; false if it is not there.

        Raises:
            MediaError: It cannot be written there.
        """
        entry = self._folder / name
        try:
            files = json.loads((entry / _BESIDE).read_text(encoding="utf-8"))
            os.utime(entry)
            film = (entry / _FILM).open("rb")  # now: another worker may clear the cache
        except (OSError, ValueError):
            return False
        with film:
            write_beside(request, files)
            _copy(film, request.out)
        return True

    def keep(self, name: str, request: FilmRequest, made: Made) -> None:
        """Take a copy of a finished film; left out, with a line in the log, on a full disk."""
        entry = self._folder / name
        draft = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=self._folder))
            shutil.copyfile(request.out, draft / _FILM)
            (draft / _BESIDE).write_text(json.dumps(made.files), encoding="utf-8")
            shutil.rmtree(entry, ignore_errors=True)
            draft.rename(entry)
            self._make_room()
        except OSError as error:
            log.info("the film is not kept: %s", error.strerror)
            if draft is not None:
                shutil.rmtree(draft, ignore_errors=True)

    def clear(self) -> int:
        """Delete all films; how many there were."""
        entries = self._entries()
        shutil.rmtree(self._folder, ignore_errors=True)
        return len(entries)

    def _make_room(self) -> None:
        used = 0
        for entry in sorted(self._entries(), key=lambda entry: -entry.stat().st_mtime):
            used += sum(file.stat().st_size for file in entry.iterdir())
            if used > self._most_bytes:
                shutil.rmtree(entry, ignore_errors=True)

    def _entries(self) -> list[Path]:
        found = self._folder.iterdir() if self._folder.is_dir() else ()
        return [entry for entry in found if not entry.name.startswith(".")]


def _copy(film: BinaryIO, out: Path) -> None:
    """Whole or not at all."""
    part = part_of(out)
    try:
        with part.open("wb") as file:
            shutil.copyfileobj(film, file, _COPY_BYTES)
        os.replace(part, out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise cannot_be_written(out, error) from error


def _digests(*paths: Path) -> str:
    """SHA-256 of files, one after the other; those that are not there are left out."""
    digests = []
    for path in paths:
        if path.is_file():
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return " ".join(digests)
