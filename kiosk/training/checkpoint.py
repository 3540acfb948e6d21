"""The state of a training run on disk, whole or not at all."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import torch

from kiosk.errors import BadInput


class Checkpoints:
    """One file, replaced in one step by the next.

    Args:
        path: The file.
        key: What the run depends on (size, footage, seed); a checkpoint of another key is refused.
    """

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self._key = key

    def save(self, state: dict[str, Any]) -> None:
        """Write a state of tensors, numbers, strings, lists and dictionaries.

        Raises:
            BadInput: The disk refuses.
        """
        part = self._path.with_name(f".{self._path.name}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            torch.save({"key": self._key, "state": state}, part)
            os.replace(part, self._path)
        except (
            OSError,
            RuntimeError,
        ) as error:  # PyTorch's writer reports a full disk as the latter
            part.unlink(missing_ok=True)
            reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
            raise BadInput(
                f"The checkpoint cannot be written ({reason}).",
                where=self._path,
                remedy="Make room on the disk, then go on with --resume.",
            ) from error

    def load(self) -> dict[str, Any] | None:
        """The state last saved; None if there is none.

        Raises:
            BadInput: It is damaged or belongs to another run.
        """
        if not self._path.is_file():
            return None
        try:
            content = torch.load(self._path, map_location="cpu", weights_only=True)
            key, state = content["key"], content["state"]
        except (
            OSError,
            RuntimeError,
            ValueError,
            KeyError,
            EOFError,
            TypeError,
            pickle.UnpicklingError,
        ) as error:
            raise BadInput(
                "The checkpoint is damaged.",
                where=self._path,
                remedy="Train without --resume, which begins anew.",
            ) from error
        if key != self._key:
            raise BadInput(
                "The checkpoint belongs to other footage or other settings.",
                where=self._path,
                remedy="Give the same footage, size and seed as before, or leave --resume away.",
            )
        loaded: dict[str, Any] = state
        return loaded
