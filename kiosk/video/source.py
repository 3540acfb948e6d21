"""One video file, decoded frame by frame in order of presentation.

Frames come as NV12 with BT.601 limited-range colours, whatever the file holds. NV12 keeps
brightness and colour in two planes that can be sliced, so a crop costs nothing and only its pixels
are ever converted. Window and engine decode through this one module, so that a mouth patch lies on
exactly the pixels it was made for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from kiosk.errors import MediaError

# Containers that hold their own data. Playlists (HLS, concat) are not among them: they could make
# the kiosk read other files or a network address.
_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,ogg"
_CURE = "Replace it by a video file, for example MP4 with H.264."

# FFmpeg's numbers: 2 and 0 say nothing; BT.601 has one number for each of its two ancestors.
_BT601_OR_UNSAID = (2, 5, 6)
_LIMITED_OR_UNSAID = (0, 1)

# OpenCV's thread pool wakes a thread for every core and picture; nothing here lasts a millisecond.
cv2.setNumThreads(1)

# What the decoder thinks of a damaged file is told once, by the errors of this package.
logging.getLogger("libav").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Packets:
    """What the container says about its pictures, read without decoding.

    Attributes:
        times_s: Presentation time of each picture, from 0, rising; shape (n,).
        pts: The same in the stream's own ticks; shape (n,).
        keyframes: Indices of pictures at which decoding may begin, rising; the first is 0.
        duration_s: Time from the first picture to the end of the last.
        complete: False if the file lost pictures against its own header.
    """

    times_s: NDArray[np.float64]
    pts: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    duration_s: float
    complete: bool


class Source:
    """An open video file.

    Aim: decode from any keyframe onwards with one open file and one decoder for the whole life of
    the kiosk. Use ``close`` or a ``with`` block.

    Attributes:
        path: The file.
        width: Width in pixels, even (a last odd column is left out).
        height: Height in pixels, even.
        packets: Times of all pictures.

    Raises:
        MediaError: The file is missing, empty, damaged, or has no picture.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise MediaError("There is no such video file.", where=path, remedy="Check the name.")
        if path.stat().st_size == 0:
            raise MediaError("The video file is empty.", where=path, remedy=_CURE)
        try:
            self._container: Any = av.open(
                f"file:{path}",
                container_options={"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"},
            )
        except (av.FFmpegError, OSError) as error:
            raise MediaError(
                f"The file cannot be read as a video ({_reason(error)}).", where=path, remedy=_CURE
            ) from error
        try:
            self._prepare()
        except BaseException:
            self._container.close()
            raise

    def _prepare(self) -> None:
        streams = self._container.streams.video
        if not streams:
            raise MediaError("The file holds no picture.", where=self.path, remedy=_CURE)
        self._stream: Any = streams[0]
        # Decoding takes 3 ms of the 40 ms between two frames: more threads would only add memory
        # and wake-ups, and take the second core from the engine.
        self._stream.thread_type = "NONE"
        self._stream.codec_context.thread_count = 1
        self.width = self._stream.codec_context.width & ~1
        self.height = self._stream.codec_context.height & ~1
        if self.width < 2 or self.height < 2:
            raise MediaError("The picture has no size.", where=self.path, remedy=_CURE)
        self.packets = self._scan()

    def _scan(self) -> Packets:
        pts: list[int] = []
        keys: list[int] = []
        last_duration = 0
        complete = True
        try:
            for packet in self._container.demux(self._stream):
                if packet.size == 0 or packet.is_discard:
                    continue
                if packet.is_corrupt:
                    complete = False
                    continue
                ticks = packet.pts if packet.pts is not None else packet.dts
                pts.append(len(pts) if ticks is None else ticks)
                last_duration = packet.duration or last_duration
                if packet.is_keyframe:
                    keys.append(pts[-1])
        except av.FFmpegError:
            complete = False
        if not pts or not keys:
            raise MediaError("The file holds no whole picture.", where=self.path, remedy=_CURE)
        order = np.unique(np.array(pts, dtype=np.int64))
        order = order[order >= min(keys)]
        rate = self._stream.average_rate or self._stream.guessed_rate or 25
        tick_s = float(self._stream.time_base)
        times_s = (order - order[0]) * tick_s
        tail_s = last_duration * tick_s or 1 / float(rate)
        return Packets(
            times_s=times_s,
            pts=order,
            keyframes=np.searchsorted(order, np.unique(np.array(keys, dtype=np.int64))),
            duration_s=float(times_s[-1]) + tail_s,
            complete=complete and self._stream.frames in (0, len(pts)),
        )

    def decode(self, start: int = 0) -> Iterator[tuple[int, Any]]:
        """Decode from the last keyframe at or before picture ``start``.

        Yields:
            ``(index, frame)`` of every picture from ``start`` on that can be decoded; pictures that
            the decoder refuses are left out. ``frame`` is meant for ``to_nv12``.
        """
        keyframes = self.packets.keyframes
        key = int(keyframes[np.searchsorted(keyframes, start, side="right") - 1])
        known = self.packets.pts
        self._container.seek(int(known[key]), stream=self._stream)
        try:
            for packet in self._container.demux(self._stream):
                try:
                    frames = packet.decode()
                except av.FFmpegError:
                    continue  # a damaged picture: the caller keeps showing the one before
                for frame in frames:
                    if frame.pts is None:
                        continue
                    index = int(np.searchsorted(known, frame.pts))
                    if start <= index < len(known) and known[index] == frame.pts:
                        yield index, frame
        except av.FFmpegError:
            return  # the file ends here

    def to_nv12(self, frame: Any) -> NDArray[np.uint8]:
        """Planes of a decoded frame: uint8, shape (height * 3 / 2, width), BT.601 limited.

        What loops usually hold is only put in another order, which takes a twentieth of the time
        that FFmpeg's general way takes; the result is the same.
        """
        if self._needs_no_conversion(frame):
            return _interleaved(frame)
        colorspace = frame.colorspace
        known = colorspace not in (Colorspace.DEFAULT, 2)  # 2: the file does not say
        planes = frame.reformat(
            width=self.width,
            height=self.height,
            format="nv12",
            src_colorspace=colorspace if known else Colorspace.ITU601,
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.MPEG,
        ).to_ndarray()
        return np.ascontiguousarray(planes, dtype=np.uint8)

    def _needs_no_conversion(self, frame: Any) -> bool:
        return (
            frame.format.name == "yuv420p"
            and (frame.width, frame.height) == (self.width, self.height)
            and frame.colorspace in _BT601_OR_UNSAID
            and frame.color_range in _LIMITED_OR_UNSAID
        )

    def close(self) -> None:
        """Free file and decoder; may be called twice."""
        self._container.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _interleaved(frame: Any) -> NDArray[np.uint8]:
    """The planes of a yuv420p frame as NV12."""
    width, height = frame.width, frame.height

    def plane(number: int, across: int, down: int) -> NDArray[np.uint8]:
        rows = np.frombuffer(frame.planes[number], np.uint8)
        return rows.reshape(-1, frame.planes[number].line_size)[:down, :across]

    planes = np.empty((height * 3 // 2, width), np.uint8)
    planes[:height] = plane(0, width, height)
    half = width // 2, height // 2
    cv2.merge(
        [plane(1, *half), plane(2, *half)], planes[height:].reshape(height // 2, width // 2, 2)
    )
    return planes


def _reason(error: BaseException) -> str:
    return str(getattr(error, "strerror", "") or error)
