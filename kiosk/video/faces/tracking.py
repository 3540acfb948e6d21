"""One face through a whole loop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.video.faces.detectors import Detector, Face, best_detector
from kiosk.video.loop import LoopReader

Boxes = NDArray[np.float64]
"""Shape (frame_count, 4): x, y, width, height."""

SMALLEST_FACE_PX = 64
SMOOTHING_FRAMES = 5.0
"""Standard deviation of the smoothing of detected boxes; detectors tremble by a pixel or two."""

CURE = "Write the face's place into portrait.face_box of persona.toml."

# Padding (top, bottom, left, right) of a detected box, in pixels of the loop: Wav2Lip was trained
# on boxes that reach below the chin.
_PADDING_PX = (0, 10, 0, 0)
_DETECT_EVERY = 5  # frames; a resting head moves slowly, and finding takes 20 ms
_RIVAL_AREA = 0.3  # a second face this large beside the first is not mere background
_SEEN_SHARE = 0.8  # of the frames looked at
_LEAST_VISIBLE = 0.75  # of a box's area


def find_boxes(reader: LoopReader, loop: Path, detector: Detector | None = None) -> Boxes:
    """Detect the face in one round of ``reader`` and smooth its path, also across the seam.

    Args:
        reader: Delivers BGR frames from the start of the loop.
        loop: Name for messages.
        detector: Default: the best detector on this machine.

    Raises:
        MediaError: No face, one that looks away, two faces or too small a face.
    """
    detect = detector or best_detector()
    count = reader.info.frame_count
    seen: list[tuple[int, list[Face]]] = []
    for _ in range(0, count, _DETECT_EVERY):
        index, frame = reader.next()
        reader.skip(_DETECT_EVERY - 1)
        seen.append((index, detect(frame)))
    _require_one_face([faces for _, faces in seen], loop)
    # A turned face's box is as good as any where most frames show the face from the front.
    indices = np.array([index for index, faces in seen if faces])
    found = np.stack([faces[0].box for _, faces in seen if faces])
    boxes = _over_all_frames(indices, found, count)
    top, bottom, left, right = _PADDING_PX
    boxes += np.array([-left, -top, left + right, top + bottom], dtype=np.float64)
    return checked(smoothed(boxes), (reader.info.width, reader.info.height), loop)


def _require_one_face(seen: list[list[Face]], loop: Path) -> None:
    looked = len(seen)
    without = sum(not faces for faces in seen)
    if without > (1 - _SEEN_SHARE) * looked:
        raise MediaError(
            f"No face was found in {without} of {looked} frames looked at.",
            where=loop,
            remedy=f"Use a loop that shows one face from the front. {CURE}",
        )
    away = sum(bool(faces) and faces[0].turned_away for faces in seen)
    if away > (1 - _SEEN_SHARE) * looked:
        raise MediaError(
            f"The face is turned away in {away} of {looked} frames looked at.",
            where=loop,
            remedy="Use a loop in which the person looks at the camera.",
        )
    rivals = sum(len(faces) > 1 and faces[1].area >= _RIVAL_AREA * faces[0].area for faces in seen)
    if rivals > 0.5 * looked:
        raise MediaError(
            "There are two faces in the picture.",
            where=loop,
            remedy=f"Use a loop that shows one person. {CURE}",
        )


def _over_all_frames(indices: NDArray[np.int64], boxes: Boxes, count: int) -> Boxes:
    """Fill the frames between those that were looked at; after the last comes the first."""
    frames = np.arange(count)
    columns = [np.interp(frames, indices, boxes[:, side], period=count) for side in range(4)]
    return np.stack(columns, axis=1)


def smoothed(boxes: Boxes, frames: float = SMOOTHING_FRAMES) -> Boxes:
    """Circular Gaussian smoothing, so that the seam is as smooth as the rest.

    Args:
        boxes: One for each frame of a loop.
        frames: Standard deviation.
    """
    count = len(boxes)
    distance = np.minimum(np.arange(count), count - np.arange(count))
    kernel = np.exp(-0.5 * (distance / frames) ** 2)
    spectrum = np.fft.rfft(boxes, axis=0) * np.fft.rfft(kernel / kernel.sum())[:, None]
    return np.fft.irfft(spectrum, n=count, axis=0)


def checked(boxes: Boxes, size: tuple[int, int], where: Path) -> Boxes:
    """Refuse tiny faces; cut boxes off at the border of the picture.

    Args:
        boxes: One for each frame.
        size: (width, height) of the picture, pixels.
        where: Name for messages.

    Raises:
        MediaError: A box is too small, or a good part of it lies outside.
    """
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
    if visible.min() < _LEAST_VISIBLE:
        raise MediaError(
            f"The face box of frame {int(visible.argmin())} lies outside the picture.",
            where=where,
            remedy=f"Use a loop that shows the whole face. {CURE}",
        )
    return np.concatenate([near, far - near], axis=1)
