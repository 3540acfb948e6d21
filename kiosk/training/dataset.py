"""What the networks learn from: faces, references, sound and the split, film by film."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.lipsync.mel import BANDS, SILENCE, WINDOW_COLUMNS, Mel, log_mel, window_start
from kiosk.training.faces import MARGIN, Pictures, Progress, cut_faces
from kiosk.training.footage import Footage, speech_frames
from kiosk.training.references import References, find_references
from kiosk.training.split import Split, split_frames
from kiosk.video.loop import LOOP_FPS

_PAD_COLUMNS = 80  # silence before and after the film, for windows that reach beyond it
_REST_FRAMES = 5  # silence this long around a frame: the mouth has come to rest
_FEWEST_AT_REST = 12
_APART_FRAMES = 12
_LEAST_ALIKE = 0.7  # correlation of upper halves; one face in one session gives 0.9 and more


@dataclass(frozen=True, slots=True)
class Clip:
    """One film, ready for training.

    Attributes:
        name: The film's file name.
        pictures: Faces with their margin.
        pool: Faces that references are taken from: the idle loop's, or ``pictures`` itself.
        references: For each frame of ``pictures``.
        split: Which frames teach, and which are held back.
        mel: Spectrogram with silence on both sides; use ``windows``.
        at_rest: Frames in longer silence, shape (frames,).
    """

    name: str
    pictures: Pictures
    pool: Pictures
    references: References
    split: Split
    mel: Mel
    at_rest: NDArray[np.bool_]

    def starts(self, frames: NDArray[np.int64], lead_ms: int) -> NDArray[np.int64]:
        """First column, in ``mel``, of the window for each frame."""
        last = self.mel.shape[1] - WINDOW_COLUMNS
        first = np.array([window_start(int(f), LOOP_FPS, lead_ms) for f in frames], dtype=np.int64)
        return np.clip(first + _PAD_COLUMNS, 0, last)

    def windows(self, frames: NDArray[np.int64], lead_ms: int) -> NDArray[np.float32]:
        """Mel windows as the kiosk would give them, shape (n, 80, 16)."""
        starts = self.starts(frames, lead_ms)
        return np.stack([self.mel[:, at : at + WINDOW_COLUMNS] for at in starts])


def build_dataset(
    films: list[Footage], loop: Path | None, size: int, folder: Path, progress: Progress
) -> list[Clip]:
    """Cut out and match everything; what is already in the folder is not done again.

    Args:
        films: Footage.
        loop: The idle loop that the model will draw into; None: quiet moments of the footage stand
            in for it.
        size: Side S of the model's face.
        folder: Where the faces are kept.
        progress: Told (films done, films in all), with fractions.

    Raises:
        MediaError: Footage or loop cannot be used.
    """
    total = len(films) + (loop is not None)
    idle: Pictures | None = None
    if loop is not None:
        idle = cut_faces(loop, size, folder, lambda done, of: progress(done / of, total))
    clips = []
    for number, film in enumerate(films):
        base = number + (loop is not None)
        pictures = cut_faces(
            film.path,
            size,
            folder,
            lambda done, of, base=base: progress(base + done / of, total),  # type: ignore[misc]
        )
        clips.append(_clip(film, pictures, loop, idle))
    return clips


def _clip(film: Footage, pictures: Pictures, loop: Path | None, idle: Pictures | None) -> Clip:
    split = split_frames(film.frame_count)
    at_rest = resting(speech_frames(film.sound))
    if idle is not None:
        pool, candidates, apart = idle, np.arange(len(idle)), 0
    else:
        pool, apart = pictures, _APART_FRAMES
        candidates = split.frames(split.train)
        quiet = candidates[at_rest[candidates]]
        if len(quiet) < _FEWEST_AT_REST:
            raise MediaError(
                "The footage has hardly a moment of silence, so the mouth is never seen at rest.",
                where=film.path,
                remedy="Pause for a second between sentences, or name the idle loop with --loop.",
            )
        candidates = quiet
    references = find_references(pictures, pool, candidates, apart=apart)
    if references.likeness < _LEAST_ALIKE:
        raise MediaError(
            "The face in the loop is framed, turned or lit otherwise than the one in the footage "
            f"(likeness {references.likeness:.2f} of 1).",
            where=film.path if loop is None else loop,
            remedy="Film both in one session, and let the kiosk find both faces, or give both "
            "their boxes.",
        )
    silence = np.full((BANDS, _PAD_COLUMNS), SILENCE, dtype=np.float32)
    return Clip(
        name=film.path.name,
        pictures=pictures,
        pool=pool,
        references=references,
        split=split,
        mel=np.concatenate([silence, log_mel(film.sound), silence], axis=1),
        at_rest=at_rest,
    )


def resting(speech: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Frames with no speech within ``_REST_FRAMES`` on either side."""
    near = np.convolve(speech.astype(np.float64), np.ones(2 * _REST_FRAMES + 1), mode="same")
    quiet: NDArray[np.bool_] = near < 0.5
    return quiet


def square(
    picture: NDArray[np.uint8], size: int, rows: int = 0, columns: int = 0
) -> NDArray[np.uint8]:
    """The model's square of a stored picture, moved by whole pixels (at most ``MARGIN``)."""
    top, left = MARGIN + rows, MARGIN + columns
    return picture[top : top + size, left : left + size]


@dataclass(frozen=True, slots=True)
class Pair:
    """Attributes:
    reference: What the model is shown, uint8, shape (n, S, S, 3).
    target: What it shall draw, likewise.
    """

    reference: NDArray[np.uint8]
    target: NDArray[np.uint8]


def pairs(
    clip: Clip,
    frames: NDArray[np.int64],
    size: int,
    *,
    ranks: NDArray[np.int64] | None = None,
    shifts: NDArray[np.int64] | None = None,
) -> Pair:
    """References and targets of some frames.

    Args:
        clip: The film.
        frames: Which, shape (n,).
        size: Side S.
        ranks: Which of each frame's references; None for the best.
        shifts: Rows and columns to move both pictures by, -3..3, shape (n, 2); None for none.
    """
    count = len(frames)
    ranks = np.zeros(count, dtype=np.int64) if ranks is None else ranks
    shifts = np.zeros((count, 2), dtype=np.int64) if shifts is None else shifts
    reference = np.empty((count, size, size, 3), dtype=np.uint8)
    target = np.empty_like(reference)
    for row, (frame, rank, (down, right)) in enumerate(zip(frames, ranks, shifts, strict=True)):
        other = clip.references.index[frame, rank]
        rows, columns = clip.references.shift[frame, rank]
        target[row] = square(clip.pictures[frame], size, down, right)
        reference[row] = square(clip.pool[other], size, down + rows, right + columns)
    return Pair(reference, target)
