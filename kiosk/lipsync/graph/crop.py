"""Compute only the rows and columns of a picture that somebody sees, exactly as the whole would be.

What the picture's window needs is followed backwards through the nodes. Then each tensor is made
smaller. A convolution that would read beyond a cut reads zeros there instead, so a rim of every
tensor holds wrong numbers; the window never depends on that rim, by construction. A rim costs less
than slicing would: a residual block keeps its size, and onnxruntime keeps its fused kernels.

Nodes of unknown kinds need, and get, their inputs whole.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper

from kiosk.lipsync.graph.network import Network, attribute, set_attribute
from kiosk.lipsync.graph.rows import Rows
from kiosk.lipsync.graph.span import Span


@dataclass(frozen=True, slots=True)
class Cropped:
    """What cropping along one axis left.

    Attributes:
        inputs: Rows (columns) to hand in of each input that is no longer whole.
        output: Rows (columns) that the output has now; they hold those asked for.
        whole: Kinds of the nodes that are not understood, above which nothing was cropped.
    """

    inputs: dict[str, Span]
    output: Span
    whole: tuple[str, ...]


def crop(network: Network, axis: int, window: Span, fixed_inputs: frozenset[str]) -> Cropped:
    """Make ``network`` compute little more than ``window`` of its picture.

    Args:
        network: Changed in place.
        axis: 2 for rows, 3 for columns.
        window: Rows (columns) of the picture that are wanted.
        fixed_inputs: Inputs that must stay whole: the sound.
    """
    return _Cropper(network, axis, fixed_inputs).crop(window)


class _Cropper:
    """Cropping along one axis.

    Attributes:
        spans: Rows of each cropped tensor that will be computed, in the whole tensor's numbers.
            Tensors that are not in it stay whole.
    """

    def __init__(self, network: Network, axis: int, fixed_inputs: frozenset[str]) -> None:
        self.network = network
        self.axis = axis
        self.rows = Rows(network, axis)
        self.fixed = fixed_inputs
        self.spans: dict[str, Span] = {}
        self._unknown: dict[str, None] = {}
        self._pinned: set[str] = set()
        self._parts: set[str] = set()

    def crop(self, window: Span) -> Cropped:
        network = self.network
        (output,) = network.outputs
        self.spans = {output: window}
        self._pinned = set(self.fixed)
        for node in reversed(network.nodes):
            self._need(node)
        self._slice_pinned()
        while self._settle():
            pass
        for node in list(network.nodes):
            if self._is_cropped(node):
                self._apply(node)
        self._resize_inputs_and_output()
        network.infer_shapes()
        cropped = {
            name: span
            for name, span in self.spans.items()
            if name in network.inputs and name not in self.fixed
        }
        return Cropped(cropped, self.spans[output], tuple(self._unknown))

    # --- what is needed -----------------------------------------------------------------------

    def _need(self, node: onnx.NodeProto) -> None:
        """Pass on what a node's outputs need to its inputs."""
        wanted = [self.spans[name] for name in node.output if name in self.spans]
        pinned = not self._pinned.isdisjoint(node.output)
        if not wanted and not pinned:
            return
        reads = None
        if not pinned:
            out = functools.reduce(Span.hull, wanted)
            reads = self.rows.reads(node, out)
            if reads is None and self.rows.size(node.output[0]) is not None:
                self._unknown[node.op_type] = None
        if reads is None:
            self._pinned.update(node.output)
            reads = {}
        else:
            self.spans.update(dict.fromkeys(node.output, out))
        for name in node.input:
            if name not in reads:
                self._pinned.add(name)
            elif reads[name].length:
                self.spans[name] = reads[name].hull(self.spans.get(name, reads[name]))

    def _slice_pinned(self) -> None:
        """Slice what must be computed whole, for the nodes that need only a part of it."""
        network = self.network
        for name in [name for name in self.spans if name in self._pinned]:
            span, size = self.spans[name], self.rows.size(name)
            assert size is not None
            if name in network.outputs:
                self.spans[name] = Span(0, size)
            if self.spans[name] == Span(0, size):
                continue
            del self.spans[name]
            part = network.free_name(f"{name}/part")
            network.shapes[part] = network.shapes[name]
            self.spans[part] = span
            self._parts.add(part)
            for node in network.consumers()[name]:
                if self._pinned.isdisjoint(node.output):
                    node.input[:] = [part if one == name else one for one in node.input]
            self._insert_slice(name, part, span)

    # --- what will be computed ----------------------------------------------------------------

    def _settle(self) -> bool:
        """Enlarge spans until every node can yield its output from its inputs; True if any grew."""
        before = dict(self.spans)
        for node in self.network.nodes:
            if not self._is_cropped(node):
                continue
            out = self.spans[node.output[0]]
            sliding = self.rows.sliding(node)
            if sliding is not None and node.input[0] in self.spans:
                self._grow(node.output, sliding.widened(self.spans[node.input[0]], out))
                continue
            if self.rows.keeps_rows(node):
                self._settle_equal(node)
                continue
            spreading = self.rows.spreading(node)
            if spreading is not None:
                self._grow(node.output, spreading.whole_steps(out))
            for name, span in self._reads_of(node).items():
                if span.length:
                    self._grow([name], span)
        return self.spans != before

    def _is_cropped(self, node: onnx.NodeProto) -> bool:
        name = node.output[0]
        return name in self.spans and name not in self._pinned and name not in self._parts

    def _settle_equal(self, node: onnx.NodeProto) -> None:
        computed = [name for name in self._reads_of(node) if name not in self.network.weights]
        for name in computed:
            self._grow(node.output, self.spans[name])
        self._grow(computed, self.spans[node.output[0]])

    def _reads_of(self, node: onnx.NodeProto) -> dict[str, Span]:
        reads = self.rows.reads(node, self.spans[node.output[0]])
        assert reads is not None
        return reads

    def _grow(self, names: Iterable[str], span: Span) -> None:
        for name in names:
            size = self.rows.size(name)
            assert size is not None
            known = self.spans.get(name)
            wider = span.clipped(size)
            self.spans[name] = wider if known is None else known.hull(wider)

    # --- making it so -------------------------------------------------------------------------

    def _apply(self, node: onnx.NodeProto) -> None:
        data, out = node.input[0], self.spans[node.output[0]]
        given = self.spans.get(data)
        sliding, spreading = self.rows.sliding(node), self.rows.spreading(node)
        factor = self.rows.factor(node)
        if sliding is not None and given is not None:
            self._set_pads(node, sliding.pads(given, out))
        elif spreading is not None and given is not None:
            before, after, extra = spreading.pads(given, out)
            self._set_pads(node, (before, after))
            outside = list(attribute(node, "output_padding", [0, 0]))
            outside[self.axis - 2] = extra
            set_attribute(node, "output_padding", outside)
        elif factor is not None and given is not None:
            self._slice_output(node, Span(given.start * factor, given.stop * factor), out)
        elif node.op_type == "Slice" and given is not None:
            self._apply_slice(node, given, out)
        elif self.rows.joins(node):
            self._apply_concat(node)
        elif self.rows.pointwise(node):
            for at, name in enumerate(node.input):
                if name in self.network.weights and self.rows.follows(name, node):
                    weight = self.network.weights[name]
                    part = np.take(weight, range(out.start, out.stop), axis=self.axis - 4)
                    node.input[at] = self.network.add_weight(part, name)

    def _apply_concat(self, node: onnx.NodeProto) -> None:
        """Join only what is left of each input."""
        reads, kept = self._reads_of(node), []
        for name in node.input:
            if not reads[name].length:
                continue
            given = self.spans.get(name, Span(0, self.rows.size(name) or 0))
            kept.append(self._sliced(name, reads[name].moved(-given.start), given.length))
        node.input[:] = kept

    def _slice_output(self, node: onnx.NodeProto, computed: Span, wanted: Span) -> None:
        """Let a node that can only compute more rows than wanted do so, and slice."""
        if computed == wanted:
            return
        name = node.output[0]
        node.output[0] = self.network.free_name(f"{name}/more")
        self._insert_slice(node.output[0], name, wanted.moved(-computed.start))

    def _sliced(self, name: str, part: Span, length: int) -> str:
        if part == Span(0, length):
            return name
        sliced = self.network.free_name(f"{name}/part")
        self._insert_slice(name, sliced, part)
        return sliced

    def _insert_slice(self, source: str, target: str, part: Span) -> None:
        bounds = [
            self.network.add_weight(np.array([at], dtype=np.int64), target)
            for at in (part.start, part.stop, self.axis)
        ]
        self.network.insert_after(source, helper.make_node("Slice", [source, *bounds], [target]))

    def _set_pads(self, node: onnx.NodeProto, pads: tuple[int, int]) -> None:
        if node.op_type == "Pad":
            values = self.network.weights[node.input[1]].copy()
            values[self.axis], values[self.axis + 4] = pads
            node.input[1] = self.network.add_weight(values, node.input[1])
            return
        explicit = list(attribute(node, "pads", [0, 0, 0, 0]))
        explicit[self.axis - 2], explicit[self.axis] = pads
        set_attribute(node, "pads", explicit)

    def _apply_slice(self, node: onnx.NodeProto, given: Span, out: Span) -> None:
        place = self.rows.slice_place(node)
        if place is None:
            return  # it slices other axes only
        begin = out.start + (self.rows.slice_start(node) or 0) - given.start
        for at, bound in ((1, begin), (2, begin + out.length)):
            values = self.network.weights[node.input[at]].copy()
            values[place] = bound
            node.input[at] = self.network.add_weight(values, node.input[at])

    def _resize_inputs_and_output(self) -> None:
        graph = self.network.model.graph
        for value in (*graph.input, *graph.output):
            span = self.spans.get(value.name)
            if span is not None and value.name not in self.fixed:
                value.type.tensor_type.shape.dim[self.axis].dim_value = span.length
