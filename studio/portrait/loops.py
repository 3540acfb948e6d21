"""Renders a whole loop to a film, frame by frame; an interrupted run goes on where it was."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.video.film import FilmWriter
from studio.portrait.camera import Camera
from studio.portrait.face_track import write_face_track
from studio.portrait.inbetween import (
    KEY_EVERY,
    Key,
    eyes_to_draw,
    eyes_window,
    laid_in,
    morph,
)
from studio.portrait.motion import FPS, LOOPS, Loop
from studio.portrait.parameters import Frame

if TYPE_CHECKING:
    from studio.portrait.renderer import Renderer

Report = Callable[[float, float], None]
"""Told (frames done, of how many)."""

POLL_S = 0.5
FASTEST_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1)


@dataclass(frozen=True)
class Rendered:
    """What a run made.

    Attributes:
        film: The loop, H.264 without sound.
        face_track: Its face boxes.
        frames_rendered: Frames drawn in this run; the others were there from an earlier one.
        seconds: Time this run took.
    """

    film: Path
    face_track: Path
    frames_rendered: int
    seconds: float


def render_loop(
    loop: Loop,
    camera: Camera,
    film: Path,
    *,
    key_every: int = KEY_EVERY,
    workers: int = 1,
    report: Report = lambda *_: None,
) -> Rendered:
    """Render a loop, its film and its face track.

    Finished frames wait in a folder beside the film until all are there. The folder's name holds
    a digest of loop, camera and the studio's own code, so frames of two portraits never meet.

    Args:
        loop: What she does.
        camera: Format and size.
        film: The MP4 file; the face track is written beside it.
        key_every: Frames from one drawn frame to the next; those between are morphed. 1: every
            frame is drawn.
        workers: Processes. Without a GPU, one draws with every core; several, with one core each,
            are faster, because reading back and storing overlap with drawing.

    Raises:
        MediaError: Frames or film cannot be written.
    """
    started_s = time.monotonic()
    folder = film.with_name(f".{film.name}.{_digest(loop, camera, key_every)}.frames")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(f"The folder for frames cannot be made: {error}.", where=folder) from error
    missing = [i for i in range(loop.frame_count) if not _frame_file(folder, i).exists()]
    _render_frames(_Work(loop, camera, folder, key_every), missing, workers, report)
    with FilmWriter(film, camera.width_px, camera.height_px, FPS, None) as writer:
        for index in range(loop.frame_count):
            writer.add_frame(_read_frame(_frame_file(folder, index)))
    track = film.with_suffix(".faces.json")
    write_face_track(track, camera, [loop.frame(i).pose for i in range(loop.frame_count)])
    shutil.rmtree(folder)
    return Rendered(film, track, len(missing), time.monotonic() - started_s)


@dataclass(frozen=True)
class _Work:
    """What every worker is told."""

    loop: Loop
    camera: Camera
    folder: Path
    key_every: int

    def told(self) -> tuple[str, Camera, Path, int]:
        """The same for another process; a loop's curves cannot be sent, its name can."""
        return self.loop.name, self.camera, self.folder, self.key_every


def _render_frames(work: _Work, missing: list[int], workers: int, report: Report) -> None:
    count = work.loop.frame_count
    done_before = count - len(missing)
    report(done_before, count)
    if workers <= 1:
        for done, _ in enumerate(_drawn(work, missing), start=1):
            report(done_before + done, count)
        return
    context = multiprocessing.get_context("spawn")  # GL contexts do not survive a fork
    processes = [
        context.Process(target=_draw_share, args=(*work.told(), share))
        for share in _shares(missing, workers, work.key_every)
    ]
    for process in processes:
        process.start()
    try:
        while any(process.is_alive() for process in processes):
            time.sleep(POLL_S)
            left = sum(not _frame_file(work.folder, i).exists() for i in missing)
            report(count - left, count)
    finally:
        for process in processes:
            process.terminate()
            process.join()
    if any(process.exitcode for process in processes):
        raise MediaError("A process that draws frames ended early.", where=work.folder,
                         remedy="Run the command again; it goes on where it was.")  # fmt: skip


def _shares(missing: list[int], workers: int, key_every: int) -> list[list[int]]:
    """Stretches of the loop, cut between keys: neighbours share a key only where they meet."""
    spans = sorted({index // key_every for index in missing})
    cuts = np.array_split(np.array(spans), workers)
    return [
        [index for index in missing if index // key_every in set(cut.tolist())]
        for cut in cuts
        if len(cut)
    ]


def _draw_share(
    loop_name: str, camera: Camera, folder: Path, key_every: int, indices: list[int]
) -> None:
    """One worker process; on a machine without a GPU it draws with one core."""
    os.environ.setdefault("LP_NUM_THREADS", "1")
    cv2.setNumThreads(1)
    for _ in _drawn(_Work(LOOPS[loop_name], camera, folder, key_every), indices):
        pass


def _drawn(work: _Work, indices: list[int]) -> Iterator[int]:
    """Draw or morph the frames; yields the number of each that lies in the folder."""
    from studio.portrait.renderer import Renderer

    if not indices:
        return
    renderer = Renderer(work.camera)
    keys: dict[int, Key] = {}

    def key(index: int) -> Key:
        if index not in keys:
            for old in [known for known in keys if known < index - work.key_every]:
                del keys[old]  # tens of megabytes each
            keys[index] = renderer.key(_frame_at(work.loop, index))
        return keys[index]

    for index in indices:
        first = index - index % work.key_every
        if index == first:
            picture = renderer.finished(key(first))
        else:
            last = min(first + work.key_every, work.loop.frame_count)
            picture = _between(renderer, key(first), key(last), work.loop.frame(index),
                               (index - first) / (last - first))  # fmt: skip
        _write_frame(_frame_file(work.folder, index), picture)
        yield index
    renderer.close()


def _frame_at(loop: Loop, index: int) -> Frame:
    """Frame `index`; the one after the last is the first again."""
    return loop.frame(index % loop.frame_count)


def _between(
    renderer: Renderer, before: Key, after: Key, frame: Frame, share: float
) -> NDArray[np.uint8]:
    """A morphed frame; lids and gaze are drawn where they move."""
    picture = renderer.finished(morph(before, after, share, frame, renderer.camera))
    if eyes_to_draw(before.frame, after.frame, frame):
        window = eyes_window(frame.pose, renderer.camera)
        laid_in(picture, renderer.frame(frame, window), window)
    return picture


def _frame_file(folder: Path, index: int) -> Path:
    return folder / f"{index:05d}.png"


def _write_frame(path: Path, bgr: NDArray[np.uint8]) -> None:
    """All or nothing: a frame that is there is whole."""
    part = path.with_suffix(".part.png")
    if not cv2.imwrite(str(part), bgr, FASTEST_PNG):
        raise MediaError("A frame cannot be written.", where=part, remedy="Is the disk full?")
    os.replace(part, path)


def _read_frame(path: Path) -> NDArray[np.uint8]:
    bgr = cv2.imread(str(path))
    if bgr is None:
        raise MediaError("A rendered frame cannot be read.", where=path,
                         remedy="Delete it and run the command again.")  # fmt: skip
    return np.asarray(bgr, dtype=np.uint8)


def _digest(loop: Loop, camera: Camera, key_every: int) -> str:
    """Changes with anything that changes a pixel."""
    told = hashlib.sha256(repr((loop.name, camera, key_every)).encode())
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *(here / "shaders").iterdir()]):
        told.update(path.read_bytes())
    return told.hexdigest()[:12]
