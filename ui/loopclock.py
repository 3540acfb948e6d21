"""The one clock of the picture: which loop frame and which mouth patch to show now.

Pure: no Qt, no threads, no reading of the time; the caller passes monotonic seconds.

While nobody speaks the loop runs free: ``index = floor((t - epoch) * fps) % n``.

While an utterance sounds, its audio position drives the picture. Lips frame ``k = floor(position *
fps)`` lies over loop frame ``(utterance.loop_index + k) % n``, because that is the frame its pixels
were made for. The engine took ``loop_index`` from the newest epoch it knew, so the running loop
is usually on that very frame; a difference of up to two frames is *slewed*: the picture starts
where it was and, every fifth frame, holds one frame or skips one until both agree. 40 ms of
breathing go unseen. A larger difference would lay the mouth beside the face, so it is cut at once.

If the sound stalls for longer than the extrapolation reaches, the mouth is let go and the loop runs
on by itself: the picture never stops.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median

from kiosk.messages import (
    LoopEpoch,
    MouthPatch,
    PlaybackPosition,
    Speaking,
    SyncMeasured,
    UtteranceEnded,
    UtteranceStarted,
)

FPS = 25
REACH_S = 0.25  # how far a position may be extrapolated past its report
STALE_FRAMES = 3  # how old a patch may be when the right one is missing
SLEW_FRAMES = 2  # largest difference that is slewed and not cut
SLEW_EVERY = 5  # shown frames between two corrections of one frame
MAX_PATCHES = 600  # 24 s ahead of the sound; bounds the memory
_AIM = 0.3  # show a frame this share after it begins: timers are late, never early


@dataclass(frozen=True, slots=True)
class Shown:
    """What to show now.

    Attributes:
        loop_index: Frame of the idle loop.
        patch: Pixels to lay over it, or None for the plain loop.
        audio_s: Audio position of the utterance that drives the picture; None while idle.
    """

    loop_index: int
    patch: MouthPatch | None = None
    audio_s: float | None = None


class AudioPosition:
    """How much of an utterance has been heard at a given time.

    Extrapolates from the newest report, at most ``REACH_S`` past it, and never runs backwards.
    """

    def __init__(self, starts_at_s: float) -> None:
        self._heard_s = 0.0
        self._heard_at_s = starts_at_s
        self._highest_s = 0.0
        self._reported = False

    def report(self, position: PlaybackPosition) -> None:
        """Take a reading; one that was made before the newest one is ignored."""
        if self._reported and position.heard_at_s < self._heard_at_s:
            return
        self._reported = True
        self._heard_s, self._heard_at_s = position.heard_s, position.heard_at_s

    def at(self, now_s: float) -> float:
        """Seconds of the utterance; negative while its first sample is still on its way."""
        elapsed_s = now_s - self._heard_at_s
        if not self._reported and elapsed_s < 0.0:
            return elapsed_s
        position_s = self._heard_s + min(max(elapsed_s, 0.0), REACH_S)
        self._highest_s = max(self._highest_s, position_s)
        return self._highest_s

    def stalled(self, now_s: float) -> bool:
        """True if the newest report is so old that the position stands still."""
        return now_s - self._heard_at_s > REACH_S


class _Patches:
    """Patches of one utterance that are still to come."""

    def __init__(self) -> None:
        self._by_frame: dict[int, MouthPatch] = {}

    def add(self, patch: MouthPatch) -> None:
        if len(self._by_frame) < MAX_PATCHES:
            self._by_frame[patch.frame] = patch

    def at(self, frame: int) -> MouthPatch | None:
        """The patch for this frame, or the newest one up to ``STALE_FRAMES`` older."""
        for age in range(STALE_FRAMES + 1):
            found = self._by_frame.get(frame - age)
            if found is not None:
                return found
        return None

    def forget_before(self, frame: int) -> None:
        for old in [k for k in self._by_frame if k < frame - STALE_FRAMES]:
            del self._by_frame[old]


class _Utterance:
    """What the clock knows of the utterance that sounds now."""

    def __init__(self, started: UtteranceStarted) -> None:
        self.id = started.utterance_id
        self.loop_index = started.loop_index
        self.has_lips = started.speaking is Speaking.PERSONA
        self.position = AudioPosition(started.starts_at_s)
        self.patches = _Patches()
        self.let_go = False  # interrupted: the picture no longer follows it
        self.engaged = False  # the picture follows it now
        self.slew = 0  # frames by which the picture trails the utterance's own loop frame
        self.slew_wait = 0
        self.last_frame = -1
        self.offsets_s: list[float] = []
        self.dropped = 0

    def measured(self) -> SyncMeasured:
        size = sorted(abs(offset) for offset in self.offsets_s)
        p95_s = size[min(len(size) - 1, math.ceil(0.95 * len(size)) - 1)] if size else 0.0
        median_s = median(self.offsets_s) if self.offsets_s else 0.0
        return SyncMeasured(
            self.id, 1000.0 * median_s, 1000.0 * p95_s, len(self.offsets_s), self.dropped
        )


class LoopClock:
    """Aim: choose, for any moment, the one picture that belongs to the sound.

    Args:
        frame_count: Frames of the idle loop.
        epoch_at_s: Monotonic time of loop frame 0.
    """

    def __init__(self, frame_count: int, epoch_at_s: float) -> None:
        if frame_count < 1:
            raise ValueError("a loop has at least one frame")
        self._count = frame_count
        self._epoch_at_s = epoch_at_s
        self._untold = True
        self._utterance: _Utterance | None = None
        self._early: list[MouthPatch] = []
        self._shown_index = 0
        self._shown_at_s = epoch_at_s

    # --- messages ------------------------------------------------------------------------------

    def begin(self, started: UtteranceStarted) -> None:
        """An utterance starts; patches that came before this message are its own."""
        self._utterance = _Utterance(started)
        early, self._early = self._early, []
        for patch in early:
            self.add(patch)

    def hear(self, position: PlaybackPosition) -> None:
        """Take a reading of the master clock."""
        utterance = self._utterance
        if utterance is not None and utterance.id == position.utterance_id:
            utterance.position.report(position)

    def add(self, patch: MouthPatch) -> None:
        """Keep a patch until its time comes; those of a past utterance are dropped."""
        utterance = self._utterance
        if utterance is None or patch.utterance_id > utterance.id:
            if len(self._early) < MAX_PATCHES:
                self._early.append(patch)
        elif patch.utterance_id == utterance.id and not utterance.let_go:
            utterance.patches.add(patch)

    def let_go(self) -> None:
        """The visitor interrupts: from the next frame on the mouth is the loop's own."""
        if self._utterance is not None:
            self._run_free()
            self._utterance.let_go = True
            self._utterance.patches = _Patches()

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

    def take_epoch(self) -> LoopEpoch | None:
        """The new epoch if the engine has not been told of it yet."""
        if not self._untold:
            return None
        self._untold = False
        return LoopEpoch(self._epoch_at_s)

    # --- time ----------------------------------------------------------------------------------

    def tick(self, now_s: float) -> Shown:
        """Choose the picture for ``now_s``; called once for each picture that is shown."""
        utterance = self._utterance
        shown = None
        if utterance is not None and not utterance.let_go:
            shown = self._follow(utterance, now_s)
        if shown is None:
            shown = Shown(self._free_index(now_s))
        self._shown_index, self._shown_at_s = shown.loop_index, now_s
        return shown

    def next_tick_s(self, now_s: float) -> float:
        """When the next picture is due: shortly after the next frame begins."""
        utterance = self._utterance
        if utterance is not None and utterance.engaged:
            phase = utterance.position.at(now_s) * FPS
        else:
            phase = (now_s - self._epoch_at_s) * FPS
        wait = math.floor(phase) + 1 + _AIM - phase
        return now_s + (wait - 1 if wait - 1 > 0.5 else wait) / FPS

    def audio_s(self, now_s: float) -> float | None:
        """Audio position for the captions, None while nothing sounds."""
        utterance = self._utterance
        if utterance is None or utterance.let_go:
            return None
        return max(0.0, utterance.position.at(now_s))

    # --- inside --------------------------------------------------------------------------------

    def _free_index(self, now_s: float) -> int:
        return math.floor((now_s - self._epoch_at_s) * FPS) % self._count

    def _run_free(self) -> None:
        """Move the epoch so that the free loop goes on from the frame on screen."""
        utterance = self._utterance
        if utterance is None or not utterance.engaged:
            return
        utterance.engaged = False
        self._epoch_at_s = self._shown_at_s - (self._shown_index + _AIM) / FPS
        self._untold = True

    def _follow(self, utterance: _Utterance, now_s: float) -> Shown | None:
        audio_s = utterance.position.at(now_s)
        if utterance.position.stalled(now_s):
            self._run_free()
            return None
        frame = math.floor(audio_s * FPS)
        own_index = utterance.loop_index + frame
        if utterance.engaged:
            self._slew_on(utterance, frame)
        elif audio_s < -REACH_S:
            return None  # too early to follow: the first sample is far away
        else:
            utterance.engaged = True
            utterance.slew = self._difference(own_index, self._free_index(now_s))
            if abs(utterance.slew) > SLEW_FRAMES:
                utterance.slew = 0
            utterance.slew_wait = 0
        patch = self._patch(utterance, frame, audio_s) if frame >= 0 else None
        utterance.last_frame = max(utterance.last_frame, frame)
        index = (own_index - utterance.slew) % self._count
        return Shown(index, patch, max(0.0, audio_s))

    def _difference(self, ahead: int, behind: int) -> int:
        """Frames from ``behind`` to ``ahead`` the short way round the loop."""
        half = self._count // 2
        return (ahead - behind + half) % self._count - half

    @staticmethod
    def _slew_on(utterance: _Utterance, frame: int) -> None:
        # Corrects only when the utterance itself advanced: a hold never becomes a step back.
        if utterance.slew == 0 or frame <= utterance.last_frame:
            return
        utterance.slew_wait += 1
        if utterance.slew_wait >= SLEW_EVERY:
            utterance.slew_wait = 0
            utterance.slew -= 1 if utterance.slew > 0 else -1

    @staticmethod
    def _patch(utterance: _Utterance, frame: int, audio_s: float) -> MouthPatch | None:
        patch = utterance.patches.at(frame)
        if frame > utterance.last_frame and utterance.has_lips:
            utterance.dropped += frame - utterance.last_frame - 1
            if patch is not None and patch.frame == frame:
                utterance.offsets_s.append(audio_s - (frame + 0.5) / FPS)
            else:
                utterance.dropped += 1
        utterance.patches.forget_before(frame)
        return patch
