"""Where the face is in each frame of a loop.

A box is ``(x, y, width, height)`` in pixels of the loop, as floating-point numbers: a box that
jumps by whole pixels makes the mouth tremble. Boxes come from a JSON file beside the loop, or from
a detector: YuNet where its model is installed, else the Haar cascade inside OpenCV 4.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.paths import builtin_models_dir, installed_models_dir
from kiosk.video.loop import LOOP_FPS, LoopReader

Boxes = NDArray[np.float64]
"""Shape (frame_count, 4): x, y, width, height."""

Frame = NDArray[np.uint8]
Detector = Callable[[Frame], Boxes]
"""Picture (height, width, 3) BGR -> boxes of all faces in it, largest first; shape (n, 4)."""

YUNET_FILE = "face_detection_yunet_2023mar.onnx"

# Padding (top, bottom, left, right) of a detected box, in pixels of the loop: Wav2Lip was trained
# on boxes that reach below the chin.
_PADDING_PX = (0, 10, 0, 0)
SMALLEST_FACE_PX = 64
_DETECT_EVERY = 5  # frames; a resting head moves slowly, and finding takes 20 ms
_DETECT_WIDTH_PX = 640
_SMOOTHING_FRAMES = 5.0  # standard deviation, frames
_RIVAL_AREA = 0.3  # a second face this large beside the first is not mere background
_CURE = "Write the boxes into a JSON file and name it in portrait.face_boxes."


def boxes_for(loop: Path, boxes: Path | None) -> Boxes:
    """Face boxes of a loop: from ``boxes``, else from ``<loop>.faces.json``, else detected.

    Raises:
        MediaError: The JSON file is wrong; or no face, two faces, or too small a face is found.
    """
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        beside = loop.with_name(f"{loop.stem}.faces.json")
        given = boxes or (beside if beside.is_file() else None)
        if given is not None:
            size = reader.info.width, reader.info.height
            return load_boxes(given, size, reader.info.frame_count)
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
    return _checked(rows, size, path)


def find_boxes(reader: LoopReader, loop: Path, detector: Detector | None = None) -> Boxes:
    """Detect the face in one round of ``reader`` and smooth its path, also across the seam.

    Args:
        reader: Delivers BGR frames from the start of the loop.
        loop: Name for messages.
        detector: Default: the best detector on this machine.

    Raises:
        MediaError: No face, two faces or too small a face.
    """
    detect = detector or best_detector()
    count = reader.info.frame_count
    indices, found = [], []
    looked = rivals = 0
    for _ in range(0, count, _DETECT_EVERY):
        index, frame = reader.next()
        reader.skip(_DETECT_EVERY - 1)
        faces = detect(frame)
        looked += 1
        if len(faces):
            indices.append(index)
            found.append(faces[0])
        if len(faces) > 1 and _area(faces[1]) >= _RIVAL_AREA * _area(faces[0]):
            rivals += 1
    if len(found) < 0.8 * looked:
        raise MediaError(
            f"No face was found in {looked - len(found)} of {looked} frames looked at.",
            where=loop,
            remedy=f"Use a loop that shows one face from the front. {_CURE}",
        )
    if rivals > 0.5 * looked:
        raise MediaError(
            "There are two faces in the picture.",
            where=loop,
            remedy=f"Use a loop that shows one person. {_CURE}",
        )
    boxes = _over_all_frames(np.array(indices), np.stack(found), count)
    top, bottom, left, right = _PADDING_PX
    boxes += np.array([-left, -top, left + right, top + bottom], dtype=np.float64)
    size = reader.info.width, reader.info.height
    return _checked(_smoothed(boxes), size, loop)


def _area(box: NDArray[np.float64]) -> float:
    return float(box[2] * box[3])


def _over_all_frames(indices: NDArray[np.int64], boxes: Boxes, count: int) -> Boxes:
    """Fill the frames between those that were looked at; after the last comes the first."""
    frames = np.arange(count)
    columns = [np.interp(frames, indices, boxes[:, side], period=count) for side in range(4)]
    return np.stack(columns, axis=1)


def _smoothed(boxes: Boxes) -> Boxes:
    """Circular Gaussian smoothing, so that the seam is as smooth as the rest."""
    count = len(boxes)
    distance = np.minimum(np.arange(count), count - np.arange(count))
    kernel = np.exp(-0.5 * (distance / _SMOOTHING_FRAMES) ** 2)
    spectrum = np.fft.rfft(boxes, axis=0) * np.fft.rfft(kernel / kernel.sum())[:, None]
    return np.fft.irfft(spectrum, n=count, axis=0)


def _checked(boxes: Boxes, size: tuple[int, int], where: Path) -> Boxes:
    """Refuse tiny faces; cut boxes off at the border of the picture."""
    smallest = float(boxes[:, 2:].min())
    if smallest < SMALLEST_FACE_PX:
        raise MediaError(
            f"The face is only {smallest:.0f} pixels wide or high, and lips need "
            f"{SMALLEST_FACE_PX}.",
            where=where,
            remedy="Use a larger or closer picture.",
        )
    limits = np.array(size, dtype=np.float64)
    near = np.clip(boxes[:, :2], 0, limits)
    far = np.clip(boxes[:, :2] + boxes[:, 2:], 0, limits)
    visible = (far - near).prod(axis=1) / boxes[:, 2:].prod(axis=1)
    if visible.min() < 0.75:
        raise MediaError(
            f"The face box of frame {int(visible.argmin())} lies outside the picture.",
            where=where,
            remedy=f"Use a loop that shows the whole face. {_CURE}",
        )
    return np.concatenate([near, far - near], axis=1)


def best_detector_file() -> Path | None:
    """The YuNet model, installed or shipped; None if only the Haar cascade is there."""
    for folder in (installed_models_dir(), builtin_models_dir()):
        if (folder / YUNET_FILE).is_file():
            return folder / YUNET_FILE
    return None


def best_detector() -> Detector:
    """YuNet if its file is there, else the Haar cascade."""
    model = best_detector_file()
    return yunet_detector(model) if model else haar_detector()


def yunet_detector(model: Path) -> Detector:
    """Faces by the YuNet network (libfacedetection, 2023)."""
    network = cv2.FaceDetectorYN.create(str(model), "", (_DETECT_WIDTH_PX, _DETECT_WIDTH_PX), 0.7)

    def detect(bgr: Frame) -> Boxes:
        small, scale = _reduced(bgr)
        network.setInputSize((small.shape[1], small.shape[0]))
        _, faces = network.detect(small)
        if faces is None:
            return np.zeros((0, 4))
        return _largest_first(faces[:, :4].astype(np.float64) / scale)

    return detect


def haar_detector() -> Detector:
    """Faces by the Haar cascade of Viola and Jones, which comes with OpenCV 4."""
    cascade_file = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
    cascade = cv2.CascadeClassifier(str(cascade_file))

    def detect(bgr: Frame) -> Boxes:
        small, scale = _reduced(bgr)
        grey = cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
        faces, _, weights = cascade.detectMultiScale3(
            grey, scaleFactor=1.08, minNeighbors=6, minSize=(32, 32), outputRejectLevels=True
        )
        if len(faces) == 0:
            return np.zeros((0, 4))
        sure = np.asarray(weights).ravel() >= 0.5 * np.max(weights)
        squares = np.asarray(faces, dtype=np.float64)[sure] / scale
        return _largest_first(_face_of_square(squares))

    return detect


def _face_of_square(squares: Boxes) -> Boxes:
    """Haar's squares reach from ear to ear but end above the chin: make them hold the face."""
    x, y, side = squares[:, 0], squares[:, 1], squares[:, 2]
    return np.stack([x + 0.07 * side, y, 0.86 * side, 1.12 * side], axis=1)


def _reduced(bgr: Frame) -> tuple[Frame, float]:
    scale = min(1.0, _DETECT_WIDTH_PX / bgr.shape[1])
    if scale == 1.0:
        return bgr, scale
    small: Any = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return small, scale


def _largest_first(boxes: Boxes) -> Boxes:
    return boxes[np.argsort(-boxes[:, 2] * boxes[:, 3])]
