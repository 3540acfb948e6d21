"""A ConvTranspose as convolutions whose results are interleaved.

Row ``stride * q + r`` of a ConvTranspose depends on a few input rows next to ``q``, by those taps
of the kernel that fall on phase ``r``. So each phase is a small convolution of its own, and what
the reference computes by scattering becomes what every library does best.

Phases of columns are channels of one convolution: their results lie side by side in memory when
channels come last, so that interleaving them is a change of shape and no copy. Phases of rows are a
convolution each, because some read fewer rows than others: with the usual kernel of 3 and stride of
2 that leaves 12 of the 16 taps that one convolution for all would have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.graph.span import Span, Spreading


@dataclass(frozen=True, slots=True)
class PhaseConv:
    """One convolution, stride 1, that yields one phase of rows and all phases of columns.

    Attributes:
        weight: Shape (columns phases * outside, inside, height, width).
        rows: Input rows it reads, without the padding.
        columns: Input columns it reads, without the padding.
        pads: Zeros before rows, before columns, after rows, after columns.
    """

    weight: NDArray[Any]
    rows: Span
    columns: Span
    pads: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of a ConvTranspose.

    Attributes:
        kernel: Kernel, stride, padding.
        inside: Length of the input.
        outside: Length of the output.
    """

    kernel: Spreading
    inside: int
    outside: int

    def taps(self, phase: int) -> dict[int, int]:
        """Which input row, relative to the output's step, each tap of the kernel reads."""
        first = phase + self.kernel.before
        tap = first % self.kernel.stride
        step = first // self.kernel.stride
        taps = range(tap, self.kernel.kernel, self.kernel.stride)
        return {step - number: tap for number, tap in enumerate(taps)}

    def window(self, offsets: list[int]) -> tuple[Span, tuple[int, int]]:
        """Input rows that all output steps read at these offsets, and the zeros round them."""
        steps = self.outside // self.kernel.stride
        read = Span(min(offsets), steps + max(offsets))
        given = read.clipped(self.inside)
        return given, (given.start - read.start, read.stop - given.stop)


def phase_convs(
    weight: NDArray[Any],
    kernels: tuple[Spreading, Spreading],
    inside: tuple[int, int],
    outside: tuple[int, int],
) -> list[PhaseConv] | None:
    """The convolutions that together are a ConvTranspose, one for each phase of rows.

    Args:
        weight: Of the ConvTranspose, shape (inside channels, outside channels, height, width).
        kernels: Kernel and stride along rows and columns; dilation 1.
        inside: Rows and columns of the input.
        outside: Rows and columns of the output: multiples of the strides.

    Returns:
        None if the output is not made of whole steps, or a phase reads nothing at all.
    """
    down, across = (
        _Axis(kernel, *sides) for kernel, *sides in zip(kernels, inside, outside, strict=True)
    )
    for axis in (down, across):
        phases = range(axis.kernel.stride)
        if axis.kernel.dilation != 1 or axis.outside % axis.kernel.stride:
            return None
        if not all(axis.taps(phase) for phase in phases):
            return None
    columns = [across.taps(phase) for phase in range(across.kernel.stride)]
    offsets = [offset for taps in columns for offset in taps]
    column_span, (left, right) = across.window(offsets)
    convs = []
    for phase in range(down.kernel.stride):
        rows = down.taps(phase)
        row_span, (top, bottom) = down.window(list(rows))
        height = max(rows) - min(rows) + 1
        width = max(offsets) - min(offsets) + 1
        channels = weight.shape[1]
        kernel = np.zeros((len(columns), channels, weight.shape[0], height, width), weight.dtype)
        for row, row_tap in rows.items():
            for at, taps in enumerate(columns):
                for column, tap in taps.items():
                    place = (row - min(rows), column - min(offsets))
                    kernel[at, :, :, place[0], place[1]] = weight[:, :, row_tap, tap].T
        flat = kernel.reshape(len(columns) * channels, weight.shape[0], height, width)
        convs.append(PhaseConv(flat, row_span, column_span, (top, left, bottom, right)))
    return convs
