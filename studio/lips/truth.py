"""What a perfect mouth would look like: sentences rendered frame by frame, to judge a model by."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import BadInput
from kiosk.lipsync.model import LipsModel
from kiosk.training.footage import Phoneme
from kiosk.training.judge import Judged
from studio.lips.faces import HEIGHTS_PX, SIZE, TOP, face_of
from studio.lips.mouths import REST, SEAL, SHAPES, Code, pose
from studio.lips.openings import frames_of, mel_windows, true_codes
from studio.lips.speech import Said
from studio.portrait.camera import CAMERAS
from studio.portrait.motion import IDLE

FIRST = 40  # frame of the idle loop with which every sentence begins: no blink, some motion
LONGEST_FRAMES = IDLE.frame_count - FIRST
_STILL = 0.02  # summed distance from rest under which a mouth rests

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One utterance to be judged by, of a voice's part of the set."""

    part: str
    said: Said

    @property
    def frames(self) -> int:
        return min(frames_of(self.said), LONGEST_FRAMES)

    @property
    def codes(self) -> Code:
        return true_codes(self.said, self.frames)


def sentences_for(part: str, every: Sequence[Said], seconds: float) -> list[Sentence]:
    """Enough of a voice's utterances, those whose lips close most often first."""
    by_seals = sorted(
        every, key=lambda said: -sum(name == SEAL for name, *_ in said.sounds) / frames_of(said)
    )
    chosen: list[Sentence] = []
    for said in by_seals:
        if sum(sentence.frames for sentence in chosen) / 25 < seconds:
            chosen.append(Sentence(part, said))
    return chosen


def render_truth(
    sentences: Sequence[Sentence],
    folder: Path,
    report: Callable[[float, float], None],
    share: tuple[int, int] = (0, 1),
) -> None:
    """Render every frame that is not there yet, resting and speaking.

    Args:
        sentences: What is said.
        folder: A file a frame; an interrupted run goes on where it was.
        report: Told (frames there, of how many).
        share: This process's number, and of how many.
    """
    os.environ.setdefault("LP_NUM_THREADS", "1")
    from studio.portrait.renderer import Renderer

    folder.mkdir(parents=True, exist_ok=True)
    longest = max(sentence.frames for sentence in sentences)
    wanted: list[tuple[Path, int, Code]] = [
        (_resting(folder, frame), frame, SHAPES[REST]) for frame in range(longest)
    ]
    for number, sentence in enumerate(sentences):
        wanted += [
            (_speaking(folder, number, frame), frame, code)
            for frame, code in enumerate(sentence.codes)
        ]
    mine = [item for item in wanted[share[0] :: share[1]] if not item[0].exists()]
    renderer = Renderer(CAMERAS["landscape"].scaled(HEIGHTS_PX["landscape"]))
    for path, frame, code in mine:
        face = face_of(renderer, pose(IDLE.frame(FIRST + frame), code))
        part = path.with_name(f".{path.stem}.part.npy")
        np.save(part, face)
        part.replace(path)
        report(sum(item[0].exists() for item in wanted), len(wanted))
    renderer.close()


def judged_by(model: Path, sentences: Sequence[Sentence], folder: Path) -> list[Judged]:
    """Every sentence as the model draws it, beside the truth.

    Args:
        model: With Wav2Lip's contract.
        sentences: As rendered.
        folder: Where they were rendered to.

    Raises:
        BadInput: Frames are missing.
    """
    network = LipsModel(model, threads=1)
    return [_judged(network, sentence, number, folder) for number, sentence in enumerate(sentences)]


def _judged(network: LipsModel, sentence: Sentence, number: int, folder: Path) -> Judged:
    count = sentence.frames
    shown = _whole([_resting(folder, frame) for frame in range(count)])
    truth = _whole([_speaking(folder, number, frame) for frame in range(count)])
    truth[:, : SIZE // 2] = shown[:, : SIZE // 2]
    drawn = drawn_by(network, mel_windows(sentence.said.samples, count), shown)
    still = np.abs(sentence.codes - SHAPES[REST]).sum(axis=1) < _STILL
    spoken = tuple(
        Phoneme("p" if name == SEAL else "a", start_s, end_s)
        for name, start_s, end_s in sentence.said.sounds
    )
    return Judged(sentence.part, FIRST, truth, drawn, shown, still, spoken)


def drawn_by(network: LipsModel, windows: NDArray[np.float32], shown: Pixels) -> Pixels:
    """What a model makes of windows (n, 80, 16) and faces (n, SIZE, SIZE, 3), as the kiosk asks."""
    drawn = np.empty_like(shown)
    batch = network.contract.batch
    for first in range(0, len(shown), batch):
        part = slice(first, first + batch)
        whole = shown[part].transpose(0, 3, 1, 2).astype(np.float32) / 255
        masked = whole.copy()
        masked[:, :, SIZE // 2 :] = 0
        out = network.run(windows[part], np.concatenate([masked, whole], axis=1))
        drawn[part] = np.rint(out.clip(0, 1) * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    return drawn


def resting_faces(folder: Path, count: int) -> Pixels:
    """The first resting faces there are, repeated, (count, SIZE, SIZE, 3)."""
    there = sorted(folder.glob("rest-*.npy"))
    return _whole(there)[np.arange(count) % len(there)]


def _whole(paths: Sequence[Path]) -> Pixels:
    """Faces with nothing above what is rendered."""
    faces = np.zeros((len(paths), SIZE, SIZE, 3), np.uint8)
    for face, path in zip(faces, paths, strict=True):
        try:
            face[TOP:] = np.load(path)
        except OSError as error:
            raise BadInput("A frame to judge by is missing.", where=path,
                           remedy="Run `truth` again.") from error  # fmt: skip
    return faces


def _resting(folder: Path, frame: int) -> Path:
    return folder / f"rest-{frame:03d}.npy"


def _speaking(folder: Path, number: int, frame: int) -> Path:
    return folder / f"said-{number:02d}-{frame:03d}.npy"
