"""Where staff say the face is: one box in persona.toml, or a JSON file with one for each frame."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.errors import MediaError
from kiosk.video.faces.tracking import Boxes, checked, find_boxes, smoothed
from kiosk.video.loop import LOOP_FPS, LoopReader

# Boxes in files are often whole pixels; half of these steps' noise goes, and no nod is flattened.
_SMOOTHING_FRAMES = 2.0


@dataclass(frozen=True, slots=True)
class FaceBox:
    """One box for the whole loop: brow to just below the chin, ear to ear.

    Attributes:
        x: Left edge; in shares of the picture where all four numbers are at most 1, else in pixels.
        y: Upper edge.
        width: Above 0.
        height: Above 0.
    """

    x: float
    y: float
    width: float
    height: float

    def boxes(self, size: tuple[int, int], frame_count: int, where: Path) -> Boxes:
        """The same box for every frame.

        Args:
            size: (width, height) of the loop, pixels.
            frame_count: Frames of the loop.
            where: The loop, for messages.

        Raises:
            MediaError: The box is too small, or does not lie in the picture.
        """
        box = np.array(astuple(self))
        if box.max() <= 1:
            box = box * np.array([*size, *size])
        return checked(np.tile(box, (frame_count, 1)), size, where)


def boxes_for(loop: Path, place: Path | FaceBox | None) -> Boxes:
    """Face boxes of a loop: as told, else from ``<loop>.faces.json`` beside it, else detected.

    Args:
        loop: Video file.
        place: A JSON file (see ``load_boxes``) or one box; None if nothing was told.

    Raises:
        MediaError: The file or the box is wrong; or no face, two faces, a face that looks away or
            too small a face is found.
    """
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        size, count = (reader.info.width, reader.info.height), reader.info.frame_count
        if isinstance(place, FaceBox):
            return place.boxes(size, count, loop)
        beside = loop.with_name(f"{loop.stem}.faces.json")
        given = place or (beside if beside.is_file() else None)
        if given is not None:
            return smoothed(load_boxes(given, size, count), _SMOOTHING_FRAMES)
        return find_boxes(reader, loop)


def load_boxes(path: Path, size: tuple[int, int], frame_count: int) -> Boxes:
    """Read ``{"fps", "size", "frames", "face_box_xywh": [[x, y, w, h], ...]}``.

    Args:
        path: JSON file.
        size: (width, height) of the loop, pixels.
        frame_count: Frames of the loop at ``LOOP_FPS``.

    Raises:
        MediaError: The file is missing or not of this form, or belongs to another loop.
    """
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MediaError(
            "There is no such file of face boxes.", where=path, remedy="Check the name."
        ) from error
    except (OSError, ValueError) as error:
        raise MediaError(
            "The file is not readable as JSON.", where=path, remedy="Restore or delete it."
        ) from error

    def refuse(what: str) -> MediaError:
        return MediaError(what, where=path, remedy="Correct it, or delete the file to find faces.")

    if not isinstance(content, dict):
        raise refuse("The file must hold a JSON object.")
    try:
        rows = np.array(content["face_box_xywh"], dtype=np.float64)
        fps = float(content.get("fps", LOOP_FPS))
        loop_size = tuple(int(side) for side in content.get("size", size))
    except KeyError as error:
        raise refuse("The key 'face_box_xywh' is missing.") from error
    except (TypeError, ValueError) as error:
        raise refuse(f"A value is not a number ({error}).") from error
    if rows.ndim != 2 or rows.shape[1] != 4 or len(rows) == 0:
        raise refuse("'face_box_xywh' must be a list of [x, y, width, height], one for each frame.")
    if loop_size != size:
        raise refuse(f"'size' is {list(loop_size)}, and the loop has {list(size)}.")
    if not np.isfinite(rows).all() or not np.isfinite(fps) or fps <= 0:
        raise refuse("All values must be finite, and 'fps' above 0.")
    if fps != LOOP_FPS:
        wanted_s = (np.arange(frame_count) + 0.5) / LOOP_FPS
        rows = rows[np.minimum((wanted_s * fps + 1e-6).astype(int), len(rows) - 1)]
    if len(rows) != frame_count:
        raise refuse(f"It has boxes for {len(rows)} frames, and the loop has {frame_count}.")
    return checked(rows, size, path)
