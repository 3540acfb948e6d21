"""Three small networks around a code: a dozen numbers that say what a mouth does.

::

    mel window ──► SoundNet ──► code ──► PictureNet ──► lower half of the new face
                                  ▲          ▲
    true mouth ──► MouthNet ──────┘          └── reference face
    (training only)

Real footage has no known mouth shapes, so MouthNet learns a code of its own: whatever numbers let
PictureNet draw the true mouth from a reference at rest. SoundNet then learns to hear that code.
PictureNet reads the face first and meets the code only from its deepest layer on, so that all the
layers before can be computed once for each frame of the kiosk's loop.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CODE_SIZE = 12
_SLOPE = 0.1  # of the leaky rectifiers
_EMBEDDING = 96
_WIDTHS = (32, 48, 96, 128)
"""Channels at 1/2, 1/4, 1/8 and 1/16 of the face's side."""

_DEPTH = 16  # the deepest feature map has 1/16 of the side


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows of the S x S face the picture network reads and writes.

    Attributes:
        size: Side S.
        top: First row it reads; a little above the middle, so that the new half fits the old one.
    """

    size: int

    @property
    def top(self) -> int:
        return (self.size // 2 - self.size // 10) // _DEPTH * _DEPTH

    @property
    def half(self) -> int:
        return self.size // 2

    @property
    def read(self) -> int:
        """Rows that are read."""
        return self.size - self.top


class SoundNet(nn.Module):
    """Mel spectrogram to code.

    Its field is exactly the contract's 16 columns and nothing is padded in time. So it is trained
    on long stretches of sound at once: ``(B, 1, 80, T)`` gives ``(B, CODE_SIZE, T - 15)``.

    Args:
        width: Channels of the layers over time.
        dropout: Share of them left out in training.
        numbers: Of the code.
    """

    def __init__(self, width: int = 160, dropout: float = 0.15, numbers: int = CODE_SIZE) -> None:
        super().__init__()
        self.bands = nn.Sequential(
            *_sound_layer(1, 16, (5, 3)),
            *_sound_layer(16, 24, (5, 3)),
            *_sound_layer(24, 32, (3, 3)),
        )
        self.time = nn.Sequential(
            nn.Dropout(dropout),
            *_time_layer(32 * 10, width, 3),
            nn.Dropout(dropout),
            *_time_layer(width, width, 3),
            nn.Dropout(dropout),
            *_time_layer(width, width, 6),
        )
        self.head = nn.Conv1d(width, numbers, 1)

    def forward(self, mel: Tensor) -> Tensor:
        maps = self.bands(mel * 0.25)  # -4..4 to -1..1
        return torch.tanh(self.head(self.time(maps.flatten(1, 2))))


def _sound_layer(inside: int, outside: int, kernel: tuple[int, int]) -> tuple[nn.Module, ...]:
    """Halves the bands, takes two columns away."""
    padding = (kernel[0] // 2, 0)
    conv = nn.Conv2d(inside, outside, kernel, stride=(2, 1), padding=padding, bias=False)
    return conv, nn.BatchNorm2d(outside), nn.ReLU()


def _time_layer(inside: int, outside: int, kernel: int) -> tuple[nn.Module, ...]:
    conv = nn.Conv1d(inside, outside, kernel, bias=False)
    return conv, nn.BatchNorm1d(outside), nn.ReLU()


class MouthNet(nn.Module):
    """True mouth and reference to code; used in training only.

    Input: lower halves of target and reference, each ``(B, 3, S/2, S)``, 0..1.
    """

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        quarter = 4
        self.unshuffle = nn.PixelUnshuffle(quarter)
        self.layers = nn.Sequential(
            nn.Conv2d(6 * quarter**2, 64, 3, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(64, 64, 3, stride=2, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.Conv2d(64, 64, 3, stride=2, padding=1),
            nn.LeakyReLU(_SLOPE),
            nn.AdaptiveAvgPool2d((4, 8)),
            nn.Flatten(),
            nn.Linear(64 * 4 * 8, CODE_SIZE),
        )
        # The halves are cut to what the unshuffling divides.
        self._rows = rows.half // quarter * quarter

    def forward(self, target: Tensor, reference: Tensor) -> Tensor:
        # The change is what matters; the reference tells where the mouth is.
        both = torch.cat([(target - reference) * 2, reference - 0.5], dim=1)[:, :, -self._rows :]
        return torch.tanh(self.layers(self.unshuffle(both)))


class _Film(nn.Module):
    """Feature-wise scale and shift by the code (Perez et al., 2018)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Linear(_EMBEDDING, channels)
        self.shift = nn.Linear(_EMBEDDING, channels)
        for layer in (self.scale, self.shift):
            nn.init.normal_(layer.weight, 0, 0.02)
            nn.init.zeros_(layer.bias)

    def forward(self, maps: Tensor, embedding: Tensor) -> Tensor:
        scale = self.scale(embedding)[:, :, None, None]
        shift = self.shift(embedding)[:, :, None, None]
        return maps * (1 + scale) + shift


class _Residual(nn.Module):
    """Two convolutions beside the identity; with a code, its say between the two."""

    def __init__(self, channels: int, *, coded: bool) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.film = _Film(channels) if coded else None
        nn.init.normal_(self.second.weight, 0, 1e-3)  # begins as the identity
        nn.init.zeros_(self.second.bias)

    def forward(self, maps: Tensor, embedding: Tensor | None = None) -> Tensor:
        inner = self.first(maps)
        if self.film is not None and embedding is not None:
            inner = self.film(inner, embedding)
        return maps + self.second(F.leaky_relu(inner, _SLOPE))


class PictureNet(nn.Module):
    """Reference face and code to the lower half of the new face.

    The picture is the reference plus a residual, over which a colour is laid where alpha says so: a
    residual alone leaves a ghost of the old mouth under a dropped chin.
    """

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.rows = rows
        half, quarter, eighth, deepest = _WIDTHS
        self.embed = nn.Sequential(
            nn.Linear(CODE_SIZE, _EMBEDDING),
            nn.LeakyReLU(_SLOPE),
            nn.Linear(_EMBEDDING, _EMBEDDING),
            nn.LeakyReLU(_SLOPE),
        )
        self.read = nn.Conv2d(6 * 4, half, 3, padding=1)
        self.down1 = nn.Conv2d(half, quarter, 3, stride=2, padding=1)
        self.face1 = _Residual(quarter, coded=False)
        self.down2 = nn.Conv2d(quarter, eighth, 3, stride=2, padding=1)
        self.face2 = _Residual(eighth, coded=False)
        self.down3 = nn.Conv2d(eighth, deepest, 3, stride=2, padding=1)
        # Convolutions do not know where they are; a mouth is always in the same place.
        self.place = nn.Parameter(torch.zeros(1, deepest, rows.read // _DEPTH, rows.size // _DEPTH))
        self.deep1 = _Residual(deepest, coded=True)
        self.deep2 = _Residual(deepest, coded=True)
        self.up2 = nn.Conv2d(deepest, eighth, 1)
        self.mouth2 = _Residual(eighth, coded=True)
        self.up1 = nn.Conv2d(eighth, quarter, 1)
        self.mouth1 = _Residual(quarter, coded=True)
        self.up0 = nn.Conv2d(quarter, half, 1)
        self.mouth0 = _Residual(half, coded=True)
        self.write = nn.Conv2d(half, 7 * 4, 3, padding=1)
        nn.init.normal_(self.write.weight, 0, 1e-3)
        nn.init.zeros_(self.write.bias)
        with torch.no_grad():
            self.write.bias[12:16] = -3.0  # alpha: nearly nothing laid over
        self.register_buffer("fade", _fade(rows), persistent=False)

    def forward(self, face: Tensor, code: Tensor) -> Tensor:
        """Rows S/2..S of the new face.

        Args:
            face: The contract's second input, (B, 6, S, S).
            code: (B, CODE_SIZE).

        Returns:
            (B, 3, S/2, S), about 0..1.
        """
        rows = self.rows
        seen = F.pixel_unshuffle(face[:, :, rows.top :] - 0.4, 2)
        face0 = F.leaky_relu(self.read(seen), _SLOPE)
        face1 = self.face1(F.leaky_relu(self.down1(face0), _SLOPE))
        face2 = self.face2(F.leaky_relu(self.down2(face1), _SLOPE))
        maps = F.leaky_relu(self.down3(face2), _SLOPE) + self.place
        said = self.embed(code)
        maps = self.deep2(self.deep1(maps, said), said)
        maps = self.mouth2(_twice(self.up2(maps)) + face2, said)
        maps = self.mouth1(_twice(self.up1(maps)) + face1, said)
        maps = self.mouth0(_twice(self.up0(maps)) + face0, said)
        drawn = F.pixel_shuffle(self.write(F.leaky_relu(maps, _SLOPE)), 2)
        drawn = drawn[:, :, rows.half - rows.top :].to(face.dtype)
        alpha = torch.sigmoid(drawn[:, 3:4]) * self.fade
        before = face[:, 3:, rows.half :]
        return (before + drawn[:, :3] * self.fade) * (1 - alpha) + (drawn[:, 4:] + 0.45) * alpha


def _twice(maps: Tensor) -> Tensor:
    return F.interpolate(maps, scale_factor=2.0, mode="nearest")


def _fade(rows: Rows) -> Tensor:
    """1 inside, 0 at the border of the lower half: what is drawn must join what stays."""

    def smooth(steps: Tensor) -> Tensor:
        steps = steps.clamp(0, 1)
        return steps * steps * (3 - 2 * steps)

    wide = rows.size / 16
    down, across = torch.arange(rows.half) + 0.5, torch.arange(rows.size) + 0.5
    vertical = smooth(down / wide) * smooth((rows.half - down) / (wide / 2))
    horizontal = smooth(across / wide) * smooth((rows.size - across) / wide)
    return (vertical[:, None] * horizontal[None])[None, None]


class LipsNet(nn.Module):
    """What is exported: Wav2Lip's contract."""

    def __init__(self, sound: SoundNet, picture: PictureNet) -> None:
        super().__init__()
        self.sound = sound
        self.picture = picture

    def forward(self, mel: Tensor, face: Tensor) -> Tensor:
        """``(B, 1, 80, 16)`` and ``(B, 6, S, S)`` to ``(B, 3, S, S)``, 0..1."""
        code = self.sound(mel)[:, :, 0]
        lower = self.picture(face, code)
        upper = face[:, :3, : self.picture.rows.half]  # what is not masked is not changed
        return torch.cat([upper, lower], dim=2).clamp(0, 1)


def parameter_count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
