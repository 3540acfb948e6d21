"""The trained networks as one ONNX file with Wav2Lip's contract."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import Tensor, nn

from kiosk.errors import BadInput
from kiosk.lipsync.mel import BANDS, WINDOW_COLUMNS

OPSET = 17
MEL, FACE, OUTPUT = "mel_spectrogram", "video_frames", "predicted_frames"
_MOST_APART = 2e-4  # of 0..1: a twentieth of what 8 bits can show
_TRIAL_BATCH = 2


def export_onnx(network: nn.Module, size: int, path: Path) -> float:
    """Write a network with the contract's inputs; the file appears whole or not at all.

    Args:
        network: Takes mel (B, 1, 80, 16) and face (B, 6, S, S), gives (B, 3, S, S).
        size: Side S.
        path: The file.

    Returns:
        The largest difference between PyTorch and onnxruntime on random input.

    Raises:
        BadInput: The two disagree, or the file cannot be written.
    """
    network = network.cpu().float().eval()
    random = torch.Generator().manual_seed(7)
    mel = torch.rand(_TRIAL_BATCH, 1, BANDS, WINDOW_COLUMNS, generator=random) * 8 - 4
    face = torch.rand(_TRIAL_BATCH, 6, size, size, generator=random)
    model = _with_fixed_output(_traced(network, mel, face), size)
    part = path.with_name(f".{path.name}.part")
    try:
        onnx.save(model, part)
        apart = _difference(network, part, mel, face)
        if not apart <= _MOST_APART:
            raise BadInput(
                f"The exported model differs from the trained one by {apart:.2g}.",
                where=path,
                remedy="Update torch and onnxruntime, and export again with --resume.",
            )
        os.replace(part, path)
    except OSError as error:
        raise BadInput(
            f"The model cannot be written ({error.strerror or error}).",
            where=path,
            remedy="Name an --out in a folder that may be written and has space.",
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return apart


def _traced(network: nn.Module, mel: Tensor, face: Tensor) -> Any:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The tracing exporter is called old; the new one needs two more packages and its graph
        # names every layer anew. Its other warnings concern Python values, which do not vary here.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (mel, face),
            buffer,
            input_names=[MEL, FACE],
            output_names=[OUTPUT],
            dynamic_axes={name: {0: "batch"} for name in (MEL, FACE, OUTPUT)},
            opset_version=OPSET,
            dynamo=False,
        )
    return onnx.load_from_string(buffer.getvalue())


def _with_fixed_output(model: Any, size: int) -> Any:
    """Slices leave the output's size open, though it is always S."""
    sides = model.graph.output[0].type.tensor_type.shape.dim
    for axis, length in ((1, 3), (2, size), (3, size)):
        sides[axis].ClearField("dim_param")
        sides[axis].dim_value = length
    onnx.checker.check_model(model)
    return model


def _difference(network: nn.Module, path: Path, mel: Tensor, face: Tensor) -> float:
    session: Any = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (theirs,) = session.run([OUTPUT], {MEL: mel.numpy(), FACE: face.numpy()})
    with torch.no_grad():
        ours = network(mel, face).numpy()
    return float(np.abs(ours - theirs).max())


def multiplications(path: Path) -> float:
    """Multiply-accumulates of one frame in the convolutions and matrix products, in millions."""
    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    graph = model.graph
    shapes = {
        value.name: [side.dim_value or 1 for side in value.type.tensor_type.shape.dim]
        for value in (*graph.value_info, *graph.output, *graph.input)
    }
    weights = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    total = 0.0
    for node in graph.node:
        if node.op_type == "Conv":
            kernel = weights[node.input[1]]
            total += float(np.prod(kernel)) * float(np.prod(shapes[node.output[0]][2:]))
        elif node.op_type == "ConvTranspose":
            kernel = weights[node.input[1]]
            total += float(np.prod(kernel)) * float(np.prod(shapes[node.input[0]][2:]))
        elif node.op_type == "Gemm":
            total += float(np.prod(weights[node.input[1]]))
    return total / 1e6
