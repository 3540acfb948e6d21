"""Held-back seconds, drawn by the exported model just as the kiosk would draw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.model import LipsModel
from kiosk.training.dataset import Clip, pairs
from kiosk.training.footage import Footage, Phoneme
from kiosk.video.loop import LOOP_FPS

Pictures = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Judged:
    """One run of held-back frames.

    Attributes:
        film: Name of the footage.
        first: First frame in it.
        truth: BGR, uint8, shape (n, S, S, 3).
        drawn: What the model made of ``reference`` and the sound; likewise.
        reference: What it was shown; likewise.
        at_rest: Frames in longer silence, shape (n,).
        phonemes: What is said, seconds from the first frame of the run.
    """

    film: str
    first: int
    truth: Pictures
    drawn: Pictures
    reference: Pictures
    at_rest: NDArray[np.bool_]
    phonemes: tuple[Phoneme, ...]


def draw_held_back(
    model: Path,
    clips: Sequence[Clip],
    films: Sequence[Footage],
    lead_ms: int,
    threads: int,
    progress: Callable[[float, float], None],
) -> list[Judged]:
    """Draw every held-back run with the model as it was written.

    Raises:
        ModelBroken: The kiosk cannot use the model.
    """
    network = LipsModel(model, threads=threads)
    runs = [
        (clip, film, run)
        for clip, film in zip(clips, films, strict=True)
        for run in clip.split.judge
    ]
    judged = []
    for done, (clip, film, (first, end)) in enumerate(runs):
        frames = np.arange(first, end)
        pair = pairs(clip, frames, network.contract.size)
        windows = clip.windows(frames, lead_ms)
        drawn = _drawn(network, windows, pair.reference)
        spoken = _spoken(film.phonemes, first / LOOP_FPS, end / LOOP_FPS)
        judged.append(
            Judged(
                film=film.path.name,
                first=first,
                truth=pair.target,
                drawn=drawn,
                reference=pair.reference,
                at_rest=clip.at_rest[first:end],
                phonemes=spoken,
            )
        )
        progress(done + 1, len(runs))
    return judged


def _drawn(network: LipsModel, windows: NDArray[np.float32], references: Pictures) -> Pictures:
    drawn = np.empty_like(references)
    half = references.shape[1] // 2
    for first in range(0, len(windows), network.contract.batch):
        part = slice(first, first + network.contract.batch)
        whole = references[part].transpose(0, 3, 1, 2).astype(np.float32) / 255
        masked = whole.copy()
        masked[:, :, half:] = 0
        out = network.run(windows[part], np.concatenate([masked, whole], axis=1))
        drawn[part] = np.rint(out.clip(0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    return drawn


def _spoken(phonemes: Sequence[Phoneme], start_s: float, end_s: float) -> tuple[Phoneme, ...]:
    return tuple(
        Phoneme(item.phoneme, item.start_s - start_s, item.end_s - start_s)
        for item in phonemes
        if item.start_s >= start_s and item.end_s <= end_s
    )
