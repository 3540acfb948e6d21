"""Figures of a joined model, from its pixels."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import soxr
from numpy.typing import NDArray

from kiosk.audio.wav import read_wav
from kiosk.lipsync.mask import find_mouth
from kiosk.lipsync.mel import SAMPLE_RATE_HZ, SILENCE
from kiosk.lipsync.model import LipsModel
from kiosk.lipsync.quality import correlation_and_lag, inner_mouth, loudness
from kiosk.training.figures import measure
from kiosk.training.judge import Judged
from kiosk.video.film import FilmWriter
from kiosk.video.loop import LOOP_FPS
from studio.lips.faces import SIZE, TOP
from studio.lips.openings import mel_windows
from studio.lips.truth import drawn_by

_COLUMNS = 12
_CLIP_TIMES = 3  # as large as the face is
_QUIET = 0.05  # of the loudest: nobody speaks
_SHUT = 0.03  # of the mouth's half width squared

Pixels = NDArray[np.uint8]


def voices(judged: Sequence[Judged]) -> dict[str, Any]:
    """`kiosk.training.figures.measure`, by voice."""
    names = sorted({run.film for run in judged})
    return {name: measure([run for run in judged if run.film == name]) for name in names}


def at_rest(model: Path, shown: Pixels) -> dict[str, float]:
    """What the mouth does in silence and in room noise with the kiosk's gate held open.

    Returns:
        ``silence_change`` and ``silence_jitter``, of 255: what is added to the loop in digital
        silence, and how much that changes from frame to frame; the same ``_in_noise``: low room
        noise at -55 dBFS.
    """
    network, half = LipsModel(model, threads=1), SIZE // 2
    random = np.random.default_rng(5)
    rumble = np.cumsum(random.normal(size=len(shown) * SAMPLE_RATE_HZ // LOOP_FPS + SAMPLE_RATE_HZ))
    rumble -= np.convolve(rumble, np.ones(401) / 401, mode="same")
    noise = (rumble / rumble.std() * 10 ** (-55 / 20)).astype(np.float32)
    silent = np.full((len(shown), 80, 16), SILENCE, np.float32)
    figures = {}
    for name, windows in (("silence", silent), ("noise", mel_windows(noise, len(shown)))):
        added = drawn_by(network, windows, shown)[:, half:].astype(np.int16) - shown[:, half:]
        moved = [np.abs(after - before).mean() for before, after in itertools.pairwise(added)]
        figures[f"{name}_change"] = round(float(np.abs(added).mean()), 3)
        figures[f"{name}_jitter"] = round(float(np.mean(moved)), 3)
    return figures


def real_speech(model: Path, recording: Path, shown: Pixels) -> tuple[dict[str, float], Pixels]:
    """A recording of a person: how the mouth follows its loudness, and whether it shuts.

    Returns:
        ``loudness_correlation``, ``lag_ms`` and ``shut_in_quiet``, the share of quiet frames in
        which the mouth is shut; and what was drawn.
    """
    samples = read_recording(recording)
    count = min(len(shown), len(samples) * LOOP_FPS // SAMPLE_RATE_HZ)
    drawn = drawn_by(LipsModel(model, threads=1), mel_windows(samples, count), shown[:count])
    opened = openings(drawn, shown[:count])
    loud = loudness(samples, count, LOOP_FPS)
    smooth = np.array([0.25, 0.5, 0.25])
    correlation, lag_ms = correlation_and_lag(
        np.convolve(opened, smooth, "same"), np.convolve(loud, smooth, "same"), LOOP_FPS
    )
    quiet = loud < _QUIET * np.percentile(loud, 95)
    quiet &= np.roll(quiet, 1) & np.roll(quiet, -1)
    figures = {
        "seconds": count / LOOP_FPS,
        "loudness_correlation": round(correlation, 3),
        "lag_ms": round(lag_ms, 1),
        "quiet_frames": int(quiet.sum()),
        "shut_in_quiet": round(float((opened[quiet] < _SHUT).mean()), 3) if quiet.any() else 1.0,
    }
    return figures, drawn


def openings(drawn: Pixels, shown: Pixels) -> NDArray[np.float64]:
    """How far each drawn mouth is open, see `inner_mouth`."""
    lower = slice(SIZE // 2, None)
    place = find_mouth(shown[0, lower])
    pairs = zip(drawn[:, lower], shown[:, lower], strict=True)
    return np.array([inner_mouth(one, resting, place) for one, resting in pairs])


def read_recording(path: Path) -> NDArray[np.float32]:
    """A WAV file, mono, at 16 kHz, -1..1."""
    sound, rate_hz = read_wav(path, SAMPLE_RATE_HZ)
    samples = sound.astype(np.float32) / np.float32(32768)
    return np.asarray(soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ), dtype=np.float32)


def write_strip(judged: Sequence[Judged], path: Path) -> None:
    """Truth over model, moments picked by the truth alone: the widest of each twelfth."""
    rows = []
    for run in judged:
        moved = np.abs(run.truth.astype(np.int16) - run.reference).mean(axis=(1, 2, 3))
        parts = np.array_split(np.arange(len(moved)), _COLUMNS)
        moments = [int(part[moved[part].argmax()]) for part in parts]
        for pictures in (run.truth, run.drawn):
            rows.append(np.concatenate([pictures[at, TOP:, 32:208] for at in moments], axis=1))
    cv2.imwrite(str(path), np.concatenate(rows))


def write_clip(
    truth: Pixels | None, drawn: Pixels, samples: NDArray[np.float32], path: Path
) -> None:
    """Truth and model side by side with the sound, three times as large as they are."""
    side = SIZE * _CLIP_TIMES
    height = (SIZE - TOP) * _CLIP_TIMES
    columns = [drawn] if truth is None else [truth, drawn]
    with FilmWriter(path, side * len(columns), height, LOOP_FPS, SAMPLE_RATE_HZ) as film:
        film.add_sound(
            (samples[: len(drawn) * SAMPLE_RATE_HZ // LOOP_FPS] * 32767).astype(np.int16)
        )
        for index in range(len(drawn)):
            faces = [
                cv2.resize(one[index, TOP:], (side, height), interpolation=cv2.INTER_CUBIC)
                for one in columns
            ]
            film.add_frame(np.concatenate(faces, axis=1))
