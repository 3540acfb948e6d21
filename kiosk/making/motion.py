"""How somebody moves who sits still: breath, a head that is never quite at rest, blinks.

Every curve is periodic with the loop, so that the loop has no seam, and irregular within it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float64]
"""One value for each frame of the loop, shape (frame_count,)."""

_BREATH_S = 4.0  # 15 breaths a minute, an adult at rest
_BREATH_UNEVEN = 0.12
_INHALE = 0.42  # share of a breath
_BLINK_EVERY_S = 4.2  # 14 a minute
_CLOSING_S, _SHUT_S, _OPENING_S = 0.09, 0.05, 0.20  # a lid falls faster than it rises
_SLOWEST, _FASTEST = 1, 5  # whole waves of the head's motion in a loop of 12 s
_REFERENCE_S = 12.0


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """The loop's motion.

    Attributes:
        breath: 0 (out) .. 1 (in).
        yaw: Turn of the head to the right in the picture, -1 .. 1.
        pitch: Turn downwards, -1 .. 1.
        roll: Lean, clockwise in the picture, -1 .. 1.
        sway: Shift of head and, less, of the shoulders to the right, -1 .. 1.
        lids_before: Closure of the lids when a frame's exposure begins, 0 (open) .. 1 (shut).
        lids_after: The same when it ends.
        blinks_s: Times at which the lids begin to fall.
    """

    breath: Curve
    yaw: Curve
    pitch: Curve
    roll: Curve
    sway: Curve
    lids_before: Curve
    lids_after: Curve
    blinks_s: tuple[float, ...]


def plan_motion(frame_count: int, fps: int, seed: int) -> Motion:
    """Draw the motion of a loop.

    Args:
        frame_count: Frames of the loop.
        fps: Frames a second.
        seed: The same seed gives the same motion.
    """
    random = np.random.default_rng(seed)
    duration_s = frame_count / fps
    times_s = np.arange(frame_count) / fps
    breath = _breath(times_s, duration_s, random)
    yaw, pitch, roll, sway = (_wander(times_s, duration_s, random) for _ in range(4))
    blinks = _blink_times(duration_s, random)
    return Motion(
        breath=breath,
        yaw=yaw,
        pitch=0.8 * pitch - 0.25 * (breath - 0.5),  # the head lifts a little with the chest
        roll=roll,
        # Who turns also leans that way a little.
        sway=0.75 * sway + 0.25 * yaw,
        lids_before=_closure(times_s - 0.25 / fps, duration_s, blinks),
        lids_after=_closure(times_s + 0.25 / fps, duration_s, blinks),
        blinks_s=blinks,
    )


def _wander(times_s: Curve, duration_s: float, random: np.random.Generator) -> Curve:
    """Smooth noise that repeats with the loop: a few whole waves, slow ones stronger; -1 .. 1."""
    most = max(_SLOWEST + 1, round(_FASTEST * duration_s / _REFERENCE_S))
    waves = np.arange(_SLOWEST, most + 1)
    strength = random.uniform(0.6, 1.0, len(waves)) / waves**1.1
    phase = random.uniform(0, 2 * np.pi, len(waves))
    angles = 2 * np.pi * waves[:, None] * times_s / duration_s + phase[:, None]
    curve: Curve = (strength[:, None] * np.sin(angles)).sum(axis=0)
    return np.asarray(curve / np.abs(curve).max())


def _breath(times_s: Curve, duration_s: float, random: np.random.Generator) -> Curve:
    """Whole breaths of uneven length and depth; 0 .. 1."""
    count = max(1, round(duration_s / _BREATH_S))
    lengths = random.uniform(1 - _BREATH_UNEVEN, 1 + _BREATH_UNEVEN, count)
    starts = np.concatenate([[0.0], np.cumsum(lengths)]) / lengths.sum() * duration_s
    depths = random.uniform(0.75, 1.0, count)
    index = np.clip(np.searchsorted(starts, times_s, side="right") - 1, 0, count - 1)
    share = (times_s - starts[index]) / (starts[index + 1] - starts[index])
    rising = 0.5 - 0.5 * np.cos(np.pi * np.clip(share / _INHALE, 0, 1))
    falling = 0.5 + 0.5 * np.cos(np.pi * np.clip((share - _INHALE) / (0.92 - _INHALE), 0, 1))
    breath: Curve = depths[index] * np.minimum(rising, falling)
    return breath


def _blink_times(duration_s: float, random: np.random.Generator) -> tuple[float, ...]:
    """Uneven pauses; none so short that two blinks look like a flutter, also across the seam."""
    count = max(1, round(duration_s / _BLINK_EVERY_S))
    pauses = random.uniform(0.55, 1.45, count)
    times = np.cumsum(pauses / pauses.sum()) * duration_s - 0.3 * duration_s / count
    return tuple(float(time) for time in times % duration_s)


def _closure(times_s: Curve, duration_s: float, blinks_s: tuple[float, ...]) -> Curve:
    closure = np.zeros_like(times_s)
    for start in blinks_s:
        since = (times_s - start) % duration_s
        falling = np.clip(since / _CLOSING_S, 0, 1)
        rising = np.clip((since - _CLOSING_S - _SHUT_S) / _OPENING_S, 0, 1)
        closure = np.maximum(closure, _ease(falling) * (1 - _ease(rising)))
    return closure


def _ease(share: Curve) -> Curve:
    return share * share * (3 - 2 * share)
