"""An ONNX model as a graph one can ask questions about and change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Shape = tuple[int | None, ...]
"""Sizes of a tensor; None where a size is open, as the batch is."""

_LARGEST_SHAPE_VALUE = 64  # numbers that can be a shape, bounds or scales


class Network:
    """Aim: the few questions that cutting and cropping ask, each answered in one call.

    Attributes:
        model: The ONNX model; changed in place by the rewriting functions.
        weights: Constant tensors by name.
        shapes: Sizes of every tensor that shape inference can tell.

    Args:
        model: Becomes this object's own.
        weights: Further constants, shared with whoever gives them.
    """

    def __init__(
        self, model: onnx.ModelProto, weights: Mapping[str, NDArray[Any]] | None = None
    ) -> None:
        self.model = model
        self.weights: dict[str, NDArray[Any]] = dict(weights or {})
        self.shapes: dict[str, Shape] = {}
        for tensor in model.graph.initializer:
            self.weights[tensor.name] = numpy_helper.to_array(tensor)
        del model.graph.initializer[:]  # half of the memory, while there are arrays of the same
        for node in [node for node in self.nodes if node.op_type == "Constant"]:
            value = attribute(node, "value")
            if value is not None:
                self.weights[node.output[0]] = numpy_helper.to_array(value)
                self.remove(node)
        # Weights that exporters also list as inputs could be replaced by a caller; nobody does.
        inputs = [one for one in model.graph.input if one.name not in self.weights]
        del model.graph.input[:]
        model.graph.input.extend(inputs)
        self.infer_shapes()

    @property
    def nodes(self) -> Sequence[onnx.NodeProto]:
        """In an order in which they can be computed."""
        nodes: Sequence[onnx.NodeProto] = self.model.graph.node
        return nodes

    @property
    def inputs(self) -> list[str]:
        return [tensor.name for tensor in self.model.graph.input]

    @property
    def outputs(self) -> list[str]:
        return [tensor.name for tensor in self.model.graph.output]

    def producers(self) -> dict[str, onnx.NodeProto]:
        """Each computed tensor's node."""
        return {name: node for node in self.nodes for name in node.output if name}

    def consumers(self) -> dict[str, list[onnx.NodeProto]]:
        """The nodes that read each tensor."""
        found: dict[str, list[onnx.NodeProto]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.input):
                found.setdefault(name, []).append(node)
        return found

    def remove(self, node: onnx.NodeProto) -> None:
        self.model.graph.node.remove(node)

    def add_weight(self, values: NDArray[Any], like: str) -> str:
        """Store a constant; returns its new name, which begins with ``like``."""
        name = self.free_name(like)
        self.weights[name] = values
        self.shapes[name] = values.shape
        return name

    def free_name(self, like: str) -> str:
        """A tensor name nobody uses yet."""
        taken = {*self.weights, *self.shapes, *self.inputs, *self.producers()}
        number = 0
        while (name := f"{like}/{number}") in taken:
            number += 1
        self.shapes[name] = ()
        return name

    def insert(self, place: onnx.NodeProto, nodes: Iterable[onnx.NodeProto]) -> None:
        """Put new nodes where ``place`` is, and take that away."""
        at = list(self.nodes).index(place)
        self.remove(place)
        for offset, node in enumerate(nodes):
            self.model.graph.node.insert(at + offset, node)

    def insert_after(self, name: str, node: onnx.NodeProto) -> None:
        """Put a new node behind the one that computes ``name``, or first if none does."""
        places = [at + 1 for at, other in enumerate(self.nodes) if name in other.output]
        self.model.graph.node.insert(max(places, default=0), node)

    def infer_shapes(self) -> None:
        """Find the sizes of all tensors anew, after a change."""
        del self.model.graph.value_info[:]
        inferred = onnx.shape_inference.infer_shapes(self._light(), data_prop=True).graph
        self.shapes = {name: values.shape for name, values in self.weights.items()}
        for value in (*inferred.input, *inferred.value_info, *inferred.output):
            kind = value.type.tensor_type
            if kind.HasField("shape"):
                self.shapes[value.name] = tuple(
                    size.dim_value if size.HasField("dim_value") else None
                    for size in kind.shape.dim
                )

    def _light(self) -> onnx.ModelProto:
        """The model without the numbers of its large weights: inference reads only small ones."""
        small = [
            numpy_helper.from_array(values, name)
            for name, values in self.weights.items()
            if values.size <= _LARGEST_SHAPE_VALUE
        ]
        large = [
            helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(values.dtype), values.shape
            )
            for name, values in self.weights.items()
            if values.size > _LARGEST_SHAPE_VALUE
        ]
        graph = helper.make_graph(
            self.nodes,
            "lips",
            [*self.model.graph.input, *large],
            list(self.model.graph.output),
            small,
        )
        return helper.make_model(
            graph, opset_imports=self.model.opset_import, ir_version=self.model.ir_version
        )

    def complete(self) -> onnx.ModelProto:
        """A copy of the model with its weights in it, unused ones left out."""
        used = {name for node in self.nodes for name in node.input} | set(self.outputs)
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        model.graph.initializer.extend(
            numpy_helper.from_array(values, name)
            for name, values in self.weights.items()
            if name in used
        )
        return model

    def element_type(self, name: str) -> int:
        """ONNX's number for the type of an input or output."""
        for value in (*self.model.graph.input, *self.model.graph.output):
            if value.name == name:
                return int(value.type.tensor_type.elem_type)
        raise KeyError(name)

    def part(self, inputs: Sequence[str], outputs: Sequence[str], element_type: int) -> Network:
        """The nodes that lead from ``inputs`` to ``outputs``, as a network of its own.

        Args:
            inputs: Tensors that will be handed in; all are of ``element_type``.
            outputs: Tensors to compute; likewise.
            element_type: ONNX's number, e.g. ``TensorProto.FLOAT``.
        """
        producers = self.producers()
        wanted: set[str] = set()
        waiting = list(outputs)
        while waiting:
            name = waiting.pop()
            node = producers.get(name)
            if name in wanted or name in inputs or node is None:
                continue
            wanted.update(node.output)
            waiting.extend(one for one in node.input if one)
        nodes = [node for node in self.nodes if any(name in wanted for name in node.output)]
        reads = {name for node in nodes for name in node.input}

        def described(name: str) -> onnx.ValueInfoProto:
            sizes: list[Any] = ["batch" if size is None else size for size in self.shapes[name]]
            return helper.make_tensor_value_info(name, element_type, sizes)

        graph = helper.make_graph(
            nodes,
            "lips",
            [described(name) for name in inputs if name in reads],
            [described(name) for name in outputs],
        )
        model = helper.make_model(
            graph,
            opset_imports=self.model.opset_import,
            ir_version=self.model.ir_version,
        )
        return Network(model, {name: self.weights[name] for name in self.weights if name in reads})


def attribute(node: onnx.NodeProto, name: str, default: Any = None) -> Any:
    """Value of a node's attribute, as a Python object."""
    for one in node.attribute:
        if one.name == name:
            return helper.get_attribute_value(one)
    return default


def set_attribute(node: onnx.NodeProto, name: str, value: Any) -> None:
    """Set or replace a node's attribute."""
    for one in node.attribute:
        if one.name == name:
            node.attribute.remove(one)
            break
    node.attribute.append(helper.make_attribute(name, value))
