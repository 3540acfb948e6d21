"""What one training run is to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from kiosk.errors import BadInput

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "full", "half"]

SIZE_STEP = 16
SIZES = (64, 320)
"""Smallest and largest face, pixels."""

SHORTEST_S = 60.0
"""Less footage than this does not show every sound often enough."""

LEADS_MS = (0, 40, 80, 120, 160)
"""Leads to choose from; the one whose sound explains the mouth best is taken."""

LEAD_LIMITS_MS = (-200, 400)
"""What the kiosk makes up for."""

USUAL_LEAD_MS = 80
"""Where it is not measured: the best one for the portrait that comes with the kiosk."""


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Attributes:
    size: Side S of the model's face, pixels, a multiple of 16.
    minutes: How long to train; the reading of the footage is not counted.
    steps: Train by steps instead, the same on every machine; 0 for by time.
    batch: Pictures in one step.
    device: Where to compute; ``auto`` takes CUDA if it is there.
    precision: Of the pictures' arithmetic: float32, bfloat16, or whichever a trial finds faster.
    threads: Processor threads.
    seed: Of everything random.
    patience: Evaluations without any gain after which a stage ends early.
    evaluate_every: Steps between two evaluations on held-back seconds.
    checkpoint_s: Seconds between two checkpoints.
    shortest_s: Least footage, seconds.
    lead_ms: How far the mouth shall run ahead of the sound; None to choose by measurement.
    learn_code: Learn the mouth's code from pictures first; False trains end to end from the sound.
    """

    size: int = 160
    minutes: float = 30.0
    steps: int = 0
    batch: int = 16
    device: Device = "auto"
    precision: Precision = "auto"
    threads: int = 2
    seed: int = 1
    patience: int = 8
    evaluate_every: int = 100
    checkpoint_s: float = 60.0
    shortest_s: float = SHORTEST_S
    lead_ms: int | None = None
    learn_code: bool = True

    def __post_init__(self) -> None:
        low, high = SIZES
        if self.size % SIZE_STEP or not low <= self.size <= high:
            raise BadInput(
                f"A face of {self.size} pixels cannot be trained.",
                remedy=f"Choose a multiple of {SIZE_STEP} from {low} to {high}, e.g. 160.",
            )
        if self.steps < 0 or self.threads < 1 or self.batch < 2:
            raise BadInput("Steps, threads and batch are positive numbers.")
        low, high = LEAD_LIMITS_MS
        if self.lead_ms is not None and not low <= self.lead_ms <= high:
            raise BadInput(f"The lead must be from {low} to {high} ms.")
        if not self.steps and not 0 < self.minutes < 60 * 24 * 30:
            raise BadInput("The minutes to train must be more than 0 and less than a month.")

    def record(self) -> dict[str, Any]:
        """For the model's JSON file."""
        return asdict(self)


def work_folder(out: Path) -> Path:
    """Where the data set and the checkpoints of ``out`` are kept until the model is done."""
    return out.with_name(f"{out.stem}.training")
