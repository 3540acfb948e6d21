"""What a lips model wants, read from the model itself.

Wav2Lip's contract: a mel window (batch, 1, 80, 16) and a masked and a whole face, stacked
(batch, 6, S, S), give the new face (batch, 3, S, S) in 0..1. Size, names, order and batch differ
from export to export; the two inputs are told apart by their shapes.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from kiosk.errors import ModelBroken, ModelMissing
from kiosk.lipsync.mel import BANDS, WINDOW_COLUMNS

MAX_BATCH = 4
"""Frames computed at once where the model permits: more would only delay the first of them."""

_KNOWN_DOMAINS = ("ai.onnx.", "com.microsoft.", "com.ms.")
_FLOATS: dict[str, np.dtype[Any]] = {
    "tensor(float)": np.dtype(np.float32),
    "tensor(float16)": np.dtype(np.float16),
}
# Sizes to try with a model whose face size is left open.
_COMMON_SIZES = (96, 256, 128, 160, 192, 288, 384)
_LARGEST_SIZE = 1024
_CURE = "Export it again in Wav2Lip's contract, or name another model in portrait.lips."
_TOLERANCE = 0.02  # by which outputs may leave 0..1 through rounding


@dataclass(frozen=True, slots=True)
class Contract:
    """How to call one lips model.

    Attributes:
        size: Side S of the square face, pixels; 0 while it is left open.
        mel_input: Name of the mel window's input.
        face_input: Name of the face's input.
        output: Name of the new face.
        batch: Largest number of frames in one call.
        fixed_batch: True if each call must have exactly ``batch`` frames.
        dtype: Type of all tensors, float32 or float16.
    """

    size: int
    mel_input: str
    face_input: str
    output: str
    batch: int
    fixed_batch: bool
    dtype: np.dtype[Any]


def check_file(path: Path) -> None:
    """Refuse what is missing, or keeps its weights in further files.

    External data could point at any file of the machine, and a model without them is useless.

    Raises:
        ModelMissing: There is no such file.
        ModelBroken: It is empty or refers to external data.
    """
    if not path.is_file():
        raise ModelMissing(
            "The lips model is not installed.",
            where=path,
            remedy="Run 'kiosk models list' to see what can be fetched.",
        )
    if path.stat().st_size == 0:
        raise ModelBroken("The lips model is empty.", where=path, remedy="Install it again.")
    # ONNX's record of external data: a map whose one mandatory key is "location" (onnx.proto,
    # TensorProto.external_data), serialised as field 1, length 8, followed by the value's field 2.
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        external = data.find(b"\x0a\x08location\x12") >= 0
    if external:
        raise ModelBroken(
            "The lips model keeps its weights in another file.",
            where=path,
            remedy="Save it as a single file (onnx.save without external data).",
        )


def foreign_operators(path: Path) -> str:
    """Operators a model uses that neither ONNX nor onnxruntime defines, for a message; or ""."""
    try:
        model = onnx.load(path, load_external_data=False)
    except Exception:  # no ONNX file at all; the libraries' exceptions have no public base class
        return ""
    kinds = {f"{node.domain}.{node.op_type}" for node in model.graph.node if node.domain}
    return ", ".join(sorted(kind for kind in kinds if not kind.startswith(_KNOWN_DOMAINS)))


def read_contract(session: Any, path: Path) -> Contract:
    """Identify inputs and output of an onnxruntime session by their shapes.

    Raises:
        ModelBroken: The model does not have Wav2Lip's contract.
    """
    inputs, outputs = session.get_inputs(), session.get_outputs()
    mels = [tensor for tensor in inputs if _fits(tensor.shape, 1, (BANDS, WINDOW_COLUMNS))]
    faces = [tensor for tensor in inputs if _fits(tensor.shape, 6, None)]
    if len(inputs) != 2 or len(mels) != 1 or len(faces) != 1:
        raise _refusal("its inputs are", inputs, path)
    pictures = [tensor for tensor in outputs if _fits(tensor.shape, 3, None)]
    if len(pictures) != 1:
        raise _refusal("its outputs are", outputs, path)
    mel, face, picture = mels[0], faces[0], pictures[0]
    if len({tensor.type for tensor in (mel, face, picture)}) != 1 or mel.type not in _FLOATS:
        raise _refusal("its number types are", [mel, face, picture], path)
    sides = {side for side in (*face.shape[2:], *picture.shape[2:]) if isinstance(side, int)}
    if len(sides) > 1 or any(side % 2 or not 16 <= side <= _LARGEST_SIZE for side in sides):
        raise _refusal("the sizes of its faces are", [face, picture], path)
    batches = {tensor.shape[0] for tensor in (mel, face) if isinstance(tensor.shape[0], int)}
    if len(batches) > 1:
        raise _refusal("the batches of its inputs are", inputs, path)
    return Contract(
        size=sides.pop() if sides else 0,
        mel_input=mel.name,
        face_input=face.name,
        output=picture.name,
        batch=next(iter(batches), MAX_BATCH),
        fixed_batch=bool(batches),
        dtype=_FLOATS[mel.type],
    )


def _fits(shape: Sequence[Any], channels: int, sides: tuple[int, int] | None) -> bool:
    """Whether a shape (batch, channels, height, width) may be meant; open sides fit anything."""
    if len(shape) != 4 or shape[1] != channels:
        return False
    return sides is None or all(
        side == wanted or not isinstance(side, int)
        for side, wanted in zip(shape[2:], sides, strict=True)
    )


def _refusal(what: str, tensors: Sequence[Any], path: Path) -> ModelBroken:
    shown = ", ".join(f"{tensor.name} {tensor.type} {list(tensor.shape)}" for tensor in tensors)
    return ModelBroken(
        f"The model does not have the contract of a lips model: {what} {shown or 'none'}.",
        where=path,
        remedy=_CURE,
    )


def candidate_sizes(contract: Contract) -> Sequence[int]:
    """Face sizes to try: the model's own, or the usual ones if it leaves its size open."""
    return (contract.size,) if contract.size else _COMMON_SIZES


def check_output(output: NDArray[Any], frames: int, size: int, path: Path) -> None:
    """Check the result of a trial run on a grey face in silence.

    Raises:
        ModelBroken: Wrong shape, not finite, or not in 0..1.
    """
    if output.shape != (frames, 3, size, size):
        raise ModelBroken(
            f"The lips model gives {list(output.shape)} instead of {[frames, 3, size, size]}.",
            where=path,
            remedy=_CURE,
        )
    if not np.isfinite(output).all():
        raise ModelBroken(
            "The lips model computes values that are not numbers.",
            where=path,
            remedy="Its weights are damaged: install it again.",
        )
    low, high = float(output.min()), float(output.max())
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        raise ModelBroken(
            f"The lips model's picture has values from {low:.2f} to {high:.2f} instead of 0 to 1.",
            where=path,
            remedy=_CURE,
        )
