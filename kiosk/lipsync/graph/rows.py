"""What each kind of node does with the rows (or columns) of its inputs."""

from __future__ import annotations

import onnx

from kiosk.lipsync.graph.network import Network, attribute
from kiosk.lipsync.graph.span import Sliding, Span, Spreading

_POINTWISE = frozenset(
    (
        *("Abs", "Add", "BatchNormalization", "Cast", "Clip", "Div", "Elu", "Erf", "Exp", "Gelu"),
        *("HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Max", "Min", "Mul", "Neg"),
        *("PRelu", "Pow", "Relu", "Selu", "Sigmoid", "Softplus", "Softsign", "Sqrt", "Sub", "Tanh"),
    )
)
_LINEAR_MARGIN, _CUBIC_MARGIN = 1, 2  # rows beside its own that interpolation reads


class Rows:
    """Aim: for every node that is understood, which rows of its inputs its rows depend on.

    Args:
        network: Is asked for shapes and weights.
        axis: 2 for rows, 3 for columns; "rows" below means either.
    """

    def __init__(self, network: Network, axis: int) -> None:
        self.network = network
        self.axis = axis

    def pointwise(self, node: onnx.NodeProto) -> bool:
        """Whether each number of the output depends on the same place of the inputs only."""
        return node.op_type in _POINTWISE

    def joins(self, node: onnx.NodeProto) -> bool:
        """Whether a node puts its inputs one after the other along the axis."""
        return node.op_type == "Concat" and _axis(node, 4) == self.axis

    def size(self, name: str) -> int | None:
        shape = self.network.shapes.get(name, ())
        return shape[self.axis] if len(shape) == 4 else None

    def follows(self, name: str, node: onnx.NodeProto) -> bool:
        """Whether an operand of a pointwise node runs along the axis as its output does.

        An operand of fewer dimensions is lined up with the last ones, as broadcasting does.
        """
        shape = self.network.shapes.get(name, ())
        along = self.axis - 4
        return len(shape) >= -along and shape[along] == self.size(node.output[0])

    def reads(self, node: onnx.NodeProto, out: Span) -> dict[str, Span] | None:
        """Rows of each input that ``out`` depends on; None if the node is not understood."""
        kind = node.op_type
        if any(self.size(name) is None for name in node.output):
            return None
        if kind in _POINTWISE:
            return {name: out for name in node.input if name and self.follows(name, node)}
        data = node.input[0]
        size = self.size(data)
        if size is None:
            return None
        sliding = self.sliding(node)
        if sliding is not None:
            return {data: sliding.read(out).clipped(size)}
        spreading = self.spreading(node)
        if spreading is not None:
            return {data: spreading.read(out).clipped(size)}
        factor = self.factor(node)
        if factor is not None:
            margin = self._margin(node)
            first = out.start // factor - margin
            return {data: Span(first, -(-out.stop // factor) + margin).clipped(size)}
        if kind == "Concat":
            if _axis(node, 4) != self.axis:
                return dict.fromkeys(node.input, out)
            return {name: out.moved(-at).clipped(length) for name, at, length in self._joined(node)}
        if kind == "Split" and _axis(node, 4) != self.axis:
            return {data: out}
        if kind == "Slice":
            start = self.slice_start(node)
            return None if start is None else {data: out.moved(start)}
        return None

    def keeps_rows(self, node: onnx.NodeProto) -> bool:
        """Whether a node's operands and outputs have the same rows."""
        if node.op_type in ("Concat", "Split"):
            return _axis(node, 4) != self.axis
        if node.op_type == "Slice":
            return self.slice_place(node) is None
        return node.op_type in _POINTWISE

    def sliding(self, node: onnx.NodeProto) -> Sliding | None:
        along = self.axis - 2
        if node.op_type == "Pad":
            return self._padding(node)
        if node.op_type != "Conv" or not _explicit(node):
            return None
        return Sliding(*self._kernel(node, along))

    def spreading(self, node: onnx.NodeProto) -> Spreading | None:
        if node.op_type != "ConvTranspose" or not _explicit(node):
            return None
        if attribute(node, "output_shape") is not None:
            return None
        return Spreading(*self._kernel(node, self.axis - 2))

    def _kernel(self, node: onnx.NodeProto, along: int) -> tuple[int, int, int, int]:
        weight = self.network.shapes[node.input[1]]
        length = weight[along + 2]
        assert length is not None
        stride = attribute(node, "strides", [1, 1])[along]
        dilation = attribute(node, "dilations", [1, 1])[along]
        return length, stride, dilation, attribute(node, "pads", [0, 0, 0, 0])[along]

    def _padding(self, node: onnx.NodeProto) -> Sliding | None:
        """Zeros (or any constant) round a tensor; reflections are not understood."""
        pads = self.network.weights.get(node.input[1]) if len(node.input) > 1 else None
        if attribute(node, "mode", b"constant") != b"constant" or len(node.input) > 3:
            return None
        if pads is None or pads.size != 8 or pads.min() < 0:
            return None
        return Sliding(1, 1, 1, int(pads[self.axis]))

    def factor(self, node: onnx.NodeProto) -> int | None:
        """By which whole number a node enlarges the axis, each row by itself; None: it does not."""
        if node.op_type == "DepthToSpace":
            return int(attribute(node, "blocksize"))
        if node.op_type not in ("Resize", "Upsample"):
            return None
        inside, outside = self.size(node.input[0]), self.size(node.output[0])
        where = attribute(node, "coordinate_transformation_mode", b"half_pixel")
        plain = where in (b"half_pixel", b"pytorch_half_pixel", b"asymmetric")
        # A size in place of a scale would have to be computed anew; exporters write scales.
        scaled = len(node.input) > 2 and node.input[2] in self.network.weights
        if not (plain and scaled and inside and outside) or outside % inside:
            return None
        return outside // inside

    def _margin(self, node: onnx.NodeProto) -> int:
        if node.op_type == "DepthToSpace":
            return 0
        mode = attribute(node, "mode", b"nearest")
        return {b"nearest": 0, b"linear": _LINEAR_MARGIN}.get(mode, _CUBIC_MARGIN)

    def _joined(self, node: onnx.NodeProto) -> list[tuple[str, int, int]]:
        """Inputs of a Concat along the axis: name, first row in the output, rows."""
        found, at = [], 0
        for name in node.input:
            length = self.size(name)
            assert length is not None
            found.append((name, at, length))
            at += length
        return found

    def slice_place(self, node: onnx.NodeProto) -> int | None:
        """Where in a Slice's bounds this axis stands; None if it is not sliced."""
        axes = self.network.weights.get(node.input[3]) if len(node.input) > 3 else None
        listed = range(4) if axes is None else [int(axis) % 4 for axis in axes]
        return list(listed).index(self.axis) if self.axis in listed else None

    def slice_start(self, node: onnx.NodeProto) -> int | None:
        """First row a Slice takes; None if that is not a constant or rows are left out."""
        weights = self.network.weights
        if len(node.input) < 3 or any(name not in weights for name in node.input[1:] if name):
            return None
        place = self.slice_place(node)
        if place is None:
            return 0
        if len(node.input) > 4 and node.input[4] and weights[node.input[4]][place] != 1:
            return None
        size = self.size(node.input[0])
        assert size is not None
        start = int(weights[node.input[1]][place])
        return max(0, start + size) if start < 0 else min(start, size)


def _axis(node: onnx.NodeProto, rank: int) -> int:
    return int(attribute(node, "axis", 0)) % rank


def _explicit(node: onnx.NodeProto) -> bool:
    """Whether a convolution's padding is written out; "same" padding would change with the size."""
    return attribute(node, "auto_pad", b"NOTSET") in (b"NOTSET", b"VALID")
