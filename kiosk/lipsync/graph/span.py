"""Rows or columns of a tensor, and what each kind of node does to them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Rows (or columns) ``start`` to ``stop`` of a tensor; empty if they are equal."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start

    def hull(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.stop, other.stop))

    def clipped(self, size: int) -> Span:
        """The part that exists in a tensor of ``size``; empty at 0 if there is none."""
        start, stop = max(0, self.start), min(size, self.stop)
        return Span(start, stop) if start < stop else Span(0, 0)

    def moved(self, by: int) -> Span:
        return Span(self.start + by, self.stop + by)

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.stop <= self.stop


@dataclass(frozen=True, slots=True)
class Sliding:
    """A kernel that slides over one axis: Conv and, with a kernel of 1, Pad.

    Attributes:
        kernel: Its length.
        stride: Steps of the input for one of the output.
        dilation: Distance between the kernel's taps.
        before: Padding before the first row.
    """

    kernel: int
    stride: int
    dilation: int
    before: int

    @property
    def reach(self) -> int:
        return (self.kernel - 1) * self.dilation + 1

    def read(self, out: Span) -> Span:
        """Input rows under the kernel for ``out``; may begin before 0 or end in the padding."""
        first = out.start * self.stride - self.before
        return Span(first, (out.stop - 1) * self.stride - self.before + self.reach)

    def pads(self, given: Span, out: Span) -> tuple[int, int]:
        """Padding with which the rows ``given`` yield the rows ``out``.

        Rows at the end that a stride leaves unread need none.
        """
        read = self.read(out)
        return given.start - read.start, max(0, read.stop - given.stop)

    def widened(self, given: Span, out: Span) -> Span:
        """``out``, enlarged until the padding for it is not negative."""
        start = min(out.start, (given.start + self.before) // self.stride)
        last = (given.stop + self.before - self.reach) // self.stride
        return Span(start, max(out.stop, last + 1))


@dataclass(frozen=True, slots=True)
class Spreading:
    """A kernel that spreads each input row over several of the output: ConvTranspose.

    Attributes: as for ``Sliding``; ``before`` is taken off the output.
    """

    kernel: int
    stride: int
    dilation: int
    before: int

    def read(self, out: Span) -> Span:
        """Input rows that contribute to ``out``; may go beyond the input."""
        reach = (self.kernel - 1) * self.dilation
        first = -((reach - out.start - self.before) // self.stride)
        return Span(first, (out.stop - 1 + self.before) // self.stride + 1)

    def pads(self, given: Span, out: Span) -> tuple[int, int, int]:
        """Padding before and after, and output padding, for ``out`` from the rows ``given``."""
        whole = (given.length - 1) * self.stride + (self.kernel - 1) * self.dilation + 1
        before = out.start - given.start * self.stride + self.before
        after = whole - before - out.length
        return before, max(0, after), max(0, -after)

    def whole_steps(self, out: Span) -> Span:
        """``out``, enlarged to a multiple of the stride, as a convolution with shuffle yields."""
        missing = -out.length % self.stride
        if out.start >= missing:
            return Span(out.start - missing, out.stop)
        return Span(out.start, out.stop + missing)
