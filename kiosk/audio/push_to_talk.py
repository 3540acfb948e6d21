"""Push to talk: from held button to a judged question, as pure logic on the times of blocks.

The microphone always runs. While nobody presses, the last half second is kept, because people begin
to speak as they press. After the release a short tail is added, because they let go as they finish
the last word; it costs no time if they had already finished.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from kiosk.audio.blocks import BLOCK_S, SILENCE_DBFS, AudioBlock, level_dbfs

PREROLL_S = 0.5
"""Sound kept from before the press."""

TAIL_QUIET_S = 0.12
"""Silence after which a talk is over: longer than the closure of a plosive inside a word."""

TAIL_MAX_S = 0.25
"""The longest that the tail may delay the answer."""

TAIL_LAG_S = 0.15
"""Sound older than this at the release says nothing about whether the visitor still speaks."""

MIN_HELD_S = 0.3
"""Shorter presses are taps; no question fits in."""

MAX_HELD_S = 30.0
"""Longer ones are a stuck button or a bag on the screen."""

QUIET_DBFS = -52.0
"""Speech at arm's length arrives at -40 to -15 dBFS; below this the recogniser guesses."""

LOUD_SHARE = 0.1
"""Share of the loudest blocks by which a talk is judged: a question may hold long pauses."""

CLIPPED_SHARE = 0.02
"""Share of voiced samples at full scale above which recognition suffers; a laugh stays below."""

FULL_SCALE_SAMPLE = 32_700
"""Converters and limiters often stop just short of 32767."""

METER_FLOOR_DBFS = -60.0
"""Level at which the ring is empty."""

NOISE_MARGIN_DB = 6.0
"""A block this much above the room's noise is voice."""

SPEECH_RANGE_DB = 30.0
"""A block this much below the loudest one is silence, even in a quiet room."""

VOICE_RANGE_DB = 10.0
"""A block less than this below the loudest one is voice, however noisy the room was before."""

NOISE_QUANTILE = 0.2
"""The room's noise is the level that this share of the blocks before the press stays below."""


class Verdict(StrEnum):
    """Whether a talk can be recognised; the values match ``kiosk.messages.NoticeKind``."""

    OK = "ok"
    TOO_SHORT = "too_short"
    TOO_QUIET = "too_quiet"
    TOO_LONG = "too_long"
    CLIPPED = "clipped"


@dataclass(frozen=True, slots=True)
class TalkUpdate:
    """What one block says about the talk.

    Attributes:
        level: 0..1, linear in decibels from -60 to 0 dBFS.
        clipping: True if this block hits full scale.
        too_long: True once the button has been held for 30 s: release it.
    """

    level: float
    clipping: bool
    too_long: bool


class PushToTalk:
    """One talk after another: ``idle``* ``press`` ``feed``* ``release`` ``feed``* until ``done``.

    Times are monotonic seconds. No clock is read: blocks and calls carry their own times.
    """

    def __init__(self) -> None:
        self._preroll: deque[AudioBlock] = deque(maxlen=round(PREROLL_S / BLOCK_S))
        self._idle_levels: deque[float] = deque(maxlen=round(2.0 / BLOCK_S))
        self._levels: list[float] = []
        self._clipped: list[int] = []
        self._sizes: list[int] = []
        self._pressed_at_s: float | None = None
        self._released_at_s: float | None = None
        self._ends_at_s = 0.0

    def idle(self, block: AudioBlock) -> None:
        """Take a block while nobody talks."""
        self._preroll.append(block)
        self._idle_levels.append(level_dbfs(block.samples))

    def press(self, now_s: float) -> list[AudioBlock]:
        """Begin a talk; the blocks from before the press, oldest first, which belong to it."""
        self._pressed_at_s = now_s
        self._released_at_s = None
        self._levels.clear()
        self._clipped.clear()
        self._sizes.clear()
        blocks = list(self._preroll)
        self._preroll.clear()
        self._ends_at_s = blocks[-1].ends_at_s if blocks else now_s
        return blocks

    def feed(self, block: AudioBlock) -> TalkUpdate:
        """Take a block of the talk or of its tail."""
        decibels = level_dbfs(block.samples)
        clipped = int(np.count_nonzero(np.abs(block.samples.astype(np.int32)) >= FULL_SCALE_SAMPLE))
        self._levels.append(decibels)
        self._clipped.append(clipped)
        self._sizes.append(len(block.samples))
        self._ends_at_s = block.ends_at_s
        return TalkUpdate(
            level=meter_level(decibels),
            clipping=clipped > 0,
            too_long=self._held_s() > MAX_HELD_S,
        )

    def release(self, now_s: float) -> None:
        """The button was let go; a second release changes nothing."""
        if self._released_at_s is None:
            self._released_at_s = now_s

    @property
    def done(self) -> bool:
        """True once the tail is complete and the talk can be judged."""
        if self._released_at_s is None:
            return False
        if self._ends_at_s >= self._released_at_s + TAIL_MAX_S:
            return True
        fresh = self._ends_at_s >= self._released_at_s - TAIL_LAG_S
        return fresh and self._silent_at_end()

    @property
    def deadline_s(self) -> float | None:
        """When to judge the talk even if no further block arrives; None before the release."""
        if self._released_at_s is None:
            return None
        return self._released_at_s + TAIL_MAX_S + TAIL_LAG_S

    def verdict(self) -> Verdict:
        """Whether the talk is worth recognising; the most useful reason first."""
        held_s = self._held_s()
        if held_s < MIN_HELD_S:
            return Verdict.TOO_SHORT
        if held_s > MAX_HELD_S:
            return Verdict.TOO_LONG
        if not self._levels or self._speech_dbfs() < QUIET_DBFS:
            return Verdict.TOO_QUIET
        if self._clipped_share() > CLIPPED_SHARE:
            return Verdict.CLIPPED
        return Verdict.OK

    def _held_s(self) -> float:
        if self._pressed_at_s is None:
            return 0.0
        until_s = self._ends_at_s if self._released_at_s is None else self._released_at_s
        return until_s - self._pressed_at_s

    def _silent_at_end(self) -> bool:
        count = round(TAIL_QUIET_S / BLOCK_S + 0.4)  # Rounded up.
        last = self._levels[-count:]
        return len(last) == count and max(last) < self._voice_threshold_dbfs()

    def _voice_threshold_dbfs(self) -> float:
        loudest = max(self._levels, default=SILENCE_DBFS)
        noise = SILENCE_DBFS
        if self._idle_levels:
            noise = float(np.quantile(self._idle_levels, NOISE_QUANTILE))
        threshold = max(noise + NOISE_MARGIN_DB, loudest - SPEECH_RANGE_DB)
        return min(threshold, max(loudest - VOICE_RANGE_DB, METER_FLOOR_DBFS))

    def _speech_dbfs(self) -> float:
        return float(np.quantile(self._levels, 1.0 - LOUD_SHARE))

    def _clipped_share(self) -> float:
        threshold = self._voice_threshold_dbfs()
        voiced = [
            (clipped, size)
            for level, clipped, size in zip(self._levels, self._clipped, self._sizes, strict=True)
            if level >= threshold
        ]
        samples = sum(size for _, size in voiced)
        return sum(clipped for clipped, _ in voiced) / samples if samples else 0.0


def meter_level(decibels: float) -> float:
    """Map dBFS to 0..1 for the ring: linear in decibels, as loudness is perceived."""
    return min(max(1.0 - decibels / METER_FLOOR_DBFS, 0.0), 1.0)
