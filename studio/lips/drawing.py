"""The network that draws: reference and code to the lower half of a face.

It reads a strip of the reference, folded so that 4 x 4 pixels become one place, and meets the code
only from its deepest layer on; so what comes before can be computed once for each frame of a loop
(`kiosk.lipsync.speedup`). Fine detail is cheap: half the side is reached by folding out, one
convolution there sees the reference again, and a last folding out gives pixels.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.lips.faces import SIZE, TOP
from studio.lips.mouths import CODE, REST, SHAPES

SLOPE = 0.1  # of the leaky rectifiers
EMBEDDING = 96
WIDTHS = (40, 64, 96)
"""Channels at 1/4, 1/8 and 1/16 of the face's side."""

FINE = 20  # channels at 1/2
PLANES = 7  # residual, opacity, colour
ROWS = SIZE - TOP
_CODE_SCALE = 2.0
_GREY = 0.45


class Film(nn.Module):
    """Feature-wise scale and shift by the code (Perez et al., 2018)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Linear(EMBEDDING, channels)
        self.shift = nn.Linear(EMBEDDING, channels)
        for layer in (self.scale, self.shift):
            nn.init.normal_(layer.weight, 0, 0.02)
            nn.init.zeros_(layer.bias)

    def forward(self, maps: Tensor, said: Tensor) -> Tensor:
        return maps * (1 + self.scale(said)[:, :, None, None]) + self.shift(said)[:, :, None, None]


class Block(nn.Module):
    """Two convolutions beside the identity, the code's say between them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.film = Film(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.normal_(self.second.weight, 0, 1e-2)
        nn.init.zeros_(self.second.bias)

    def forward(self, maps: Tensor, said: Tensor) -> Tensor:
        inner = self.film(self.first(maps), said)
        return maps + self.second(F.leaky_relu(inner, SLOPE))


class Drawing(nn.Module):
    """Reference (B, 3, ROWS, SIZE) and code (B, 8) to the lower half (B, 3, SIZE/2, SIZE), 0..1."""

    def __init__(self) -> None:
        super().__init__()
        wide, middle, deep = WIDTHS
        self.embed = nn.Sequential(
            nn.Linear(len(CODE), EMBEDDING),
            nn.LeakyReLU(SLOPE),
            nn.Linear(EMBEDDING, EMBEDDING),
            nn.LeakyReLU(SLOPE),
        )
        self.read = nn.Conv2d(3 * 16, wide, 3, padding=1)
        self.down1 = nn.Conv2d(wide, middle, 3, stride=2, padding=1)
        self.down2 = nn.Conv2d(middle, deep, 3, stride=2, padding=1)
        # A convolution does not know where it is; her mouth is always in the same place.
        self.place2 = nn.Parameter(torch.zeros(1, deep, ROWS // 16, SIZE // 16))
        self.place1 = nn.Parameter(torch.zeros(1, middle, ROWS // 8, SIZE // 8))
        self.place0 = nn.Parameter(torch.zeros(1, wide, ROWS // 4, SIZE // 4))
        self.deep1 = Block(deep)
        self.deep2 = Block(deep)
        self.up1 = nn.Conv2d(deep, middle, 1)
        self.mouth1 = Block(middle)
        self.up0 = nn.Conv2d(middle, wide, 1)
        self.mouth0 = Block(wide)
        self.unfold = nn.Conv2d(wide, FINE * 4, 1)
        self.write = nn.Conv2d(FINE + 12, PLANES * 4, 3, padding=1)
        nn.init.normal_(self.write.weight, 0, 1e-2)
        nn.init.zeros_(self.write.bias)
        with torch.no_grad():
            self.write.bias[12:16] = -3.0  # at first, nothing is laid over the reference
        self.register_buffer("fade", _fade(), persistent=False)
        self.register_buffer("rest", torch.from_numpy(SHAPES[REST])[None], persistent=False)

    def forward(self, reference: Tensor, code: Tensor) -> Tensor:
        said = self.embed((code - self.rest) * _CODE_SCALE)
        seen = reference - _GREY
        face0 = F.leaky_relu(self.read(F.pixel_unshuffle(seen, 4)), SLOPE) + self.place0
        face1 = F.leaky_relu(self.down1(face0), SLOPE) + self.place1
        maps = F.leaky_relu(self.down2(face1), SLOPE) + self.place2
        maps = self.deep2(self.deep1(maps, said), said)
        maps = self.mouth1(_twice(self.up1(maps)) + face1, said)
        maps = self.mouth0(_twice(self.up0(maps)) + face0, said)
        fine = F.pixel_shuffle(F.leaky_relu(self.unfold(maps), SLOPE), 2)
        fine = torch.cat([fine, F.pixel_unshuffle(seen, 2)], dim=1)
        drawn = F.pixel_shuffle(self.write(fine), 2)[:, :, SIZE // 2 - TOP :]
        opacity = torch.sigmoid(drawn[:, 3:4]) * self.fade
        before = reference[:, :, SIZE // 2 - TOP :] + drawn[:, :3] * self.fade
        return before * (1 - opacity) + (drawn[:, 4:] + _GREY) * opacity


def _twice(maps: Tensor) -> Tensor:
    return F.interpolate(maps, scale_factor=2.0, mode="nearest")


def _fade() -> Tensor:
    """1 inside, 0 along the border of the lower half, where nothing may change."""

    def smooth(steps: Tensor) -> Tensor:
        steps = steps.clamp(0, 1)
        return steps * steps * (3 - 2 * steps)

    down, across = torch.arange(SIZE // 2) + 0.5, torch.arange(SIZE) + 0.5
    vertical = smooth(down / 10) * smooth((SIZE // 2 - down) / 5)
    horizontal = smooth(across / 10) * smooth((SIZE - across) / 10)
    return (vertical[:, None] * horizontal[None])[None, None]
