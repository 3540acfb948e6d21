"""Which part of a model's picture reaches the screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MouthWindow:
    """A rectangle of the model's small picture, in its pixels; the rest need not be computed.

    The loop's preparation chooses it (whatever the blend mask lets through), the network's
    preparation cuts down to it, and the paste is handed it and nothing else.

    Attributes:
        top: First row.
        bottom: One past the last row.
        left: First column.
        right: One past the last column.
    """

    top: int
    bottom: int
    left: int
    right: int

    def __post_init__(self) -> None:
        if not (0 <= self.top < self.bottom and 0 <= self.left < self.right):
            raise ValueError(f"an empty or negative window: {self}")

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def rows(self) -> slice:
        return slice(self.top, self.bottom)

    @property
    def columns(self) -> slice:
        return slice(self.left, self.right)


def lower_half(size: int) -> MouthWindow:
    """All that Wav2Lip draws anew: the rows of its masked input that are blank.

    Args:
        size: Side S of the model's face, pixels.
    """
    return MouthWindow(size // 2, size, 0, size)
