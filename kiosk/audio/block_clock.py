"""When a block of sound passes the air, from a device's jittery reports."""

from __future__ import annotations

JUMP_S = 0.06
"""A difference this large is no jitter: the stream was held up or the device changed."""

PULL = 0.05
"""Share of the difference corrected per block: callbacks often come in bursts of several blocks,
so one report says little, while the stream itself runs evenly."""

MAX_LATENCY_S = 2.0
"""Beyond this a reported latency is nonsense."""


class BlockClock:
    """Smooths the times of consecutive blocks of an even stream.

    Aim: the sound server asks for blocks in bursts and through ALSA often reports a latency of
    zero, but samples leave the loudspeaker at an even rate. So each block follows the previous one
    by its own length, gently pulled towards what the device reports.

    Args:
        sample_rate_hz: Rate of the stream.
    """

    def __init__(self, sample_rate_hz: float) -> None:
        self._sample_rate_hz = sample_rate_hz
        self._next_s: float | None = None

    def stamp(self, measured_s: float, frames: int) -> float:
        """Monotonic time of the first sample of the next block.

        Args:
            measured_s: What the device reports for this block.
            frames: Length of this block.
        """
        if self._next_s is None or abs(measured_s - self._next_s) > JUMP_S:
            start_s = measured_s
        else:
            start_s = self._next_s + PULL * (measured_s - self._next_s)
        self._next_s = start_s + frames / self._sample_rate_hz
        return start_s

    @property
    def next_s(self) -> float | None:
        """Expected time of the block after the last one; None before the first."""
        return self._next_s


def reported_latency_s(reported_s: float, fallback_s: float) -> float:
    """The latency a callback reports, or the stream's own figure where that is impossible."""
    return reported_s if 0.0 < reported_s < MAX_LATENCY_S else fallback_s
