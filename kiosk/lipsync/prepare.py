"""Everything about the loop that lips need, computed once before the first visitor.

The box is snapped to whole pixels, of one even size for the whole loop. A patch can then replace
pixels of the loop without moving any of them. What the snapping costs, half a pixel of the loop,
the model sees as a face shifted by a fraction of its own coarser pixels, in the crop and in the
paste alike, so nothing trembles. (An affine warp at fractions of a pixel takes twelve times as long
as a resize, and would blur the loop's own pixels.)
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.lipsync.window import MouthWindow, lower_half
from kiosk.video.faces import Boxes, best_detector_file, boxes_for
from kiosk.video.loop import LoopReader, open_loop

log = logging.getLogger(__name__)

_FORMAT = "1"  # of the cache; raise it whenever the arrays change
_KEPT_LOOPS = 4
# A larger loop is mapped from disk and not held in memory. Not every loop is: a disk that fails
# under a mapped file kills the process.
_HELD_BYTES = 256 * 2**20
LONGEST_LOOP_FRAMES = 3000
"""Two minutes; a longer loop would fill the disk with prepared frames."""


@dataclass(frozen=True, slots=True)
class PreparedLoop:
    """Attributes:
    corners: x and y of each frame's patch in the loop, int, shape (n, 2).
    skin: The loop's own pixels there, BGR, uint8, shape (n, height, width, 3).
    faces: The whole box as the model sees it, BGR planes, uint8, shape (n, 3, S, S).

    A patch is the lower half of the face box.
    """

    corners: NDArray[np.int64]
    skin: NDArray[np.uint8]
    faces: NDArray[np.uint8]

    @property
    def frame_count(self) -> int:
        return len(self.skin)

    @property
    def window(self) -> MouthWindow:
        """The part of the model's picture that a patch shows."""
        return lower_half(self.faces.shape[2])


def snapped(boxes: Boxes, size: tuple[int, int]) -> NDArray[np.int64]:
    """Boxes at whole pixels, all of the median's (even) size, inside a picture of ``size``."""
    width, height = (int(side) & ~1 for side in np.rint(np.median(boxes[:, 2:], axis=0)))
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    corners = np.rint(centres - np.array([width, height]) / 2).astype(np.int64)
    corners = np.clip(corners, 0, np.array(size) - np.array([width, height]))
    return np.concatenate([corners, np.full_like(corners, (width, height))], axis=1)


def prepare_loop(
    loop: Path, boxes: Path | None, face_size: int, cache_dir: Path | None
) -> PreparedLoop:
    """Cut the faces out of a loop, or find them in the cache.

    Args:
        loop: Video file.
        boxes: JSON with face boxes; None: beside the loop, or detected.
        face_size: Side S of the model's face.
        cache_dir: Folder for prepared loops; None to prepare anew.

    Raises:
        MediaError: The loop or its boxes cannot be used.
    """
    if cache_dir is None:
        return _prepared(loop, boxes, face_size)
    folder = cache_dir / "lips" / _digest(loop, boxes, face_size)
    cached = _load(folder)
    if cached is not None:
        return cached
    prepared = _prepared(loop, boxes, face_size)
    try:
        _store(prepared, folder)
    except OSError as error:
        # A full disk costs the next start a second, and nothing else.
        log.warning("prepared lips are not kept: %s", error.strerror)
        return prepared
    return _load(folder) or prepared


def _prepared(loop: Path, boxes: Path | None, face_size: int) -> PreparedLoop:
    info = open_loop(loop)
    if info.frame_count > LONGEST_LOOP_FRAMES:
        raise MediaError(
            f"The loop has {info.frame_count} frames, and at most {LONGEST_LOOP_FRAMES} can be "
            "prepared.",
            where=loop,
            remedy="Cut it shorter; ten seconds are plenty.",
        )
    found = snapped(boxes_for(loop, boxes), (info.width, info.height))
    width, height = (int(side) for side in found[0, 2:])
    skin = np.empty((len(found), height // 2, width, 3), dtype=np.uint8)
    faces = np.empty((len(found), 3, face_size, face_size), dtype=np.uint8)
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        for x, y in found[:, :2]:
            index, frame = reader.next()
            box = frame[y : y + height, x : x + width]
            skin[index] = box[height // 2 :]
            faces[index] = reduced(box, face_size).transpose(2, 0, 1)
    corners = found[:, :2] + np.array([0, height // 2])
    return PreparedLoop(corners, skin, faces)


def reduced(box: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A face box as the model sees it: uint8, shape (side, side, 3)."""
    shrinks = side < min(box.shape[:2])
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    small: NDArray[np.uint8] = cv2.resize(box, (side, side), interpolation=interpolation)
    return small


def _digest(loop: Path, boxes: Path | None, face_size: int) -> str:
    """Changes with whatever the arrays depend on."""
    digest = hashlib.sha256(f"{_FORMAT} {face_size} {best_detector_file()}".encode())
    beside = loop.with_name(f"{loop.stem}.faces.json")
    for path in (loop, boxes or beside):
        if path.is_file():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:32]


def _load(folder: Path) -> PreparedLoop | None:
    files = [folder / f"{name}.npy" for name in ("corners", "skin", "faces")]
    try:
        large = sum(file.stat().st_size for file in files) > _HELD_BYTES
        arrays = [np.load(file, mmap_mode="r" if large else None) for file in files]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError) as error:
        log.warning("prepared lips are damaged and made again: %s", error)
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return PreparedLoop(*arrays)


def _store(prepared: PreparedLoop, folder: Path) -> None:
    """Write to a folder beside and rename it, so that a half-written cache is never read."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    try:
        np.save(draft / "corners.npy", prepared.corners)
        np.save(draft / "skin.npy", prepared.skin)
        np.save(draft / "faces.npy", prepared.faces)
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    others = sorted(
        (path for path in folder.parent.iterdir() if path != folder),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for stale in others[_KEPT_LOOPS - 1 :]:
        shutil.rmtree(stale, ignore_errors=True)
