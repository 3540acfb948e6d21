"""What the picture knows of the utterance that sounds now: its position, its mouths, its offset.

Pure: no Qt, no threads, no reading of the time; the caller passes monotonic seconds.

Lips frame k is the mouth at audio time ``k / FPS``. A frame stays on screen for a while, and its
pixels come some time after it was chosen; ``AHEAD_S`` makes up for both, so that the *middle* of
the frame's time on screen falls on its audio time. Without it the lips would trail the sound by
42 ms, and from 45 ms on viewers notice (ITU-R BT.1359-1, figure 2).
"""

from __future__ import annotations

import math
from statistics import median

from kiosk.messages import (
    MouthPatch,
    PlaybackPosition,
    Speaking,
    SyncMeasured,
    UtteranceStarted,
)

FPS = 25
REACH_S = 0.25  # how far a position may be extrapolated past its report
STALE_FRAMES = 3  # how old a patch may be when the right one is missing
MAX_PATCHES = 600  # 24 s ahead of the sound; bounds the memory
AIM = 0.3  # show a frame this share after it begins: timers are late, never early
PAINT_S = 0.018  # from choosing a picture to seeing it: painting, half a refresh, the panel
AHEAD_S = (AIM + 0.5) / FPS + PAINT_S  # how long before its audio time a lips frame begins


class AudioPosition:
    """How much of an utterance has been heard at a given time.

    Extrapolates from the newest report, at most ``REACH_S`` past it, and never runs backwards.

    Args:
        starts_at_s: When the first sample is expected to be heard; counts until sound is reported.
    """

    def __init__(self, starts_at_s: float) -> None:
        self._starts_at_s = starts_at_s
        self._heard_s = 0.0
        self._heard_at_s = starts_at_s
        self._highest_s = 0.0
        self._sounds = False

    def report(self, position: PlaybackPosition) -> None:
        """Take a reading; one that was made before the newest one is ignored."""
        if position.heard_s <= 0.0 and not self._sounds:
            # Nothing was heard *yet*: the promised start stands, unless it has passed already.
            self._heard_at_s = max(self._starts_at_s, position.heard_at_s)
            return
        if self._sounds and position.heard_at_s < self._heard_at_s:
            return
        self._sounds = True
        self._heard_s, self._heard_at_s = position.heard_s, position.heard_at_s

    def at(self, now_s: float) -> float:
        """Seconds of the utterance; negative while its first sample is still on its way."""
        elapsed_s = now_s - self._heard_at_s
        if not self._sounds and elapsed_s < 0.0 and self._highest_s == 0.0:
            return elapsed_s
        position_s = self._heard_s + min(max(elapsed_s, 0.0), REACH_S)
        self._highest_s = max(self._highest_s, position_s)
        return self._highest_s

    def stalled(self, now_s: float) -> bool:
        """True if the newest report is so old that the position stands still."""
        return now_s - self._heard_at_s > REACH_S


class Patches:
    """Mouth patches of one utterance that are still to come."""

    def __init__(self) -> None:
        self._by_frame: dict[int, MouthPatch] = {}

    def add(self, patch: MouthPatch) -> None:
        """Keep a patch; beyond ``MAX_PATCHES`` it is left out."""
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
        """Drop what is too old to be shown for ``frame`` or any later one."""
        for old in [k for k in self._by_frame if k < frame - STALE_FRAMES]:
            del self._by_frame[old]

    def clear(self) -> None:
        """Drop all."""
        self._by_frame.clear()


class UtteranceClock:
    """Aim: say which lips frame belongs to a moment, and measure how well that was kept.

    Attributes:
        id: The utterance.
        loop_index: Loop frame under lips frame 0.
        patches: Mouths to come.
        last_frame: Newest lips frame that was chosen; -1 before the first.
    """

    def __init__(self, started: UtteranceStarted) -> None:
        self.id = started.utterance_id
        self.loop_index = started.loop_index
        self.patches = Patches()
        self.last_frame = -1
        self._has_lips = started.speaking is Speaking.PERSONA
        self._position = AudioPosition(started.starts_at_s)
        self._offsets_s: list[float] = []
        self._dropped = 0

    def hear(self, position: PlaybackPosition) -> None:
        """Take a reading of the master clock."""
        self._position.report(position)

    def audio_s(self, now_s: float) -> float:
        """Seconds heard at ``now_s``; negative while the first sample is still on its way."""
        return self._position.at(now_s)

    def stalled(self, now_s: float) -> bool:
        """True if the sound has said nothing for so long that it cannot be followed."""
        return self._position.stalled(now_s)

    def phase(self, now_s: float) -> float:
        """Lips frame to choose at ``now_s``; the fraction is how much of it is over."""
        return (self._position.at(now_s) + AHEAD_S) * FPS

    def choose(self, frame: int, now_s: float) -> MouthPatch | None:
        """The patch to show for ``frame``, or the nearest older one; counts and measures."""
        patch = self.patches.at(frame) if frame >= 0 else None
        if frame > self.last_frame and self._has_lips:
            self._dropped += frame - self.last_frame - 1
            if patch is not None and patch.frame == frame:
                seen_s = self._position.at(now_s) + PAINT_S + 0.5 / FPS  # middle of its time seen
                self._offsets_s.append(seen_s - frame / FPS)
            else:
                self._dropped += 1
        self.last_frame = max(self.last_frame, frame)
        self.patches.forget_before(frame)
        return patch

    def measured(self) -> SyncMeasured:
        """Offsets of the frames shown so far; positive if the lips were late."""
        size = sorted(abs(offset_s) for offset_s in self._offsets_s)
        p95_s = size[min(len(size) - 1, math.ceil(0.95 * len(size)) - 1)] if size else 0.0
        median_s = median(self._offsets_s) if self._offsets_s else 0.0
        return SyncMeasured(
            self.id, 1000.0 * median_s, 1000.0 * p95_s, len(self._offsets_s), self._dropped
        )
