"""How a speaking mouth runs from shape to shape.

Source: M. Cohen, D. Massaro, "Modeling Coarticulation in Synthetic Visual Speech" (1993): each
sound pulls towards its shape, the stronger the more it dominates. Two things are not left to the
mean: lips that must meet, and a lip that must touch the teeth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.lips.mouths import (
    CODE,
    DOMINANCE,
    JAW,
    LIP_TO_TEETH,
    PRESS,
    REST,
    ROUND,
    SEAL,
    SHAPES,
    SMILE,
    TONGUE,
    TUCK,
    UPPER,
    WIDE,
    Code,
    Sound,
)

RATE_HZ = 200
SMOOTHING_S = 0.15  # of a jaw; rounding is slower and begins early, a smile slowest
ROUNDING_S, ROUNDING_EARLY_S = 0.24, 0.035
SMILE_S = 0.40
RAMP_S = 0.06  # in which lips meet and part
SHORTEST_HALF_S = 0.03
HELD_SHARE = 0.75  # of a p's length, the lips are shut
QUIET_JAW, LOUD_JAW = 0.72, 1.12  # of the shape's jaw
LOUDNESS_RANGE_DB = 30.0

Curve = NDArray[np.float64]


def codes_of(sounds: list[Sound], duration_s: float, loudness: Curve | None = None) -> Code:
    """The mouth of an utterance.

    Args:
        sounds: Shapes with their times; the mouth rests before, between and after them.
        duration_s: Length of the utterance.
        loudness: 0 to 1 at RATE_HZ: loud vowels open further. None: as at full loudness.

    Returns:
        Codes at RATE_HZ, shape (n, 8).
    """
    count = int(duration_s * RATE_HZ) + 1
    aims = np.tile(SHAPES[REST].astype(np.float64), (count, 1))
    weights = np.ones(count)
    sealed, tucked = np.zeros(count), np.zeros(count)
    for shape, start_s, end_s in sounds:
        span = slice(int(start_s * RATE_HZ), min(count, int(np.ceil(end_s * RATE_HZ))))
        aims[span] = SHAPES[shape]
        weights[span] = DOMINANCE.get(shape, 1.0)
        if shape == SEAL:
            np.maximum(sealed, _held(count, start_s, end_s), out=sealed)
        elif shape == LIP_TO_TEETH:
            np.maximum(tucked, _held(count, start_s, end_s), out=tucked)
    if loudness is not None:
        loud = np.interp(np.arange(count), np.arange(len(loudness)), loudness)
        aims[:, JAW] *= QUIET_JAW + (LOUD_JAW - QUIET_JAW) * loud
    codes = np.stack([_run_together(aims[:, at], weights, at) for at in range(len(CODE))], axis=1)
    return _contact(codes, sealed, tucked).astype(np.float32)


def loudness_of(samples: NDArray[np.float32], rate_hz: int) -> Curve:
    """Loudness at RATE_HZ, 0 to 1 over 30 dB, 1 at the utterance's loud vowels."""
    power = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    middles = (np.arange(int(len(samples) / rate_hz * RATE_HZ) + 1) * rate_hz) // RATE_HZ
    half = rate_hz // 50
    low, high = (np.clip(middles + side, 0, len(samples)) for side in (-half, half))
    level_db = 10 * np.log10((power[high] - power[low]) / np.maximum(high - low, 1) + 1e-9)
    top_db = np.percentile(level_db, 95)
    above = np.clip((level_db - top_db + LOUDNESS_RANGE_DB) / LOUDNESS_RANGE_DB, 0, 1)
    return np.convolve(above, _window(0.08), mode="same")


def codes_at(codes: Code, times_s: NDArray[np.float64]) -> Code:
    """Codes between those of a curve; before and after it, its ends."""
    places = np.clip(np.asarray(times_s) * RATE_HZ, 0, len(codes) - 1)
    before = places.astype(np.intp)
    after = np.minimum(before + 1, len(codes) - 1)
    share = (places - before)[:, None].astype(np.float32)
    return np.asarray(codes[before] * (1 - share) + codes[after] * share, dtype=np.float32)


def _run_together(aim: Curve, weights: Curve, number: int) -> Curve:
    length_s = {ROUND: ROUNDING_S, SMILE: SMILE_S}.get(number, SMOOTHING_S)
    window = _window(length_s)
    reach = len(window) // 2

    def blurred(curve: Curve) -> Curve:
        return np.convolve(np.pad(curve, reach, mode="edge"), window, mode="valid")

    mean = blurred(aim * weights) / blurred(weights)
    if number == ROUND:
        early = round(ROUNDING_EARLY_S * RATE_HZ)
        mean = np.concatenate([mean[early:], np.full(early, mean[-1])])
    return mean


def _contact(codes: Curve, sealed: Curve, tucked: Curve) -> Curve:
    """Shut lips hide the teeth and close the jaw; a tucked lip leaves it a little open."""
    free, loose = 1 - sealed, 1 - 0.5 * tucked
    codes[:, PRESS] = sealed
    codes[:, TUCK] = tucked * free
    codes[:, JAW] = codes[:, JAW] * free * (1 - 0.85 * tucked) + 0.12 * tucked * free
    codes[:, UPPER] *= free
    codes[:, TONGUE] *= free
    codes[:, ROUND] *= (1 - 0.35 * sealed) * loose
    codes[:, WIDE] *= (1 - 0.6 * sealed) * loose
    return np.clip(codes, 0, 1)


def _held(count: int, start_s: float, end_s: float) -> Curve:
    """1 while a contact is held, with soft ramps before and after."""
    middle_s = (start_s + end_s) / 2
    half_s = max(HELD_SHARE * (end_s - start_s) / 2, SHORTEST_HALF_S)
    away_s = np.abs(np.arange(count) / RATE_HZ - middle_s)
    return 0.5 + 0.5 * np.cos(np.pi * np.clip((away_s - half_s) / RAMP_S, 0, 1))


def _window(length_s: float) -> Curve:
    """A Hann window of weights that add up to 1."""
    count = round(length_s * RATE_HZ) | 1
    window = np.hanning(count + 2)[1:-1]
    return np.asarray(window / window.sum())
