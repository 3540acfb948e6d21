"""Where a loop's end meets its beginning: how far it jumps there, and two ways to cure it.

The measure is of the eye's kind: the jump over the seam, against the changes that the loop shows
anyway from frame to frame. A waving tree may jump by more than a still face, unseen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.video.loop import LOOP_FPS, LoopReader

Frame = NDArray[np.uint8]
"""Picture, BGR, shape (height, width, 3)."""

SHOWS_RATIO = 2.5
"""A jump this many times the loop's own changes is seen."""

LEAST_JUMP = 1.0
"""Of 255, root mean square: below it no jump is seen, however still the rest is."""

CROSS_FADE_FRAMES = LOOP_FPS // 2
"""Half a second: short enough not to look like slow motion, long enough to hide a nod."""

_SEEN_WIDTH_PX = 320  # differences finer than this are the camera's noise, not a jump
_STILL = 0.25  # of 255: changes of a loop without any movement
_LIVELY = 90  # percentile of a loop's changes that counts as usual; blinks are above it


@dataclass(frozen=True, slots=True)
class SeamJump:
    """How a loop passes from its last frame to its first.

    Attributes (of 255, root mean square over the picture):
        jump: From the last frame to the first.
        typical: From frame to frame elsewhere, 90th percentile.
        frame_count: Frames looked at.
    """

    jump: float
    typical: float
    frame_count: int

    @property
    def ratio(self) -> float:
        """The jump as a multiple of the loop's own changes; about 1 for a seamless loop."""
        return self.jump / max(self.typical, _STILL)

    @property
    def shows(self) -> bool:
        """Whether a visitor sees it."""
        return self.jump > LEAST_JUMP and self.ratio > SHOWS_RATIO

    def __str__(self) -> str:
        return (
            f"the picture jumps by {self.jump:.1f} of 255 from the last frame to the first, "
            f"{self.ratio:.1f} times the change from frame to frame elsewhere ({self.typical:.2f})"
        )


class SeamError(MediaError):
    """A loop that jumps where it starts again.

    Attributes:
        seam: What was measured.
    """

    def __init__(self, seam: SeamJump, where: str | Path) -> None:
        self.seam = seam
        super().__init__(
            f"The loop does not close: {seam}.",
            where=where,
            remedy=(
                "Let 'kiosk persona new' make a loop of it: its ends are joined by a "
                "cross-fade, or it is played to and fro (ping-pong) where they are too far apart."
            ),
        )

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.seam, self.where))


class SeamMeter:
    """Measures a seam while its loop is read for something else; keeps two small frames."""

    def __init__(self) -> None:
        self._first: NDArray[np.float32] | None = None
        self._last: NDArray[np.float32] | None = None
        self._changes: list[float] = []

    def add(self, frame: Frame) -> None:
        """The next frame of the loop."""
        seen = _as_seen(frame)
        if self._last is None:
            self._first = seen
        else:
            self._changes.append(_difference(self._last, seen))
        self._last = seen

    def result(self) -> SeamJump:
        """
        Raises:
            ValueError: Fewer than three frames: nothing to compare the jump with.
        """
        if self._first is None or self._last is None or len(self._changes) < 2:
            raise ValueError("a seam needs three frames or more")
        typical = float(np.percentile(self._changes, _LIVELY))
        return SeamJump(_difference(self._last, self._first), typical, len(self._changes) + 1)


def seam_jump(source: Path | Iterable[Frame]) -> SeamJump:
    """Measure the seam; memory for a few frames, however long the loop is.

    Args:
        source: A loop's file, or its frames in order.

    Raises:
        MediaError: The file cannot be used.
        ValueError: Fewer than three frames.
    """
    if isinstance(source, Path):
        with LoopReader(source, out_format="bgr", keep_mib=0) as reader:
            return seam_jump(reader.next()[1] for _ in range(reader.info.frame_count))
    meter = SeamMeter()
    for frame in source:
        meter.add(frame)
    return meter.result()


def require_seamless(loop: Path) -> SeamJump:
    """Measure a loop that is about to be built.

    Raises:
        SeamError: The seam shows.
        MediaError: The file cannot be used.
    """
    seam = seam_jump(loop)
    if seam.shows:
        raise SeamError(seam, loop)
    return seam


def seen_difference(one: Frame, other: Frame) -> float:
    """How far two pictures of one size are apart, as ``SeamJump`` counts it."""
    return _difference(_as_seen(one), _as_seen(other))


def ping_pong(frames: Sequence[Frame] | NDArray[np.uint8]) -> Iterator[Frame]:
    """Play to the end and back again: no jump, whatever the frames show.

    Movements run backwards half of the time. That suits breathing and swaying, and looks odd
    where something falls or a head nods.

    Args:
        frames: Random access, for the way back; an array of shape (n, height, width, 3) or a
            sequence that reads its frames when asked for them. Two or more.

    Yields:
        2 n - 2 frames; the turning points are shown once.
    """
    if len(frames) < 2:
        raise ValueError("to and fro needs two frames or more")
    for index in chain(range(len(frames)), range(len(frames) - 2, 0, -1)):
        yield frames[index]


def cross_fade(
    frames: Iterable[Frame] | NDArray[np.uint8], count: int = CROSS_FADE_FRAMES
) -> Iterator[Frame]:
    """Let the last ``count`` frames become the first ``count`` by and by.

    What moved between the two is morphed: both are drawn towards each other along the optical flow
    while one fades into the other, so that a head that came back a little aside slides there
    instead of showing twice.

    Args:
        frames: In order; read once, 2 ``count`` of them in memory at a time.
        count: Frames of the transition, 1 or more.

    Yields:
        n - ``count`` frames, beginning with the one at index ``count`` (a loop may begin anywhere).

    Raises:
        ValueError: Fewer than 2 ``count`` + 1 frames.
    """
    if count < 1:
        raise ValueError(f"a cross-fade over {count} frames")
    source = iter(frames)
    head = list(islice(source, count))
    tail: deque[Frame] = deque()
    middle = 0
    for frame in source:
        tail.append(frame)
        if len(tail) > count:
            middle += 1
            yield tail.popleft()
    if middle == 0 or len(tail) < count:
        raise ValueError(f"a cross-fade over {count} frames needs {2 * count + 1} or more")
    for index, (ending, beginning) in enumerate(zip(tail, head, strict=True)):
        share = (index + 1) / (count + 1)
        yield _morph(ending, beginning, share * share * (3 - 2 * share))


def _as_seen(frame: Frame) -> NDArray[np.float32]:
    """Small, and in float, so that differences can be taken."""
    height, width = frame.shape[:2]
    scale = min(1.0, _SEEN_WIDTH_PX / width)
    if scale < 1.0:
        size = (round(width * scale), max(1, round(height * scale)))
        frame = np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return frame.astype(np.float32)


def _difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(one - other))))


def _morph(ending: Frame, beginning: Frame, share: float) -> Frame:
    """The picture ``share`` of the way from one frame to the other."""
    greys = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in (ending, beginning)]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(
        greys[0], greys[1], None
    )
    height, width = greys[0].shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)

    def drawn(frame: Frame, along: float) -> NDArray[np.float32]:
        moved = cv2.remap(
            frame,
            columns + np.float32(along) * flow[..., 0],
            rows + np.float32(along) * flow[..., 1],
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(moved, dtype=np.float32)

    mixed = (1 - share) * drawn(ending, -share) + share * drawn(beginning, 1 - share)
    return np.rint(mixed).astype(np.uint8)
