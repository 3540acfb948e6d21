"""The one clock of the picture: which loop frame and which mouth patch to show now.

Pure: no Qt, no threads, no reading of the time; the caller passes monotonic seconds.

While nobody speaks the loop runs free: ``index = floor((t - epoch) * fps) % n``.

While an utterance sounds, its audio position drives the picture: lips frame k, as
:class:`ui.utteranceclock.UtteranceClock` chooses it, lies over loop frame
``(utterance.loop_index + k) % n``, because that is the frame its pixels were made for. The engine
took ``loop_index`` from the newest epoch it knew, so the running loop is usually on that very
frame; a difference of up to two frames is *slewed*: the picture starts where it was and, every
fifth frame, holds one frame or skips one until both agree. 40 ms of breathing go unseen. A larger
difference would lay the mouth beside the face, so it is cut at once.

If the sound stalls for longer than the extrapolation reaches, the mouth is let go and the loop runs
on by itself: the picture never stops.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from kiosk.messages import (
    LoopEpoch,
    MouthPatch,
    PlaybackPosition,
    Shape,
    SyncMeasured,
    UtteranceEnded,
    UtteranceStarted,
)
from ui.utteranceclock import AHEAD_S, AIM, FPS, MAX_PATCHES, REACH_S, UtteranceClock

SLEW_FRAMES = 2  # largest difference that is slewed and not cut
SLEW_EVERY = 5  # shown frames between two corrections of one frame


class Loop(StrEnum):
    """What she does while she does not speak; lips are laid over the idle loop."""

    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"


@dataclass(frozen=True, slots=True)
class Shown:
    """What to show now.

    Attributes:
        loop_index: Frame of the loop.
        patch: Pixels to lay over it, or None for the plain loop.
        audio_s: Audio position of the utterance that drives the picture; None while idle.
        loop: The loop.
        fresh: Share of this picture; the rest is what was on screen when the loop was entered.
        begins: The loop is entered now.
    """

    loop_index: int
    patch: MouthPatch | None = None
    audio_s: float | None = None
    loop: Loop = Loop.IDLE
    fresh: float = 1.0
    begins: bool = False


@dataclass(slots=True)
class _Slew:
    """How the picture comes over to the utterance's own loop frames.

    Attributes:
        behind: Frames by which the picture trails them; negative if it runs ahead.
        waited: Frames shown since the last correction.
    """

    behind: int
    waited: int = 0

    def step(self) -> None:
        """One more frame was shown."""
        if self.behind == 0:
            return
        self.waited += 1
        if self.waited >= SLEW_EVERY:
            self.waited = 0
            self.behind -= 1 if self.behind > 0 else -1


class LoopClock:
    """Aim: choose, for any moment, the one picture that belongs to the sound.

    Args:
        frame_count: Frames of the idle loop.
        epoch_at_s: Monotonic time of loop frame 0.
        shape: Which of the persona's idle loops it is.
    """

    def __init__(self, frame_count: int, epoch_at_s: float, shape: Shape = Shape.WIDE) -> None:
        if frame_count < 1:
            raise ValueError("a loop has at least one frame")
        self._count = frame_count
        self._shape = shape
        self._epoch_at_s = epoch_at_s
        self._untold = True
        self._utterance: UtteranceClock | None = None
        self._slew: _Slew | None = None  # None: the picture runs free
        self._let_go = False  # interrupted: the utterance no longer drives the picture
        self._early: list[MouthPatch] = []
        self._shown_index = 0
        self._shown_at_s = epoch_at_s

    # --- messages ------------------------------------------------------------------------------

    def begin(self, started: UtteranceStarted) -> None:
        """An utterance starts; patches that came before this message are its own."""
        self._run_free()
        self._utterance = UtteranceClock(started)
        self._let_go = False
        early, self._early = self._early, []
        for patch in early:
            self.add(patch)

    def hear(self, position: PlaybackPosition) -> None:
        """Take a reading of the master clock."""
        utterance = self._utterance
        if utterance is not None and utterance.id == position.utterance_id:
            utterance.hear(position)

    def add(self, patch: MouthPatch) -> None:
        """Keep a patch until its time comes; those of a past utterance are dropped.

        So are those that were made for another idle loop: the mouth would lie beside the face.
        """
        if patch.shape is not self._shape:
            return
        utterance = self._utterance
        if utterance is None or patch.utterance_id > utterance.id:
            if len(self._early) < MAX_PATCHES:
                self._early.append(patch)
        elif patch.utterance_id == utterance.id and not self._let_go:
            utterance.patches.add(patch)

    def let_go(self) -> None:
        """The visitor interrupts: from the next frame on the mouth is the loop's own."""
        if self._utterance is not None:
            self._run_free()
            self._let_go = True
            self._utterance.patches.clear()

    def end(self, ended: UtteranceEnded) -> SyncMeasured | None:
        """The utterance is over. Returns its figures; the loop runs on from the shown frame."""
        utterance = self._utterance
        if utterance is None or utterance.id != ended.utterance_id:
            return None
        self._run_free()
        self._utterance = None
        self._early = [p for p in self._early if p.utterance_id > ended.utterance_id]
        return utterance.measured()

    def forget(self) -> None:
        """The engine is gone: drop everything about any utterance."""
        self._run_free()
        self._utterance = None
        self._early = []
        self._untold = True

    def change_loop(self, frame_count: int, shape: Shape, now_s: float) -> None:
        """Another idle loop is shown from now on: the screen was turned.

        A running utterance goes on to drive the picture, for the captions' sake; its mouths are
        dropped.
        """
        self._run_free()
        self._count, self._shape = frame_count, shape
        self._early = []
        if self._utterance is not None:
            self._utterance.patches.clear()
        self.wait_at_beginning(now_s)

    def wait_at_beginning(self, now_s: float) -> None:
        """The idle loop is not on screen: let it be at its first frame now."""
        if self._slew is None:
            self._epoch_at_s = now_s - AIM / FPS
            self._untold = True

    def take_epoch(self) -> LoopEpoch | None:
        """The new epoch if the engine has not been told of it yet."""
        if not self._untold:
            return None
        self._untold = False
        # The engine asks which loop frame is under the mouth of a given moment of sound, and that
        # mouth is chosen AHEAD_S before the moment.
        return LoopEpoch(self._epoch_at_s + AHEAD_S)

    # --- time ----------------------------------------------------------------------------------

    def tick(self, now_s: float, *, hidden: bool = False) -> Shown:
        """Choose the picture for ``now_s``; called once for each picture that is shown.

        Args:
            now_s: Monotonic time.
            hidden: Until now another loop was on screen, so there is nothing to slew.
        """
        utterance = self._utterance
        shown = None
        if utterance is not None and not self._let_go:
            shown = self._follow(utterance, now_s, hidden=hidden)
        if shown is None:
            shown = Shown(self._free_index(now_s))
        self._shown_index, self._shown_at_s = shown.loop_index, now_s
        return shown

    def next_tick_s(self, now_s: float) -> float:
        """When the next picture is due: shortly after the next frame begins."""
        utterance = self._utterance
        if utterance is not None and self._slew is not None:
            phase = utterance.phase(now_s)
        else:
            phase = (now_s - self._epoch_at_s) * FPS
        return now_s + (math.floor(phase) + 1 + AIM - phase) / FPS

    def audio_s(self, now_s: float) -> float | None:
        """Audio position for the captions, None while nothing sounds."""
        utterance = self._utterance
        if utterance is None or self._let_go:
            return None
        return max(0.0, utterance.audio_s(now_s))

    # --- inside --------------------------------------------------------------------------------

    def _free_index(self, now_s: float) -> int:
        return math.floor((now_s - self._epoch_at_s) * FPS) % self._count

    def _run_free(self) -> None:
        """Move the epoch so that the free loop goes on from the frame on screen."""
        if self._slew is None:
            return
        self._slew = None
        self._epoch_at_s = self._shown_at_s - (self._shown_index + AIM) / FPS
        self._untold = True

    def _follow(self, utterance: UtteranceClock, now_s: float, *, hidden: bool) -> Shown | None:
        if utterance.stalled(now_s):
            self._run_free()
            return None
        audio_s = utterance.audio_s(now_s)
        frame = math.floor(utterance.phase(now_s))
        own_index = utterance.loop_index + frame
        if self._slew is None:
            if audio_s < -REACH_S:
                return None  # too early to follow: the first sample is far away
            behind = self._difference(own_index, self._free_index(now_s))
            slewed = abs(behind) <= SLEW_FRAMES and not hidden
            self._slew = _Slew(behind if slewed else 0)
        elif frame > utterance.last_frame:  # so that a hold never becomes a step back
            self._slew.step()
        patch = utterance.choose(frame, now_s)
        return Shown((own_index - self._slew.behind) % self._count, patch, max(0.0, audio_s))

    def _difference(self, ahead: int, behind: int) -> int:
        """Frames from ``behind`` to ``ahead`` the short way round the loop."""
        half = self._count // 2
        return (ahead - behind + half) % self._count - half
