"""Training of the network that draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kiosk.training.losses import moving_map, picture_loss
from studio.lips.drawing import Drawing
from studio.lips.faces import SIZE, TOP, Faces, read_faces
from studio.lips.mouths import REST, SHAPES
from studio.lips.rounds import Rounds

BATCH = 8
RATE = 1.5e-3
RESTING = 0.06  # share of pictures in which nothing may change
CODE_NOISE = 0.015  # what is heard is never quite the truth
NOISY = 0.7  # share of pictures with it
REFRESH_STEPS = 100
_LOOKED_AT = 400  # targets from which it is told where a face moves


class Pictures:
    """Pairs of reference and target drawn at random; takes in what is rendered meanwhile.

    Args:
        folder: Where faces are rendered to.
        numbers: Which sittings may be learnt from.
        seed: Of what is drawn.
    """

    def __init__(self, folder: Path, numbers: Callable[[int], bool], seed: int) -> None:
        self._folder = folder
        self._numbers = numbers
        self._chance = np.random.default_rng(seed)
        self._files = 0
        self.refresh()

    def refresh(self) -> None:
        """Read the folder again if something was added."""
        files = len(list(self._folder.glob("[0-9]*.npz")))
        if files != self._files:
            self._files = files
            self.faces = read_faces(self._folder, self._numbers)
            self.weights = moving_weights(self.faces)

    def draw(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """References (n, 3, ROWS, SIZE), codes (n, 8), targets (n, 3, SIZE/2, SIZE), 0..1."""
        faces, chance = self.faces, self._chance
        chosen = chance.integers(len(faces), size=count)
        references = faces.references[faces.sitting[chosen]]
        targets, codes = faces.targets[chosen], faces.codes[chosen]
        noise = chance.normal(0, CODE_NOISE, codes.shape) * (chance.random((count, 1)) < NOISY)
        resting = chance.random(count) < RESTING
        targets[resting] = references[resting, SIZE // 2 - TOP :]
        codes[resting] = SHAPES[REST]
        noise = np.where(resting[:, None], noise / 3, noise)
        codes = np.clip(codes + noise, 0, 1).astype(np.float32)
        return _planes(references), torch.from_numpy(codes), _planes(targets)


def moving_weights(faces: Faces) -> Tensor:
    """Where her face moves when she speaks, see `moving_map`."""
    some = np.linspace(0, len(faces) - 1, min(_LOOKED_AT, len(faces))).astype(int)
    resting = faces.references[faces.sitting[some], SIZE // 2 - TOP :]
    apart = np.abs(faces.targets[some].astype(np.int16) - resting).astype(np.uint8)
    return moving_map(apart)


def train(network: Drawing, pictures: Pictures, rounds: Rounds) -> None:
    """Train until the rounds are over; the network then holds the averaged weights."""
    for step in rounds.of(network, RATE):
        if step % REFRESH_STEPS == 0:
            pictures.refresh()
        references, codes, targets = pictures.draw(BATCH)
        before = references[:, :, SIZE // 2 - TOP :]
        rounds.learn(picture_loss(network(references, codes), targets, before, pictures.weights))


def likeness_db(network: Drawing, faces: Faces, count: int = 64) -> tuple[float, float]:
    """Mean PSNR where the face moves, given the true codes: of what is drawn, and of leaving the
    resting face as it is."""
    moving = moving_weights(faces)[0, 0] > 2.0
    drawn_db: list[float] = []
    resting_db: list[float] = []
    for index in np.linspace(0, len(faces) - 1, min(count, len(faces))).astype(int):
        reference = _planes(faces.references[faces.sitting[index]][None])
        target = _planes(faces.targets[index][None])
        code = torch.from_numpy(faces.codes[index][None])
        with torch.no_grad():
            drawn = network.eval()(reference, code).clamp(0, 1)
        for picture, values in (
            (drawn, drawn_db),
            (reference[:, :, SIZE // 2 - TOP :], resting_db),
        ):
            error = float((picture - target).square().mean(dim=1)[0][moving].mean())
            values.append(-10 * math.log10(max(error, 1e-7)))
    return float(np.mean(drawn_db)), float(np.mean(resting_db))


def _planes(pictures: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div_(255).contiguous()
