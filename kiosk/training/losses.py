"""How far a drawn mouth is from the true one."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

_LEVELS = 3
_MOVING_WEIGHT = 6.0
_CHANGE_WEIGHT = 3.0


def moving_map(halves: NDArray[np.uint8]) -> Tensor:
    """Where the face moves when it speaks: weights (1, 1, S/2, S), 1 to 7.

    No landmark is needed: what differs from frame to frame, in the lower half of a face whose upper
    half is held still, is the mouth and the chin.

    Args:
        halves: Differences of lower halves from their references, uint8, shape (n, S/2, S, 3).
    """
    spread = halves.astype(np.float32).mean(axis=(0, 3))
    weights = torch.from_numpy(spread)[None, None]
    side = max(3, halves.shape[2] // 20 * 2 + 1)
    weights = F.avg_pool2d(weights, side, stride=1, padding=side // 2, count_include_pad=False)
    highest = torch.quantile(weights, 0.98).clamp_min(1e-6)
    return 1 + _MOVING_WEIGHT * (weights / highest).clamp(0, 1)


def picture_loss(drawn: Tensor, target: Tensor, reference: Tensor, weights: Tensor) -> Tensor:
    """Mean absolute difference at three scales, heavier where the mouth moves and has moved.

    Differences of a pyramid rather than of pixels alone keep edges sharp.

    Args:
        drawn: (B, 3, H, W).
        target: Likewise.
        reference: What it looked like before.
        weights: ``moving_map``.
    """
    moved = (target - reference).abs().amax(dim=1, keepdim=True)
    weights = weights * (1 + _CHANGE_WEIGHT * (5 * moved).clamp(0, 1))
    rest = drawn - target
    loss = (rest.abs() * weights).mean()
    for level in range(_LEVELS):
        coarse = F.avg_pool2d(rest, 2, ceil_mode=True)
        spread = F.interpolate(coarse, scale_factor=2.0, mode="nearest")
        detail = rest - spread[:, :, : rest.shape[2], : rest.shape[3]]
        loss = loss + (detail.abs() * weights).mean() * (1.0 if level == 0 else 0.7)
        rest, weights = coarse, F.avg_pool2d(weights, 2, ceil_mode=True)
    return loss / float(_MOVING_WEIGHT)


def code_loss(heard: Tensor, true: Tensor) -> Tensor:
    """Distance of codes (B, CODE_SIZE, T), and of their movement over three frames."""
    loss = F.smooth_l1_loss(heard, true, beta=0.1)
    if heard.shape[-1] > 3:
        moved = heard[..., 3:] - heard[..., :-3] - (true[..., 3:] - true[..., :-3])
        loss = loss + 0.3 * moved.abs().mean()
    return loss
