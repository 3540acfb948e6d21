"""Add a phrasing or an answer to persona.toml, and change nothing else in it.

The curator's comments, order and layout stay as they are (tomlkit). The new text is checked as a
whole persona before it takes the old one's place in one step; a copy of the file as it was before
the review is kept beside it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Array

from kiosk.errors import BadInput, PersonaError
from kiosk.persona import load_persona
from kiosk.review.blanking import has_blanks

BACKUP_SUFFIX = ".before-review"
_LINE_ROOM = 100  # characters; a longer line is begun anew
_INDENT = "    "


class PersonaEditor:
    """Aim: let staff extend a persona without touching the file by hand.

    Attributes:
        backup: The file as it was before the first change; None as long as there is none.
    """

    def __init__(self, path: Path) -> None:
        """Check the file.

        Raises:
            PersonaError: The file is not in order as it is.
        """
        self._path = Path(path).resolve()  # a link stays a link
        self.backup: Path | None = None
        load_persona(self._path)

    def add_phrasing(self, answer_id: str, phrasings: Sequence[str]) -> None:
        """Aim: let more questions find an answer.

        Raises:
            BadInput: There is no such answer, or a phrasing has a placeholder in it.
            PersonaError: The file would be wrong with it (the phrasing stands elsewhere already).
            OSError: The file cannot be written; it is as it was.
        """
        _refuse_blanks(phrasings)
        document, text = self._read()
        answers = document["answers"]
        answer = next((a for a in answers if a["id"] == answer_id), None)
        if answer is None:
            raise BadInput(
                f"There is no answer {answer_id!r}.",
                where=self._path,
                remedy=f"Answers: {', '.join(str(a['id']) for a in answers)}.",
            )
        for phrasing in phrasings:
            _append(answer["ask"], phrasing)
        self._write(tomlkit.dumps(document), text)

    def add_answer(
        self,
        answer_id: str,
        ask: Sequence[str],
        say: Sequence[str],
        *,
        source: str = "",
        topics: Sequence[str] = (),
    ) -> None:
        """Aim: a new answer at the end of the file.

        Raises:
            BadInput: A phrasing has a placeholder in it.
            PersonaError: The answer is incomplete, or its id or a phrasing exists already.
            OSError: The file cannot be written; it is as it was.
        """
        _refuse_blanks(ask)
        document, text = self._read()
        table = tomlkit.table()
        table.add("id", answer_id)
        table.add("ask", _lines(ask))
        table.add("say", _lines(say))
        if topics:
            table.add("topics", list(topics))
        if source:
            table.add("source", source)
        document["answers"].append(table)  # proves that it stands in the right place
        fragment = tomlkit.document()
        fragment.add("answers", tomlkit.aot())
        fragment["answers"].append(table)
        self._write(f"{text.rstrip()}\n\n{tomlkit.dumps(fragment).strip()}\n", text)

    def _read(self) -> tuple[Any, str]:
        text = self._path.read_bytes().decode("utf-8")
        return tomlkit.parse(text), text

    def _write(self, new: str, old: str) -> None:
        if "\r\n" in old:
            new = new.replace("\r\n", "\n").replace("\n", "\r\n")
        handle, name = tempfile.mkstemp(dir=self._path.parent, suffix=".toml")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(new.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            try:
                load_persona(temporary)
            except PersonaError as error:
                raise PersonaError(self._path, error.problems) from None
            if self._path.read_bytes() != old.encode("utf-8"):
                raise BadInput(
                    "The file was saved by somebody else meanwhile.",
                    where=self._path,
                    remedy="Do it again.",
                )
            shutil.copymode(self._path, temporary)
            self._back_up()
            os.replace(temporary, self._path)
        finally:
            temporary.unlink(missing_ok=True)

    def _back_up(self) -> None:
        """Once for each review, so that all of it can be taken back."""
        if self.backup is None:
            backup = self._path.with_name(self._path.name + BACKUP_SUFFIX)
            shutil.copy2(self._path, backup)
            self.backup = backup


def _append(array: Array, phrasing: str) -> None:
    """One more entry, laid out as the list is."""
    if "\n" in array.as_string():
        array.add_line(phrasing, indent=_INDENT)
    else:
        array.append(phrasing)


def _lines(texts: Sequence[str]) -> Array:
    """A list with one text a line."""
    array = tomlkit.array()
    for text in texts:
        array.add_line(text, indent=_INDENT)
    if texts:
        array.add_line(indent="", add_comma=False)
    return array


def _refuse_blanks(phrasings: Sequence[str]) -> None:
    for phrasing in phrasings:
        if has_blanks(phrasing):
            raise BadInput(
                f"Something was taken out of {phrasing!r}: it cannot be a phrasing as it is.",
                remedy="Give the wording yourself: --wording TEXT",
            )
