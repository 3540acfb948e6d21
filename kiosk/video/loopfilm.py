"""Films that are shown round and round: what stands still in them stands still, bit for bit.

An encoder for films draws everything anew at each keyframe and goes on to refine it between, so the
still background of a loop would twitch there and at the seam. Here the first picture is the only
keyframe, every picture has the same quality, and wherever a later picture has the very pixels of
the first one, the encoder is shown what a player will make of that one: nothing is left to refine,
blocks are skipped, and the last picture's background is the first one's.

A player can enter such a loop at its beginning only, and decodes it in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from kiosk.video.film import Encoder, FilmWriter, film_refused
from kiosk.video.loop import LOOP_FPS

LOOP_CRF = 20
"""x264's measure of quality, at which brush strokes cannot be told from the original's."""

WORST_CRF = 28


def loop_encoder(crf: int) -> Encoder:
    """Settings for a loop: ``qcomp=1`` keeps the quality of quiet pictures from creeping up.

    Those of "fastdecode" cost an eighth more bytes and spare players a third of their work.
    """
    return {
        "preset": "medium",
        "tune": "fastdecode",
        "crf": str(crf),
        "threads": "2",
        "x264-params": "keyint=infinite:scenecut=0:qcomp=1:mbtree=0:bframes=0:ref=1:ipratio=1.2",
    }


class LoopWriter(FilmWriter):
    """Write a loop to a silent MP4 file; used as ``FilmWriter``.

    Args:
        path: Name of the film, ``.mp4``.
        width: Pixels.
        height: Pixels.
        crf: Quality, see ``LOOP_CRF``; more is worse and smaller.

    Raises:
        MediaError: The file cannot be written (here or in any later call).
    """

    def __init__(self, path: Path, width: int, height: int, *, crf: int = LOOP_CRF) -> None:
        self._settings = loop_encoder(crf)
        super().__init__(path, width, height, LOOP_FPS, None, encoder=self._settings)
        self._first: NDArray[np.uint8] | None = None
        self._as_seen: NDArray[np.uint8] | None = None  # the first picture, decoded again

    def _add_picture(self, frame: Any) -> None:
        planes = np.asarray(frame.to_ndarray(), dtype=np.uint8)
        if self._first is None or self._as_seen is None:
            self._first, self._as_seen = planes, self._decoded(planes)
        else:
            shown = np.where(planes == self._first, self._as_seen, planes)
            frame = av.VideoFrame.from_ndarray(shown, format="nv12")
        super()._add_picture(frame)

    def _decoded(self, planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What a player makes of a first picture."""
        encoder: Any = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height = self._video.width, self._video.height
        encoder.pix_fmt, encoder.framerate = "nv12", LOOP_FPS
        encoder.options = dict(self._settings)
        decoder: Any = av.CodecContext.create("h264", "r")
        frame = av.VideoFrame.from_ndarray(planes, format="nv12")
        try:
            packets = [*encoder.encode(frame), *encoder.encode(None)]
            decoded = [one for packet in packets for one in decoder.decode(packet)]
            decoded += decoder.decode(None)
        except av.FFmpegError as error:
            self.discard()
            raise film_refused(self._path, error) from error
        return np.asarray(decoded[0].reformat(format="nv12").to_ndarray(), dtype=np.uint8)


def write_loop(
    path: Path, frames: Iterable[NDArray[np.uint8]], size: tuple[int, int], *, crf: int = LOOP_CRF
) -> None:
    """Write a whole loop: BGR frames, uint8, shape (height, width, 3), of ``size`` (width, height).

    Raises:
        MediaError: The file cannot be written.
    """
    with LoopWriter(path, *size, crf=crf) as film:
        for frame in frames:
            film.add_frame(frame)
