"""Turn what persona.toml says about a model or a video into a path that may be opened.

Three places are allowed and no other: the models that ship with the kiosk, the models that were
installed on this machine, and the persona's own folder.
"""

from __future__ import annotations

import re
from pathlib import Path

from kiosk import paths
from kiosk.errors import ModelMissing, PersonaError, Problem
from kiosk.persona.loader import LoadedPersona
from kiosk.persona.locate import Step
from kiosk.persona.strict_toml import line_of, shorten

BUILTIN_LOOPS = "mary-anning"
BUILTIN_LOOP = f"{BUILTIN_LOOPS}/idle.mp4"
BUILTIN_LIPS = "lips256.onnx"

_MODEL_SUFFIXES = ("", ".onnx", ".gguf")
_BARE_NAME = re.compile(r"[^/\\]+")


def resolve_asset(loaded: LoadedPersona, value: str, *, builtin: str, key: str) -> Path:
    """Aim: the file or folder that a key of persona.toml means.

    Args:
        loaded: The persona.
        value: What the key says. Empty: the built-in one. A name without a slash: first a model
            installed under that name, then a file in the persona's folder, then a model that
            ships with the kiosk. Else: a path in the persona's folder, with ``/``.
        builtin: Path under the shipped ``models`` folder.
        key: Dotted key, for the message.

    Raises:
        PersonaError: The value leads out of the persona's folder.
        ModelMissing: There is no such file.
    """
    if not value:
        return _builtin(builtin, key)
    _refuse_escape(loaded, value, key)
    if installed := _named(paths.installed_models_dir(), value):
        return installed
    own = loaded.folder / value
    if not _stays_inside(own, loaded.folder):
        raise _escape(loaded, value, key)
    if own.exists():
        return own
    if shipped := _named(paths.builtin_models_dir(), value):
        return shipped
    raise ModelMissing(
        f"{key} = {shorten(value)!r}, but there is no such file in the persona's folder, and no "
        "installed model of that name.",
        where=loaded.path,
        remedy=f"Correct the name, put the file beside {loaded.path.name}, or install the model: "
        f"kiosk models fetch {Path(value).stem}",
    )


def _named(folder: Path, name: str) -> Path | None:
    """A model in a folder of models, with or without its ending."""
    if not _BARE_NAME.fullmatch(name):
        return None
    candidates = (folder / (name + suffix) for suffix in _MODEL_SUFFIXES)
    return next((path for path in candidates if path.exists()), None)


def _builtin(name: str, key: str) -> Path:
    shipped = paths.builtin_models_dir() / name
    if shipped.exists():
        return shipped
    raise ModelMissing(
        f"The built-in model for {key} is not on this machine.",
        where=shipped,
        remedy="Install the kiosk again: this file belongs to it.",
    )


def _refuse_escape(loaded: LoadedPersona, value: str, key: str) -> None:
    steps = re.split(r"[/\\]", value)
    outside = (
        value.startswith(("/", "\\", "~"))
        or ".." in steps
        or re.match(r"[A-Za-z]:", value)
        or any(ord(character) < 32 for character in value)
    )
    if outside:
        raise _escape(loaded, value, key)


def _stays_inside(path: Path, folder: Path) -> bool:
    """Links are followed: where a file really lies is what counts."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a link that leads back to itself
        return False


def _escape(loaded: LoadedPersona, value: str, key: str) -> PersonaError:
    path: tuple[Step, ...] = tuple(key.split("."))
    problem = Problem(
        line_of(loaded.path, path),
        key,
        f'"{shorten(value)}"',
        "this leads out of the persona's folder",
        f"put the file beside {loaded.path.name} and write its name only",
    )
    return PersonaError(loaded.path, (problem,))


def loop_path(loaded: LoadedPersona) -> Path:
    """The persona's idle loop, for whoever shows it or lays lips over it."""
    return resolve_asset(
        loaded, loaded.persona.portrait.loop, builtin=BUILTIN_LOOP, key="portrait.loop"
    )


def optional_loop(loaded: LoadedPersona, key: str) -> Path | None:
    """A loop that a persona may have besides its idle loop; None if it has none.

    Args:
        loaded: The persona.
        key: Under ``[portrait]``: ``listening``, ``upright.loop``, ``upright.thinking``, ...

    Raises:
        PersonaError: The value leads out of the persona's folder.
        ModelMissing: persona.toml names a file that is not there.
    """
    *tables, name = key.split(".")
    portrait = loaded.persona.portrait
    loops = portrait.upright if tables else portrait
    value: str = getattr(loops, name)
    if value:
        return resolve_asset(loaded, value, builtin="", key=f"portrait.{key}")
    if portrait.loop:
        return None
    file = "idle.mp4" if name == "loop" else f"{name}.mp4"
    shipped = paths.builtin_models_dir().joinpath(BUILTIN_LOOPS, *tables, file)
    return shipped if shipped.is_file() else None


def lips_path(loaded: LoadedPersona) -> Path | None:
    """The persona's lips model; None for the mouth that opens with the sound.

    The built-in model has learnt the built-in loop's face. Over another one it would draw her
    mouth, so a persona with a loop of its own gets it only by name.
    """
    portrait = loaded.persona.portrait
    if portrait.loop and not portrait.lips:
        return None
    return resolve_asset(loaded, portrait.lips, builtin=BUILTIN_LIPS, key="portrait.lips")
