"""Wav2Lip's network, layer by layer, so that official checkpoints can be read.

Names of modules and their order are those of the reference implementation (Rudrabha/Wav2Lip,
``models/wav2lip.py`` and ``models/conv.py``), because a checkpoint's keys are made of them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

SIZE = 96


class Conv(nn.Module):
    """Convolution and batch normalisation, the input added if ``residual``, then ReLU."""

    def __init__(
        self,
        inside: int,
        outside: int,
        *,
        kernel: int = 3,
        stride: int | tuple[int, int] = 1,
        padding: int = 1,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.Conv2d(inside, outside, kernel, stride, padding), nn.BatchNorm2d(outside)
        )
        self.residual = residual

    def forward(self, maps: Tensor) -> Tensor:
        out = self.conv_block(maps)
        return torch.relu(out + maps if self.residual else out)


class Transposed(nn.Module):
    """Transposed convolution, batch normalisation, ReLU."""

    def __init__(self, inside: int, outside: int, *, stride: int = 2, padding: int = 1) -> None:
        super().__init__()
        conv = nn.ConvTranspose2d(inside, outside, 3, stride, padding, output_padding=stride - 1)
        self.conv_block = nn.Sequential(conv, nn.BatchNorm2d(outside))

    def forward(self, maps: Tensor) -> Tensor:
        return torch.relu(self.conv_block(maps))


def _residuals(channels: int, count: int) -> list[nn.Module]:
    return [Conv(channels, channels, residual=True) for _ in range(count)]


def _deepest(inside: int) -> list[nn.Module]:
    """From 3 x 3 to 1 x 1."""
    return [Conv(inside, 512, padding=0), Conv(512, 512, kernel=1, padding=0)]


class Wav2Lip(nn.Module):
    """The generator: mel (B, 1, 80, 16) and faces (B, 6, 96, 96) to faces (B, 3, 96, 96)."""

    def __init__(self) -> None:
        super().__init__()
        self.face_encoder_blocks = nn.ModuleList(
            [
                nn.Sequential(Conv(6, 16, kernel=7, padding=3)),
                nn.Sequential(Conv(16, 32, stride=2), *_residuals(32, 2)),
                nn.Sequential(Conv(32, 64, stride=2), *_residuals(64, 3)),
                nn.Sequential(Conv(64, 128, stride=2), *_residuals(128, 2)),
                nn.Sequential(Conv(128, 256, stride=2), *_residuals(256, 2)),
                nn.Sequential(Conv(256, 512, stride=2), *_residuals(512, 1)),
                nn.Sequential(*_deepest(512)),
            ]
        )
        self.audio_encoder = nn.Sequential(
            Conv(1, 32),
            *_residuals(32, 2),
            Conv(32, 64, stride=(3, 1)),
            *_residuals(64, 2),
            Conv(64, 128, stride=3),
            *_residuals(128, 2),
            Conv(128, 256, stride=(3, 2)),
            *_residuals(256, 1),
            *_deepest(256),
        )
        self.face_decoder_blocks = nn.ModuleList(
            [
                nn.Sequential(Conv(512, 512, kernel=1, padding=0)),
                nn.Sequential(Transposed(1024, 512, stride=1, padding=0), *_residuals(512, 1)),
                nn.Sequential(Transposed(1024, 512), *_residuals(512, 2)),
                nn.Sequential(Transposed(768, 384), *_residuals(384, 2)),
                nn.Sequential(Transposed(512, 256), *_residuals(256, 2)),
                nn.Sequential(Transposed(320, 128), *_residuals(128, 2)),
                nn.Sequential(Transposed(160, 64), *_residuals(64, 2)),
            ]
        )
        self.output_block = nn.Sequential(Conv(80, 32), nn.Conv2d(32, 3, 1), nn.Sigmoid())

    def forward(self, mel: Tensor, face: Tensor) -> Tensor:
        features = []
        for block in self.face_encoder_blocks:
            face = block(face)
            features.append(face)
        picture = self.audio_encoder(mel)
        for block, feature in zip(self.face_decoder_blocks, reversed(features), strict=True):
            picture = torch.cat([block(picture), feature], dim=1)
        drawn: Tensor = self.output_block(picture)
        return drawn
