"""Read a TOML file into a pydantic model, or say everything that is wrong with it at once.

Both files that staff edit, persona.toml and site.toml, come in through ``load_strict``, so both are
equally strict and complain in the same plain words.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from kiosk.errors import Problem, TomlError
from kiosk.persona.explain import Objection, dotted, explain
from kiosk.persona.locate import Locator, Step

SIZE_LIMIT_BYTES = 2_000_000
SHOWN_CHARACTERS = 60

ModelT = TypeVar("ModelT", bound=BaseModel)
Check = Callable[[Mapping[str, Any]], Iterable[Objection]]


@dataclass(frozen=True, slots=True)
class Document(Generic[ModelT]):
    """A file in which nothing is wrong.

    Attributes:
        content: What it says.
        digest: SHA-256 of its bytes, hexadecimal.
    """

    content: ModelT
    digest: str


def load_strict(
    path: Path,
    model: type[ModelT],
    error: type[TomlError],
    check: Check = lambda _: (),
) -> Document[ModelT]:
    """Aim: read ``path`` into ``model``, or raise one error that lists every problem.

    Args:
        path: The TOML file, UTF-8, at most ``SIZE_LIMIT_BYTES``.
        model: Its schema.
        error: What to raise.
        check: Finds faults between keys. It gets the file's content as it is, with anything wrong,
            so that its findings are listed beside those of the schema.

    Raises:
        TomlError: As ``error``; the file cannot be read, is no TOML, or does not fit the schema.
    """
    try:
        raw = _read(path)
        text = _decode(raw)
        data, locator = _parse(text)
    except _Unreadable as fault:
        raise error(path, (fault.problem,)) from None
    objections = list(check(data))
    try:
        content = model.model_validate(data)
    except ValidationError as fault:
        objections += explain(model, fault.errors(include_url=False))
    else:
        if not objections:
            return Document(content, _digest(raw))
    raise error(path, _problems(locator, objections))


def fingerprint(path: Path) -> str:
    """The digest ``load_strict`` would give; empty if the file cannot be read."""
    try:
        return _digest(_read(path))
    except _Unreadable:
        return ""


def line_of(path: Path, key: Sequence[Step]) -> int:
    """The line of ``key`` in the file as it is now; 0 if the file is no longer readable."""
    try:
        return _parse(_decode(_read(path)))[1].find(key).line
    except _Unreadable:
        return 0


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _read(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _Unreadable(0, "this is a folder, not a file")
        if path.exists() and not path.is_file():
            raise _Unreadable(0, "this is not an ordinary file")
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT_BYTES + 1)
    except FileNotFoundError:
        raise _Unreadable(0, "there is no such file", "check the name and the folder") from None
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise _Unreadable(0, f"the file cannot be read: {reason}") from None
    if len(raw) > SIZE_LIMIT_BYTES:
        raise _Unreadable(0, f"the file is larger than {SIZE_LIMIT_BYTES // 1_000_000} MB")
    if not raw.strip():
        raise _Unreadable(1, "the file is empty")
    return raw


class _Unreadable(Exception):
    """The file is of no use as a whole; carries the one problem to show."""

    def __init__(self, line: int, reason: str, hint: str = "", *, value: str = "") -> None:
        self.problem = Problem(line, "(file)", value, reason, hint)
        super().__init__(reason)


_SAVE_AS = "save it as UTF-8 without BOM in your editor"


def _decode(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _Unreadable(1, "the file is saved as UTF-16", _SAVE_AS)
    if raw.startswith(codecs.BOM_UTF8):
        raise _Unreadable(1, "the file begins with an invisible mark (BOM)", _SAVE_AS)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise _Unreadable(line, "there is a character here that is not UTF-8", _SAVE_AS) from None


def _parse(text: str) -> tuple[dict[str, Any], Locator]:
    try:
        data = _with_tuples(tomllib.loads(text))
        return data, Locator(text)
    except RecursionError:
        raise _Unreadable(1, "brackets are nested far too deep in this file") from None
    except ValueError as fault:  # TOMLDecodeError, or a number that Python refuses
        raise _syntax_problem(text, str(fault)) from None


def _with_tuples(value: Any) -> Any:
    """The schema is immutable and strict, so lists arrive as tuples."""
    if isinstance(value, dict):
        return {key: _with_tuples(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return tuple(_with_tuples(inner) for inner in value)
    return value


_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_CLOSE_TEXT = 'a text must end with the same quotation mark it began with, e.g. "..."'
# Beginnings of tomllib's messages (Python 3.11-3.14), each with what a curator can do about it.
_SYNTAX = (
    ("Cannot overwrite", "this key or table stands here for the second time", "keep only one"),
    ("Cannot declare", "this table stands here for the second time", "keep only one"),
    ("Cannot mutate", "this table was already finished further up", "put its keys together"),
    ("Cannot redefine", "this table stands here for the second time", "keep only one"),
    ("Duplicate inline table key", "this key stands here for the second time", "keep only one"),
    ("Unterminated string", "a text is not closed", _CLOSE_TEXT),
    ('Expected "\'"', "a text is not closed", _CLOSE_TEXT),
    ("Illegal character '\\n'", "a text is not closed on its line", _CLOSE_TEXT),
    ("Illegal character", "there is an invisible control character here", "delete and retype it"),
    ("Unescaped '\\'", "a backslash stands alone in a text", r"write it twice: \\"),
    ("Invalid hex value", "a backslash stands alone in a text", r"write it twice: \\"),
    ("Escaped character", "a backslash code names no character", r"write a backslash twice: \\"),
    ("Unclosed array", "a list is not closed, or a comma is missing", "end it with ]"),
    ("Unclosed inline table", "a { } table is not closed, or a comma is missing", "end it with }"),
    ("Expected '='", "there is no = after the key", 'write: key = "value"'),
    ("Invalid initial character for a key", "a key must begin with a letter", ""),
    ("Expected ']'", "the line of a table is not closed", "write [name]"),
    ("Expected ']]'", "the line of an entry is not closed", "write [[name]]"),
    ("Invalid statement", "this is neither a key, a [table] nor a # comment", ""),
    (
        "Expected newline",
        "something is left over after the value",
        r"inside a text, write a quotation mark as \" or use “ ”",
    ),
    ("Invalid value", "this is no value", 'put text in quotation marks: "..."'),
    ("Invalid date", "this is no date", 'put text in quotation marks: "..."'),
)


def _syntax_problem(text: str, message: str) -> _Unreadable:
    lines = text.split("\n")
    position = _POSITION.search(message)
    last_line = len(text.rstrip().split("\n"))
    line = int(position[1]) if position and position[1] else last_line
    line = min(max(line, 1), len(lines))
    unknown = (f"this cannot be understood: {_POSITION.sub('', message)}", "")
    known = ((reason, hint) for start, reason, hint in _SYNTAX if message.startswith(start))
    reason, hint = next(known, unknown)
    return _Unreadable(line, reason, hint, value=shorten(lines[line - 1]))


def shorten(written: str) -> str:
    """On one line, at most ``SHOWN_CHARACTERS``."""
    flat = " ".join(written.split())
    return flat if len(flat) <= SHOWN_CHARACTERS else flat[: SHOWN_CHARACTERS - 1] + "…"


def _problems(locator: Locator, objections: Iterable[Objection]) -> tuple[Problem, ...]:
    problems = []
    for objection in objections:
        found = locator.find(objection.path)
        key, value = dotted(objection.path), shorten(found.value)
        problems.append(Problem(found.line, key, value, objection.reason, objection.hint))
    return tuple(sorted(problems, key=lambda problem: problem.line))
