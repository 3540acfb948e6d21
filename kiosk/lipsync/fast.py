"""A lips model cut for one loop: sound in, the mouth's window out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import ModelBroken
from kiosk.lipsync.graph.kept import Facts, PreparedNetwork
from kiosk.lipsync.session import CPU, first_line, open_session
from kiosk.lipsync.window import MouthWindow

_CURE = "Run 'kiosk persona build' to make it again."


class FastModel:
    """A prepared network in onnxruntime.

    Attributes:
        facts: What was prepared, and how good it is.
        size_bytes: What it takes on disk.
        provider: What really computes.

    Args:
        prepared: Made for this loop, and not ``whole``.
        window: The part of the picture that is wanted.
        path: The whole model, for messages.
        threads: Cores to use.
        providers: What may compute, in order of preference.

    Raises:
        ModelBroken: The network does not run.
    """

    def __init__(
        self,
        prepared: PreparedNetwork,
        window: MouthWindow,
        path: Path,
        *,
        threads: int,
        providers: Sequence[str] = (CPU,),
    ) -> None:
        self.facts: Facts = prepared.facts
        self.size_bytes = prepared.size_bytes
        self._features = prepared.features
        self._path = path
        facts = self.facts
        self._rows = slice(window.top - facts.row, window.bottom - facts.row)
        self._columns = slice(window.left - facts.column, window.right - facts.column)
        self._shape = (3, window.height, window.width)
        try:
            self._session: Any = open_session(prepared.network, threads, providers)
        except Exception as error:  # onnxruntime's own exceptions have no public base class
            raise self._failure(first_line(error)) from error
        self.provider: str = self._session.get_providers()[0]
        kinds = {one.name: one.type for one in self._session.get_inputs()}
        half = kinds.get(self.facts.mel_input) == "tensor(float16)"
        self._mel_type = np.float16 if half else np.float32
        self.run(np.zeros((1, 80, 16), dtype=np.float32), [0])

    def run(self, windows: NDArray[np.float32], loop_indices: Sequence[int]) -> NDArray[np.float32]:
        """Compute new mouths.

        Args:
            windows: Mel windows, shape (n, 80, 16).
            loop_indices: The loop's frames, length n.

        Returns:
            The window of each new face, BGR, 0..1, shape (n, 3, height, width).

        Raises:
            ModelBroken: The library refused, or computed values that are no numbers.
        """
        count = len(windows)
        missing = max(0, self.facts.batch - count)
        mel = np.concatenate([windows, np.repeat(windows[-1:], missing, axis=0)])
        indices = [*loop_indices, *[loop_indices[-1]] * missing]
        feed: dict[str, NDArray[Any]] = {
            name: feature[indices] for name, feature in self._features.items()
        }
        feed[self.facts.mel_input] = mel[:, None].astype(self._mel_type, copy=False)
        try:
            (output,) = self._session.run(None, feed)
        except Exception as error:  # onnxruntime's own exceptions have no public base class
            raise self._failure(first_line(error)) from error
        shown = output[:count, :, self._rows, self._columns]
        picture: NDArray[np.float32] = np.asarray(shown, dtype=np.float32)
        if picture.shape[1:] != self._shape or not np.isfinite(picture).all():
            raise self._failure("its picture is wrong")
        return picture

    def _failure(self, reason: str) -> ModelBroken:
        what = f"The prepared lips network failed ({reason})."
        return ModelBroken(what, where=self._path, remedy=_CURE)
