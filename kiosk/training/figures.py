"""Figures of drawn mouths against true ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.training.judge import Judged
from kiosk.video.loop import LOOP_FPS

_MOVING_SHARE = 0.25  # of the lower half that moves most: mouth and chin
_SLACK = 12.0  # grey values a pixel may darken without being an open mouth
_LONGEST_LAG = 5  # frames
_CLOSED = frozenset("pbm")
_CLOSED_BELOW = 0.25  # of the 95th percentile of the true opening

Grey = NDArray[np.float32]


def measure(judged: Sequence[Judged]) -> dict[str, Any]:
    """Compare what was drawn with the truth, over all held-back runs.

    Returns:
        ``seconds``; ``opening_correlation``, ``lag_ms`` (above 0: the mouth is late) and
        ``opening_ratio`` (drawn over true spread) of the mouth's opening; ``closures`` seen of
        ``closures_spoken`` p, b and m (None without phonemes); ``mouth_psnr_db`` and ``mouth_ssim``
        of the moving region, ``mouth_psnr_at_rest_db`` of leaving the reference as it is;
        ``jitter_at_rest``, change a frame of 255 where the truth hardly moves.
    """
    region = _moving(judged)
    true = [_opening(run.truth, run.reference, region) for run in judged]
    drawn = [_opening(run.drawn, run.reference, region) for run in judged]
    both = np.concatenate(true), np.concatenate(drawn)
    spoken, closed = _closures(judged, true, drawn)
    return {
        "seconds": round(len(both[0]) / LOOP_FPS, 1),
        "opening_correlation": round(_correlation(*both), 3),
        "lag_ms": round(_lag_ms(true, drawn), 1),
        "opening_ratio": round(float(both[1].std() / max(both[0].std(), 1e-6)), 3),
        "closures_spoken": spoken,
        "closures": round(closed / spoken, 3) if spoken else None,
        "mouth_psnr_db": round(_psnr(judged, region, "drawn"), 2),
        "mouth_psnr_at_rest_db": round(_psnr(judged, region, "reference"), 2),
        "mouth_ssim": round(_ssim(judged, region), 4),
        "jitter_at_rest": round(_jitter(judged, region), 3),
    }


def _grey(pictures: NDArray[np.uint8]) -> Grey:
    return np.stack([cv2.cvtColor(one, cv2.COLOR_BGR2GRAY) for one in pictures]).astype(np.float32)


def _moving(judged: Sequence[Judged]) -> NDArray[np.bool_]:
    """Pixels of the lower half that the truth moves most, shape (S, S)."""
    change = np.mean(
        [np.abs(_grey(run.truth) - _grey(run.reference)).mean(axis=0) for run in judged], axis=0
    )
    change = cv2.GaussianBlur(change, (0, 0), change.shape[0] / 40)
    change[: len(change) // 2] = 0
    least = np.quantile(change[len(change) // 2 :], 1 - _MOVING_SHARE)
    region: NDArray[np.bool_] = change >= max(float(least), 1e-6)
    return region


def _opening(
    pictures: NDArray[np.uint8], reference: NDArray[np.uint8], region: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """How much of the mouth is darker than at rest: an open mouth is dark inside; shape (n,)."""
    darker = np.maximum(0, _grey(reference) - _grey(pictures) - _SLACK)
    opening: NDArray[np.float64] = darker[:, region].mean(axis=1).astype(np.float64)
    return opening


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    if first.std() < 1e-9 or second.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _lag_ms(true: Sequence[NDArray[np.float64]], drawn: Sequence[NDArray[np.float64]]) -> float:
    """Shift of best correlation, refined by a parabola through its neighbours."""

    def at(lag: int) -> float:
        pairs = [
            (one[: len(one) - lag], other[lag:]) if lag >= 0 else (one[-lag:], other[:lag])
            for one, other in zip(true, drawn, strict=True)
        ]
        return _correlation(*(np.concatenate(parts) for parts in zip(*pairs, strict=True)))

    lags = range(-_LONGEST_LAG, _LONGEST_LAG + 1)
    scores = [at(lag) for lag in lags]
    best = int(np.argmax(scores))
    shift = 0.0
    if 0 < best < len(scores) - 1:
        before, here, after = scores[best - 1 : best + 2]
        bend = before - 2 * here + after
        shift = 0.5 * (before - after) / bend if bend < -1e-9 else 0.0
    return (lags[best] + shift) * 1000 / LOOP_FPS


def _closures(
    judged: Sequence[Judged],
    true: Sequence[NDArray[np.float64]],
    drawn: Sequence[NDArray[np.float64]],
) -> tuple[int, int]:
    """How many p, b and m the truth closes the mouth on, and on how many of them it is drawn
    closed within a frame."""
    low = _CLOSED_BELOW * float(np.quantile(np.concatenate(true), 0.95))
    spoken = closed = 0
    for run, truth, mouth in zip(judged, true, drawn, strict=True):
        for item in run.phonemes:
            middle = round((item.start_s + item.end_s) / 2 * LOOP_FPS)
            near = slice(max(0, middle - 1), middle + 2)
            if item.phoneme in _CLOSED and len(truth[near]) and truth[near].min() < low:
                spoken += 1
                closed += bool(mouth[near].min() < low)
    return spoken, closed


def _psnr(judged: Sequence[Judged], region: NDArray[np.bool_], name: str) -> float:
    errors = np.concatenate(
        [
            np.square(getattr(run, name)[:, region].astype(np.float32) - run.truth[:, region]).mean(
                axis=(1, 2)
            )
            for run in judged
        ]
    )
    return float(np.mean(10 * np.log10(255**2 / np.maximum(errors, 1e-2))))


def _ssim(judged: Sequence[Judged], region: NDArray[np.bool_]) -> float:
    """Structural similarity (Wang et al., 2004) in grey, over the moving region."""

    def blurred(pictures: Grey) -> Grey:
        return np.stack([cv2.GaussianBlur(one, (11, 11), 1.5) for one in pictures])

    values = []
    for run in judged:
        first, second = _grey(run.truth), _grey(run.drawn)
        mean1, mean2 = blurred(first), blurred(second)
        spread1, spread2 = blurred(first**2) - mean1**2, blurred(second**2) - mean2**2
        shared = blurred(first * second) - mean1 * mean2
        likeness = (2 * mean1 * mean2 + 6.5025) * (2 * shared + 58.5225)
        likeness /= (mean1**2 + mean2**2 + 6.5025) * (spread1 + spread2 + 58.5225)
        values.append(likeness[:, region].mean(axis=1))
    return float(np.concatenate(values).mean())


def _jitter(judged: Sequence[Judged], region: NDArray[np.bool_]) -> float:
    """Mean change of the drawn minus that of the reference, where the truth stays at rest."""
    changes = []
    for run in judged:
        truth, drawn, reference = (
            _grey(pictures) for pictures in (run.truth, run.drawn, run.reference)
        )
        apart = np.abs(truth - reference)[:, region].mean(axis=1)
        still = apart < 1.5 * max(float(apart.min()), 0.5)
        both = still[1:] & still[:-1]
        moved = np.diff(drawn - reference, axis=0)[:, region]
        changes.append(np.abs(moved[both]).mean(axis=1))
    every = np.concatenate(changes)
    return float(every.mean()) if len(every) else 0.0
