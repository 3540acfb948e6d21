"""Who draws a mouth: the interface, and the drawing by a lips model."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import ModelBroken
from kiosk.lipsync.fast import FastModel
from kiosk.lipsync.graph.kept import Facts
from kiosk.lipsync.model import LipsModel
from kiosk.lipsync.paste import Paster
from kiosk.lipsync.prepare import PreparedLoop

log = logging.getLogger(__name__)


class Mouth(Protocol):
    """Draws patches for frames of one loop.

    Attributes:
        name: Shown to staff.
        provider: What computes, as onnxruntime names it; ``cpu`` without a model.
        loop: The loop it draws for.
        batch: Most frames to draw at once.
    """

    name: str
    loop: PreparedLoop
    batch: int

    @property
    def provider(self) -> str: ...

    def draw(
        self,
        windows: NDArray[np.float32],
        strengths: NDArray[np.float32],
        loop_indices: Sequence[int],
    ) -> list[NDArray[np.uint8]]:
        """Patches for up to ``batch`` frames.

        Args:
            windows: What is heard, mel windows, shape (n, 80, 16).
            strengths: 0 (mouth as in the loop) .. 1 (as the sound wants it), shape (n,).
            loop_indices: The loop's frames, length n.

        Returns:
            n patches, BGR, uint8, of the size of ``loop.skin``.
        """


class ModelMouth:
    """A mouth drawn by a lips model: prepared for this loop if it has been, or whole.

    Attributes:
        model: The whole network.
        fast: The same, prepared for this loop; None if it is not, or has failed.
        facts: What was prepared, and why so; None if nothing was looked for or found.
    """

    def __init__(self, model: LipsModel, loop: PreparedLoop) -> None:
        self.name = model.path.stem
        self.loop = loop
        self.batch = model.contract.batch
        self.model = model
        self.fast: FastModel | None = None
        self.facts: Facts | None = None
        size = model.contract.size
        self._paster = Paster(loop.mask, loop.small_mask, loop.detail)
        self._faces = np.zeros((self.batch, 6, size, size), dtype=np.float32)

    @property
    def provider(self) -> str:
        fast = self.fast
        return self.model.provider if fast is None else fast.provider

    def draw(
        self,
        windows: NDArray[np.float32],
        strengths: NDArray[np.float32],
        loop_indices: Sequence[int],
    ) -> list[NDArray[np.uint8]]:
        pictures = self.pictures(windows, loop_indices)
        return [
            self.paste(picture, float(strength), index)
            for picture, strength, index in zip(pictures, strengths, loop_indices, strict=True)
        ]

    def pictures(
        self, windows: NDArray[np.float32], loop_indices: Sequence[int]
    ) -> NDArray[np.float32]:
        """What the network draws in the loop's window, BGR, 0..1, shape (n, 3, height, width).

        Should the prepared network fail, the whole one draws the same frames.

        Raises:
            ModelBroken: The whole network failed, too.
        """
        fast = self.fast
        if fast is not None:
            try:
                return fast.run(windows, loop_indices)
            except ModelBroken as error:
                log.warning("lips go on with the whole network: %s", error.what)
                self.fast = None
        window = self.loop.window
        output = self.model.run(windows, self.faces(loop_indices))
        return output[:, :, window.rows, window.columns]

    def faces(self, loop_indices: Sequence[int]) -> NDArray[np.float32]:
        """The model's second input; the array is used again by the next call."""
        faces = self._faces[: len(loop_indices)]
        half = faces.shape[2] // 2
        for face, index in zip(faces, loop_indices, strict=True):
            np.multiply(self.loop.faces[index], np.float32(1 / 255), out=face[3:])
            face[:3, :half] = face[3:, :half]  # rows from the half on stay 0: the masked copy
        return faces

    def paste(
        self, picture: NDArray[np.float32], strength: float, loop_index: int
    ) -> NDArray[np.uint8]:
        """Lay one picture of the window, (3, height, width), 0..1, over the loop."""
        window = self.loop.window
        before = self.loop.faces[loop_index][:, window.rows, window.columns].astype(np.float32)
        change = (picture * np.float32(255) - before) * np.float32(strength)
        return self._paster.paste(
            self.loop.skin[loop_index],
            self.loop.grain(loop_index),
            np.ascontiguousarray(before.transpose(1, 2, 0)),
            np.ascontiguousarray(change.transpose(1, 2, 0)),
            self.loop.placement(loop_index),
        )
