"""The nodes of a network in bytes, channels last, written one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from kiosk.lipsync.graph.scale import Scale
from kiosk.lipsync.graph.span import Span

FUSED = "com.microsoft"
"""Domain of onnxruntime's own operators."""

TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
"""Permutations: channels first to last, and back."""

_LARGEST_BIAS = 2**31 - 1


class ByteWriter:
    """Aim: one method for each kind of node; all return the name of the tensor they made.

    Tensors are uint8, shape (n, height, width, channels), unless said otherwise.

    Attributes:
        nodes: Written so far.
        weights: Likewise.

    Args:
        weight_bits: 8, or 7 where a processor's sums of products would overflow.
    """

    def __init__(self, weight_bits: int) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._limit = 2 ** (weight_bits - 1) - 1

    def node(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Any node with one output."""
        name = f"{kind.lower()}@{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], domain=domain, **attributes))
        return name

    def weight(self, values: NDArray[Any], name: str = "") -> str:
        """A constant."""
        name = name or f"w@{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def conv(
        self,
        source: str,
        weight: NDArray[Any],
        bias: NDArray[Any],
        given: Scale,
        wanted: Scale,
        *,
        pads: Sequence[int] = (0, 0, 0, 0),
        strides: Sequence[int] = (1, 1),
    ) -> str:
        """A convolution; its weights get one scale for each output channel.

        Args:
            source: Input.
            weight: In float, shape (outside, inside, height, width).
            bias: In float, shape (outside,).
            given: Scale of the input.
            wanted: Scale of the output; whatever is below its range is cut off.
            pads: Zeros before rows, before columns, after rows, after columns.
            strides: Of rows and columns.
        """
        largest = np.abs(weight).max(axis=(1, 2, 3))
        scale = np.maximum(largest / self._limit, 1e-8).astype(np.float32)
        steps = np.rint(weight / scale[:, None, None, None]).astype(np.int8)
        whole = np.rint(bias / (scale.astype(np.float64) * given.scale))
        return self.node(
            "QLinearConv",
            source,
            *self._scale(given),
            self.weight(steps),
            self.weight(scale),
            self.weight(np.zeros(len(scale), dtype=np.int8)),
            *self._scale(wanted),
            self.weight(np.clip(whole, -_LARGEST_BIAS, _LARGEST_BIAS).astype(np.int32)),
            domain=FUSED,
            channels_last=1,
            kernel_shape=list(weight.shape[2:]),
            pads=list(pads),
            strides=list(strides),
        )

    def add(self, one: str, one_scale: Scale, other: str, other_scale: Scale, out: Scale) -> str:
        """A sum of two tensors of one shape."""
        operands = (one, *self._scale(one_scale), other, *self._scale(other_scale))
        return self.node("QLinearAdd", *operands, *self._scale(out), domain=FUSED)

    def leaky_relu(self, source: str, given: Scale, wanted: Scale, slope: float) -> str:
        scales = (*self._scale(given), *self._scale(wanted))
        return self.node("QLinearLeakyRelu", source, *scales, domain=FUSED, alpha=slope)

    def reshape(self, source: str, sizes: Sequence[int]) -> str:
        return self.node("Reshape", source, self.weight(np.array(sizes, dtype=np.int64)))

    def part(self, source: str, spans: dict[int, Span]) -> str:
        """Some rows or columns: axis to span."""
        if not spans:
            return source
        bounds = (
            [span.start for span in spans.values()],
            [span.stop for span in spans.values()],
            list(spans),
        )
        weights = [self.weight(np.array(values, dtype=np.int64)) for values in bounds]
        return self.node("Slice", source, *weights)

    def to_bytes(self, source: str, scale: Scale) -> str:
        """Bytes, channels last, from float, channels first."""
        turned = self.node("Transpose", source, perm=TO_LAST)
        return self.node("QuantizeLinear", turned, *self._scale(scale))

    def to_float(self, source: str, scale: Scale) -> str:
        """Float, channels first, from bytes, channels last."""
        values = self.node("DequantizeLinear", source, *self._scale(scale))
        return self.node("Transpose", values, perm=TO_FIRST)

    def _scale(self, scale: Scale) -> tuple[str, str]:
        return (
            self.weight(np.array(scale.scale, dtype=np.float32)),
            self.weight(np.array(scale.zero, dtype=np.uint8)),
        )
