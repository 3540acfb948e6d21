"""Both networks in one ONNX file with Wav2Lip's contract."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from studio.lips.drawing import Drawing
from studio.lips.faces import SIZE, TOP
from studio.lips.hearing import Hearing


class Lips(nn.Module):
    """Mel (B, 1, 80, 16) and face (B, 6, SIZE, SIZE) to the new face (B, 3, SIZE, SIZE), 0..1."""

    def __init__(self, hearing: Hearing, drawing: Drawing) -> None:
        super().__init__()
        self.hearing = hearing
        self.drawing = drawing

    def forward(self, mel: Tensor, face: Tensor) -> Tensor:
        code = self.hearing(mel)[:, :, 0]
        lower = self.drawing(face[:, 3:, TOP:], code)
        upper = face[:, :3, : SIZE // 2]  # what is not masked is not changed
        return torch.cat([upper, lower], dim=2).clamp(0, 1)
