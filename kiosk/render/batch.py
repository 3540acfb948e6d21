"""Many films from a table: a CSV file with one film a row.

Columns: ``out`` or ``id`` (the film's name), ``text`` or ``wav`` (what is said), and if wanted
``subtitles``, ``size`` and ``visemes``. Comma, semicolon or tab, as spreadsheets save it; UTF-8.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from kiosk.errors import BadInput
from kiosk.render.request import FILM, FilmRequest, Subtitles, parse_size

COLUMNS = ("out", "id", "text", "wav", "subtitles", "size", "visemes")
MOST_ROWS = 2000
_MOST_TOLD = 20
_DELIMITERS = ",;\t"


def read_batch(path: Path, folder: Path, like: FilmRequest) -> list[FilmRequest]:
    """The films a table asks for.

    Args:
        path: The table; recordings are looked for beside it.
        folder: Where the films go.
        like: What holds for all of them; a row's own subtitles and size come first.

    Raises:
        BadInput: The table cannot be used; names the file, and each row that is wrong.
    """
    requests: dict[Path, int] = {}
    films: list[FilmRequest] = []
    problems: list[str] = []
    for row, cells in _rows(path):
        try:
            film = _film(cells, path.parent, folder, like)
            film.check()
            if film.out in requests:
                raise BadInput(f"{film.out.name!r} is already row {requests[film.out]}'s film.")
            requests[film.out] = row
            films.append(film)
        except BadInput as error:
            problems.append(f"  row {row}: {error}")
    if problems:
        more = len(problems) - _MOST_TOLD
        told = problems[:_MOST_TOLD] + ([f"  and {more} more"] if more > 0 else [])
        wrong = "1 row is" if len(problems) == 1 else f"{len(problems)} rows are"
        raise BadInput(f"{wrong} wrong, and no film was made.\n" + "\n".join(told), where=path)
    if not films:
        raise BadInput("The table has no rows.", where=path, remedy="Write one film a row.")
    if len(films) > MOST_ROWS:
        raise BadInput(f"More than {MOST_ROWS} rows.", where=path, remedy="Divide the table.")
    return films


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Row number as a spreadsheet counts it (the header is 1), and its cells by column."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(
            f"The table cannot be read ({reason}).", where=path, remedy="Check the name."
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(
            "The table is not UTF-8 text.", where=path, remedy="Save it as 'CSV UTF-8'."
        ) from error
    lines = text.splitlines(keepends=True)
    header = lines[0] if lines else ""
    delimiter = max(_DELIMITERS, key=header.count)
    try:
        table = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadInput(
            f"The table cannot be read ({error}).", where=path, remedy="Save it as CSV again."
        ) from error
    names = [name.strip().lower() for name in table[0]] if table else []
    _check_columns(names, path)
    for row, cells in enumerate(table[1:], start=2):
        if any(cell.strip() for cell in cells):
            padded = cells + [""] * (len(names) - len(cells))
            yield row, {name: cell.strip() for name, cell in zip(names, padded, strict=False)}


def _check_columns(names: list[str], path: Path) -> None:
    known = ", ".join(COLUMNS)
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or len(set(names)) < len(names):
        what = f"Unknown column {unknown[0]!r}." if unknown else "A column is there twice."
        raise BadInput(what, where=f"{path} row 1", remedy=f"Columns: {known}.")
    if not {"out", "id"} & set(names) or not {"text", "wav"} & set(names):
        raise BadInput(
            "The first row must name the columns: 'out' or 'id', and 'text' or 'wav'.",
            where=f"{path} row 1",
        )


def _film(cells: Mapping[str, str], beside: Path, folder: Path, like: FilmRequest) -> FilmRequest:
    name = cells.get("out") or cells.get("id") or ""
    subtitles, size = cells.get("subtitles", ""), cells.get("size", "")
    wav, visemes = cells.get("wav", ""), cells.get("visemes", "")
    if subtitles and subtitles not in set(Subtitles):
        raise BadInput(f"Unknown subtitles {subtitles!r}.", remedy=f"One of {_choices()}.")
    return replace(
        like,
        out=_inside(folder, name if name.lower().endswith(FILM) else name + FILM),
        text=cells.get("text", ""),
        wav=(beside / wav).absolute() if wav else None,
        size=parse_size(size) if size else like.size,
        subtitles=Subtitles(subtitles) if subtitles else like.subtitles,
        visemes=_inside(folder, visemes) if visemes else None,
    )


def _inside(folder: Path, name: str) -> Path:
    """A file in ``folder``, and nowhere else."""
    if name == FILM:
        raise BadInput("The film has no name.", remedy="Fill in 'out' or 'id'.")
    if name.startswith(".") or any(character in name for character in "/\\:\0"):
        raise BadInput(f"{name!r} is no file name.", remedy="Leave out folders.")
    return folder.absolute() / name


def _choices() -> str:
    return ", ".join(Subtitles)
