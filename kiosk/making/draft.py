"""A folder that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.errors import BadInput


def require_free(folder: Path, *, force: bool) -> None:
    """Refuse a place at which no new folder may appear.

    Raises:
        BadInput: Something is there already and ``force`` is not given, or the place is no folder.
    """
    if not folder.absolute().parent.is_dir():
        raise BadInput(
            "The folder in which it shall be made does not exist.",
            where=folder,
            remedy=f"Make {folder.absolute().parent} first, or name another place.",
        )
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise BadInput("This is no folder.", where=folder, remedy="Name a new folder.")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise BadInput(
            "There is something in this folder already.",
            where=folder,
            remedy="Name a new folder, or add --force: what is there is then kept beside it, "
            f"as {folder.name}.previous.",
        )


@contextmanager
def drafted(folder: Path) -> Iterator[Path]:
    """Work in a hidden folder beside ``folder``, which takes its name when all went well.

    Whatever ends the work early (an error, Ctrl+C) removes the draft and leaves no trace. A folder
    that is there already is never deleted: it is kept as ``NAME.previous``.

    Args:
        folder: The folder to be; see ``require_free``.

    Yields:
        An empty folder on the same disk.
    """
    folder = folder.absolute()
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".draft", dir=folder.parent))
    try:
        yield draft
        draft.chmod(0o755)  # a temporary folder is its maker's alone
        _put_in_place(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _put_in_place(draft: Path, folder: Path) -> None:
    kept: Path | None = None
    if folder.is_dir():
        if any(folder.iterdir()):
            kept = _free_name(folder)
            os.rename(folder, kept)
        else:
            folder.rmdir()
    try:
        os.rename(draft, folder)
    except BaseException:
        if kept is not None:
            with contextlib.suppress(OSError):
                os.rename(kept, folder)
        raise


def _free_name(folder: Path) -> Path:
    number = 1
    while True:
        name = f"{folder.name}.previous" + (f"-{number}" if number > 1 else "")
        if not folder.with_name(name).exists():
            return folder.with_name(name)
        number += 1
