"""A few minutes of one voice, made to stand for other voices, microphones and rooms.

The kiosk's own voice is seldom the one that was filmed. All changes work on the contract's
spectrogram: ``y = 1.6 log10(magnitude) + 2.4`` within -4..4.
"""

from __future__ import annotations

import torch
from torch import Tensor

_BANDS = 80
_LOWEST = -4.0


def vary_sound(mel: Tensor, at_rest: Tensor, random: torch.Generator) -> Tensor:
    """Other speakers and rooms.

    Args:
        mel: (B, 1, 80, T).
        at_rest: For each of B, whether nobody speaks in it; some of these become digital silence,
            which recordings do not hold but the kiosk's voices do.
        random: Source of chance.
    """
    device, count = mel.device, len(mel)

    def chance(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=random).to(device)

    mel = _other_throat(mel, chance(count, 2))
    band = torch.linspace(0, 1, _BANDS, device=device)[None, None, :, None]
    tilt = (chance(count, 1, 1, 1) - 0.5) * 1.6 * (band - 0.5)
    waves = 2 * torch.pi * (band * (0.5 + 3 * chance(count, 1, 1, 1)) + chance(count, 1, 1, 1))
    gain = (chance(count, 1, 1, 1) - 0.6) * 2.0
    mel = mel + tilt + 0.3 * torch.sin(waves) + gain
    mel = _with_noise(mel, gain, chance)
    gated = chance(count, 1, 1, 1) < 0.3
    floor = -3.6 + 1.2 * chance(count, 1, 1, 1)
    mel = torch.where(gated & (mel < floor), _LOWEST, mel)
    centre = chance(count, 1, 1, 1)
    masked = (chance(count, 1, 1, 1) < 0.25) & ((band - centre).abs() < 0.05)
    mel = torch.where(masked, _LOWEST, mel)
    silent = (chance(count) < 0.5) & at_rest.to(device)
    return torch.where(silent[:, None, None, None], _LOWEST, mel).clamp(_LOWEST, -_LOWEST)


def _other_throat(mel: Tensor, chance: Tensor) -> Tensor:
    """Stretch and shift the bands: a longer or shorter throat moves all formants."""
    stretch = 1 + (chance[:, :1] - 0.5) * 0.24
    shift = (chance[:, 1:] - 0.5) * 5
    bands = torch.arange(_BANDS, device=mel.device)[None]
    wanted = (bands * stretch + shift).clamp(0, _BANDS - 1.001)
    lower = wanted.long()
    share = (wanted - lower)[:, None, :, None].to(mel.dtype)
    index = lower[:, None, :, None].expand(-1, 1, -1, mel.shape[-1])
    return mel.gather(2, index) * (1 - share) + mel.gather(2, index + 1) * share


def _with_noise(mel: Tensor, gain: Tensor, chance: object) -> Tensor:
    """Room noise 10 to 50 dB under the voice.

    Its level follows the voice's: noise of any level would teach the mouth to hang open in silence.
    """
    assert callable(chance)
    count = len(mel)
    level = -0.5 + gain - 3.0 * chance(count, 1, 1, 1)
    noise = level + 0.3 * (chance(*mel.shape) - 0.5)
    power = 10 ** ((mel - 2.4) / 0.8) + 10 ** ((noise - 2.4) / 0.8)
    noisy = 0.8 * torch.log10(power) + 2.4
    return torch.where(chance(count, 1, 1, 1) < 0.5, noisy, mel)
