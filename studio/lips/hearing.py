"""Sound to code: the first network, which never sees a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from kiosk.lipsync.mel import COLUMNS_PER_S, WINDOW_COLUMNS
from kiosk.training.networks import SoundNet
from studio.lips.curves import codes_at
from studio.lips.mouths import CODE, PRESS, REST, SHAPES, TUCK, Code
from studio.lips.rounds import Rounds
from studio.lips.speech import Said, read_part
from studio.lips.vary import vary

LEAD_MS = 80
"""The mouth is learnt this far ahead of the window's first column, because a window holds 25 ms of
the past and 175 ms of the future. Of 0, 40, 80 and 120 ms, 80 was best for the first lips."""

RECORDED_LEAD_MS = 75
"""What the kiosk is told: it rounds a window's beginning down to a column, 5 ms on average, so that
the mouth would be late by them."""

WIDTH = 160
STRETCH_COLUMNS = 64  # learnt at once
BATCH = 32
RATE, RATE_LATER = 2e-3, 8e-4
HEARD_OFTEN = {"slt24": 1.3, "espeak": 0.7, "rms16": 1.5}
"""How often a voice's part is heard, over its share of the speech: the kiosk's own voices more."""

_WEIGHTS = (1.6, 0.8, 1.2, 1.0, 0.8, 0.6, 0.5, 0.4)  # of the code's numbers
_CONTACT = 0.12  # of the yes-or-no loss on lips shut and lip tucked
_MOVED = 0.5  # of the loss on movement
_ACROSS = 3  # columns over which movement is compared


class Hearing(nn.Module):
    """Mel (B, 1, 80, T) to codes (B, 8, T - 15), 0..1, each `LEAD_MS` after its window's frame."""

    def __init__(self) -> None:
        super().__init__()
        self.sound = SoundNet(width=WIDTH, dropout=0.1, numbers=len(CODE))

    def forward(self, mel: Tensor) -> Tensor:
        heard: Tensor = self.sound(mel)
        return 0.5 + 0.5 * heard


@dataclass(frozen=True, slots=True)
class Lesson:
    """One utterance to learn from: mel (80, columns) float16, codes at each column's time."""

    mel: NDArray[np.float16]
    codes: NDArray[np.float16]


class Lessons:
    """Stretches of speech drawn at random, longer utterances more often.

    Args:
        folders: Sets of speech.
        seed: Of what is drawn and varied.
    """

    def __init__(self, folders: Sequence[Path], seed: int) -> None:
        self._lessons: list[Lesson] = []
        shares: list[float] = []
        for folder in folders:
            for path in sorted(folder.glob("*.npz")):
                for said in read_part(folder, path.stem):
                    if said.mel.shape[1] > STRETCH_COLUMNS + WINDOW_COLUMNS:
                        self._lessons.append(_lesson(said))
                        shares.append(said.mel.shape[1] * HEARD_OFTEN.get(path.stem, 1.0))
        self._shares = np.array(shares) / np.sum(shares)
        self._chance = np.random.default_rng(seed)
        self._random = torch.Generator().manual_seed(seed)
        self._rest = torch.from_numpy(SHAPES[REST])[:, None]

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """Spectra (count, 1, 80, 79) and codes (count, 8, 64)."""
        length = STRETCH_COLUMNS + WINDOW_COLUMNS - 1
        mel = np.empty((count, 80, length), np.float32)
        codes = np.empty((count, len(CODE), STRETCH_COLUMNS), np.float32)
        for row, index in enumerate(self._chance.choice(len(self._lessons), count, p=self._shares)):
            lesson = self._lessons[index]
            at = self._chance.integers(lesson.mel.shape[1] - length + 1)
            mel[row] = lesson.mel[:, at : at + length]
            codes[row] = lesson.codes[at : at + STRETCH_COLUMNS].T
        varied, alone = vary(torch.from_numpy(mel), self._random)
        aims = torch.where(alone[:, None, None], self._rest, torch.from_numpy(codes))
        return varied, aims


def _lesson(said: Said) -> Lesson:
    times_s = np.arange(said.mel.shape[1]) / COLUMNS_PER_S + LEAD_MS / 1000
    return Lesson(said.mel.astype(np.float16), codes_at(said.codes, times_s).astype(np.float16))


def hearing_loss(heard: Tensor, aims: Tensor) -> Tensor:
    """Distance of codes and of their movement, and whether contacts are made."""
    weights = torch.tensor(_WEIGHTS)[None, :, None]
    loss = (F.smooth_l1_loss(heard, aims, reduction="none", beta=0.08) * weights).mean()
    contacts = [PRESS, TUCK]
    sure = heard[:, contacts].clamp(1e-4, 1 - 1e-4)
    loss = loss + _CONTACT * F.binary_cross_entropy(sure, aims[:, contacts])
    moved = heard[..., _ACROSS:] - heard[..., :-_ACROSS]
    true = aims[..., _ACROSS:] - aims[..., :-_ACROSS]
    return loss + _MOVED * ((moved - true).abs() * weights).mean()


def train(network: Hearing, lessons: Lessons, rounds: Rounds, rate: float = RATE) -> None:
    """Train until the rounds are over; the network then holds the averaged weights."""
    for _ in rounds.of(network, rate):
        mel, aims = lessons.draw(BATCH)
        rounds.learn(hearing_loss(network(mel), aims))


def heard_every(network: Hearing, mel: NDArray[np.float32]) -> Code:
    """What is heard in every window of a spectrogram (80, columns), shape (columns - 15, 8)."""
    with torch.no_grad():
        codes = network.eval()(torch.from_numpy(np.ascontiguousarray(mel))[None, None])[0]
    return np.asarray(codes.numpy().T, dtype=np.float32)
