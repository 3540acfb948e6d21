"""Pictures and films that the tests make, from the one face that scikit-image has."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

Picture = NDArray[np.uint8]


def astronaut() -> Picture:
    """Eileen Collins, NASA, public domain: 512 x 512, BGR; the face is some 85 pixels wide."""
    return np.ascontiguousarray(data.astronaut()[..., ::-1])


def save(path: Path, picture: Picture) -> Path:
    assert cv2.imwrite(str(path), picture)
    return path


def head() -> Picture:
    """Head and shoulders alone: 320 x 240, the face some 85 pixels wide."""
    return np.ascontiguousarray(astronaut()[20:260, 70:390])


def shaken(picture: Picture, count: int, most_px: float, seed: int = 0) -> list[Picture]:
    """A camera held by hand: ``count`` frames, the first and the last alike."""
    random = np.random.default_rng(seed)
    angles = 2 * np.pi * np.arange(count) / count
    waves = [sum(random.normal() * np.sin(k * angles + random.uniform(0, 6)) for k in (1, 2, 3))
             for _ in range(2)]  # fmt: skip
    path = np.stack(waves, axis=1)
    path *= most_px / np.abs(path).max()
    height, width = picture.shape[:2]
    frames = []
    for dx, dy in path:
        matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float64)
        frames.append(
            cv2.warpAffine(
                picture, matrix, (width, height), flags=cv2.INTER_CUBIC,
                borderMode=cv2.BORDER_REFLECT,
            )
        )  # fmt: skip
    return frames


def speaking(picture: Picture, opening_px: int) -> Picture:
    """``head()`` with its mouth open."""
    drawn = picture.copy()
    cv2.ellipse(drawn, (152, 124), (14, 2 + opening_px), 0, 0, 360, (30, 20, 60), -1)
    return drawn


def write_film(
    path: Path,
    frames: Iterable[Picture],
    fps: float = 15,
    *,
    rotate: int = 0,
    codec: str = "libx264",
) -> Path:
    """A film without sound; ``rotate`` is written into the header as telephones do."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(fps).limit_denominator(1001))
        stream.pix_fmt = "yuv420p"
        for index, frame in enumerate(frames):
            if index == 0:
                stream.height, stream.width = frame.shape[:2]
                if rotate:
                    stream.set_display_rotation(rotate)
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="bgr24")
            picture.pts = index
            picture.time_base = Fraction(1) / Fraction(fps).limit_denominator(1001)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def write_sound(path: Path) -> Path:
    """An MP4 file with sound and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        for index in range(20):
            block = np.zeros((1, 1024), np.float32)
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
            frame.sample_rate = 16000
            frame.pts = index * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
