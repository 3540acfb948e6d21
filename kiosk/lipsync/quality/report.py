"""Let lips speak, and judge them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.lips import LipSync
from kiosk.lipsync.mel import BANDS, SAMPLE_RATE_HZ, SILENCE, WINDOW_COLUMNS
from kiosk.lipsync.quality.pictures import edge_energy_ratio, inner_mouth, ssim
from kiosk.lipsync.quality.speech import (
    Curve,
    Phoneme,
    closed_share,
    correlation_and_lag,
    expected_opening,
    loudness,
)

_REST_FRAMES = 25
_AWAY_FRAMES = 7


def measure_quality(
    lips: LipSync, samples: NDArray[np.float32], phonemes: Sequence[Phoneme]
) -> dict[str, Any]:
    """Figures of one utterance over one loop.

    Args:
        lips: Loaded lips.
        samples: The utterance, mono, 16 kHz, -1..1; some seconds.
        phonemes: What is said in it; empty if nobody knows, then loudness is the only reference.

    Returns:
        ``opening_correlation`` and ``lag_ms`` against the openings of the phonemes (a positive lag:
        the mouth is late), ``loudness_correlation`` and ``loudness_lag_ms`` against the voice's
        envelope; ``closed_on_pbm``, the share of lip closures made, and ``closed_elsewhere``, what
        that figure is at any other time of the same utterance; ``edge_energy_ratio``, mean and
        worst frame, see ``pictures``; ``changed_outside_mask``, values that differ from the loop;
        ``rest_psnr_db`` and ``rest_ssim`` of the model's silent mouth against the loop's own
        frames; ``rest_jitter``, mean change of that mouth's error from frame to frame, of 255.
    """
    track = lips.track(0)
    track.feed(samples)
    track.finish()
    loop = lips.mouth.loop
    outside = loop.mask == 0
    openings: list[float] = []
    edges: list[float] = []
    changed_outside = 0
    for patch in track.patches():
        skin = np.asarray(loop.skin[patch.loop_index])
        openings.append(inner_mouth(patch.bgr, skin, loop.mouth))
        changed_outside += int((patch.bgr != skin)[outside].sum())
        if not np.array_equal(patch.bgr, skin):
            edges.append(edge_energy_ratio(patch.bgr, skin, loop.mask))
    opening = np.array(openings)
    loud = loudness(samples, len(opening), lips.fps)
    loud_correlation, loud_lag_ms = correlation_and_lag(_blurred(opening), _blurred(loud), lips.fps)
    worst = max(edges, key=lambda ratio: abs(ratio - 1), default=1.0)
    figures: dict[str, Any] = {
        "speech_s": round(len(samples) / SAMPLE_RATE_HZ, 1),
        "loudness_correlation": loud_correlation,
        "loudness_lag_ms": loud_lag_ms,
        "edge_energy_ratio": float(np.mean(edges)) if edges else 1.0,
        "edge_energy_ratio_worst": worst,
        "changed_outside_mask": changed_outside,
        **_at_rest(lips),
    }
    if phonemes:
        expected = expected_opening(phonemes, len(opening), lips.fps)
        correlation, lag_ms = correlation_and_lag(_blurred(opening), expected, lips.fps)
        figures["opening_correlation"], figures["lag_ms"] = correlation, lag_ms
        figures["closed_on_pbm"] = closed_share(opening, phonemes, lips.fps)
        figures["closed_elsewhere"] = _closed_elsewhere(opening, phonemes, lips.fps)
    return {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in figures.items()
    }


def _closed_elsewhere(opening: Curve, phonemes: Sequence[Phoneme], fps: int) -> float:
    """The share of closures that a mouth would make by chance: all other times are tried."""
    shifts = range(2 * _AWAY_FRAMES, len(opening) - 2 * _AWAY_FRAMES, _AWAY_FRAMES)
    shares = [closed_share(np.roll(opening, shift), phonemes, fps) for shift in shifts]
    return float(np.mean(shares)) if shares else 1.0


def _at_rest(lips: LipSync) -> dict[str, float]:
    """What the mouth makes of digital silence with the gate held open."""
    loop = lips.mouth.loop
    silence = np.full((1, BANDS, WINDOW_COLUMNS), SILENCE, dtype=np.float32)
    whole = np.ones(1, dtype=np.float32)
    count = min(_REST_FRAMES, loop.frame_count)
    inside = loop.mask > 0
    likeness, errors = [], []
    for index in range(count):
        (patch,) = lips.mouth.draw(silence, whole, [index])
        skin = np.asarray(loop.skin[index])
        likeness.append(ssim(patch, skin))
        errors.append((patch.astype(np.float32) - skin)[inside])
    jitter = [np.abs(after - before).mean() for before, after in itertools.pairwise(errors)]
    return {
        "rest_psnr_db": _psnr_of(float(np.mean(np.square(errors)))),
        "rest_ssim": float(np.mean(likeness)),
        "rest_jitter": float(np.mean(jitter)),
    }


def _psnr_of(error: float) -> float:
    """Decibels of a mean squared error; 99 instead of infinity, which JSON does not know."""
    return min(99.0, 10 * float(np.log10(255**2 / max(error, 1e-9))))


def _blurred(curve: Curve) -> Curve:
    return np.convolve(curve, [0.25, 0.5, 0.25], mode="same")
