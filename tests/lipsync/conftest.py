"""A small loop with a face, models of a few hundred bytes, and real synthesised speech."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from kiosk.paths import builtin_models_dir
from kiosk.video import FilmWriter
from scripts.make_lips_standin import tiny

LOOP_FRAMES = 30
BOX = (60, 20, 160, 160)


def face_frame(index: int) -> NDArray[np.uint8]:
    """A grained oval with eyes and red lips, which sways a little."""
    random = np.random.default_rng(3)
    frame = random.integers(60, 110, (200, 280, 3)).astype(np.uint8)
    sway = round(2 * np.sin(2 * np.pi * index / LOOP_FRAMES))
    cv2.ellipse(frame, (140 + sway, 100), (62, 82), 0, 0, 360, (150, 180, 220), -1)
    for x in (115, 165):
        cv2.circle(frame, (x + sway, 75), 7, (60, 40, 30), -1)
    cv2.ellipse(frame, (140 + sway, 140), (24, 8), 0, 0, 360, (110, 100, 200), -1)
    cv2.line(frame, (118 + sway, 140), (162 + sway, 140), (50, 40, 90), 1, cv2.LINE_AA)
    return frame


@pytest.fixture(scope="session")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A loop of 30 frames with its face boxes beside it."""
    folder = tmp_path_factory.mktemp("loop")
    with FilmWriter(folder / "idle.mp4", 280, 200, 25, None) as film:
        for index in range(LOOP_FRAMES):
            film.add_frame(face_frame(index))
    boxes = {"fps": 25, "size": [280, 200], "face_box_xywh": [list(BOX)] * LOOP_FRAMES}
    (folder / "idle.faces.json").write_text(json.dumps(boxes))
    return folder / "idle.mp4"


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    onnx.save(tiny(64), path)
    return path


@pytest.fixture(scope="session")
def speech() -> NDArray[np.float32]:
    """Two sentences of the shipped voice, mono, 16 kHz, with a pause of a second between them."""
    import soxr
    from piper import PiperVoice, SynthesisConfig

    voice = PiperVoice.load(builtin_models_dir() / "slt24.onnx")
    steady = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)  # the same speech in every run

    def say(text: str) -> NDArray[np.float32]:
        parts = [chunk.audio_float_array for chunk in voice.synthesize(text, steady)]
        at_16k = soxr.resample(np.concatenate(parts), voice.config.sample_rate, 16000)
        return np.asarray(at_16k, dtype=np.float32)

    first = say("I found my first ichthyosaur when I was only twelve years old.")
    second = say("Many people came from London to see what my brother and I had found.")
    return np.concatenate([first, np.zeros(16000, dtype=np.float32), second])


def bursts(*spans_s: tuple[float, float], length_s: float) -> NDArray[np.float32]:
    """Voice-like sound (harmonics of 150 Hz) in the given spans, silence elsewhere."""
    time_s = np.arange(int(length_s * 16000)) / 16000
    tone = sum(np.sin(2 * np.pi * 150 * k * time_s) / k for k in range(1, 20))
    on = np.zeros(len(time_s), dtype=bool)
    for start, end in spans_s:
        on |= (time_s >= start) & (time_s < end)
    return np.asarray(0.3 * tone * on, dtype=np.float32)
