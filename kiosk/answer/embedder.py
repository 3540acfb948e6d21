"""Sentences to vectors: the meaning of a text as 384 numbers.

Source: all-MiniLM-L6-v2 (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2) on
llama.cpp; cosine to the reference implementation 0.9993 to 0.9997.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.answer.native import open_llama
from kiosk.answer.vector_store import VectorStore
from kiosk.errors import ModelBroken

Vectors = NDArray[np.float32]

_CONTEXT_TOKENS = 128  # a question has some ten; longer texts lose their end
_LONGEST_CHARACTERS = 1000
_PINNED_TEXTS = 16384
_PASSING_TEXTS = 64


class Embedder:
    """Aim: unit vectors of texts, fast for a text seen before.

    Texts of the persona are pinned; those of visitors live in a small cache of their own until
    ``forget``. May be used from several threads.
    """

    def __init__(self, gguf: Path, threads: int = 2, *, cache_dir: Path | None = None) -> None:
        """Load the model.

        Args:
            gguf: A sentence-embedding model.
            threads: Threads of llama.cpp.
            cache_dir: Folder for the vectors of pinned texts; None for none.

        Raises:
            ModelMissing: There is no such file.
            ModelBroken: It is no embedding model, or damaged.
        """
        self.name = f"llama.cpp {gguf.stem}"
        self._lock = threading.Lock()
        self._llama = open_llama(
            gguf, threads=threads, context_tokens=_CONTEXT_TOKENS, embedding=True
        )
        self._store = VectorStore(cache_dir, gguf) if cache_dir is not None else None
        self._pinned: OrderedDict[str, Vectors] = OrderedDict()
        self._passing: OrderedDict[str, Vectors] = OrderedDict()
        probe = self._vector("probe", gguf)
        self.width = int(probe.shape[0])

    def embed(self, texts: Sequence[str], *, pin: bool = False) -> Vectors:
        """Vectors of texts.

        Args:
            texts: Any texts; each counts up to its first 128 tokens.
            pin: True for texts of the persona, which outlive a visit.

        Returns:
            float32, shape (len(texts), width), rows of length 1.
        """
        rows = np.empty((len(texts), self.width), np.float32)
        with self._lock:
            for row, text in enumerate(texts):
                rows[row] = self._cached(text, pin)
        return rows

    def save_pinned(self) -> None:
        """Write the pinned texts' vectors to the cache folder, if there is one."""
        if self._store is not None:
            self._store.save()

    def forget(self) -> None:
        """Drop everything that came from a visitor."""
        with self._lock:
            self._passing.clear()
            # llama.cpp's batch still holds the last question's tokens: overwrite them.
            self._vector("probe")

    def _cached(self, text: str, pin: bool) -> Vectors:
        known = self._pinned.get(text)
        if known is not None:
            return known
        store, most = (self._pinned, _PINNED_TEXTS) if pin else (self._passing, _PASSING_TEXTS)
        vector = store.get(text)
        if vector is None:
            vector = store[text] = self._stored(text) if pin else self._vector(text)
            if len(store) > most:
                store.popitem(last=False)
        else:
            store.move_to_end(text)
        return vector

    def _stored(self, text: str) -> Vectors:
        if self._store is None:
            return self._vector(text)
        vector = self._store.get(text)
        if vector is None or vector.shape != (self.width,):
            vector = self._vector(text)
            self._store.put(text, vector)
        return vector

    def _vector(self, text: str, gguf: Path | None = None) -> Vectors:
        values = self._llama.embed(text[:_LONGEST_CHARACTERS])
        vector = np.asarray(values, np.float32)
        length = float(np.linalg.norm(vector)) if vector.ndim == 1 else 0.0
        if not np.isfinite(length) or length == 0.0:
            raise ModelBroken(
                "The model yields no sentence vectors.",
                where=gguf or "",
                remedy="Use a sentence-embedding model such as all-MiniLM-L6-v2.",
            )
        return vector / np.float32(length)
