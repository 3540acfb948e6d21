"""Film of a person as it comes from a telephone or a camera: any size, any rate, any way up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from av.video.reformatter import Colorspace, Interpolation

from kiosk.errors import MediaError
from kiosk.making.picture import MOST_PIXELS, Picture
from kiosk.video.source import Source

SHORTEST_S = 4.0
LONGEST_S = 600.0
"""Of what is looked at; what comes later in a film is left out."""

_BLEND_GAP_S = (
    0.055  # frames farther apart than at 18 fps are blended; others are taken as they are
)
_TURNS = {
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}


class Footage(Source):
    """A film, frame by frame, upright and in square pixels. Use a ``with`` block.

    Unlike the kiosk, which shows its loop beside other work, the maker of loops decodes with every
    core.

    Attributes:
        size: Width and height of an upright frame, pixels.

    Raises:
        MediaError: No video, damaged, too short, or of a size that no camera has.
    """

    def _prepare(self) -> None:
        super()._prepare()
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.thread_count = 0
        if self.width * self.height > MOST_PIXELS:
            raise MediaError(
                f"The film has {self.width} x {self.height} pixels, and at most "
                f"{MOST_PIXELS // 10**6} million are taken.",
                where=self.path,
                remedy="Export it smaller: 1920 x 1080 is plenty.",
            )
        if self.packets.duration_s < SHORTEST_S:
            raise MediaError(
                f"The film lasts only {self.packets.duration_s:.1f} s, and at least "
                f"{SHORTEST_S:g} s are needed.",
                where=self.path,
                remedy="Film the person sitting still for half a minute.",
            )
        first = next(self.decode(), None)
        if first is None:
            raise MediaError(
                "Not one picture of the film can be decoded.",
                where=self.path,
                remedy="Copy it again from its source, or export it as MP4 with H.264.",
            )
        self._turn = _TURNS.get(round(first[1].rotation / 90) * 90 % 360)
        shape = self._stream.sample_aspect_ratio
        self._stretch = float(shape) if shape else 1.0
        across = round(self.width * self._stretch), self.height
        turned = self._turn in (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE)
        self.size = across[::-1] if turned else across

    def __enter__(self) -> Footage:
        return self

    def samples(self, fps: float, longest_side: int) -> Iterator[tuple[float, Picture]]:
        """The film at a lower rate and size, from its start.

        Yields:
            Time in seconds and the upright frame.
        """
        due_s = 0.0
        for index, frame in self.decode():
            at_s = float(self.packets.times_s[index])
            if at_s > LONGEST_S:
                return
            if at_s + 1e-6 >= due_s:
                due_s = max(due_s + 1 / fps, at_s + 0.5 / fps)
                yield at_s, self._upright(frame, min(1.0, longest_side / max(self.size)))

    def at(self, times_s: Sequence[float], scale: float) -> Iterator[Picture]:
        """Frames at given times, rising; the nearest one, or two blended where they are far apart.

        Args:
            times_s: Seconds from the first picture.
            scale: Size of what is wanted against the film's own, at most 1.
        """
        taken: dict[int, Picture] = {}
        wanted = [self._neighbours(at_s) for at_s in times_s]
        decoder = self.decode(wanted[0][0])
        held: list[tuple[int, Any]] = []

        def picture(index: int) -> Picture | None:
            while (not held or held[-1][0] < index) and (step := next(decoder, None)):
                held.append(step)
                del held[:-3]
            before = [step for step in held if step[0] <= index] or held[:1]
            if not before:
                return None
            found, frame = before[-1]
            if found not in taken:
                for old in [key for key in taken if key < found - 1]:
                    del taken[old]
                taken[found] = self._upright(frame, scale)
            return taken[found]

        for low, high, share in wanted:
            one = picture(low)
            other = one if high == low else picture(high)
            if one is None or other is None:
                return
            if share == 0 or other is one:
                yield one
            else:
                yield np.asarray(cv2.addWeighted(one, 1 - share, other, share, 0), np.uint8)

    def _neighbours(self, at_s: float) -> tuple[int, int, float]:
        """Pictures before and after a time, and the share of the latter."""
        times = self.packets.times_s
        after = int(np.clip(np.searchsorted(times, at_s), 1, len(times) - 1))
        gap_s = float(times[after] - times[after - 1])
        share = float(np.clip((at_s - times[after - 1]) / max(gap_s, 1e-9), 0, 1))
        if gap_s > _BLEND_GAP_S:
            return after - 1, after, share
        nearest = after if share > 0.5 else after - 1
        return nearest, nearest, 0.0

    def _upright(self, frame: Any, scale: float) -> Picture:
        known = frame.colorspace not in (Colorspace.DEFAULT, 2)  # 2: the file does not say
        usual = Colorspace.ITU709 if self.height >= 720 else Colorspace.ITU601
        picture = frame.reformat(
            width=max(2, round(self.width * self._stretch * scale)),
            height=max(2, round(self.height * scale)),
            format="bgr24",
            src_colorspace=frame.colorspace if known else usual,
            interpolation=Interpolation.AREA if scale < 1 else Interpolation.BICUBIC,
        ).to_ndarray()
        if self._turn is not None:
            picture = cv2.rotate(picture, self._turn)
        return np.ascontiguousarray(picture, dtype=np.uint8)
