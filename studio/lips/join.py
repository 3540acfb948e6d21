"""Both networks in one ONNX file with Wav2Lip's contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.lips.drawing import Drawing
from studio.lips.faces import SIZE, TOP
from studio.lips.hearing import RECORDED_LEAD_MS, Hearing
from studio.lips.mouths import PRESS, WIDE

FURTHER = 1.05  # of the jaw
SURENESS, BIAS = 1.5, 0.7  # of the logarithm of the odds that lips are pressed


class Lips(nn.Module):
    """Mel (B, 1, 80, 16) and face (B, 6, SIZE, SIZE) to the new face (B, 3, SIZE, SIZE), 0..1."""

    def __init__(self, hearing: Hearing, drawing: Drawing) -> None:
        super().__init__()
        self.hearing = hearing
        self.drawing = drawing

    def forward(self, mel: Tensor, face: Tensor) -> Tensor:
        code = decided(self.hearing(mel)[:, :, 0])
        lower = self.drawing(face[:, 3:, TOP:], code)
        upper = face[:, :3, : SIZE // 2]  # what is not masked is not changed
        return torch.cat([upper, lower], dim=2).clamp(0, 1)


def decided(code: Tensor) -> Tensor:
    """The same mouth (B, 8) with less doubt.

    What is unsure is learnt as the mean of what it may be: jaws too small, lips that nearly meet.
    So the jaw opens a little further, and lips that are likely to be pressed are, which shuts it.
    """
    press = code[:, PRESS : PRESS + 1]
    odds = torch.log(press.clamp_min(1e-4)) - torch.log((1 - press).clamp_min(1e-4))
    sure = torch.sigmoid(SURENESS * odds + BIAS)
    more = (sure - press).clamp_min(0)
    jaw = (code[:, :WIDE] * FURTHER).clamp_max(1.0) * (1 - more)
    return torch.cat([jaw, code[:, WIDE:PRESS], sure, code[:, PRESS + 1 :]], dim=1)


def write_description(model: Path, measured: dict[str, Any]) -> None:
    """Write ``<model>.json``: the lead that the kiosk needs, and what is known of the model."""
    facts = {
        "name": model.stem,
        "lead_ms": RECORDED_LEAD_MS,
        "contract": f"Wav2Lip: mel [B,1,80,16] and face [B,6,{SIZE},{SIZE}] to face "
        f"[B,3,{SIZE},{SIZE}]",
        "belongs_to": "mary-anning: every loop, with the face track beside it",
        "trained_on": "rendered faces of the persona's own portrait and synthetic speech; no "
        "recordings of people",
        "made_by": "python -m studio.lips (docs/lips.md)",
        "measured": measured,
    }
    path = model.with_suffix(".json")
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
