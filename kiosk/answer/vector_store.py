"""Vectors of a persona's texts on disk, so that a restarted engine is ready at once.

A cache in the strict sense: a missing, damaged or unwritable file costs time and nothing else. Only
digests of texts and their vectors are kept, and never anything from a visitor.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

_DIGEST_BYTES = 16


class VectorStore:
    """Aim: vectors by text, for one model file."""

    def __init__(self, folder: Path, model: Path) -> None:
        """Read what is there.

        Args:
            folder: Cache folder; made when first written to.
            model: The embedding model; another file, or a changed one, has a store of its own.
        """
        state = model.stat()
        identity = f"{model.resolve()} {state.st_size} {state.st_mtime_ns}"
        self._path = folder / f"vectors-{_digest(identity).hex()}.npz"
        self._vectors: dict[bytes, NDArray[np.float32]] = {}
        self._changed = False
        try:
            # Opened here, because numpy leaves a damaged file open.
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                digests, vectors = stored["digests"], stored["vectors"]
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            log.warning("cached vectors unreadable, made anew: %s", error)
            return
        if digests.dtype == np.uint8 and vectors.dtype == np.float32 and vectors.ndim == 2:
            keys = (digest.tobytes() for digest in digests)
            self._vectors = dict(zip(keys, vectors, strict=False))

    def get(self, text: str) -> NDArray[np.float32] | None:
        """Vector of a text, if it is known."""
        return self._vectors.get(_digest(text))

    def put(self, text: str, vector: NDArray[np.float32]) -> None:
        """Take a vector to be kept."""
        self._vectors[_digest(text)] = vector
        self._changed = True

    def save(self) -> None:
        """Write the file, whole or not at all; does nothing if nothing is new."""
        if not self._changed:
            return
        digests = np.frombuffer(b"".join(self._vectors), np.uint8).reshape(-1, _DIGEST_BYTES)
        unfinished = self._path.with_name(f"{self._path.stem}-{os.getpid()}.part.npz")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(unfinished, digests=digests, vectors=np.stack(list(self._vectors.values())))
            os.replace(unfinished, self._path)
            self._changed = False
        except OSError as error:
            with contextlib.suppress(OSError):  # on a read-only disk even removing nothing fails
                unfinished.unlink()
            log.warning("vectors not cached: %s", error)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=_DIGEST_BYTES).digest()
