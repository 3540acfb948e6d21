"""Where in a TOML file a key stands: from a path such as ``("answers", 3, "say")`` to a line.

``tomllib`` keeps no positions, so this module walks over the text a second time. It only ever sees
text that ``tomllib`` has accepted, therefore it skips values instead of checking them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Step = str | int

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")
# Longest opening first. A multi-line text may end in one or two quotation marks of its own.
_TEXTS = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


@dataclass(slots=True)
class Place:
    """A key, a list entry or a table, and where its text stands.

    Attributes:
        start: Offset of the first character: of the key, the entry or the table's header.
        value: The value as written; empty for a table with a header.
        within: What it contains, by key or by 0-based index.
    """

    start: int
    value: str = ""
    within: dict[Step, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What ``Locator.find`` knows of a path.

    Attributes:
        line: 1-based line, always inside the file.
        value: The value as written; empty for a table with a header.
        exact: Whether the path itself is in the file; if not, the line is where it would belong.
    """

    line: int
    value: str
    exact: bool


class Locator:
    """Aim: name the line on which a key of a valid TOML text stands.

    Args:
        text: TOML that ``tomllib.loads`` accepts.
    """

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._root = _Walk(self._text).document()

    def find(self, path: Sequence[Step]) -> Found:
        """Line and text of ``path``, or of the innermost table that would hold it."""
        place: Place | None = self._root
        nearest = self._root
        for step in path:
            place = nearest.within.get(step)
            if place is None:
                break
            nearest = place
        line = self._text.count("\n", 0, nearest.start) + 1
        return Found(line, place.value if place else "", exact=place is not None)


class _Walk:
    """One pass over the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def document(self) -> Place:
        root = Place(0)
        table = root
        while self._skip(_BLANK) < len(self._text):
            start = self._at
            if self._take("[["):
                table = self._header(root, start, entry=True)
                self._take("]]")
            elif self._take("["):
                table = self._header(root, start, entry=False)
                self._take("]")
            else:
                self._assignment(table)
            if self._at == start:  # never for valid TOML; a promise to always end
                self._at += 1
        return root

    def _header(self, root: Place, start: int, *, entry: bool) -> Place:
        *outer, last = self._key()
        table = root
        for step in outer:
            table = _newest(table.within.setdefault(step, Place(start)))
        if not entry:
            inner = table.within.setdefault(last, Place(start))
            if not inner.value:
                inner.start = start  # the table's own header, not that of a table inside it
            return _newest(inner)
        array = table.within.setdefault(last, Place(start))
        return array.within.setdefault(len(array.within), Place(start))

    def _assignment(self, table: Place) -> None:
        start = self._at
        *outer, last = self._key()
        for step in outer:
            table = table.within.setdefault(step, Place(start))
        self._skip(_SPACE)
        self._take("=")
        self._skip(_SPACE)
        table.within.setdefault(last, self._value(start))

    def _value(self, start: int) -> Place:
        """Skip a value; ``start`` is where its key stands, or the value itself in a list."""
        place = Place(start)
        first = self._at
        if self._take("["):
            for index in self._entries("]"):
                place.within[index] = self._value(self._at)
        elif self._take("{"):
            for _ in self._entries("}"):
                self._assignment(place)
        elif not self._text_value():
            self._skip(_BARE_VALUE)
        place.value = self._text[first : self._at].rstrip()
        return place

    def _entries(self, end: str) -> Iterator[int]:
        """Stop at each entry of a list or inline table, up to and over its ``end``."""
        for index in range(len(self._text)):
            self._skip(_BLANK)
            if self._take(end) or self._at >= len(self._text):
                return
            yield index
            self._skip(_BLANK)
            self._take(",")

    def _key(self) -> list[str]:
        steps = []
        while True:
            self._skip(_SPACE)
            first = self._at
            if self._text_value():
                steps.append(_unquote(self._text[first : self._at]))
            else:
                self._skip(_BARE_KEY)
                steps.append(self._text[first : self._at])
            self._skip(_SPACE)
            if not self._take("."):
                return steps

    def _text_value(self) -> bool:
        return any(self._skip(pattern) for pattern in _TEXTS if pattern.match(self._text, self._at))

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return self._at

    def _take(self, mark: str) -> bool:
        if self._text.startswith(mark, self._at):
            self._at += len(mark)
            return True
        return False


def _newest(place: Place) -> Place:
    """A header inside an array of tables speaks of the array's latest entry."""
    latest = len(place.within) - 1
    return place.within.get(latest, place)


def _unquote(quoted: str) -> str:
    if quoted.startswith("'"):
        return quoted[1:-1]
    return _ESCAPE.sub(_character, quoted[1:-1])


def _character(escape: re.Match[str]) -> str:
    short, long, other = escape.groups()
    if other is not None:
        return _ESCAPED.get(other, other)
    return chr(int(short or long, 16))
