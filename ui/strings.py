"""Every text of the interface, in each language; the texts themselves are in ``strings.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from kiosk.messages import NoticeKind


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("ui") / "strings.toml").read_text(encoding="utf-8"))


def languages() -> tuple[str, ...]:
    """Languages that the interface speaks."""
    return tuple(_tables())


@dataclass(frozen=True, slots=True)
class Strings:
    """The interface's texts in one language.

    Attributes:
        language: Code as in persona.toml.
    """

    language: str

    def __getitem__(self, key: str) -> str:
        return str(_tables()[self.language][key])

    def notice(self, kind: NoticeKind) -> str:
        """Plain words for something the visitor should know."""
        return str(_tables()[self.language]["notice"][kind.value])
