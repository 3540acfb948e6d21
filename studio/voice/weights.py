"""The weights of a finished voice, read back from its file: to train on, or to export again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from kiosk.errors import BadInput
from studio.voice.acoustic import Acoustic
from studio.voice.settings import CEPSTRA

Array = NDArray[np.float32]


def read_weights(path: Path) -> dict[str, Tensor]:
    """The state of an :class:`Acoustic` from a voice that this recipe exported.

    The exporter writes parameters in the order of the modules. Only three kinds look different: it
    transposes a linear layer's matrix, joins the two directions of the GRU and puts its gates in
    another order, and moves both to the end.

    Raises:
        BadInput: The file is another kind of voice.
    """
    try:
        graph = onnx.load(str(path)).graph
    except (OSError, DecodeError) as error:
        raise BadInput(f"The voice cannot be read ({error}).", where=path) from error
    stored = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    state: dict[str, Tensor] = Acoustic().state_dict()
    try:
        special = _matrix(graph, stored) | _recurrent(graph, stored)
        used = {
            name for node in graph.node if node.op_type in {"GRU", "MatMul"} for name in node.input
        }
        rest = {name: array for name, array in stored.items() if name not in used}
        statistics = [array for array in rest.values() if array.shape == (CEPSTRA + 1,)]
        # The first voices also had a gain for each parameter, which belongs to the deviation.
        special["mean"] = statistics[0]
        special["deviation"] = np.prod(statistics[1:], axis=0)
        plain = iter([array for array in rest.values() if array.shape != (CEPSTRA + 1,)])
        for name, tensor in state.items():
            array = special[name] if name in special else next(plain)
            state[name] = torch.from_numpy(array.copy()).reshape(tensor.shape)
    except (StopIteration, IndexError, KeyError, RuntimeError) as error:
        raise BadInput(
            "This is no voice of this recipe.", where=path, remedy="Name one that it exported."
        ) from error
    return state


def _matrix(graph: onnx.GraphProto, stored: dict[str, Array]) -> dict[str, Array]:
    names = [name for node in _nodes(graph, "MatMul") for name in node.input if name in stored]
    return {"decoder_in.weight": stored[names[0]].T}


def _recurrent(graph: onnx.GraphProto, stored: dict[str, Array]) -> dict[str, Array]:
    """The GRU: ONNX has the gates update, reset, hidden; PyTorch reset, update, hidden."""
    node = next(iter(_nodes(graph, "GRU")))
    inputs, states, biases = (stored[name] for name in node.input[1:4])
    found = {}
    for direction, suffix in enumerate(("", "_reverse")):
        input_bias, state_bias = np.split(biases[direction], 2)
        found[f"context.weight_ih_l0{suffix}"] = _reset_first(inputs[direction])
        found[f"context.weight_hh_l0{suffix}"] = _reset_first(states[direction])
        found[f"context.bias_ih_l0{suffix}"] = _reset_first(input_bias)
        found[f"context.bias_hh_l0{suffix}"] = _reset_first(state_bias)
    return found


def _reset_first(gates: Array) -> Array:
    update, reset, hidden = np.split(gates, 3)
    return np.concatenate([reset, update, hidden])


def _nodes(graph: onnx.GraphProto, kind: str) -> Iterable[onnx.NodeProto]:
    return (node for node in graph.node if node.op_type == kind)
