"""Videos whose every frame tells its number."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 160, 96
_BITS = 8


def numbered(index: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """A frame with ``index`` as a row of black and white bars, over a colour gradient."""
    frame = np.zeros((height, width, 3), dtype=np.uint8)
    frame[..., 0] = np.linspace(40, 200, width)[None]
    frame[..., 2] = np.linspace(60, 180, height)[:, None]
    bar = width // _BITS
    for bit in range(_BITS):
        frame[height // 2 :, bit * bar : (bit + 1) * bar] = 255 if index >> bit & 1 else 0
    return frame


def number_of(frame: NDArray[np.uint8]) -> int:
    """The number in a frame."""
    height, width = frame.shape[:2]
    bar = width // _BITS
    middles = frame[height * 3 // 4, bar // 2 :: bar, 1]
    return sum(1 << bit for bit in range(_BITS) if middles[bit] > 127)


def write_clip(
    path: Path,
    count: int,
    *,
    fps: Fraction | int = 25,
    faststart: bool = False,
    gop: int = 12,
    pix_fmt: str = "yuv420p",
) -> Path:
    """``count`` numbered frames in H.264 with B-frames."""
    options = {"movflags": "+faststart"} if faststart else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(
            "libx264", rate=fps, options={"g": str(gop), "bf": "2", "crf": "10"}
        )
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pix_fmt
        for index in range(count):
            frame = av.VideoFrame.from_ndarray(numbered(index), format="bgr24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """A second of silence without a picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        for block in range(16):
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts = 16000, block * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
