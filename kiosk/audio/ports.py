"""What the engine needs of a microphone and of a loudspeaker, whatever stands behind them."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.audio.blocks import AudioBlock
from kiosk.messages import PlaybackPosition


class Microphone(Protocol):
    """Source of 16 kHz mono sound in 20 ms blocks.

    Attributes:
        blocks_captured: Blocks the device has delivered since ``open``; stands still if it hangs.
        overruns: Blocks thrown away because nobody read them in time.
    """

    blocks_captured: int
    overruns: int

    def open(self) -> None:
        """Start capturing. Raises ``DeviceMissing`` or ``AudioFault``."""

    def close(self) -> None:
        """Stop capturing; idempotent, and never hangs."""

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next block, oldest first; None if none came within ``timeout_s``."""

    def healthy(self, now_s: float) -> bool:
        """False if the device no longer delivers and must be opened again."""


class Speaker(Protocol):
    """Sink for one utterance at a time, which knows how much of it was really heard.

    ``begin``, then ``write`` any number of times, then ``finish``. ``stop`` may come at any moment,
    from any thread, and is idempotent. ``begin`` while an utterance sounds stops that one first.

    Attributes:
        blocks_played: Blocks the device has taken since ``open``; stands still if it hangs.
    """

    blocks_played: int

    @property
    def sample_rate_hz(self) -> int:
        """The rate at which the device really runs."""

    def open(self) -> None:
        """Start the stream, silent. Raises ``DeviceMissing`` or ``AudioFault``."""

    def close(self) -> None:
        """Stop the stream; idempotent, and never hangs."""

    def begin(self, utterance_id: int, sample_rate_hz: int) -> None:
        """Start an utterance whose samples come at ``sample_rate_hz``."""

    def write(self, samples: NDArray[np.int16]) -> None:
        """Append mono samples; returns at once. Raises ``AudioFault`` if far too many wait."""

    def finish(self) -> None:
        """No more samples will come for this utterance."""

    def stop(self) -> float:
        """Fall silent within one block; seconds of the utterance that were really heard."""

    def position(self) -> PlaybackPosition | None:
        """How far the utterance has been heard; None before the first ``begin``.

        Never runs backwards within an utterance and never exceeds what was written.
        """

    def done(self) -> bool:
        """True once the utterance was finished or stopped and its last sample has been heard."""

    def expected_start_s(self) -> float:
        """Monotonic time at which a sample written now would be heard."""

    def set_volume(self, gain: float) -> None:
        """Change the volume, 0..1, without a click."""

    def healthy(self, now_s: float) -> bool:
        """False if the device no longer takes sound and must be opened again."""
