"""How far the mouth should run ahead of the sound it is given.

The contract's window reaches 200 ms into the future and hardly into the past, while lips prepare a
sound before it is heard. Which moment of the mouth a window tells most about depends on the person
and the recording, so it is measured: a linear regression from windows to codes, once for each lead,
judged on held-back seconds. Neighbouring leads differ by little, so the usual one is left only for
a clear gain.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.training.dataset import Clip
from kiosk.training.settings import LEADS_MS, USUAL_LEAD_MS

_BAND_GROUP = 4  # bands averaged: 20 instead of 80 are plenty for a comparison
_RIDGE = 0.2  # of the mean variance of a window's values
_CLEAR_GAIN = 0.02  # of the codes' variance


def best_lead(
    clips: Sequence[Clip], codes: Sequence[NDArray[np.float32]]
) -> tuple[int, dict[int, float]]:
    """The lead whose windows explain the codes best.

    Args:
        clips: The footage.
        codes: For each film the code of each frame, shape (frames, CODE_SIZE).

    Returns:
        The lead, ms (the usual one unless another explains clearly more), and for each lead the
        explained share of the codes' variance, up to 1.
    """
    scores = {lead: _explained(clips, codes, lead) for lead in LEADS_MS}
    best = max(scores, key=lambda lead: scores[lead])
    clear = scores[best] > max(0.0, scores[USUAL_LEAD_MS]) + _CLEAR_GAIN
    return (best if clear else USUAL_LEAD_MS), scores


def _explained(clips: Sequence[Clip], codes: Sequence[NDArray[np.float32]], lead_ms: int) -> float:
    sounds, mouths = _gathered(clips, codes, lead_ms, held_back=False)
    middle, rest = sounds.mean(axis=0), mouths.mean(axis=0)
    sounds, mouths = sounds - middle, mouths - rest
    square = sounds.T @ sounds
    ridge = _RIDGE * max(float(np.diag(square).mean()), 1e-6) * np.eye(len(square))
    weights = np.linalg.solve(square + ridge, sounds.T @ mouths)
    tested, true = _gathered(clips, codes, lead_ms, held_back=True)
    error = np.square((tested - middle) @ weights + rest - true).sum()
    return float(1 - error / max(np.square(true - true.mean(axis=0)).sum(), 1e-9))


def _gathered(
    clips: Sequence[Clip], codes: Sequence[NDArray[np.float32]], lead_ms: int, *, held_back: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Windows, flattened, and codes of the frames that teach, or of those that decide."""
    sounds, mouths = [], []
    for clip, code in zip(clips, codes, strict=True):
        split = clip.split
        frames = split.frames(split.validate if held_back else split.train)
        if len(frames):
            sounds.append(_features(clip, frames, lead_ms))
            mouths.append(code[frames].astype(np.float64))
    return np.concatenate(sounds), np.concatenate(mouths)


def _features(clip: Clip, frames: NDArray[np.int64], lead_ms: int) -> NDArray[np.float64]:
    windows = clip.windows(frames, lead_ms)
    count, bands, columns = windows.shape
    grouped = windows.reshape(count, bands // _BAND_GROUP, _BAND_GROUP, columns).mean(axis=2)
    features: NDArray[np.float64] = grouped.reshape(count, -1).astype(np.float64)
    return features
