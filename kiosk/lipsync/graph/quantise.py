"""A network in 8-bit numbers, with channels last: what two cores of a processor compute fastest.

Convolutions, sums and joins run on bytes; whatever else a network holds is computed in float as it
stands, between a conversion there and one back. Tensors are uint8 with one scale and zero point
each, weights int8 with one scale for each output channel. A ReLU costs nothing: its output's zero
point is 0, so that what is below is cut off by the rounding itself.

onnxruntime's own static quantiser writes the same arithmetic between DequantizeLinear and
QuantizeLinear nodes, but has no kernel for ConvTranspose, and shuffles channels to the end and back
round every interleaving. Written out here, nothing is moved (see ``spread``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from kiosk.lipsync.graph.network import Network, attribute
from kiosk.lipsync.graph.span import Spreading
from kiosk.lipsync.graph.spread import PhaseConv, phase_convs

_FUSED = "com.microsoft"  # onnxruntime's own operators
_TO_LAST, _TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]
_SAME_RANGE = ("Relu", "Concat")


@dataclass(frozen=True, slots=True)
class Scale:
    """How bytes stand for numbers: ``scale * (byte - zero)``."""

    scale: float
    zero: int

    def bytes_of(self, values: NDArray[np.float32]) -> NDArray[np.uint8]:
        """The nearest bytes."""
        steps = np.rint(values / np.float32(self.scale)) + self.zero
        return np.asarray(np.clip(steps, 0, 255), dtype=np.uint8)


def scale_of(low: float, high: float) -> Scale:
    """The scale whose bytes reach from ``low`` (or 0) to ``high`` (or 0)."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = max(high - low, 1e-6) / 255
    return Scale(float(np.float32(scale)), round(-low / scale))


@dataclass(frozen=True, slots=True)
class Quantised:
    """A network in bytes.

    Attributes:
        model: Takes the sound in float, as the original does, and stored features as uint8 with
            channels last, (n, height, width, channels).
        features: How to turn each feature into bytes.
        floats: Kinds of nodes left in float.
    """

    model: onnx.ModelProto
    features: dict[str, Scale]
    floats: tuple[str, ...]


def quantise(
    network: Network,
    ranges: Mapping[str, tuple[float, float]],
    mel_input: str,
    *,
    weight_bits: int = 8,
    float_tail: int = 0,
) -> Quantised:
    """Write a network in bytes.

    Args:
        network: In float32, batch normalisation folded in.
        ranges: Smallest and largest value of every tensor of four dimensions, as observed.
        mel_input: Its input that stays in float.
        weight_bits: 7 where a processor's 8-bit sums would overflow.
        float_tail: How many convolutions at the end to leave in float.
    """
    return _Quantiser(network, ranges, mel_input, weight_bits, float_tail).run()


class _Quantiser:
    """Writes nodes one after the other, and knows in which forms each tensor is there.

    Attributes:
        scales: Of every tensor that may be needed as bytes.
        as_bytes: Tensor to its name as bytes, channels last.
        as_float: Tensor to its name in float, channels first.
    """

    def __init__(
        self,
        network: Network,
        ranges: Mapping[str, tuple[float, float]],
        mel_input: str,
        weight_bits: int,
        float_tail: int,
    ) -> None:
        self.network = network
        self.mel_input = mel_input
        self.limit = 2 ** (weight_bits - 1) - 1
        self.consumers = network.consumers()
        self.producers = network.producers()
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.as_bytes: dict[str, str] = {}
        self.as_float: dict[str, str] = {name: name for name in network.weights}
        self.floats: dict[str, None] = {}
        self.scales = self._shared_scales(ranges)
        convs = [node for node in network.nodes if node.op_type.startswith("Conv")]
        self._float_convs = {node.output[0] for node in convs[len(convs) - float_tail :]}
        self._done: set[str] = set()

    def run(self) -> Quantised:
        network = self.network
        inputs = []
        for value in network.model.graph.input:
            if value.name == self.mel_input or value.name not in self.scales:
                self.as_float[value.name] = value.name
                inputs.append(value)
                continue
            batch, channels, height, width = network.shapes[value.name]
            self.as_bytes[value.name] = value.name
            sizes = [batch or "batch", height, width, channels]
            inputs.append(helper.make_tensor_value_info(value.name, TensorProto.UINT8, sizes))
        for node in network.nodes:
            if node.output[0] not in self._done:
                self._write(node)
        (output,) = network.outputs
        final = self._float(output)
        if final != output:
            self.nodes.append(helper.make_node("Identity", [final], [output]))
        graph = helper.make_graph(
            self.nodes, "lips", inputs, list(network.model.graph.output), self.weights
        )
        opsets = [*network.model.opset_import, helper.make_opsetid(_FUSED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=network.model.ir_version)
        features = {
            value.name: self.scales[value.name] for value in inputs if value.name in self.as_bytes
        }
        return Quantised(model, features, tuple(self.floats))

    # --- scales -------------------------------------------------------------------------------

    def _shared_scales(self, ranges: Mapping[str, tuple[float, float]]) -> dict[str, Scale]:
        """Scales of all tensors; those that are joined get the same one, so that joining copies."""
        group = {name: name for name in ranges}

        def head(name: str) -> str:
            while group[name] != name:
                name = group[name]
            return name

        for node in self.network.nodes:
            tied = node.op_type in ("Concat", "Slice", "Identity", "Reshape")
            names = [name for name in (*node.input, *node.output) if name in ranges]
            if tied:
                for name in names[1:]:
                    group[head(name)] = head(names[0])
        hulls: dict[str, tuple[float, float]] = {}
        for name, (low, high) in ranges.items():
            known = hulls.get(head(name), (low, high))
            hulls[head(name)] = min(low, known[0]), max(high, known[1])
        return {name: scale_of(*hulls[head(name)]) for name in ranges}

    # --- nodes --------------------------------------------------------------------------------

    def _write(self, node: onnx.NodeProto) -> None:
        kind = node.op_type
        data = node.input[0] if node.input else ""
        if node.output[0] in self._float_convs or node.output[0] not in self.scales:
            self._write_float(node)
        elif kind == "Conv" and self._plain_conv(node):
            self._write_conv(node)
        elif kind == "ConvTranspose" and self._plain_conv(node) and self._write_transposed(node):
            pass
        elif kind == "Add" and self._sums_alike(node):
            self._write_add(node)
        elif kind == "Concat" and all(name in self.scales for name in node.input):
            self._write_concat(node)
        elif kind in ("Relu", "LeakyRelu") and data in self.as_bytes:
            self._write_activation(node)
        elif kind == "Slice" and data in self.as_bytes and self._sliced_axes(node) is not None:
            self._write_slice(node)
        else:
            self._write_float(node)

    def _write_float(self, node: onnx.NodeProto) -> None:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = [self._float(name) if name else "" for name in node.input]
        self.nodes.append(copy)
        self.as_float.update({name: name for name in node.output})
        self.floats[node.op_type] = None

    def _write_conv(self, node: onnx.NodeProto) -> None:
        target = self._with_relu(node.output[0])
        weight = self.network.weights[node.input[1]]
        pads = tuple(attribute(node, "pads", [0, 0, 0, 0]))
        self.as_bytes[target] = self._conv(
            self._bytes(node.input[0]),
            weight,
            self._bias(node, weight.shape[0]),
            self.scales[node.input[0]],
            self.scales[target],
            pads=pads,
            strides=attribute(node, "strides", [1, 1]),
        )

    def _bias(self, node: onnx.NodeProto, channels: int) -> NDArray[Any]:
        if len(node.input) > 2 and node.input[2]:
            return self.network.weights[node.input[2]]
        return np.zeros(channels, dtype=np.float32)

    def _conv(
        self,
        source: str,
        weight: NDArray[Any],
        bias: NDArray[Any],
        given: Scale,
        wanted: Scale,
        *,
        pads: tuple[int, ...],
        strides: list[int],
    ) -> str:
        """One convolution on bytes; returns its output's name."""
        largest = np.abs(weight).max(axis=(1, 2, 3))
        scale = np.maximum(largest / self.limit, 1e-8).astype(np.float32)
        steps = np.rint(weight / scale[:, None, None, None]).astype(np.int8)
        whole = np.rint(bias / (scale.astype(np.float64) * given.scale))
        name = self._new("conv")
        self.nodes.append(
            helper.make_node(
                "QLinearConv",
                [
                    source,
                    *self._scale(given),
                    self._weight(steps),
                    self._weight(scale),
                    self._weight(np.zeros(len(scale), dtype=np.int8)),
                    *self._scale(wanted),
                    self._weight(np.clip(whole, -(2**31), 2**31 - 1).astype(np.int32)),
                ],
                [name],
                domain=_FUSED,
                channels_last=1,
                kernel_shape=list(weight.shape[2:]),
                pads=list(pads),
                strides=list(strides),
            )
        )
        return name

    def _write_transposed(self, node: onnx.NodeProto) -> bool:
        """A ConvTranspose as convolutions; False if it cannot be written so."""
        network = self.network
        inside, outside = (network.shapes[name] for name in (node.input[0], node.output[0]))
        weight = network.weights[node.input[1]]
        target = self._with_relu(node.output[0])
        pads = attribute(node, "pads", [0, 0, 0, 0])
        strides = attribute(node, "strides", [1, 1])
        bias = self._bias(node, weight.shape[1])
        height, width = (size or 0 for size in outside[2:])
        given, wanted = self.scales[node.input[0]], self.scales[target]
        if inside[2:] == (1, 1) and not any(pads) and (height, width) == weight.shape[2:]:
            # One pixel spreads to a whole kernel: a product with nothing to slide over.
            spread = weight.transpose(2, 3, 1, 0).reshape(-1, weight.shape[0], 1, 1)
            repeated = np.tile(bias, height * width)
            name = self._conv(
                self._bytes(node.input[0]), spread, repeated, given, wanted, pads=(0,) * 4,
                strides=[1, 1],
            )  # fmt: skip
            self.as_bytes[target] = self._reshaped(name, [0, height, width, weight.shape[1]])
            return True
        kernels = tuple(
            Spreading(weight.shape[axis + 2], strides[axis], 1, pads[axis]) for axis in (0, 1)
        )
        convs = phase_convs(
            weight, (kernels[0], kernels[1]), (inside[2] or 0, inside[3] or 0), (height, width)
        )
        if convs is None:
            self._done.discard(target)
            return False
        source = self._bytes(node.input[0])
        rows = []
        for conv in convs:
            part = self._part(source, conv, (inside[2] or 0, inside[3] or 0))
            repeated = np.tile(bias, strides[1])
            name = self._conv(
                part, conv.weight, repeated, given, wanted, pads=conv.pads, strides=[1, 1]
            )
            rows.append(self._reshaped(name, [0, height // strides[0], 1, width * weight.shape[1]]))
        joined = rows[0]
        if len(rows) > 1:
            joined = self._new("rows")
            self.nodes.append(helper.make_node("Concat", rows, [joined], axis=2))
        self.as_bytes[target] = self._reshaped(joined, [0, height, width, weight.shape[1]])
        return True

    def _part(self, source: str, conv: PhaseConv, inside: tuple[int, int]) -> str:
        spans = (conv.rows, conv.columns)
        cut = [
            (axis + 1, span)
            for axis, span in enumerate(spans)
            if (span.start, span.stop) != (0, inside[axis])
        ]
        if not cut:
            return source
        name = self._new("part")
        bounds = [
            self._weight(np.array(values, dtype=np.int64))
            for values in (
                [span.start for _, span in cut],
                [span.stop for _, span in cut],
                [axis for axis, _ in cut],
            )
        ]
        self.nodes.append(helper.make_node("Slice", [source, *bounds], [name]))
        return name

    def _write_add(self, node: onnx.NodeProto) -> None:
        target = self._with_relu(node.output[0])
        name = self._new("sum")
        operands = []
        for one in node.input:
            operands += [self._bytes(one), *self._scale(self.scales[one])]
        self.nodes.append(
            helper.make_node(
                "QLinearAdd",
                [*operands, *self._scale(self.scales[target])],
                [name],
                domain=_FUSED,
            )
        )
        self.as_bytes[target] = name

    def _write_concat(self, node: onnx.NodeProto) -> None:
        name = self._new("join")
        axis = _TO_LAST.index(int(attribute(node, "axis")) % 4)
        sources = [self._bytes(one) for one in node.input]
        self.nodes.append(helper.make_node("Concat", sources, [name], axis=axis))
        self.as_bytes[node.output[0]] = name

    def _write_activation(self, node: onnx.NodeProto) -> None:
        name = self._new("act")
        scales = [
            *self._scale(self.scales[node.input[0]]),
            *self._scale(self.scales[node.output[0]]),
        ]
        slope = 0.0 if node.op_type == "Relu" else attribute(node, "alpha", 0.01)
        self.nodes.append(
            helper.make_node(
                "QLinearLeakyRelu",
                [self._bytes(node.input[0]), *scales],
                [name],
                domain=_FUSED,
                alpha=float(slope),
            )
        )
        self.as_bytes[node.output[0]] = name

    def _sliced_axes(self, node: onnx.NodeProto) -> NDArray[Any] | None:
        return self.network.weights.get(node.input[3]) if len(node.input) > 3 else None

    def _write_slice(self, node: onnx.NodeProto) -> None:
        axes = self._sliced_axes(node)
        assert axes is not None
        name = self._new("part")
        moved = np.array([_TO_LAST.index(int(axis) % 4) for axis in axes], dtype=np.int64)
        bounds = [self._float(node.input[1]), self._float(node.input[2]), self._weight(moved)]
        steps = [self._float(one) for one in node.input[4:]]
        self.nodes.append(
            helper.make_node("Slice", [self._bytes(node.input[0]), *bounds, *steps], [name])
        )
        self.as_bytes[node.output[0]] = name

    # --- helpers ------------------------------------------------------------------------------

    def _with_relu(self, name: str) -> str:
        """The tensor a node may write at once: behind its ReLU, if nothing else reads it."""
        readers = self.consumers.get(name, [])
        if len(readers) == 1 and readers[0].op_type == "Relu" and name not in self.network.outputs:
            self._done.add(readers[0].output[0])
            return str(readers[0].output[0])
        return name

    def _plain_conv(self, node: onnx.NodeProto) -> bool:
        return (
            attribute(node, "group", 1) == 1
            and set(attribute(node, "dilations", [1, 1])) == {1}
            and attribute(node, "auto_pad", b"NOTSET") in (b"NOTSET", b"VALID")
            and node.input[0] in self.scales
            and all(name in self.network.weights for name in node.input[1:] if name)
        )

    def _sums_alike(self, node: onnx.NodeProto) -> bool:
        shapes = {self.network.shapes[name] for name in node.input}
        return len(shapes) == 1 and all(name in self.scales for name in node.input)

    def _reshaped(self, source: str, sizes: list[int]) -> str:
        name = self._new("shape")
        shape = self._weight(np.array(sizes, dtype=np.int64))
        self.nodes.append(helper.make_node("Reshape", [source, shape], [name]))
        return name

    def _bytes(self, name: str) -> str:
        """The tensor as bytes, channels last; converted if it is there in float only."""
        if name not in self.as_bytes:
            turned, found = self._new("last"), self._new("bytes")
            self.nodes += [
                helper.make_node("Transpose", [self.as_float[name]], [turned], perm=_TO_LAST),
                helper.make_node(
                    "QuantizeLinear", [turned, *self._scale(self.scales[name])], [found]
                ),
            ]
            self.as_bytes[name] = found
        return self.as_bytes[name]

    def _float(self, name: str) -> str:
        """The tensor in float, channels first; converted if it is there as bytes only."""
        if name not in self.as_float:
            turned, found = self._new("first"), self._new("float")
            self.nodes += [
                helper.make_node(
                    "DequantizeLinear",
                    [self.as_bytes[name], *self._scale(self.scales[name])],
                    [turned],
                ),
                helper.make_node("Transpose", [turned], [found], perm=_TO_FIRST),
            ]
            self.as_float[name] = found
        elif name in self.network.weights:
            self._keep(name)
        return self.as_float[name]

    def _keep(self, name: str) -> None:
        if all(tensor.name != name for tensor in self.weights):
            self.weights.append(numpy_helper.from_array(self.network.weights[name], name))

    def _scale(self, scale: Scale) -> list[str]:
        return [
            self._weight(np.array(scale.scale, dtype=np.float32)),
            self._weight(np.array(scale.zero, dtype=np.uint8)),
        ]

    def _weight(self, values: NDArray[Any]) -> str:
        name = f"q{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def _new(self, kind: str) -> str:
        return f"{kind}@{len(self.nodes)}"
