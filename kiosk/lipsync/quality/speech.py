"""Figures from movement: does the mouth do what is said, and when?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.mel import SAMPLE_RATE_HZ

Curve = NDArray[np.float64]
"""One value for each frame, shape (n,)."""

Phoneme = tuple[str, float, float]
"""IPA symbol, start and end in seconds."""

SEALED = frozenset("pbm")
"""Sounds that cannot be made without closing the lips."""

_SEALED_BELOW = 0.2  # of a wide opening
_WIDE_PERCENTILE = 90
_FURTHEST_FRAMES = 6  # lags looked at: a quarter of a second
_SMOOTHING_S = 0.15
_VOICE_HZ = (300, 3000)
_NEUTRAL = 0.3

# How far the jaw opens for a sound, 0 to 1: vowel height, and the place of consonants.
_OPENINGS = {
    1.0: "a ɑ ɐ æ ɒ",
    0.75: "ɔ ʌ ɛ ɜ ɝ œ",
    0.55: "e o ɞ ə ɚ ø ɵ",
    0.35: "i ɪ y ʏ u ʊ ɨ j h k g ɡ ŋ x ç ɹ r l",
    0.2: "t d n s z θ ð ʃ ʒ w",
    0.1: "f v",
    0.0: "p b m",
}
_OPENING_OF = {sound: opening for opening, sounds in _OPENINGS.items() for sound in sounds.split()}


def expected_opening(phonemes: Sequence[Phoneme], frames: int, fps: int) -> Curve:
    """How far a mouth would open that says these sounds, from their names alone.

    Sounds run into one another: each weighs in with a Hann window of 0.15 s, closures most.

    Source: M. Cohen, D. Massaro, "Modeling Coarticulation in Synthetic Visual Speech", 1993
    (dominance functions), with jaw openings by vowel height.

    Args:
        phonemes: In order; stress marks, pauses and punctuation are silence.
        frames: Length of the result.
        fps: Frames a second; frame k is at k / fps.
    """
    time_s = np.arange(frames) / fps
    total = np.full(frames, 1e-3)  # silence: a faint pull to the closed mouth
    opening = np.zeros(frames)
    for phoneme, start_s, end_s in phonemes:
        sound = phoneme.strip("ˈˌː ")[:1]
        if not sound.isalpha():
            continue
        aim = _OPENING_OF.get(sound, _NEUTRAL)
        reach_s = (end_s - start_s) / 2 + _SMOOTHING_S / 2
        away = np.clip(np.abs(time_s - (start_s + end_s) / 2) / reach_s, 0, 1)
        weight = (0.5 + 0.5 * np.cos(np.pi * away)) * (3.0 if sound in SEALED else 1.0)
        total += weight
        opening += weight * aim
    curve: Curve = opening / total
    return curve


def loudness(samples: NDArray[np.float32], frames: int, fps: int) -> Curve:
    """Envelope of the voice, 300 to 3,000 Hz: a reference where no phonemes are known.

    Args:
        samples: Mono, 16 kHz.
        frames: Length of the result.
        fps: Frames a second; each takes in its own span of time, centred.
    """
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ)
    low, high = _VOICE_HZ
    voice = np.fft.irfft(np.where((hz > low) & (hz < high), spectrum, 0), n=len(samples))
    span = SAMPLE_RATE_HZ // fps
    padded = np.pad(voice**2, (span // 2, (frames + 1) * span))[: frames * span]
    return np.asarray(np.sqrt(padded.reshape(frames, span).mean(axis=1)))


def correlation_and_lag(opening: Curve, reference: Curve, fps: int) -> tuple[float, float]:
    """How alike two movements are, and by how much the first comes later.

    Returns:
        The best Pearson correlation within a quarter of a second, and its lag in milliseconds,
        finer than a frame by a parabola through the peak. 0 and 0 if one of the two never moves.
    """
    furthest = _FURTHEST_FRAMES
    lags = range(-furthest, furthest + 1)
    middle = slice(furthest, len(opening) - furthest)
    scores = [_correlation(opening[middle], np.roll(reference, lag)[middle]) for lag in lags]
    best = int(np.argmax(scores))
    if scores[best] <= 0:
        return 0.0, 0.0
    aside = 0.0
    if 0 < best < 2 * furthest:
        before, at, after = scores[best - 1 : best + 2]
        aside = 0.5 * (before - after) / (before - 2 * at + after)
    return scores[best], (lags[best] + aside) * 1000 / fps


def _correlation(one: Curve, other: Curve) -> float:
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / scale if scale > 0 else 0.0


def closed_share(opening: Curve, phonemes: Sequence[Phoneme], fps: int) -> float:
    """Share of p, b and m at which the mouth closes, within a frame before or after.

    Closed is less than a fifth of a wide opening, the 90th percentile. 1 if there are none.
    """
    sealed = [(start, end) for name, start, end in phonemes if name.strip("ˈˌː ")[:1] in SEALED]
    if not sealed:
        return 1.0
    limit = _SEALED_BELOW * float(np.percentile(opening, _WIDE_PERCENTILE))
    closed = 0
    for start_s, end_s in sealed:
        first, last = int(start_s * fps) - 1, int(np.ceil(end_s * fps)) + 1
        closed += bool(opening[max(0, first) : last + 1].min(initial=np.inf) <= limit)
    return closed / len(sealed)
