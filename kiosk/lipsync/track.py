"""The mouth of one utterance: sound in, patches out, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.gate import COLUMNS_AFTER, FRAMES_TO_CLOSE, Gate, eased
from kiosk.lipsync.mel import (
    BANDS,
    COLUMNS_PER_S,
    HOP_SAMPLES,
    SAMPLE_RATE_HZ,
    WINDOW_COLUMNS,
    MelStream,
    window_start,
)
from kiosk.lipsync.mouth import Mouth
from kiosk.timing import CancelToken

TAIL_FRAMES = 7
"""Frames after the last sample, in which the mouth comes to rest: 0.28 s."""

# Silence before the first sample, so that windows that begin before it find something.
_LONGEST_LEAD_MS = 500
_LEAD_IN_COLUMNS = _LONGEST_LEAD_MS * COLUMNS_PER_S // 1000
_LEAD_OUT_COLUMNS = WINDOW_COLUMNS + _LEAD_IN_COLUMNS


@dataclass(frozen=True, slots=True)
class Patch:
    """Pixels to lay over one frame of the loop.

    Attributes:
        frame: Frame k belongs to audio time k / fps.
        loop_index: The loop's frame these pixels were made for.
        x: Left edge in the loop's picture, pixels.
        y: Top edge, pixels.
        bgr: uint8, shape (height, width, 3).
    """

    frame: int
    loop_index: int
    x: int
    y: int
    bgr: NDArray[np.uint8] = field(repr=False)


class LipsTrack:
    """Lips for one utterance, computed while its sound arrives.

    Aim: the same patches however the sound is cut into pieces; the first one as soon as the sound
    for it is there; a mouth that begins and ends at rest. Frames without speech near them are the
    loop's own pixels and cost nothing. For one thread at a time.

    Args:
        mouth: Draws.
        fps: Frames a second.
        lead_ms: How far the mouth that ``mouth`` draws runs ahead of the sound it is given.
        loop_index: The loop's frame that belongs to the first sample.

    Raises:
        ValueError: ``lead_ms`` is beyond half a second.
    """

    def __init__(self, mouth: Mouth, *, fps: int, lead_ms: int, loop_index: int) -> None:
        if abs(lead_ms) > _LONGEST_LEAD_MS:
            raise ValueError(f"a lead of {lead_ms} ms; the longest is {_LONGEST_LEAD_MS} ms")
        self._mouth = mouth
        self._fps = fps
        self._lead_ms = lead_ms
        self._loop_index = loop_index
        self._stream = MelStream()
        self._gate = Gate()
        self._samples = 0
        self._total: int | None = None
        self._frame = 0
        self._first = 0  # column number of self._columns[:, 0]
        self._columns: NDArray[np.float32] = np.zeros((BANDS, 0), dtype=np.float32)
        self._add(np.zeros(_LEAD_IN_COLUMNS * HOP_SAMPLES, dtype=np.float32))

    def feed(self, samples: NDArray[np.int16] | NDArray[np.float32]) -> None:
        """Add sound: mono, 16 kHz, int16 or -1..1, shape (n,).

        Raises:
            ValueError: After ``finish``, or not mono.
        """
        if self._total is not None:
            raise ValueError("sound after the end of the utterance")
        if samples.ndim != 1:
            raise ValueError(f"mono sound has one dimension, not {samples.ndim}")
        scale = 1 / 32768 if samples.dtype == np.int16 else 1.0
        self._samples += len(samples)
        self._add(samples.astype(np.float32) * np.float32(scale))

    def finish(self) -> None:
        """No more sound comes: ``patches`` now gives all remaining frames."""
        if self._total is not None:
            return
        spoken = -(-self._samples * self._fps // SAMPLE_RATE_HZ)
        self._total = spoken + TAIL_FRAMES if spoken else 0
        tail_columns = TAIL_FRAMES * COLUMNS_PER_S // self._fps + _LEAD_OUT_COLUMNS
        self._add(np.zeros(tail_columns * HOP_SAMPLES, dtype=np.float32))
        self._keep(self._stream.finish())

    def _add(self, samples: NDArray[np.float32]) -> None:
        self._keep(self._stream.feed(samples))

    def _keep(self, columns: NDArray[np.float32]) -> None:
        self._gate.feed(columns)
        self._columns = np.concatenate([self._columns, columns], axis=1)

    def patches(self, cancel: CancelToken | None = None) -> Iterator[Patch]:
        """All frames that can be drawn now, in order; ends when it needs more sound.

        The first frame is drawn alone, because somebody waits for it; the next ones in batches.

        Raises:
            Cancelled: ``cancel`` was cancelled; at most one batch later.
            ModelBroken: The model failed.
        """
        while (count := self._ready()) > 0:
            if cancel is not None:
                cancel.check()
            count = min(count, self._mouth.batch if self._frame else 1)
            yield from self._draw(range(self._frame, self._frame + count))

    def skip_to(self, frame: int) -> None:
        """Leave out frames before ``frame``: their moment has passed. Never goes back."""
        end = self._frame + self._ready()
        while self._frame < min(frame, end):
            self._strength(self._frame)  # the gate follows every frame, shown or not
            self._frame += 1
            end = max(end, self._frame + self._ready())

    def _ready(self) -> int:
        """Frames whose sound is there and that are not drawn yet."""
        end = self._first + self._columns.shape[1]
        ready = 0
        while self._total is None or self._frame + ready < self._total:
            frame = self._frame + ready
            window_end = self._window_start(frame) + WINDOW_COLUMNS
            if max(window_end, self._column_of(frame) + COLUMNS_AFTER) > end:
                break
            ready += 1
            if ready == self._mouth.batch:
                break
        return ready

    def _window_start(self, frame: int) -> int:
        return window_start(frame, self._fps, self._lead_ms) + _LEAD_IN_COLUMNS

    def _column_of(self, frame: int) -> int:
        return window_start(frame, self._fps, 0) + _LEAD_IN_COLUMNS

    def _draw(self, frames: range) -> list[Patch]:
        strengths = [self._strength(frame) for frame in frames]
        loop = self._mouth.loop
        indices = [(self._loop_index + frame) % loop.frame_count for frame in frames]
        speaking = [at for at, strength in enumerate(strengths) if strength > 0]
        pixels = [np.array(loop.skin[index]) for index in indices]
        if speaking:
            drawn = self._mouth.draw(
                np.stack([self._window(frames[at]) for at in speaking]),
                np.array([strengths[at] for at in speaking], dtype=np.float32),
                [indices[at] for at in speaking],
            )
            for at, patch in zip(speaking, drawn, strict=True):
                pixels[at] = patch
        self._frame = frames.stop
        self._forget()
        return [
            Patch(frame, index, int(loop.corners[index][0]), int(loop.corners[index][1]), bgr)
            for frame, index, bgr in zip(frames, indices, pixels, strict=True)
        ]

    def _strength(self, frame: int) -> float:
        strength = self._gate.strength(frame, self._column_of(frame))
        if self._total is None:
            return strength
        # However late the sound ends, the last frame is the loop's own.
        return min(strength, eased(min(1.0, (self._total - 1 - frame) / FRAMES_TO_CLOSE)))

    def _window(self, frame: int) -> NDArray[np.float32]:
        start = self._window_start(frame) - self._first
        return self._columns[:, start : start + WINDOW_COLUMNS]

    def _forget(self) -> None:
        """Drop columns that no later frame needs, so that a long answer takes no more memory."""
        surplus = self._window_start(self._frame) - self._first
        if surplus > COLUMNS_PER_S:
            self._columns = self._columns[:, surplus:].copy()
            self._first += surplus
