"""How she moves while she does not speak: three loops that meet in one seam pose.

Every loop begins and ends in the same pose, at rest there: value and velocity of every curve agree
at the seam, so any loop may follow any other. Between, the head wanders by sums of slow waves that
share no period, the eyes hold the viewer against it (as eyes do), and blinks come irregularly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from studio.portrait.parameters import Face, Frame, Pose

FPS = 25
BREATH_S = 4.0  # one breath; every loop lasts a whole number of them
SEAM_S = 1.2  # time in which the life of a loop fades in and out

BLINK_CLOSE_S, BLINK_HELD_S, BLINK_OPEN_S = 0.10, 0.04, 0.22
GAZE_HELD = 0.92  # share of the head's turn that the eyes take back

SEAM_POSE = Pose()
SEAM_FACE = Face()
SEAM = Frame(SEAM_POSE, SEAM_FACE)


@dataclass(frozen=True)
class Wave:
    """A slow swing: amplitude, period and phase (in turns)."""

    amplitude: float
    period_s: float
    phase: float

    def at(self, time_s: float) -> float:
        return self.amplitude * math.sin(math.tau * (time_s / self.period_s + self.phase))


@dataclass(frozen=True)
class Gesture:
    """A move to somewhere and back: how far at most, when it begins and ends, how long each way."""

    size: float
    start_s: float
    end_s: float
    rise_s: float

    def at(self, time_s: float) -> float:
        up = ease((time_s - self.start_s) / self.rise_s)
        down = ease((self.end_s - time_s) / self.rise_s)
        return self.size * min(up, down)


Curve = tuple[Wave | Gesture, ...]


@dataclass(frozen=True)
class Loop:
    """One loop of footage; curves add to the seam pose, and fade to it at both ends.

    Attributes:
        curves: By name of the parameter: ``yaw``, ``pitch``, ``roll`` of the head; ``gaze_x``,
            ``gaze_y``, ``brow``, ``knit``, ``smile``, ``squint`` of the face.
        blinks_s: When the lids begin to close.
    """

    name: str
    duration_s: float
    blinks_s: tuple[float, ...]
    curves: Mapping[str, Curve]

    @property
    def frame_count(self) -> int:
        return round(self.duration_s * FPS)

    def frame(self, index: int) -> Frame:
        """Frame `index`, 0 to ``frame_count`` - 1."""
        return self.at(index / FPS)

    def at(self, time_s: float) -> Frame:
        """The sitter at a time from 0 to ``duration_s``."""
        fade = ease(time_s / SEAM_S) * ease((self.duration_s - time_s) / SEAM_S)

        def moved(name: str) -> float:
            return fade * sum(part.at(time_s) for part in self.curves.get(name, ()))

        breath = 0.5 - 0.5 * math.cos(math.tau * time_s / BREATH_S)
        yaw, pitch, roll = moved("yaw"), moved("pitch") - 0.004 * breath, moved("roll")
        pose = replace(
            SEAM_POSE,
            yaw=SEAM_POSE.yaw + yaw,
            pitch=SEAM_POSE.pitch + pitch,
            roll=SEAM_POSE.roll + roll,
            breath=breath,
        )
        face = replace(
            SEAM_FACE,
            blink=max(blink_at(time_s - start) for start in (*self.blinks_s, math.inf)),
            gaze_x=SEAM_FACE.gaze_x - GAZE_HELD * yaw + moved("gaze_x"),
            gaze_y=SEAM_FACE.gaze_y + GAZE_HELD * pitch + moved("gaze_y"),
            brow=SEAM_FACE.brow + moved("brow"),
            knit=max(0.0, moved("knit")),
            smile=SEAM_FACE.smile + moved("smile"),
            squint=max(0.0, SEAM_FACE.squint + moved("squint")),
        )
        return Frame(pose, face)


def ease(share: float) -> float:
    """0 to 1 with velocity and acceleration 0 at both ends (Perlin's quintic)."""
    t = min(max(share, 0.0), 1.0)
    return min(1.0, t * t * t * (t * (6.0 * t - 15.0) + 10.0))


def blink_at(since_s: float) -> float:
    """Lids `since_s` after they began to close: down fast, up at leisure."""
    if not 0.0 <= since_s < BLINK_CLOSE_S + BLINK_HELD_S + BLINK_OPEN_S:
        return 0.0
    closing = since_s / BLINK_CLOSE_S
    opening = (BLINK_CLOSE_S + BLINK_HELD_S + BLINK_OPEN_S - since_s) / BLINK_OPEN_S
    return ease(min(closing, opening))


def _glance(x: float, y: float, start_s: float, end_s: float) -> tuple[Gesture, Gesture]:
    """Eyes somewhere else for a while; a saccade takes two frames."""
    return Gesture(x, start_s, end_s, 0.08), Gesture(y, start_s, end_s, 0.08)


_AWAY = _glance(-0.16, 0.05, 6.92, 7.88)
_SETTLE = _glance(0.030, -0.015, 2.60, 4.30)
_AND_BACK = _glance(-0.022, 0.012, 9.10, 10.2)

IDLE = Loop(
    "idle",
    12.0,
    (1.48, 4.30, 6.86, 7.90, 10.36),
    MappingProxyType(
        {
            "yaw": (Wave(0.026, 7.3, 0.05), Wave(0.011, 3.1, 0.4), Gesture(-0.030, 6.8, 8.6, 0.7)),
            "pitch": (Wave(0.014, 5.7, 0.3), Wave(0.006, 2.3, 0.1)),
            "roll": (Wave(0.013, 8.9, 0.6), Wave(0.006, 3.7, 0.2)),
            "gaze_x": (_AWAY[0], _SETTLE[0], _AND_BACK[0]),
            "gaze_y": (_AWAY[1], _SETTLE[1], _AND_BACK[1]),
            "brow": (Wave(0.10, 4.9, 0.2), Gesture(0.22, 6.7, 8.3, 0.4)),
            "smile": (Wave(0.07, 6.1, 0.7), Gesture(0.14, 8.4, 11.4, 0.9)),
            "squint": (Gesture(0.12, 8.5, 11.3, 0.9),),
        }
    ),
)

LISTENING = Loop(
    "listening",
    8.0,
    (2.36, 6.10),
    MappingProxyType(
        {
            "yaw": (Gesture(0.034, 0.0, 8.0, 1.3), Wave(0.008, 3.3, 0.3)),
            "pitch": (
                Gesture(0.022, 0.2, 7.8, 1.2),
                Gesture(0.034, 2.9, 3.7, 0.35),  # two small nods
                Gesture(0.022, 3.6, 4.4, 0.35),
            ),
            "roll": (Gesture(-0.044, 0.0, 8.0, 1.5), Wave(0.006, 2.9, 0.6)),
            "brow": (Gesture(0.42, 0.5, 7.4, 0.8), Wave(0.06, 2.7, 0.1)),
            "smile": (Gesture(0.10, 3.0, 7.0, 0.9),),
            "squint": (Gesture(0.10, 1.0, 7.0, 0.9),),
        }
    ),
)

_UP_AND_AWAY = _glance(-0.36, 0.36, 1.16, 4.56)
_DOWN = _glance(-0.20, -0.17, 4.58, 6.30)

THINKING = Loop(
    "thinking",
    8.0,
    (1.10, 4.50, 6.28),
    MappingProxyType(
        {
            "yaw": (Gesture(-0.040, 0.7, 7.0, 1.1), Wave(0.010, 4.1, 0.2)),
            "pitch": (Gesture(-0.036, 0.8, 5.0, 0.9), Gesture(0.026, 4.2, 7.0, 0.9)),
            "roll": (Gesture(0.030, 0.5, 7.4, 1.3), Wave(0.006, 3.1, 0.5)),
            "gaze_x": (_UP_AND_AWAY[0], _DOWN[0]),
            "gaze_y": (_UP_AND_AWAY[1], _DOWN[1]),
            "brow": (Gesture(0.25, 1.0, 4.6, 0.6), Gesture(-0.25, 4.3, 6.8, 0.6)),
            "knit": (Gesture(0.85, 1.1, 6.6, 0.7),),
            "smile": (Gesture(-0.34, 0.8, 7.2, 0.9),),
            "squint": (Gesture(0.25, 1.2, 6.6, 0.7),),
        }
    ),
)

LOOPS: Mapping[str, Loop] = MappingProxyType(
    {loop.name: loop for loop in (IDLE, LISTENING, THINKING)}
)
