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
from onnx import TensorProto, helper

from kiosk.lipsync.graph.network import Network, attribute
from kiosk.lipsync.graph.scale import Scale, shared_scales
from kiosk.lipsync.graph.span import Span, Spreading
from kiosk.lipsync.graph.spread import phase_convs
from kiosk.lipsync.graph.writer import FUSED, TO_LAST, ByteWriter


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
    """Decides for each node how to write it, and knows in which forms each tensor is there.

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
        self.writer = ByteWriter(weight_bits)
        self.scales = shared_scales(network, ranges)
        self.as_bytes: dict[str, str] = {}
        self.as_float: dict[str, str] = {}
        self._consumers = network.consumers()
        self._floats: dict[str, None] = {}
        self._done: set[str] = set()
        convs = [node for node in network.nodes if node.op_type.startswith("Conv")]
        self._float_convs = {node.output[0] for node in convs[len(convs) - float_tail :]}

    def run(self) -> Quantised:
        network, writer = self.network, self.writer
        inputs = []
        features: dict[str, Scale] = {}
        for value in network.model.graph.input:
            if value.name == self.mel_input or value.name not in self.scales:
                self.as_float[value.name] = value.name
                inputs.append(value)
                continue
            batch, channels, height, width = network.shapes[value.name]
            self.as_bytes[value.name] = value.name
            features[value.name] = self.scales[value.name]
            sizes = [batch or "batch", height, width, channels]
            inputs.append(helper.make_tensor_value_info(value.name, TensorProto.UINT8, sizes))
        for node in network.nodes:
            if node.output[0] not in self._done:
                self._write(node)
        (output,) = network.outputs
        final = self._float(output)
        if final != output:
            writer.nodes.append(helper.make_node("Identity", [final], [output]))
        outputs = list(network.model.graph.output)
        graph = helper.make_graph(writer.nodes, "lips", inputs, outputs, writer.weights)
        opsets = [*network.model.opset_import, helper.make_opsetid(FUSED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=network.model.ir_version)
        return Quantised(model, features, tuple(self._floats))

    def _write(self, node: onnx.NodeProto) -> None:
        target = node.output[0]
        in_bytes = target in self.scales and target not in self._float_convs
        if not (in_bytes and self._write_bytes(node)):
            self._write_float(node)

    def _write_bytes(self, node: onnx.NodeProto) -> bool:
        """Write a node on bytes; False if it must be computed in float."""
        kind, data = node.op_type, node.input[0] if node.input else ""
        if kind == "Conv" and self._plain_conv(node):
            self._write_conv(node)
        elif kind == "ConvTranspose" and self._plain_conv(node):
            return self._write_transposed(node)
        elif kind == "Add" and self._sums_alike(node):
            self._write_add(node)
        elif kind == "Concat" and all(name in self.scales for name in node.input):
            axis = TO_LAST.index(int(attribute(node, "axis")) % 4)
            sources = [self._bytes(one) for one in node.input]
            self.as_bytes[node.output[0]] = self.writer.node("Concat", *sources, axis=axis)
        elif kind in ("Relu", "LeakyRelu") and data in self.as_bytes:
            slope = 0.0 if kind == "Relu" else float(attribute(node, "alpha", 0.01))
            self.as_bytes[node.output[0]] = self.writer.leaky_relu(
                self._bytes(data), self.scales[data], self.scales[node.output[0]], slope
            )
        elif kind == "Slice" and data in self.as_bytes and len(node.input) > 3:
            return self._write_slice(node)
        else:
            return False
        return True

    def _write_float(self, node: onnx.NodeProto) -> None:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = [self._float(name) if name else "" for name in node.input]
        self.writer.nodes.append(copy)
        self.as_float.update({name: name for name in node.output})
        self._floats[node.op_type] = None

    def _write_conv(self, node: onnx.NodeProto) -> None:
        target = self._behind_relu(node.output[0])
        weight = self.network.weights[node.input[1]]
        self.as_bytes[target] = self.writer.conv(
            self._bytes(node.input[0]),
            weight,
            self._bias(node, weight.shape[0]),
            self.scales[node.input[0]],
            self.scales[target],
            pads=attribute(node, "pads", [0, 0, 0, 0]),
            strides=attribute(node, "strides", [1, 1]),
        )

    def _bias(self, node: onnx.NodeProto, channels: int) -> NDArray[Any]:
        if len(node.input) > 2 and node.input[2]:
            return self.network.weights[node.input[2]]
        return np.zeros(channels, dtype=np.float32)

    def _write_transposed(self, node: onnx.NodeProto) -> bool:
        """A ConvTranspose as convolutions; False if it cannot be written so."""
        data = node.input[0]
        inside, outside = self.network.shapes[data], self.network.shapes[node.output[0]]
        rows, columns, height, width = (size or 0 for size in (*inside[2:], *outside[2:]))
        weight = self.network.weights[node.input[1]]
        channels = weight.shape[1]
        pads = attribute(node, "pads", [0, 0, 0, 0])
        strides = attribute(node, "strides", [1, 1])
        bias = self._bias(node, channels)
        spreads_one = (rows, columns) == (1, 1) and not any(pads)
        convs = None
        if not (spreads_one and (height, width) == weight.shape[2:]):
            kernels = [Spreading(weight.shape[at + 2], strides[at], 1, pads[at]) for at in (0, 1)]
            convs = phase_convs(weight, (kernels[0], kernels[1]), (rows, columns), (height, width))
            if convs is None:
                return False
        target = self._behind_relu(node.output[0])
        source, given, wanted = self._bytes(data), self.scales[data], self.scales[target]
        writer = self.writer
        if convs is None:
            # One pixel spreads to a whole kernel: a product with nothing to slide over.
            spread = weight.transpose(2, 3, 1, 0).reshape(-1, weight.shape[0], 1, 1)
            joined = writer.conv(source, spread, np.tile(bias, height * width), given, wanted)
        else:
            phases = []
            for conv in convs:
                spans = {1: (conv.rows, rows), 2: (conv.columns, columns)}
                cut = {at: span for at, (span, size) in spans.items() if span != Span(0, size)}
                part = writer.part(source, cut)
                repeated = np.tile(bias, strides[1])
                phase = writer.conv(part, conv.weight, repeated, given, wanted, pads=conv.pads)
                phases.append(writer.reshape(phase, [0, height // strides[0], 1, width * channels]))
            joined = phases[0] if len(phases) == 1 else writer.node("Concat", *phases, axis=2)
        self.as_bytes[target] = writer.reshape(joined, [0, height, width, channels])
        return True

    def _write_add(self, node: onnx.NodeProto) -> None:
        target = self._behind_relu(node.output[0])
        one, other = node.input
        self.as_bytes[target] = self.writer.add(
            self._bytes(one),
            self.scales[one],
            self._bytes(other),
            self.scales[other],
            self.scales[target],
        )

    def _write_slice(self, node: onnx.NodeProto) -> bool:
        axes = self.network.weights.get(node.input[3])
        if axes is None:
            return False
        moved = np.array([TO_LAST.index(int(axis) % 4) for axis in axes], dtype=np.int64)
        bounds = [self._float(node.input[1]), self._float(node.input[2]), self.writer.weight(moved)]
        steps = [self._float(one) for one in node.input[4:]]
        source = self._bytes(node.input[0])
        self.as_bytes[node.output[0]] = self.writer.node("Slice", source, *bounds, *steps)
        return True

    def _behind_relu(self, name: str) -> str:
        """The tensor a node may write at once: behind its ReLU, if nothing else reads it."""
        readers = self._consumers.get(name, [])
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

    def _bytes(self, name: str) -> str:
        """The tensor as bytes, channels last; converted if it is there in float only."""
        if name not in self.as_bytes:
            self.as_bytes[name] = self.writer.to_bytes(self._float(name), self.scales[name])
        return self.as_bytes[name]

    def _float(self, name: str) -> str:
        """The tensor in float, channels first; converted if it is there as bytes only."""
        if name not in self.as_float:
            if name in self.network.weights:
                self.as_float[name] = self.writer.weight(self.network.weights[name], name)
            else:
                self.as_float[name] = self.writer.to_float(self.as_bytes[name], self.scales[name])
        return self.as_float[name]
