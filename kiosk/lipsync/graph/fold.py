"""Batch normalisation folded into the convolution before it."""

from __future__ import annotations

import numpy as np
import onnx

from kiosk.lipsync.graph.network import Network, attribute


def fold_normalisation(network: Network) -> None:
    """Scale and shift of each BatchNormalization become part of a convolution's weights.

    Exporters do this for Conv, but leave it behind ConvTranspose; 8-bit convolutions need both.
    """
    consumers = network.consumers()
    producers = network.producers()
    for node in [node for node in network.nodes if node.op_type == "BatchNormalization"]:
        conv = producers.get(node.input[0])
        if conv is None or len(consumers[node.input[0]]) > 1:
            continue
        if _fold(network, conv, node):
            conv.output[0] = node.output[0]
            producers[node.output[0]] = conv
            network.remove(node)
    network.infer_shapes()


def _fold(network: Network, conv: onnx.NodeProto, norm: onnx.NodeProto) -> bool:
    constants = [*conv.input[1:], *norm.input[1:]]
    known = all(name in network.weights for name in constants)
    if conv.op_type not in ("Conv", "ConvTranspose") or not known:
        return False
    if conv.op_type == "ConvTranspose" and attribute(conv, "group", 1) != 1:
        return False
    gamma, beta, mean, variance = (
        network.weights[name].astype(np.float64) for name in norm.input[1:5]
    )
    factor = gamma / np.sqrt(variance + attribute(norm, "epsilon", 1e-5))
    weight = network.weights[conv.input[1]]
    bias = network.weights[conv.input[2]] if len(conv.input) > 2 else np.zeros_like(factor)
    # Output channels come first in a Conv's weights, second in a ConvTranspose's.
    shape = (-1, 1, 1, 1) if conv.op_type == "Conv" else (1, -1, 1, 1)
    scaled = (weight * factor.reshape(shape)).astype(weight.dtype)
    shifted = ((bias - mean) * factor + beta).astype(weight.dtype)
    names = [network.add_weight(values, conv.output[0]) for values in (scaled, shifted)]
    conv.input[:] = [conv.input[0], *names]
    return True
