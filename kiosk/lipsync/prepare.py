"""Everything about the loop that lips need, computed once before the first visitor.

The face box moves by fractions of a pixel. The picture for the model is cut out there, warped; that
costs nothing at run time. The patch that is laid over the loop lies at whole pixels, so that the
loop's own pixels never move and are never blurred; only what the model changes is placed by
fractions, see ``placement``.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.lipsync import store
from kiosk.lipsync.mask import MouthPlace, find_mouth, mouth_mask, support
from kiosk.lipsync.paste import Detail, Grain, detail_of, grain_of
from kiosk.lipsync.window import MouthWindow
from kiosk.video.faces import Boxes, FaceBox, best_detector_file, boxes_for
from kiosk.video.loop import LoopInfo, LoopReader, open_loop
from kiosk.video.seam import SeamMeter

log = logging.getLogger(__name__)

_FORMAT = "3"  # of the cache; raise it whenever the arrays change
_LOOKED_AT = 8  # frames from which mouth and detail are taken; a resting face hardly changes
_CUBIC_REACH = 2  # pixels of the small picture on each side that interpolation reads
LONGEST_LOOP_FRAMES = 3000
"""Two minutes; a longer loop would fill the disk with prepared frames."""


@dataclass(frozen=True, slots=True)
class PreparedLoop:
    """A loop, ready for lips. A patch is the rectangle round the mask of mouth and chin.

    Attributes:
        boxes: Each frame's face box in the loop: x, y, width, height, float64, shape (n, 4).
        corners: x and y of each frame's patch in the loop, int, shape (n, 2).
        skin: The loop's own pixels there, BGR, uint8, shape (n, height, width, 3).
        lines: What of them is finer than the model's picture, int8, same shape: lips and outlines.
        texture: The rest of that, same shape.
        faces: The whole box as the model sees it, BGR planes, uint8, shape (n, 3, S, S).
        mask: How much of a change each pixel of a patch takes over, 0..1, shape (height, width).
        mouth: Where the mouth is in a patch.
        detail: How fine the loop is.
        window: The part of the model's picture that a patch shows.
    """

    boxes: Boxes
    corners: NDArray[np.int64]
    skin: NDArray[np.uint8]
    lines: NDArray[np.int8]
    texture: NDArray[np.int8]
    faces: NDArray[np.uint8]
    mask: NDArray[np.float32]
    mouth: MouthPlace
    detail: Detail
    window: MouthWindow

    @property
    def frame_count(self) -> int:
        return len(self.skin)

    @property
    def small_mask(self) -> NDArray[np.float32]:
        """The mask in pixels of the window, shape (window.height, window.width)."""
        onto_window = cv2.invertAffineTransform(self.placement(0))
        small = cv2.warpAffine(
            # Averaged first, because a warp to fewer pixels would only pick some.
            cv2.blur(self.mask, (3, 3)),
            onto_window,
            (self.window.width, self.window.height),
        )
        return np.asarray(small, dtype=np.float32)

    def grain(self, index: int) -> Grain:
        """What one frame shows finer than the model's picture."""
        return Grain(self.lines[index], self.texture[index])

    def placement(self, index: int) -> NDArray[np.float64]:
        """Affine map from the window's pixels to those of a patch, shape (2, 3)."""
        return _placement(self.boxes[index], self.corners[index], self.faces.shape[2], self.window)


def prepare_loop(
    loop: Path, place: Path | FaceBox | None, face_size: int, cache_dir: Path | None
) -> PreparedLoop:
    """Cut the faces out of a loop, or find them in the cache.

    A seam that shows is logged as a warning: a portrait that twitches once in a round is better
    than none. Those who build a loop are refused, see ``kiosk.video.seam.require_seamless``.

    Args:
        loop: Video file.
        place: JSON with face boxes, or one box; None: beside the loop, or detected.
        face_size: Side S of the model's face.
        cache_dir: Folder for prepared loops; None to prepare anew.

    Raises:
        MediaError: The loop or its boxes cannot be used.
    """
    if cache_dir is None:
        return _prepared(loop, place, face_size)
    folder = cache_dir / "lips" / _digest(loop, place, face_size)
    cached = _load(folder)
    if cached is not None:
        return cached
    prepared = _prepared(loop, place, face_size)
    try:
        _store(prepared, folder)
    except OSError as error:
        # A full disk costs the next start a second, and nothing else.
        log.warning("prepared lips are not kept: %s", error.strerror)
        return prepared
    return _load(folder) or prepared


def _prepared(loop: Path, place: Path | FaceBox | None, face_size: int) -> PreparedLoop:
    info = open_loop(loop)
    if info.frame_count > LONGEST_LOOP_FRAMES:
        raise MediaError(
            f"The loop has {info.frame_count} frames, and at most {LONGEST_LOOP_FRAMES} can be "
            "prepared.",
            where=loop,
            remedy="Cut it shorter; ten seconds are plenty.",
        )
    boxes = boxes_for(loop, place)
    size = median_size(boxes)
    mouth, mask = _mouth_of(loop, info, boxes, size)
    rows, columns = support(mask)
    corners = snapped_corners(boxes, size, (info.width, info.height))
    corners += np.array([columns.start, size[1] // 2 + rows.start])
    mask = np.ascontiguousarray(mask[rows, columns])
    height, width = mask.shape
    window = _window(boxes, corners, mask.shape, face_size)

    count = info.frame_count
    skin = np.empty((count, height, width, 3), dtype=np.uint8)
    lines, texture = (np.empty(skin.shape, dtype=np.int8) for _ in range(2))
    faces = np.empty((count, 3, face_size, face_size), dtype=np.uint8)
    detail: Detail | None = None
    seam = SeamMeter()
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        for index in range(count):
            _, frame = reader.next()
            seam.add(frame)
            x, y = corners[index]
            skin[index] = frame[y : y + height, x : x + width]
            face = reduced(face_at(frame, boxes[index], size), face_size)
            faces[index] = face.transpose(2, 0, 1)
            before = face[window.rows, window.columns].astype(np.float32)
            placement = _placement(boxes[index], corners[index], face_size, window)
            detail = detail or detail_of(skin[index], before, placement, mask)
            grain = grain_of(skin[index], before, placement, detail)
            lines[index], texture[index] = grain.lines, grain.texture
    if (measured := seam.result()).shows:
        log.warning("%s: %s", loop.name, measured)
    assert detail is not None  # a loop has a frame
    within = mouth.within(columns.start, rows.start, width)
    return PreparedLoop(boxes, corners, skin, lines, texture, faces, mask, within, detail, window)


def median_size(boxes: Boxes) -> tuple[int, int]:
    """Width and height of the boxes' median, made even: the size that patches are planned in."""
    width, height = (max(2, int(side) & ~1) for side in np.rint(np.median(boxes[:, 2:], axis=0)))
    return width, height


def snapped_corners(
    boxes: Boxes, size: tuple[int, int], picture: tuple[int, int]
) -> NDArray[np.int64]:
    """Upper left corners, at whole pixels, of rectangles of one ``size`` inside a picture."""
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    corners = np.rint(centres - np.array(size) / 2).astype(np.int64)
    return np.clip(corners, 0, np.maximum(np.array(picture) - np.array(size), 0))


def _mouth_of(
    loop: Path, info: LoopInfo, boxes: Boxes, size: tuple[int, int]
) -> tuple[MouthPlace, NDArray[np.float32]]:
    """The mouth and its mask in the lower half of the face box; the same for every frame."""
    step = max(1, info.frame_count // _LOOKED_AT)
    halves = []
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        for _ in range(0, info.frame_count, step):
            index, frame = reader.next()
            reader.skip(step - 1)
            halves.append(face_at(frame, boxes[index], size)[size[1] // 2 :])
    usual = np.median(np.stack(halves), axis=0).astype(np.uint8)
    place = find_mouth(usual)
    return place, mouth_mask(place, len(usual))


def face_at(
    frame: NDArray[np.uint8], box: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Cut a box out at fractions of a pixel.

    Args:
        frame: BGR, shape (height, width, 3).
        box: x, y, width, height, pixels.
        size: (width, height) of the result, about those of the box.
    """
    scale = np.array(size) / box[2:]
    shift = (0.5 - box[:2]) * scale - 0.5
    onto_face = np.array([[scale[0], 0, shift[0]], [0, scale[1], shift[1]]])
    face = cv2.warpAffine(
        frame, onto_face, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(face, dtype=np.uint8)


def reduced(box: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A face box as the model sees it: uint8, shape (side, side, 3)."""
    shrinks = side < min(box.shape[:2])
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    small: NDArray[np.uint8] = cv2.resize(box, (side, side), interpolation=interpolation)
    return small


def _placement(
    box: NDArray[np.float64], corner: NDArray[np.int64], face_size: int, window: MouthWindow
) -> NDArray[np.float64]:
    scale = box[2:] / face_size
    first = np.array([window.left, window.top])
    shift = box[:2] + (first + 0.5) * scale - 0.5 - corner
    return np.array([[scale[0], 0, shift[0]], [0, scale[1], shift[1]]])


def _window(
    boxes: Boxes, corners: NDArray[np.int64], shape: tuple[int, ...], face_size: int
) -> MouthWindow:
    """All pixels of the small picture that any frame's patch reads."""
    scale = face_size / boxes[:, 2:]
    near = (corners + 0.5 - boxes[:, :2]) * scale - 0.5
    far = near + (np.array([shape[1], shape[0]]) - 1) * scale
    left, top = np.floor(near.min(axis=0)).astype(int) - _CUBIC_REACH
    right, bottom = np.ceil(far.max(axis=0)).astype(int) + _CUBIC_REACH + 1
    return MouthWindow(
        top=max(face_size // 2, int(top)),
        bottom=min(face_size, int(bottom)),
        left=max(0, int(left)),
        right=min(face_size, int(right)),
    )


def _digest(loop: Path, place: Path | FaceBox | None, face_size: int) -> str:
    """Changes with whatever the arrays depend on."""
    box = place if isinstance(place, FaceBox) else None
    digest = hashlib.sha256(f"{_FORMAT} {face_size} {best_detector_file()} {box}".encode())
    beside = loop.with_name(f"{loop.stem}.faces.json")
    for path in (loop, place if isinstance(place, Path) else beside):
        if path.is_file():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:32]


def _load(folder: Path) -> PreparedLoop | None:
    content = store.load(folder)
    if content is None:
        return None
    arrays, facts = content
    try:
        mouth = facts["mouth"]
        return PreparedLoop(
            **arrays,
            mouth=MouthPlace(mouth["x"], mouth["half_width"], np.array(mouth["line"], np.float32)),
            detail=Detail(**facts["detail"]),
            window=MouthWindow(**facts["window"]),
        )
    except (KeyError, TypeError):
        log.warning("prepared lips are of another version and made again")
        store.forget(folder)
        return None


def _store(prepared: PreparedLoop, folder: Path) -> None:
    names = ("boxes", "corners", "skin", "lines", "texture", "faces", "mask")
    mouth = prepared.mouth
    facts = {
        "mouth": {"x": mouth.x, "half_width": mouth.half_width, "line": mouth.line.tolist()},
        "detail": asdict(prepared.detail),
        "window": asdict(prepared.window),
    }
    store.save(folder, {name: getattr(prepared, name) for name in names}, facts)
