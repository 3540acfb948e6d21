"""Pictures to learn from: her face at rest, and the same face saying things.

A pose is one frame of one loop in one of the two formats. It is rendered once at rest, which is
what a network is shown, and several times with other mouths, which is what it shall draw. Every
pose is a file of its own, so an interrupted run goes on where it was.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import BadInput, MediaError
from kiosk.lipsync.prepare import face_at, reduced
from studio.lips.curves import RATE_HZ
from studio.lips.mouths import CODE, JAW, PRESS, REST, SHAPES, SMILE, TONGUE, TUCK, Code, pose
from studio.lips.speech import parts_in, read_part
from studio.portrait.camera import CAMERAS, Camera
from studio.portrait.face_track import Box, face_box
from studio.portrait.motion import LOOPS
from studio.portrait.parameters import Frame

if TYPE_CHECKING:
    from studio.portrait.renderer import Renderer

SIZE = 256
"""Side of the network's face."""

TOP = SIZE // 2 - 16
"""First row that is shown to the network; a little above what it draws, so that both join."""

HEIGHTS_PX = {"landscape": 720, "portrait": 984}
"""Of the pictures that faces are cut from: two thirds and half of the films', which draws a face
of about SIZE in 0.6 of the time. Strokes have their size in head units, so they stay the same."""
MOUTHS = 7  # to a pose
_LOOP_SHARES = {"idle": 0.5, "listening": 0.25, "thinking": 0.25}
_CORNERS = 0.24  # share of mouths that are no speech: what curves seldom reach
_MOVED = 0.15  # summed distance from rest from which on a moment of speech is worth drawing
_MARGIN_PX = 3  # round the window: what interpolation reads
_POLL_S = 1.0

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sitting:
    """One pose and its mouths.

    Attributes:
        number: Of the sitting.
        camera: ``landscape`` or ``portrait``.
        loop: Whose frame it is.
        frame: Its index there.
        codes: The mouths, shape (n, 8).
    """

    number: int
    camera: str
    loop: str
    frame: int
    codes: Code


def sittings(count: int, pool: Code, seed: int) -> Iterator[Sitting]:
    """Poses of every loop in turn through both formats, the same ones for the same seed.

    Args:
        count: How many.
        pool: Mouths of speech, see `mouths_of_speech`.
        seed: Of every choice.
    """
    for number in range(count):
        chance = np.random.default_rng([seed, number])
        loop = str(chance.choice(list(_LOOP_SHARES), p=list(_LOOP_SHARES.values())))
        frame = int(chance.integers(LOOPS[loop].frame_count))
        codes = np.stack([_mouth(pool, chance) for _ in range(MOUTHS)])
        yield Sitting(number, list(CAMERAS)[number % len(CAMERAS)], loop, frame, codes)


def mouths_of_speech(folder: Path) -> Code:
    """Every moment, 25 a second, at which a mouth of a set of speech is not at rest."""
    step = RATE_HZ // 25
    codes = np.concatenate(
        [said.codes[::step] for name in parts_in(folder) for said in read_part(folder, name)]
    )
    return np.asarray(codes[np.abs(codes - SHAPES[REST]).sum(axis=1) > _MOVED])


def _mouth(pool: Code, chance: np.random.Generator) -> Code:
    if chance.random() >= _CORNERS:
        return np.asarray(pool[chance.integers(len(pool))])
    shapes = list(SHAPES.values())
    one, other = (shapes[index] for index in chance.integers(len(shapes), size=2))
    code = one + np.float32(chance.random()) * (other - one)
    if chance.random() < 0.5:
        code[:SMILE] *= chance.uniform(0.6, 1.15, SMILE)
    code = np.clip(code, 0, 1)
    # As in every curve: what is shut is not open.
    code[JAW] *= (1 - code[PRESS]) * (1 - 0.6 * code[TUCK])
    code[TONGUE] *= 1 - code[PRESS]
    return np.asarray(code, dtype=np.float32)


def face_of(renderer: Renderer, frame: Frame) -> Pixels:
    """Her face as the kiosk cuts it out for a network, rows TOP to SIZE, BGR [rows, SIZE, 3]."""
    box = face_box(frame.pose, renderer.camera)
    left, top, width, height = _window(box, renderer.camera)
    seen = renderer.frame(frame, window=(left, top, width, height))
    # The kiosk cuts the whole box and reduces it; what is above the window may be anything.
    within = np.array([box[0] - left, box[1] - top, box[2], box[3]])
    whole = face_at(seen, within, (round(box[2]), round(box[3])))
    return np.ascontiguousarray(reduced(whole, SIZE)[TOP:])


def _window(box: Box, camera: Camera) -> tuple[int, int, int, int]:
    """Left, top, width and height of the rows that are kept, in whole pixels of the picture."""
    x, y, width, height = box
    above = int(TOP / SIZE * height)
    left, top = int(x) - _MARGIN_PX, int(y) + above - _MARGIN_PX
    right = min(camera.width_px, int(x + width) + 1 + _MARGIN_PX)
    bottom = min(camera.height_px, int(y + height) + 1 + _MARGIN_PX)
    left, top = max(0, left), max(0, top)
    return left, top, right - left, bottom - top


def render(
    every: Sequence[Sitting],
    folder: Path,
    *,
    workers: int,
    report: Callable[[float, float], None],
    until_s: float = float("inf"),
) -> int:
    """Render the sittings that are not there yet.

    Args:
        every: All of them.
        folder: Where to.
        workers: Processes.
        report: Told (sittings there, of how many).
        until_s: Seconds after which it is enough, whatever is missing.

    Returns:
        How many are there now.

    Raises:
        MediaError: A process ended early.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [sitting for sitting in every if not _file(folder, sitting.number).exists()]
    begun_s = time.monotonic()
    context = multiprocessing.get_context("spawn")  # GL contexts do not survive a fork
    processes = [
        context.Process(target=_work, args=(missing[index::workers], folder), daemon=True)
        for index in range(workers)
    ]
    for process in processes:
        process.start()
    try:
        while any(process.is_alive() for process in processes):
            time.sleep(_POLL_S)
            report(_there(every, folder), len(every))
            if time.monotonic() - begun_s > until_s:
                break
        else:
            if any(process.exitcode for process in processes):
                raise MediaError("A process that draws faces ended early.", where=folder,
                                 remedy="Run it again; it goes on where it was.")  # fmt: skip
    finally:
        for process in processes:
            process.terminate()
            process.join()
    return _there(every, folder)


def _there(every: Sequence[Sitting], folder: Path) -> int:
    return sum(_file(folder, sitting.number).exists() for sitting in every)


def _work(mine: list[Sitting], folder: Path) -> None:
    os.environ.setdefault("LP_NUM_THREADS", "1")
    from studio.portrait.renderer import Renderer

    @functools.cache
    def renderer(name: str) -> Renderer:
        return Renderer(CAMERAS[name].scaled(HEIGHTS_PX[name]))

    for sitting in mine:
        camera = renderer(sitting.camera)
        resting = LOOPS[sitting.loop].frame(sitting.frame)
        reference = face_of(camera, resting)
        drawn = [face_of(camera, pose(resting, code)) for code in sitting.codes]
        path = _file(folder, sitting.number)
        part = path.with_name(f".{path.stem}.part.npz")
        np.savez(
            part,
            reference=reference,
            targets=np.stack(drawn)[:, SIZE // 2 - TOP :],
            codes=sitting.codes,
            camera=np.array(sitting.camera),
        )
        part.replace(path)


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:05d}.npz"


@dataclass(frozen=True, slots=True)
class Faces:
    """What was rendered.

    Attributes:
        references: Rows TOP to SIZE of resting faces, BGR, (n, SIZE - TOP, SIZE, 3).
        targets: Rows SIZE/2 to SIZE of speaking ones, (m, SIZE/2, SIZE, 3).
        codes: Their mouths, (m, 8).
        sitting: Which reference each target belongs to, (m,).
    """

    references: Pixels
    targets: Pixels
    codes: Code
    sitting: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.targets)


def read_faces(folder: Path, numbers: Callable[[int], bool] = lambda _: True) -> Faces:
    """What was rendered so far.

    Args:
        folder: Where it is.
        numbers: Which sittings are wanted.

    Raises:
        BadInput: There is nothing.
    """
    rows: dict[str, list[NDArray[Any]]] = {"reference": [], "targets": [], "codes": []}
    for path in sorted(folder.glob("[0-9]*.npz")):
        if numbers(int(path.stem)):
            with np.load(path) as file:
                for name, values in rows.items():
                    values.append(file[name])
    if not rows["codes"]:
        raise BadInput("There are no faces yet.", where=folder, remedy="Run `faces` first.")
    counts = [len(codes) for codes in rows["codes"]]
    return Faces(
        np.stack(rows["reference"]),
        np.concatenate(rows["targets"]),
        np.concatenate(rows["codes"]),
        np.repeat(np.arange(len(counts)), counts),
    )


def shuffled(count: int, seed: int) -> list[int]:
    """Numbers in an order in which any beginning is a fair sample."""
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return order


__all__ = ["CODE", "MOUTHS", "SIZE", "TOP", "Faces", "Sitting", "face_of", "mouths_of_speech",
           "read_faces", "render", "shuffled", "sittings"]  # fmt: skip
