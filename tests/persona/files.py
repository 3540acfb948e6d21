"""Persona files for the tests: the smallest good one, and ways to write it to a folder."""

from __future__ import annotations

from pathlib import Path

from kiosk.errors import PersonaError, Problem
from kiosk.persona import load_persona

SHIPPED = Path(__file__).resolve().parents[2] / "persona.toml"

GOOD = """\
format = 1
suggestions = ["who are you", "what is this", "how are you"]

[identity]
name = "Ada"
dates = "1815-1852"
consent = "Public domain."

[disclosure]
text = "AI."

[smalltalk]
greeting = ["Good day."]
farewell = ["Goodbye."]
unknown = ["I do not know.", "I cannot say."]
already_told = ["I have told you."]
not_mine = ["Not mine to say."]
bridge = ["Let me think."]

[support]
title = "Help"
text = "Speak to a member of staff."
spoken = "Please speak to a member of staff."

[[answers]]
id = "who"
ask = ["who are you", "your name", "what is your name", "tell me who you are"]
say = ["I am Ada."]

[[answers]]
id = "born"
ask = ["when were you born", "your birthday", "how old are you", "your age"]
say = ["In 1815."]
"""


def changed(old: str, new: str) -> str:
    """The good file with its one ``old`` replaced by ``new``."""
    assert GOOD.count(old) == 1, f"{old!r} is in the good file {GOOD.count(old)} times"
    return GOOD.replace(old, new)


def write(folder: Path, content: str | bytes = GOOD) -> Path:
    """A persona.toml with this content, byte for byte."""
    path = folder / "persona.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems_of(path: Path) -> tuple[Problem, ...]:
    """What the loader has against a file; fails if it has nothing."""
    try:
        load_persona(path)
    except PersonaError as error:
        return error.problems
    raise AssertionError("the file was accepted")
