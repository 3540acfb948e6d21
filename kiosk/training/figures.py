"""Figures of drawn mouths against true ones, with the measures of ``kiosk.lipsync.quality``."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.mask import MouthPlace, find_mouth
from kiosk.lipsync.quality import closed_share, correlation_and_lag, inner_mouth, psnr_db, ssim
from kiosk.training.judge import Judged, Pictures
from kiosk.video.loop import LOOP_FPS

# The mouth's surroundings, in half widths of the mouth: from under the nose to the chin.
_ABOVE, _BELOW, _ASIDE = 1.0, 1.6, 1.5
_AWAY_FRAMES = 14
_SAME_DB = 60.0  # what equal pictures count as, so that a mean exists


def measure(judged: Sequence[Judged]) -> dict[str, Any]:
    """Compare what was drawn with the truth, over all held-back runs.

    Returns:
        ``seconds``; ``opening_correlation`` of the drawn mouth's opening with the true one, without
        any shift, ``lag_ms`` of their best match (above 0: the drawn mouth is late) and
        ``opening_ratio``, the drawn opening's mean over the true one's; ``closed_on_pbm`` and
        ``true_closed_on_pbm``, shares of p, b and m at which the drawn and the true mouth close, or
        None where the phonemes are not known, and ``closed_elsewhere``, that share at any other
        time, which is what chance would give; ``mouth_psnr_db`` and ``mouth_ssim`` from under the
        nose to the chin, ``rest_psnr_db`` and ``rest_ssim`` the same for leaving the reference as
        it is; ``rest_jitter``, change from frame to frame of what the model adds while nobody
        speaks, of 255, or None if somebody always does.
    """
    places = [find_mouth(_lower(run.reference)[0]) for run in judged]
    true = [_opening(run.truth, run, place) for run, place in zip(judged, places, strict=True)]
    drawn = [_opening(run.drawn, run, place) for run, place in zip(judged, places, strict=True)]
    truth, drawing = np.concatenate(true), np.concatenate(drawn)
    _, lag_ms = correlation_and_lag(drawing, truth, LOOP_FPS)
    figures: dict[str, float | None] = {
        "seconds": len(truth) / LOOP_FPS,
        "opening_correlation": _correlation(drawing, truth),
        "lag_ms": lag_ms,
        "opening_ratio": float(drawing.mean() / max(truth.mean(), 1e-6)),
        "closed_on_pbm": _closed(judged, drawn),
        "closed_elsewhere": _closed_elsewhere(judged, drawn),
        "true_closed_on_pbm": _closed(judged, true),
        "mouth_psnr_db": _likeness(judged, places, "drawn", _psnr),
        "rest_psnr_db": _likeness(judged, places, "reference", _psnr),
        "mouth_ssim": _likeness(judged, places, "drawn", ssim),
        "rest_ssim": _likeness(judged, places, "reference", ssim),
        "rest_jitter": _jitter(judged),
    }
    return {name: None if value is None else round(value, 3) for name, value in figures.items()}


def _lower(pictures: Pictures) -> Pictures:
    """What a model draws anew: the lower halves."""
    return pictures[:, pictures.shape[1] // 2 :]


def _opening(pictures: Pictures, run: Judged, place: MouthPlace) -> NDArray[np.float64]:
    both = zip(_lower(pictures), _lower(run.reference), strict=True)
    return np.array([inner_mouth(one, resting, place) for one, resting in both])


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    if one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _closed(judged: Sequence[Judged], openings: Sequence[NDArray[np.float64]]) -> float | None:
    phonemes = _phonemes(judged)
    return closed_share(np.concatenate(openings), phonemes, LOOP_FPS) if phonemes else None


def _closed_elsewhere(
    judged: Sequence[Judged], openings: Sequence[NDArray[np.float64]]
) -> float | None:
    phonemes, opening = _phonemes(judged), np.concatenate(openings)
    away = range(_AWAY_FRAMES, len(opening) - _AWAY_FRAMES + 1, _AWAY_FRAMES // 2)
    if not phonemes or not away:
        return None
    shares = [closed_share(np.roll(opening, by), phonemes, LOOP_FPS) for by in away]
    return float(np.mean(shares))


def _phonemes(judged: Sequence[Judged]) -> list[tuple[str, float, float]]:
    """Of all runs as one, so that what counts as open is the same for all."""
    phonemes: list[tuple[str, float, float]] = []
    frames = 0
    for run in judged:
        at_s = frames / LOOP_FPS
        phonemes += [
            (item.phoneme, item.start_s + at_s, item.end_s + at_s) for item in run.phonemes
        ]
        frames += len(run.truth)
    return phonemes


def _psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return min(_SAME_DB, psnr_db(one, other))


def _likeness(
    judged: Sequence[Judged],
    places: Sequence[MouthPlace],
    name: str,
    measured: Callable[[NDArray[np.uint8], NDArray[np.uint8]], float],
) -> float:
    values = []
    for run, place in zip(judged, places, strict=True):
        part = _surroundings(place)
        compared = zip(_lower(getattr(run, name)), _lower(run.truth), strict=True)
        values += [measured(one[part], true[part]) for one, true in compared]
    return float(np.mean(values))


def _surroundings(place: MouthPlace) -> tuple[slice, slice]:
    half = place.half_width
    rows = slice(max(0, round(place.y - _ABOVE * half)), round(place.y + _BELOW * half))
    aside = _ASIDE * half
    return rows, slice(max(0, round(place.x - aside)), round(place.x + aside))


def _jitter(judged: Sequence[Judged]) -> float | None:
    changes = []
    for run in judged:
        added = _lower(run.drawn).astype(np.int16) - _lower(run.reference)
        for before, after in itertools.pairwise(np.flatnonzero(run.at_rest)):
            if after == before + 1:
                changes.append(float(np.abs(added[after] - added[before]).mean()))
    return float(np.mean(changes)) if changes else None
