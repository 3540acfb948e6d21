"""Few voices made to stand for many, in all sorts of rooms.

All of it works on spectra in the contract's units that are not yet cut off at -4 (see
`speech.open_mel`): ``y = 1.6 log10(magnitude) + 2.4``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from kiosk.lipsync.mel import BANDS, SILENCE

_STRETCH = 0.34  # of the bands: throats from 0.83 to 1.17 of the usual length
_SHIFT_BANDS = 6.0
_TILT = 1.9
_RIPPLES = (0.35, 0.24)  # broad and narrow peaks of microphones and rooms
_GAIN = (-1.5, 0.7)  # 19 dB softer to 9 dB louder
_NOISE_UNDER = (0.5, 3.7)  # under the speech's usual level: 6 to 46 dB
_SPEECH_LEVEL = -0.6  # of a vowel's bands in speech.PEAK, on average
_NOISE_TILT = (-1.7, 0.9)  # from rumble to a little hiss
_ALONE = 0.08  # share of stretches that hold noise and nobody's voice
_FLOOR = -7.0


def vary(mel: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Other throats, microphones, rooms and noises.

    Args:
        mel: (B, 80, T), not cut off.
        random: Source of chance.

    Returns:
        The same as the contract has it, -4..4; and for each of B, whether nobody speaks in it.
    """
    count, _, columns = mel.shape
    band = torch.linspace(0, 1, BANDS)[None, :, None]

    def chance(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=random)

    def each(low: float = 0.0, high: float = 1.0) -> Tensor:
        return low + (high - low) * chance(count, 1, 1)

    def ripple(size: float, slowest: float, fastest: float) -> Tensor:
        return size * torch.sin(2 * torch.pi * (band * each(slowest, fastest) + each()))

    mel = _other_throat(mel, chance(count, 2))
    colour = _TILT * (each() - 0.5) * (band - 0.5)
    colour = colour + ripple(_RIPPLES[0], 0.5, 2.5) + ripple(_RIPPLES[1], 2.0, 6.0)
    mel = mel + torch.where(each() < 0.85, colour, torch.zeros(()))
    rooms = each() < 0.45
    mel = torch.where(rooms, _in_room(mel, chance(count, 2)), mel)
    gain = each(*_GAIN)
    mel = mel + gain

    # Tied to the voice's level: noise of any level would teach the mouth to hang open in silence.
    level = _SPEECH_LEVEL + gain - each(*_NOISE_UNDER)
    flutter = ripple(0.0, 0.0, 1.0) + 0.2 * torch.sin(
        2 * torch.pi * (torch.arange(columns) / 80 * each(1.0, 6.0) + each())
    )
    noise = level + each(*_NOISE_TILT) * (band - 0.5) + flutter
    noise = noise + 0.32 * torch.randn(mel.shape, generator=random)
    noise = torch.where(each() < 0.65, noise, torch.full((), _FLOOR))
    alone = chance(count) < _ALONE
    noise = torch.where(alone[:, None, None], noise + each(-1.5, 2.4), noise)
    mel = torch.where(alone[:, None, None], torch.full((), _FLOOR), mel)
    mel = _summed(mel, noise)

    hidden = (each() < 0.25) & ((band - each()).abs() < 0.05)
    mel = torch.where(hidden, torch.full((), SILENCE), mel)
    return mel.clamp(SILENCE, -SILENCE)[:, None], alone


def _other_throat(mel: Tensor, chance: Tensor) -> Tensor:
    """Bands stretched and shifted: all formants move together."""
    stretch = 1 + _STRETCH * (chance[:, :1] - 0.5)
    wanted = torch.arange(BANDS)[None] * stretch + _SHIFT_BANDS * (chance[:, 1:] - 0.5)
    wanted = wanted.clamp(0, BANDS - 1.001)
    lower = wanted.long()
    share = (wanted - lower)[:, :, None]
    index = lower[:, :, None].expand(-1, -1, mel.shape[2])
    return mel.gather(1, index) * (1 - share) + mel.gather(1, index + 1) * share


def _in_room(mel: Tensor, chance: Tensor) -> Tensor:
    """What was heard dies away slowly: a tail of falling power after every column."""
    kept = (0.78 + 0.18 * chance[:, :1]).expand(-1, BANDS)  # -1.1 to -0.2 dB a column
    heard = 0.02 + 0.14 * chance[:, 1:]
    power = _power(mel)
    tail = torch.zeros_like(power[..., 0])
    columns = []
    for column in power.unbind(dim=2):
        columns.append(column + heard * tail)
        tail = tail * kept + column
    return _level(torch.stack(columns, dim=2))


def _summed(one: Tensor, other: Tensor) -> Tensor:
    return _level(_power(one) + _power(other))


def _power(level: Tensor) -> Tensor:
    return torch.pow(10.0, (level - 2.4) / 0.8)


def _level(power: Tensor) -> Tensor:
    return 0.8 * torch.log10(power.clamp_min(1e-12)) + 2.4
