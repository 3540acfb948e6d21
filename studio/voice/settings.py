"""The numbers that the parts share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TEACHER_RATE_HZ = 32_000
FRAME_S = 0.005
"""One frame of speech parameters."""

CEPSTRA = 45
"""Mel-cepstral coefficients a frame, the energy included."""

WARP = 0.45
"""All-pass constant of the teacher's mel-cepstra."""

SAMPLE_RATE_HZ = 24_000
FRAME_SAMPLES = round(SAMPLE_RATE_HZ * FRAME_S)
HOP_FRAMES = 2
"""The network works in hops of two frames: half the steps, and the second frame differs little."""

HOP_SAMPLES = FRAME_SAMPLES * HOP_FRAMES
SYMBOLS = 166
"""Size of Piper's phoneme table."""


@dataclass(frozen=True, slots=True)
class Work:
    """Where the steps leave their work, under one folder."""

    folder: Path

    @property
    def corpus(self) -> Path:
        """Sentences, one text file a set."""
        return self.folder / "corpus"

    @property
    def names(self) -> Path:
        """Words that the teacher is told how to say (JSON)."""
        return self.folder / "names.json"

    @property
    def counts(self) -> Path:
        """How many sentences of each set were drawn (JSON); hers follow them."""
        return self.folder / "counts.json"

    def targets(self, name: str) -> Path:
        """What the network shall learn, a file a sentence."""
        return self.folder / "targets" / name

    @property
    def state(self) -> Path:
        """The training's last state."""
        return self.folder / "state.pt"

    @property
    def best(self) -> Path:
        """The best weights so far."""
        return self.folder / "best.pt"
