"""The idle loop: a short film of the resting face, shown without end and without a seam."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.video.source import Packets, Source

LOOP_FPS = 25
"""Frames a second of everything the kiosk shows; loops of another rate are resampled."""

SHORTEST_LOOP_S = 1.0
KEEP_MIB = 320
_SHRINKS_LITTLE = 0.5  # of a side; from here on each pixel that is read is seen

PixelFormat = Literal["bgra", "bgr", "nv12"]
_CONVERSIONS = {"bgra": cv2.COLOR_YUV2BGRA_NV12, "bgr": cv2.COLOR_YUV2BGR_NV12}


@dataclass(frozen=True, slots=True)
class LoopInfo:
    """Attributes:
    width: Pixels, even.
    height: Pixels, even.
    fps: Always ``LOOP_FPS``; frame indices count at this rate.
    frame_count: Frames after resampling.
    """

    width: int
    height: int
    fps: int
    frame_count: int


def open_loop(path: Path) -> LoopInfo:
    """Check a loop and read its size and length.

    Costs milliseconds for a whole file, because only the container is read and one picture decoded;
    a file that lost its end is decoded once to see which frames there are.

    Raises:
        MediaError: The file is missing, no video, damaged, or shorter than a second.
    """
    with Source(path) as source:
        return _info(source, _slots(source))


def _slots(source: Source) -> NDArray[np.int64]:
    """Picture to show in each 40 ms slot of the loop; shape (frame_count,)."""
    packets = source.packets
    duration_s = packets.duration_s
    if not packets.complete:
        duration_s = _decodable_s(source, packets)
    elif next(source.decode(), None) is None:
        duration_s = 0.0
    if duration_s < SHORTEST_LOOP_S:
        raise MediaError(
            f"Only {duration_s:.2f} s of the video can be shown, and a loop needs at least "
            f"{SHORTEST_LOOP_S:g} s.",
            where=source.path,
            remedy="Replace it by a whole video file, for example MP4 with H.264.",
        )
    count = round(duration_s * LOOP_FPS)
    middle_of_slot_s = (np.arange(count) + 0.5) / LOOP_FPS
    return np.searchsorted(packets.times_s, middle_of_slot_s, side="right") - 1


def _decodable_s(source: Source, packets: Packets) -> float:
    """Time up to the end of the last picture that decodes."""
    decoded = [index for index, _ in source.decode()]
    if not decoded:
        return 0.0
    following = decoded[-1] + 1
    whole = following == len(packets.times_s)
    return packets.duration_s if whole else float(packets.times_s[following])


def _info(source: Source, slots: NDArray[np.int64]) -> LoopInfo:
    return LoopInfo(source.width, source.height, LOOP_FPS, len(slots))


def interpolation_for(scale: float) -> int:
    """How pictures are scaled: sharp where they grow, without blur where they shrink a little."""
    if scale > 1:
        return cv2.INTER_CUBIC
    return cv2.INTER_LINEAR if scale >= _SHRINKS_LITTLE else cv2.INTER_AREA


class LoopReader:
    """Frames of a loop, one after the other, for ever.

    Aim: cost so little that an old machine can show the loop all day. A loop that takes up to
    ``keep_mib`` MiB, as it is shown, stays in memory as decoded NV12 planes (1.5 bytes a pixel):
    after the first round a frame costs only its colour conversion, a tenth of decoding it again. A
    longer loop is decoded in every round, with a seek to its start and memory for a few frames
    only. Crop and size are taken from the planes, so that only the pixels that are shown are ever
    copied or converted.

    Args:
        path: Video file.
        crop: ``(x, y, width, height)`` in pixels, grown to even numbers; None for all of it.
        size: Width and height of the frames, even; None for those of the crop.
        out_format: ``bgra`` or ``bgr``; ``nv12`` for planes as they are kept (BT.601, limited
            range), shape (height * 3 / 2, width).
        keep_mib: Largest loop to keep in memory.

    Attributes:
        info: Size and length of the loop.
        crop: The crop in force.
        size: Width and height of the frames.

    Raises:
        MediaError: As ``open_loop``; or the crop does not lie in the picture.
    """

    def __init__(
        self,
        path: Path,
        *,
        crop: tuple[int, int, int, int] | None = None,
        size: tuple[int, int] | None = None,
        out_format: PixelFormat = "bgra",
        keep_mib: int = KEEP_MIB,
    ) -> None:
        self._source = Source(path)
        try:
            self._slots = _slots(self._source)
            self.info = _info(self._source, self._slots)
            self.crop = self._even_crop(crop)
        except BaseException:
            self._source.close()
            raise
        self.size = size or self.crop[2:]
        self._conversion = _CONVERSIONS.get(out_format)  # None: none
        loop_bytes = self.size[0] * self.size[1] * 3 // 2 * (int(self._slots.max()) + 1)
        self._kept: dict[int, NDArray[np.uint8]] | None = (
            {} if loop_bytes <= keep_mib * 2**20 else None
        )
        self._next_slot = 0
        self._decoder: Iterator[tuple[int, Any]] = iter(())
        self._decoded = -1  # picture in self._frame; -1 before the first
        self._frame: Any = None
        self._ahead: tuple[int, Any] | None = None  # decoded, but not due yet
        self._planes: tuple[int, NDArray[np.uint8]] | None = None

    def _even_crop(self, crop: tuple[int, int, int, int] | None) -> tuple[int, int, int, int]:
        if crop is None:
            return 0, 0, self.info.width, self.info.height
        x, y, width, height = crop
        left, top = x & ~1, y & ~1
        right, bottom = (x + width + 1) & ~1, (y + height + 1) & ~1
        inside = left >= 0 and top >= 0 and right <= self.info.width and bottom <= self.info.height
        if not inside or width < 1 or height < 1:
            raise MediaError(
                f"The crop {crop} does not lie in the picture of "
                f"{self.info.width} x {self.info.height} pixels.",
                where=self._source.path,
                remedy="Make the crop smaller.",
            )
        return left, top, right - left, bottom - top

    def next(self) -> tuple[int, NDArray[np.uint8]]:
        """The next frame.

        Returns:
            Index in the loop (0, 1, ... frame_count - 1, 0, ...) and pixels, uint8, shape
            (height, width, 4 or 3), or planes; a fresh array that the caller may keep.
        """
        slot = self._next_slot
        self._next_slot = (slot + 1) % len(self._slots)
        return slot, self._convert(self._planes_of(int(self._slots[slot])))

    def skip(self, count: int) -> None:
        """Leave out ``count`` frames, to catch up; costs nothing now, and little at ``next``."""
        self._next_slot = (self._next_slot + count) % len(self._slots)

    def _planes_of(self, picture: int) -> NDArray[np.uint8]:
        if self._planes is not None and self._planes[0] == picture:
            return self._planes[1]
        kept = self._kept
        planes = kept.get(picture) if kept is not None else None
        if planes is None:
            planes = self._framed(self._source.to_nv12(self._decode(picture)))
            if kept is not None:
                kept[picture] = planes
                if len(kept) == len(np.unique(self._slots)):
                    self._release_decoder()
        self._planes = (picture, planes)
        return planes

    def _decode(self, picture: int) -> Any:
        """The decoded frame to show for ``picture``: itself, or the last good one before it."""
        if picture < self._decoded or self._frame is None or self._key_between(picture):
            self._start_at(picture)
        while self._decoded < picture:
            upcoming = self._ahead or next(self._decoder, None)
            self._ahead = None
            if upcoming is None:
                break  # nothing more decodes: the last frame stays until the loop starts again
            if upcoming[0] > picture and self._frame is not None:
                self._ahead = upcoming
                break
            self._decoded, self._frame = upcoming
        if self._frame is None:
            raise MediaError(
                "The video can no longer be decoded.",
                where=self._source.path,
                remedy="Check the disk and copy the file again.",
            )
        return self._frame

    def _key_between(self, picture: int) -> bool:
        """Whether seeking is cheaper than decoding on: a keyframe lies ahead, not just here."""
        keyframes = self._source.packets.keyframes
        key = int(keyframes[np.searchsorted(keyframes, picture, side="right") - 1])
        return key > self._decoded + 1

    def _start_at(self, picture: int) -> None:
        self._decoder = self._source.decode(picture)
        self._decoded, self._ahead = -1, None

    def _release_decoder(self) -> None:
        self._decoder = iter(())
        self._decoded, self._frame, self._ahead = -1, None, None

    def _framed(self, planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Planes of the crop in the wanted size; shape (size[1] * 3 / 2, size[0])."""
        x, y, width, height = self.crop
        across, down = self.size
        rows = self.info.height
        if (width, height) == (across, down) == (self.info.width, rows):
            return planes
        luma = planes[y : y + height, x : x + width]
        chroma = planes[rows:].reshape(rows // 2, self.info.width // 2, 2)
        chroma = chroma[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2]
        framed = np.empty((down * 3 // 2, across), np.uint8)
        framed_chroma = framed[down:].reshape(down // 2, across // 2, 2)
        if (width, height) == (across, down):
            framed[:down], framed_chroma[...] = luma, chroma
            return framed
        how = interpolation_for(across / width)
        cv2.resize(luma, (across, down), dst=framed[:down], interpolation=how)
        cv2.resize(chroma, (across // 2, down // 2), dst=framed_chroma, interpolation=how)
        return framed

    def _convert(self, planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self._conversion is None:
            return planes.copy()
        across, down = self.size
        chroma = planes[down:].reshape(down // 2, across // 2, 2)
        pixels: NDArray[np.uint8] = cv2.cvtColorTwoPlane(planes[:down], chroma, self._conversion)
        return pixels

    def close(self) -> None:
        """Free file, decoder and kept frames; may be called twice."""
        self._release_decoder()
        self._source.close()
        if self._kept is not None:
            self._kept.clear()

    def __enter__(self) -> LoopReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_all(path: Path) -> NDArray[np.uint8]:
    """Every frame of a loop: uint8, shape (frame_count, height, width, 3), BGR.

    For short loops and tests: 150 frames of 1280x720 take 415 MB.

    Raises:
        MediaError: As ``open_loop``.
    """
    with LoopReader(path, out_format="bgr", keep_mib=0) as reader:
        return np.stack([reader.next()[1] for _ in range(reader.info.frame_count)])
