"""Spectrograms of one sentence in several voices, under each other, to look at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from studio.voice.measure import Sound
from studio.voice.settings import SAMPLE_RATE_HZ

WINDOW = 512
STEP = 60
RANGE_DB = 80.0
TITLE_PX = 14


def draw_spectrograms(sounds: Mapping[str, Sound], path: Path) -> None:
    """Write a PNG: time to the right (2.5 ms a pixel), 0 to 12 kHz upwards, black is loud.

    Args:
        sounds: Title to sound.
        path: The picture.
    """
    pictures = {title: spectrogram(sound) for title, sound in sounds.items()}
    width = max(picture.shape[1] for picture in pictures.values())
    height = sum(picture.shape[0] + TITLE_PX for picture in pictures.values())
    sheet = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(sheet)
    top = 0
    for title, picture in pictures.items():
        pen.text((4, top + 1), title, fill=0)
        sheet.paste(Image.fromarray(picture), (0, top + TITLE_PX))
        top += picture.shape[0] + TITLE_PX
    sheet.save(path)


def spectrogram(sound: Sound) -> NDArray[np.uint8]:
    """[257, columns] brightness; the highest frequency on top."""
    samples, rate_hz = sound
    samples = soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ)
    padded = np.pad(samples, WINDOW // 2)
    cuts = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::STEP]
    power = np.abs(np.fft.rfft(cuts * np.hanning(WINDOW), axis=1)) ** 2
    decibel = 10 * np.log10(np.maximum(power, 1e-12))
    below = (decibel.max() - decibel) / RANGE_DB
    picture: NDArray[np.uint8] = (255 * np.clip(below, 0, 1)).astype(np.uint8)
    return picture.T[::-1].copy()
