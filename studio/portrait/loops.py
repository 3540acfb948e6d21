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

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from studio.portrait.camera import Camera
from studio.portrait.encoding import encode
from studio.portrait.face_track import write_face_track
from studio.portrait.motion import Loop

Report = Callable[[float, float], None]
"""Told (frames done, of how many)."""

POLL_S = 0.5
_NO_PIXELS = {"encoding.py", "face_track.py", "loops.py", "sheets.py"}
FASTEST_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1)


@dataclass(frozen=True)
class Rendered:
    """What a run made.

    Attributes:
        film: The loop, H.264 without sound.
        face_track: Its face boxes.
        frames_rendered: Frames drawn in this run; the others were there from an earlier one.
        crf: Quality of the film, as x264 counts: more is worse.
        seconds: Time this run took.
    """

    film: Path
    face_track: Path
    frames_rendered: int
    crf: int
    seconds: float


def render_loop(
    loop: Loop, camera: Camera, film: Path, *, workers: int = 1, report: Report = lambda *_: None
) -> Rendered:
    """Render a loop, its film and its face track.

    Finished frames wait in a folder beside the film until all are there. The folder's name holds
    a digest of loop, camera and the studio's own code, so frames of two portraits never meet.

    Args:
        loop: What she does.
        camera: Format and size.
        film: The MP4 file; the face track is written beside it.
        workers: Processes. Without a GPU, one draws with every core; several, with one core each,
            are faster, because reading back and storing overlap with drawing.

    Raises:
        MediaError: Frames or film cannot be written.
    """
    started_s = time.monotonic()
    folder = film.with_name(f".{film.name}.{_digest(loop, camera)}.frames")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaError(f"The folder for frames cannot be made: {error}.", where=folder) from error
    missing = [i for i in range(loop.frame_count) if not _frame_file(folder, i).exists()]
    _render_frames(loop, camera, folder, missing, workers, report)

    def frames() -> Iterator[NDArray[np.uint8]]:
        return (_read_frame(_frame_file(folder, index)) for index in range(loop.frame_count))

    crf = encode(film, frames, loop.frame_count, (camera.width_px, camera.height_px))
    track = film.with_suffix(".faces.json")
    write_face_track(track, camera, [loop.frame(i).pose for i in range(loop.frame_count)])
    shutil.rmtree(folder)
    return Rendered(film, track, len(missing), crf, time.monotonic() - started_s)


def _render_frames(
    loop: Loop, camera: Camera, folder: Path, missing: list[int], workers: int, report: Report
) -> None:
    done_before = loop.frame_count - len(missing)
    report(done_before, loop.frame_count)
    if workers <= 1:
        for count, _ in enumerate(_drawn(loop, camera, folder, missing), start=1):
            report(done_before + count, loop.frame_count)
        return
    context = multiprocessing.get_context("spawn")  # GL contexts do not survive a fork
    shares = [missing[i::workers] for i in range(workers)]
    processes = [
        context.Process(target=_work, args=(loop.name, camera, folder, share))
        for share in shares
        if share
    ]
    for process in processes:
        process.start()
    try:
        while any(process.is_alive() for process in processes):
            time.sleep(POLL_S)
            left = sum(not _frame_file(folder, i).exists() for i in missing)
            report(loop.frame_count - left, loop.frame_count)
    finally:
        for process in processes:
            process.terminate()
            process.join()
    if any(process.exitcode for process in processes):
        raise MediaError("A process that draws frames ended early.", where=folder,
                         remedy="Run the command again; it goes on where it was.")  # fmt: skip


def _work(loop_name: str, camera: Camera, folder: Path, indices: list[int]) -> None:
    """One worker process; on a machine without a GPU it draws with one core."""
    os.environ.setdefault("LP_NUM_THREADS", "1")
    from studio.portrait.motion import LOOPS

    for _ in _drawn(LOOPS[loop_name], camera, folder, indices):
        pass


def _drawn(loop: Loop, camera: Camera, folder: Path, indices: list[int]) -> Iterator[int]:
    """Draw the frames; yields the number of each that lies in the folder."""
    from studio.portrait.renderer import Renderer

    if not indices:
        return
    renderer = Renderer(camera)
    for index in indices:
        _write_frame(_frame_file(folder, index), renderer.frame(loop.frame(index)))
        yield index
    renderer.close()


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


def _digest(loop: Loop, camera: Camera) -> str:
    """Changes with anything that changes a pixel."""
    told = hashlib.sha256(repr((loop.name, camera)).encode())
    here = Path(__file__).parent
    code = [path for path in here.glob("*.py") if path.name not in _NO_PIXELS]
    for path in sorted([*code, *(here / "shaders").iterdir()]):
        told.update(path.read_bytes())
    return told.hexdigest()[:12]
