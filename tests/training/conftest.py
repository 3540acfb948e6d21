"""A drawn face that opens its mouth as loud as it hums: footage whose truth is known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.video import FilmWriter

FPS = 25
RATE_HZ = 16000
SIDE = 128
BOX = (24.0, 20.0, 80.0, 96.0)

MakeFilm = Callable[..., Path]


def loudness(seconds: float, seed: int = 1) -> NDArray[np.float64]:
    """Syllables with pauses, 0..1, at ``RATE_HZ``."""
    random = np.random.default_rng(seed)
    curve = np.zeros(round(seconds * RATE_HZ))
    at_s = 0.8
    while at_s < seconds - 1:
        for _ in range(random.integers(3, 8)):
            length = round(random.uniform(0.12, 0.3) * RATE_HZ)
            first = round(at_s * RATE_HZ)
            bump = np.sin(np.pi * np.arange(length) / length) * random.uniform(0.4, 1)
            part = curve[first : first + length]
            part[:] = np.maximum(part, bump[: len(part)])
            at_s += length / RATE_HZ * 1.1
        at_s += random.uniform(0.6, 1.0)
    return curve


def hum(curve: NDArray[np.float64]) -> NDArray[np.int16]:
    """Louder is also brighter, as in a mouth that opens."""
    t = np.arange(len(curve)) / RATE_HZ
    sound = sum(np.sin(2 * np.pi * 140 * k * t) * curve**k**0.5 / k for k in range(1, 12))
    return np.rint(6000 * sound).astype(np.int16)


def face(opening: float, sway: float) -> NDArray[np.uint8]:
    """A face, BGR; ``sway`` moves the head by that many pixels."""
    picture = np.full((SIDE, SIDE, 3), (60, 70, 60), dtype=np.uint8)
    cx = 64 + sway
    shift = 4  # bits of sub-pixel precision

    def oval(x: float, y: float, width: float, height: float, colour: tuple[int, ...]) -> None:
        centre, axes = (
            (round(first * 2**shift), round(second * 2**shift))
            for first, second in ((x, y), (width, height))
        )
        cv2.ellipse(picture, centre, axes, 0, 0, 360, colour, -1, cv2.LINE_AA, shift)

    oval(cx, 66, 36, 46, (150, 180, 220))
    for side in (-14, 14):
        oval(cx + side, 52, 5, 3, (40, 40, 40))
    oval(cx, 70, 4, 7, (130, 155, 200))
    oval(cx, 90, 13, 3 + 7 * opening, (90, 90, 190))
    if opening > 0.1:
        oval(cx, 90, 10, 5.5 * opening, (20, 15, 30))
    return picture


@pytest.fixture
def make_film(tmp_path: Path) -> MakeFilm:
    """Write a film of the drawn face, with its boxes beside it."""

    def make(
        name: str = "reading.mp4",
        seconds: float = 20.0,
        *,
        sound: bool = True,
        speaks: bool = True,
        shows_face: bool = True,
        seed: int = 1,
    ) -> Path:
        curve = loudness(seconds, seed) if speaks else np.zeros(round(seconds * RATE_HZ))
        count = round(seconds * FPS)
        path = tmp_path / name
        with FilmWriter(path, SIDE, SIDE, FPS, RATE_HZ if sound else None) as film:
            for index in range(count):
                at = min(len(curve) - 1, round((index + 0.5) / FPS * RATE_HZ))
                drawn = face(curve[at], 2.0 * np.sin(index / 40))
                film.add_frame(drawn if shows_face else np.full_like(drawn, 90))
            if sound:
                film.add_sound(hum(curve))
        if shows_face:
            shown = {"fps": FPS, "size": [SIDE, SIDE], "face_box_xywh": [list(BOX)] * count}
            path.with_name(f"{path.stem}.faces.json").write_text(json.dumps(shown))
        return path

    return make
