"""How good what is heard is, from codes alone: cheap enough to look at during training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from kiosk.lipsync.mel import HOP_SAMPLES, SAMPLE_RATE_HZ, WINDOW_COLUMNS, log_mel, window_start
from kiosk.lipsync.quality import correlation_and_lag
from kiosk.video.loop import LOOP_FPS
from studio.lips.curves import codes_at
from studio.lips.hearing import RECORDED_LEAD_MS, Hearing, heard_every
from studio.lips.join import decided
from studio.lips.mouths import JAW, PRESS, ROUND, SEAL, SMILE, TUCK, UPPER, WIDE, Code, Sound
from studio.lips.speech import Said, parts_in, read_part

SEALED_BELOW = 0.08  # of a wide opening
_NOISE_DBFS = (-65.0, -55.0, -45.0)
_NOISE_S = 4.0

Curve = NDArray[np.float64]


def opening(codes: Code) -> Curve:
    """What is seen between the lips, in head units squared, as mouth.glsl makes it; shape (n,)."""
    jaw, wide, pursed, upper = (codes[:, at].astype(np.float64) for at in (JAW, WIDE, ROUND, UPPER))
    up = 0.030 * jaw + 0.045 * upper + 0.030 * codes[:, TUCK] + 0.012 * pursed
    down = 0.205 * jaw + 0.009 * upper + 0.014 * pursed - 0.035 * codes[:, TUCK]
    smile = 0.52 * codes[:, SMILE] * (1 - 0.7 * pursed)
    half = 0.245 * (1 + 0.20 * wide + 0.13 * smile - 0.39 * pursed - 0.13 * jaw)
    free = 1 - np.clip(codes[:, PRESS], 0, 1)
    return np.asarray(np.maximum(up + down, 0) * half * free)


def true_codes(said: Said, frames: int) -> Code:
    """The mouth at each frame's own time."""
    return codes_at(said.codes, np.arange(frames) / LOOP_FPS)


def frames_of(said: Said) -> int:
    return int(len(said.samples) / SAMPLE_RATE_HZ * LOOP_FPS)


def windows_of(samples: NDArray[np.float32], frames: int) -> NDArray[np.intp]:
    """First mel column of each frame's window, the lead made up for as the kiosk does it."""
    last = 1 + len(samples) // HOP_SAMPLES - WINDOW_COLUMNS
    starts = [window_start(frame, LOOP_FPS, RECORDED_LEAD_MS) for frame in range(frames)]
    return np.asarray(np.clip(np.array(starts), 0, last))


def mel_windows(samples: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """What a model hears for each frame, shape (frames, 80, 16)."""
    mel = log_mel(samples)
    return np.stack([mel[:, at : at + WINDOW_COLUMNS] for at in windows_of(samples, frames)])


def heard(network: Hearing, said: Said, frames: int) -> Code:
    """What the network makes of each frame's window."""
    every = np.asarray(decided(torch.from_numpy(heard_every(network, log_mel(said.samples)))))
    return np.asarray(every[windows_of(said.samples, frames)])


def hearing_figures(network: Hearing, folder: Path) -> dict[str, Any]:
    """Figures by voice, over every utterance of a set that keeps its sound, and of noise."""
    figures: dict[str, Any] = {
        name: _voice_figures(network, read_part(folder, name)) for name in parts_in(folder)
    }
    figures["noise"] = noise_figures(network)
    return figures


def _voice_figures(network: Hearing, utterances: Sequence[Said]) -> dict[str, float]:
    true, drawn, lags, sealed, numbers = [], [], [], [], []
    for said in utterances:
        frames = frames_of(said)
        codes, mine = true_codes(said, frames), heard(network, said, frames)
        true.append(opening(codes))
        drawn.append(opening(mine))
        lags.append(correlation_and_lag(drawn[-1], true[-1], LOOP_FPS)[1])
        sealed.append(sealed_share(drawn[-1], said.sounds, float(np.percentile(true[-1], 95))))
        numbers.append([_correlation(codes[:, at], mine[:, at]) for at in range(codes.shape[1])])
    truth, drawing = np.concatenate(true), np.concatenate(drawn)
    return {
        "correlation": round(_correlation(truth, drawing), 3),
        "lag_ms": round(float(np.mean(lags)), 1),
        "opening_ratio": round(float(drawing.mean() / truth.mean()), 3),
        "sealed": round(float(np.nanmean(sealed)), 3),
        "jaw": round(float(np.mean([row[JAW] for row in numbers])), 3),
    }


def sealed_share(curve: Curve, sounds: Sequence[Sound], wide: float) -> float:
    """Share of p, b and m at which the lips meet, within a frame; NaN if there are none."""
    shut = []
    for name, start_s, end_s in sounds:
        if name == SEAL:
            middle = round((start_s + end_s) / 2 * LOOP_FPS)
            near = curve[max(0, middle - 1) : middle + 2]
            shut.append(bool(near.min(initial=np.inf) < SEALED_BELOW * wide))
    return float(np.mean(shut)) if shut else float("nan")


def noise_figures(network: Hearing) -> dict[str, float]:
    """Largest openings in silence and in room noise, over a wide vowel's."""
    wide = float(opening(np.array([[0.85, 0, 0, 0, 0, 0, 0, 0.5]], np.float32))[0])
    count = int(_NOISE_S * SAMPLE_RATE_HZ)
    random = np.random.default_rng(3)
    brown = np.cumsum(random.normal(size=count))
    brown -= np.convolve(brown, np.ones(401) / 401, mode="same")
    time_s = np.arange(count) / SAMPLE_RATE_HZ
    kinds = {
        "white": random.normal(size=count),
        "low": brown / brown.std(),
        "hum": np.sin(2 * np.pi * 50 * time_s) + 0.4 * np.sin(2 * np.pi * 150 * time_s),
    }
    figures = {"silence": 0.0}
    sounds = {f"{name} {level:.0f} dBFS": sound * 10 ** (level / 20)
              for name, sound in kinds.items() for level in _NOISE_DBFS}  # fmt: skip
    for name, sound in {"silence": np.zeros(count), **sounds}.items():
        heard_codes = heard_every(network, log_mel(sound.astype(np.float32)))
        codes = np.asarray(decided(torch.from_numpy(heard_codes)))
        figures[name] = round(float(np.percentile(opening(codes), 99)) / wide, 3)
    return figures


def _correlation(one: NDArray[Any], other: NDArray[Any]) -> float:
    if one.std() < 1e-6 or other.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
