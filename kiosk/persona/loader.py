"""Read persona.toml, or say everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from kiosk.errors import PersonaError
from kiosk.persona.explain import Objection
from kiosk.persona.schema import Persona
from kiosk.persona.strict_toml import load_strict


@dataclass(frozen=True, slots=True)
class LoadedPersona:
    """A persona that may go before visitors.

    Attributes:
        persona: What the file says.
        path: The file.
        folder: Its folder; nothing outside is readable through the file.
        digest: SHA-256 of the file, hexadecimal; changes with every edit.
    """

    persona: Persona
    path: Path
    folder: Path
    digest: str


def load_persona(path: Path) -> LoadedPersona:
    """Aim: read and check a persona.toml.

    Raises:
        PersonaError: With every problem in the file, in the order of its lines.
    """
    path = Path(path).absolute()
    document = load_strict(path, Persona, PersonaError, _between_keys)
    return LoadedPersona(document.content, path, path.parent, document.digest)


def plain(text: str) -> str:
    """A phrasing as it compares with others: letters and digits only, lower case, single spaces."""
    kept = "".join(c if c.isalnum() else "" if c in "'’" else " " for c in text.casefold())
    return " ".join(kept.split())


def _between_keys(data: Mapping[str, Any]) -> Iterator[Objection]:
    return chain(_between_answers(data), _between_loops(data))


_OF_THE_LOOP = ("listening", "thinking", "face_boxes", "face_box")


def _between_loops(data: Mapping[str, Any]) -> Iterator[Objection]:
    """Loops of two different sittings would jump, so a set is the curator's own or built in."""
    portrait = _table(data.get("portrait"))
    upright = _table(portrait.get("upright"))
    own, own_upright = bool(portrait.get("loop")), bool(upright.get("loop"))
    if own_upright and not own:
        reason = "other screens would show the built-in portrait, another person"
        hint = "name a loop in portrait.loop, too; it may be this same file"
        yield Objection(("portrait", "upright", "loop"), reason, hint)
    for key in _OF_THE_LOOP[:2]:
        if portrait.get(key) and not own:
            reason = "this would be mixed with the built-in portrait, another person"
            yield Objection(("portrait", key), reason, "name your resting loop in portrait.loop")
    for key in _OF_THE_LOOP:
        if upright.get(key) and own and not own_upright:
            reason = "there is no upright loop that this could belong to"
            hint = "name the resting one in portrait.upright.loop, or leave this out"
            yield Objection(("portrait", "upright", key), reason, hint)
        elif upright.get(key) and not own and key in _OF_THE_LOOP[:2]:
            reason = "this would be mixed with the built-in portrait, another person"
            hint = "name your resting loop in portrait.upright.loop"
            yield Objection(("portrait", "upright", key), reason, hint)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _between_answers(data: Mapping[str, Any]) -> Iterator[Objection]:
    """What is wrong between answers that are each in order."""
    ids: dict[str, int] = {}
    phrasings: dict[str, str] = {}
    for index, answer in enumerate(_entries(data.get("answers"))):
        if not isinstance(answer, Mapping):
            continue
        own_id = answer.get("id")
        if isinstance(own_id, str):
            if own_id in ids:
                reason = f"answer number {ids[own_id] + 1} in this file has the same id"
                yield Objection(("answers", index, "id"), reason, "give each answer its own id")
            ids.setdefault(own_id, index)
        for place, phrasing in enumerate(_entries(answer.get("ask"))):
            if not isinstance(phrasing, str) or not phrasing.strip():
                continue
            path = ("answers", index, "ask", place)
            spoken = plain(phrasing)
            if not spoken:
                yield Objection(path, "this phrasing has no words in it")
            elif spoken in phrasings:
                reason = f"the answer '{phrasings[spoken]}' has this phrasing already"
                yield Objection(path, reason, "keep it in one place only")
            phrasings.setdefault(spoken, str(own_id))


def _entries(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()
