"""How the voice sounds besides what it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timbre:
    """How voice and breath are mixed, chosen with a recogniser and spectrograms (docs/voice.md).

    Attributes:
        breath_from_hz: Where half of ``breath_most`` is noise.
        breath_width_hz: How fast the share grows with frequency.
        breath_most: Share of noise at high frequencies, of the power.
        pulsing: How much the noise swells at each pulse of the voice: breath that sounds with the
            voice and not beside it.
    """

    breath_from_hz: float = 6000.0
    breath_width_hz: float = 900.0
    breath_most: float = 0.92
    pulsing: float = 0.35
