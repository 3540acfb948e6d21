"""The person's face in every frame of footage, cut out once and kept on disk.

Each picture is cut with a margin around the model's square, so that a training step can shift it by
whole pixels: a shift by fractions would blur what the model shall learn to draw sharply.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import BadInput, MediaError
from kiosk.lipsync.prepare import face_at, median_size, reduced
from kiosk.video.faces import boxes_for
from kiosk.video.loop import LoopReader, open_loop

MARGIN = 8
"""Pixels of the model's picture kept on each side of its square."""

Pictures = NDArray[np.uint8]
"""BGR, shape (frames, S + 2 * MARGIN, S + 2 * MARGIN, 3), mapped from disk."""

Progress = Callable[[float, float], None]

_FORMAT = 2  # raise it whenever the stored arrays change
_SPARE_BYTES = 200 * 2**20


def cut_faces(film: Path, size: int, folder: Path, progress: Progress) -> Pictures:
    """Pictures of a film's face, from the folder or cut out now.

    A film that was cut out completely is never cut again, so an interrupted run loses one film at
    most.

    Args:
        film: Footage or idle loop.
        size: Side S of the model's face.
        folder: Where data sets are kept.
        progress: Told (frames done, frames in all).

    Raises:
        MediaError: No face, two faces, too small a face, a damaged film.
        BadInput: The disk is too small.
    """
    place = folder / f"{film.stem}-{_digest(film, size)}"
    if not (place / "faces.npy").is_file():
        frame_count = open_loop(film).frame_count
        _require_space(folder, frame_count, size)
        boxes = boxes_for(film, None)
        draft = folder / f".{place.name}.part"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            _cut(film, boxes, size, draft / "faces.npy", progress)
            meta = {"film": film.name, "size": size, "box_px": median_size(boxes)}
            (draft / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
            os.replace(draft, place)
        except OSError as error:
            raise _disk_refused(folder, error) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    pictures: Pictures = np.load(place / "faces.npy", mmap_mode="r")
    return pictures


def _cut(
    film: Path, boxes: NDArray[np.float64], size: int, target: Path, progress: Progress
) -> None:
    whole = size + 2 * MARGIN
    planned = median_size(boxes)
    pictures = np.lib.format.open_memmap(
        target, mode="w+", dtype=np.uint8, shape=(len(boxes), whole, whole, 3)
    )
    with LoopReader(film, out_format="bgr", keep_mib=0) as reader:
        for done, box in enumerate(boxes):
            _, frame = reader.next()
            pictures[done] = cut_out(frame, box, planned, size)
            progress(done + 1, len(boxes))
    pictures.flush()


def cut_out(
    frame: NDArray[np.uint8], box: NDArray[np.float64], planned: tuple[int, int], size: int
) -> NDArray[np.uint8]:
    """The box of a frame as S x S pixels, with the margin around it, as the kiosk cuts its loop.

    Args:
        frame: BGR, shape (height, width, 3); beyond its border the last pixels are repeated.
        box: x, y, width, height, fractions of pixels.
        planned: Width and height that the boxes of the film have about.
        size: Side S.
    """
    share = MARGIN / size
    x, y, width, height = (float(side) for side in box)
    wider = np.array(
        [x - share * width, y - share * height, (1 + 2 * share) * width, (1 + 2 * share) * height]
    )
    across, down = (round(side * (1 + 2 * share)) for side in planned)
    return reduced(face_at(frame, wider, (across, down)), size + 2 * MARGIN)


def _digest(film: Path, size: int) -> str:
    """Changes with the film, its boxes and the size."""
    digest = hashlib.sha256(f"{_FORMAT} {size}".encode())
    for path in (film, film.with_name(f"{film.stem}.faces.json")):
        if path.is_file():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def _require_space(folder: Path, frame_count: int, size: int) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise _disk_refused(folder, error) from error
    needed = frame_count * (size + 2 * MARGIN) ** 2 * 3 + _SPARE_BYTES
    if free < needed:
        raise BadInput(
            f"The disk has {free / 1e9:.1f} GB free, and the footage's faces need "
            f"{needed / 1e9:.1f} GB.",
            where=folder,
            remedy="Make room, name an --out on a larger disk, or train a smaller --size.",
        )


def _disk_refused(folder: Path, error: OSError) -> MediaError:
    return MediaError(
        f"The faces cannot be kept ({error.strerror or error}).",
        where=folder,
        remedy="Make room on the disk, or name an --out in a folder that may be written.",
    )
