"""Prepared arrays on disk: whole or not at all, and never more than a few loops of them."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

_FACTS = "facts.json"
_KEPT_LOOPS = 4
# A larger loop is mapped from disk and not held in memory. Not every loop is: a disk that fails
# under a mapped file kills the process.
_HELD_BYTES = 256 * 2**20


def save(folder: Path, arrays: Mapping[str, NDArray[Any]], facts: Mapping[str, Any]) -> None:
    """Write to a folder beside and rename it, so that a half-written cache is never read.

    Of the folders beside it, all but the last few are deleted.

    Args:
        folder: Must not exist yet.
        arrays: One file each, under its name.
        facts: What JSON can hold.

    Raises:
        OSError: Nothing was kept.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    try:
        for name, array in arrays.items():
            np.save(draft / f"{name}.npy", array)
        (draft / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    others = sorted(
        (path for path in folder.parent.iterdir() if path != folder),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for stale in others[_KEPT_LOOPS - 1 :]:
        shutil.rmtree(stale, ignore_errors=True)


def load(folder: Path) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Arrays and facts as they were saved; None if there are none, or no good ones."""
    if not folder.is_dir():
        return None
    try:
        files = list(folder.glob("*.npy"))
        large = sum(file.stat().st_size for file in files) > _HELD_BYTES
        arrays = {file.stem: np.load(file, mmap_mode="r" if large else None) for file in files}
        facts: dict[str, Any] = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, EOFError) as error:
        log.warning("prepared lips are damaged and made again: %s", error)
        forget(folder)
        return None
    return arrays, facts


def forget(folder: Path) -> None:
    """Drop what is not good any more."""
    shutil.rmtree(folder, ignore_errors=True)
