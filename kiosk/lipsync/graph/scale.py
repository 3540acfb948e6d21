"""How bytes stand for numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.graph.network import Network

_COPIES = ("Concat", "Slice", "Identity", "Reshape")
"""Nodes that move numbers and change none: with one scale on both sides they move bytes."""


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


def shared_scales(network: Network, ranges: Mapping[str, tuple[float, float]]) -> dict[str, Scale]:
    """Scales of all tensors; those that are joined get the same one, so that joining copies."""
    group = {name: name for name in ranges}

    def head(name: str) -> str:
        while group[name] != name:
            name = group[name]
        return name

    for node in network.nodes:
        tied = node.op_type in _COPIES
        names = [name for name in (*node.input, *node.output) if name in ranges]
        if tied:
            for name in names[1:]:
                group[head(name)] = head(names[0])
    hulls: dict[str, tuple[float, float]] = {}
    for name, (low, high) in ranges.items():
        known = hulls.get(head(name), (low, high))
        hulls[head(name)] = min(low, known[0]), max(high, known[1])
    return {name: scale_of(*hulls[head(name)]) for name in ranges}
