"""Which of her loops is on screen: resting, listening or thinking, and how one passes into another.

Pure: no Qt, no threads, no reading of the time; the caller passes monotonic seconds.

A loop is entered at its beginning, where all loops share one pose, by a dissolve from whatever was
on screen. Sound is never waited for: while an utterance drives the picture the idle loop is shown,
on the frame that the mouths were made for, and the dissolve happens over it.

While another loop is shown, the idle loop waits at its beginning: the epoch that the engine is told
is moved on again and again. So an utterance begins within the first frames of the idle loop, which
its decoder holds ready, and near the pose in which every loop begins.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from ui.loopclock import Loop, LoopClock, Shown
from ui.utteranceclock import AIM, FPS

DISSOLVE_FRAMES = 9
SPEECH_DISSOLVE_FRAMES = 6
THINK_AFTER_S = 0.4
"""Prepared answers come sooner; a face that only just begins to think would twitch."""

WAIT_FRAMES = 10  # how far the idle loop's clock runs before it is put back to the beginning


class LoopChooser:
    """Aim: the one picture of a moment, whatever visitors do and however fast.

    Args:
        clock: Of the idle loop; is put back while another loop is shown.
    """

    def __init__(self, clock: LoopClock) -> None:
        self.clock = clock
        self._loop = Loop.IDLE
        self._wish = Loop.IDLE
        self._wished_at_s = -math.inf
        self._entered_at_s = -math.inf
        self._waits_since_s = -math.inf
        self._dissolve_frames = DISSOLVE_FRAMES

    def wish(self, loop: Loop, now_s: float) -> None:
        """What the kiosk is doing has changed, or not."""
        if loop is not self._wish:
            self._wish, self._wished_at_s = loop, now_s

    def tick(self, now_s: float, ready: Mapping[Loop, int]) -> Shown:
        """Choose the picture for ``now_s``; called once for each picture that is shown.

        Args:
            now_s: Monotonic time.
            ready: Frames of each loop that could be shown now, besides the idle loop.
        """
        idle = self.clock.tick(now_s, hidden=self._loop is not Loop.IDLE)
        speaking = idle.audio_s is not None
        target = self._target(now_s, ready, speaking=speaking)
        begins = target is not self._loop
        if begins:
            self._loop = target
            # As if its first frame had begun when frames begin: timers are late, never early.
            self._entered_at_s = now_s - AIM / FPS
            self._dissolve_frames = SPEECH_DISSOLVE_FRAMES if speaking else DISSOLVE_FRAMES
        shown = idle
        if target is not Loop.IDLE:
            self._keep_idle_waiting(now_s)
            frame = math.floor((now_s - self._entered_at_s) * FPS)
            shown = Shown(frame % ready[target], loop=target)
        return replace(shown, fresh=self._fresh(now_s), begins=begins)

    def _target(self, now_s: float, ready: Mapping[Loop, int], *, speaking: bool) -> Loop:
        if speaking:
            return Loop.IDLE
        wish = self._wish
        if wish is Loop.THINKING and now_s - self._wished_at_s < THINK_AFTER_S:
            wish = self._loop
        return wish if wish in ready else Loop.IDLE

    def _keep_idle_waiting(self, now_s: float) -> None:
        if not 0 <= (now_s - self._waits_since_s) * FPS < WAIT_FRAMES:
            self._waits_since_s = now_s
            self.clock.wait_at_beginning(now_s)

    def _fresh(self, now_s: float) -> float:
        """Share of the entered loop in the picture."""
        frames = (now_s - self._entered_at_s) * FPS - AIM + 1.0
        share = min(1.0, max(0.0, frames / (self._dissolve_frames + 1)))
        return share * share * (3.0 - 2.0 * share)
