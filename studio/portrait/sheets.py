"""Contact sheets: what an art director looks at before a loop is rendered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from studio.portrait.camera import Camera
from studio.portrait.face_track import face_box
from studio.portrait.motion import LISTENING, SEAM, THINKING
from studio.portrait.parameters import VISEMES, Frame, Pose
from studio.portrait.renderer import Renderer

_LARGEST_BYTES = 400_000  # a sheet in docs/ shall not make the repository heavy
_FRONT = Pose(yaw=0.0, roll=0.0)


@dataclass(frozen=True)
class Tile:
    """One picture of a sheet."""

    label: str
    frame: Frame


def _face(**values: float) -> Frame:
    return replace(SEAM, face=replace(SEAM.face, **values))


SHEETS: Mapping[str, tuple[Tile, ...]] = MappingProxyType(
    {
        "visemes": tuple(Tile(name, SEAM.saying(mouth)) for name, mouth in VISEMES.items()),
        "expressions": (
            Tile("rest", SEAM),
            Tile("smile", _face(smile=1.0, squint=0.35)),
            Tile("blink, half", _face(blink=0.55)),
            Tile("blink", _face(blink=1.0)),
            Tile("listening", LISTENING.at(3.4)),
            Tile("thinking", THINKING.at(3.2)),
            Tile("front", Frame(_FRONT, replace(SEAM.face, gaze_x=0.0))),
            Tile("front, AA", Frame(_FRONT, replace(SEAM.face, gaze_x=0.0)).saying(VISEMES["AA"])),
        ),
        "picture": (Tile("", SEAM),),
    }
)
"""`picture` is the whole frame; the others show the face."""


def draw_sheet(renderer: Renderer, name: str) -> Iterable[NDArray[np.uint8]]:
    """The tiles of a sheet, one after another, labelled."""
    for tile in SHEETS[name]:
        picture = renderer.frame(tile.frame)
        if name != "picture":
            picture = _face_of(picture, tile.frame.pose, renderer.camera)
            _label(picture, tile.label)
        yield picture


def compose(tiles: list[NDArray[np.uint8]], columns: int) -> NDArray[np.uint8]:
    """Tiles of one size side by side, row by row."""
    while len(tiles) % columns:
        tiles = [*tiles, np.zeros_like(tiles[0])]
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    return np.asarray(np.vstack(rows), dtype=np.uint8)


def write_jpeg(path: Path, bgr: NDArray[np.uint8]) -> None:
    """Write a picture as the best JPEG that stays under the limit for docs/."""
    for quality in range(95, 40, -5):
        _, encoded = cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, quality))
        if encoded.nbytes <= _LARGEST_BYTES:
            break
    try:
        path.write_bytes(encoded.tobytes())
    except OSError as error:
        raise MediaError(f"The picture cannot be written: {error}.", where=path) from error


def _face_of(picture: NDArray[np.uint8], pose: Pose, camera: Camera) -> NDArray[np.uint8]:
    """A square a little higher than the face box, kept inside the picture."""
    x, y, width, height = face_box(pose, camera)
    grow = 0.07 * height
    size = round(height + 2 * grow)
    left = int(np.clip(x - (size - width) / 2, 0, camera.width_px - size))
    top = int(np.clip(y - 2.5 * grow, 0, camera.height_px - size))
    return np.ascontiguousarray(picture[top : top + size, left : left + size])


def _label(picture: NDArray[np.uint8], text: str) -> None:
    scale = picture.shape[0] / 500
    for colour, thickness in (((0, 0, 0), 3), ((235, 235, 235), 1)):
        cv2.putText(
            picture, text, (round(10 * scale), round(28 * scale)), cv2.FONT_HERSHEY_SIMPLEX,
            0.8 * scale, colour, max(1, round(thickness * scale)), cv2.LINE_AA,
        )  # fmt: skip
