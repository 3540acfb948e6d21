"""Films of what the kiosk shows and says: `kiosk ask --out`, `kiosk demo`, `kiosk render`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.video.marking import COMMENT, Marking, append_xmp

Encoder = Mapping[str, str]
"""Settings of libx264, by FFmpeg's names."""

# Of x264's settings these cost least for the same picture: "superfast" with a short look ahead for
# what stays (most of a portrait does) takes two thirds of "veryfast" at the same 47 dB and size.
FILM_ENCODER: Encoder = {
    "preset": "superfast",
    "crf": "18",
    "threads": "2",
    "x264-params": "mbtree=1:rc-lookahead=10",
}
# The loop is read as BT.601, whatever its file holds (see ``kiosk.video.source``), and a player
# that is not told so takes a large picture for BT.709 and shows other colours.
BT601, LIMITED_RANGE = 6, 1
AUDIO_BLOCK = 1024
"""Samples of one AAC frame."""

AUDIO_BITS_PER_S = 96_000
CONTAINER_OPTIONS = {"movflags": "+faststart"}
"""The index comes first, so that a film plays before it is loaded."""


class FilmWriter:
    """Write frames and sound to an MP4 file (H.264 and AAC) that starts playing at once.

    Frames and sound are two tracks from time 0, and each lasts as long as what was added to it.
    The file appears under its name only when it is whole. Use ``close`` or a ``with`` block, which
    an exception makes discard the film. Its metadata always say that it is AI-generated.

    Args:
        path: Name of the film, ``.mp4``.
        width: Pixels; an odd size is widened by one pixel, which the codec needs.
        height: Pixels.
        fps: Frames a second.
        sample_rate_hz: Of the sound; None for a silent film.
        marking: Who is shown, for the metadata.
        encoder: How pictures are encoded.

    Raises:
        MediaError: The file cannot be written (here or in any later call).
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        fps: int,
        sample_rate_hz: int | None,
        *,
        marking: Marking = Marking(),  # noqa: B008 (frozen)
        encoder: Encoder = FILM_ENCODER,
    ) -> None:
        self._path = path
        self._marking = marking
        self._part = part_of(path)
        self._shape = (height, width, 3)
        self._fps = fps
        self._closed = False
        self._frames = 0
        self._samples = 0
        self._rate_hz = sample_rate_hz
        self._pending: NDArray[np.int16] = np.zeros(0, dtype=np.int16)
        try:
            self._part.touch()  # FFmpeg opens the file with the first packet only
            self._container: Any = av.open(
                f"file:{self._part}", "w", format="mp4", options=CONTAINER_OPTIONS
            )
        except (av.FFmpegError, OSError) as error:
            raise film_refused(path, error) from error
        self._container.metadata["comment"] = COMMENT
        self._video: Any = self._container.add_stream("libx264", rate=fps, options=dict(encoder))
        self._video.width, self._video.height = width + width % 2, height + height % 2
        self._video.pix_fmt = "nv12"  # the encoder's own order: it copies and converts nothing
        self._video.codec_context.colorspace = BT601
        self._video.codec_context.color_range = LIMITED_RANGE
        self._audio: Any = None
        if sample_rate_hz is not None:
            self._audio = self._container.add_stream("aac", rate=sample_rate_hz, layout="mono")
            self._audio.bit_rate = AUDIO_BITS_PER_S

    def add_frame(self, bgr: NDArray[np.uint8]) -> None:
        """Append one frame: uint8, shape (height, width, 3)."""
        if bgr.shape != self._shape:
            raise ValueError(f"a frame of shape {bgr.shape} in a film of {self._shape}")
        height, width, _ = self._shape
        if height % 2 or width % 2:
            bgr = cv2.copyMakeBorder(bgr, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(bgr), format="bgr24")
        self._add_picture(frame.reformat(format="nv12", dst_colorspace=BT601))

    def add_planes(self, nv12: NDArray[np.uint8]) -> None:
        """Append one frame as the encoder takes it, which saves converting it.

        Args:
            nv12: BT.601, limited range; uint8, shape (height * 3 / 2, width), both even.
        """
        height, width, _ = self._shape
        if nv12.shape != (height * 3 // 2, width) or height % 2 or width % 2:
            raise ValueError(f"planes of shape {nv12.shape} in a film of {self._shape}")
        self._add_picture(av.VideoFrame.from_ndarray(nv12, format="nv12"))

    def _add_picture(self, frame: Any) -> None:
        frame.pts = self._frames
        frame.time_base = Fraction(1, self._fps)
        self._frames += 1
        self._mux(self._video, frame)

    def add_sound(self, samples: NDArray[np.int16]) -> None:
        """Append mono sound: int16, shape (n,)."""
        if self._audio is None:
            raise ValueError("this film has no sound track")
        self._pending = np.concatenate([self._pending, np.asarray(samples, dtype=np.int16)])
        whole = len(self._pending) // AUDIO_BLOCK * AUDIO_BLOCK
        for start in range(0, whole, AUDIO_BLOCK):
            self._add_block(self._pending[start : start + AUDIO_BLOCK])
        self._pending = self._pending[whole:]

    def _add_block(self, block: NDArray[np.int16]) -> None:
        frame = sound_frame(block, self._samples, self._rate_hz or 1)
        self._samples += len(block)
        self._mux(self._audio, frame)

    def _mux(self, stream: Any, frame: Any) -> None:
        try:
            for packet in stream.encode(frame):
                self._container.mux(packet)
        except (av.FFmpegError, OSError) as error:
            self.discard()
            raise film_refused(self._path, error) from error

    def close(self) -> None:
        """Finish the film and put it under its name; may be called twice."""
        if self._closed:
            return
        if len(self._pending):
            self._add_block(self._pending)
        if self._frames:
            self._mux(self._video, None)
        if self._audio is not None and self._samples:
            self._mux(self._audio, None)
        try:
            self._container.close()
            self._closed = True
            append_xmp(self._part, self._marking.packet())
            os.replace(self._part, self._path)
        except (av.FFmpegError, OSError) as error:
            self._closed = True
            self._part.unlink(missing_ok=True)
            raise film_refused(self._path, error) from error

    def discard(self) -> None:
        """Give the film up and leave no file behind."""
        if self._closed:
            return
        self._closed = True
        # The disk that refused the film may refuse its end, too.
        with contextlib.suppress(av.FFmpegError, OSError):
            self._container.close()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> FilmWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


def film_refused(path: Path, error: BaseException) -> MediaError:
    """What is told of a film that the disk or the codec refused."""
    reason = getattr(error, "strerror", "") or error
    return MediaError(
        f"The film cannot be written ({reason}).",
        where=path,
        remedy="Check that the folder exists, may be written and has space.",
    )


def sound_frame(block: NDArray[np.int16], first: int, rate_hz: int) -> Any:
    """One frame for the AAC encoder; ``first`` is the number of its first sample."""
    floats = (block.astype(np.float32) / 32768)[None]
    frame = av.AudioFrame.from_ndarray(floats, format="fltp", layout="mono")
    frame.sample_rate = rate_hz
    frame.pts = first
    frame.time_base = Fraction(1, rate_hz)
    return frame


def part_of(path: Path) -> Path:
    """Where a film is written before it is whole; it stays behind only if the process is killed."""
    return path.with_name(f".{path.name}.part")


@dataclass(frozen=True, slots=True)
class Film:
    """A film read back.

    Attributes:
        frames: BGR, uint8, shape (n, height, width, 3).
        fps: Frames a second.
        sound: Mono, int16, shape (m,); empty if the film is silent.
        sample_rate_hz: Of the sound; 0 if there is none.
        comment: The metadata's comment.
    """

    frames: NDArray[np.uint8]
    fps: float
    sound: NDArray[np.int16]
    sample_rate_hz: int
    comment: str


def read_film(path: Path) -> Film:
    """Decode a whole film with its sound.

    Raises:
        MediaError: It cannot be read.
    """
    try:
        with av.open(f"file:{path}") as container:
            video = container.streams.video[0]
            frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video)]
            fps = float(video.average_rate or 0)
            comment = container.metadata.get("comment", "")
            sound, rate_hz = _read_sound(container)
    except (av.FFmpegError, OSError, IndexError) as error:
        raise MediaError(
            "The film cannot be read.", where=path, remedy="Write it again."
        ) from error
    return Film(np.stack(frames), fps, sound, rate_hz, comment)


def _read_sound(container: Any) -> tuple[NDArray[np.int16], int]:
    if not container.streams.audio:
        return np.zeros(0, dtype=np.int16), 0
    container.seek(0)
    audio = container.streams.audio[0]
    rate_hz = int(audio.rate)
    frames = list(container.decode(audio))
    if not frames:
        return np.zeros(0, dtype=np.int16), rate_hz
    joined = np.concatenate([frame.to_ndarray().mean(axis=0) for frame in frames])
    # An AAC encoder begins with a block of its own, before time 0.
    first = round(float((frames[0].pts or 0) * frames[0].time_base) * rate_hz)
    joined = joined[-first:] if first < 0 else np.pad(joined, (first, 0))
    sound = np.clip(np.rint(joined * 32767), -32768, 32767).astype(np.int16)
    return sound, rate_hz
