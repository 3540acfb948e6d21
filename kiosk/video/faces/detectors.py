"""Faces in one picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.paths import builtin_models_dir, installed_models_dir

Frame = NDArray[np.uint8]
"""Picture, BGR, shape (height, width, 3)."""

YUNET_FILE = "face_detection_yunet_2023mar.onnx"

_DETECT_WIDTH_PX = 640
_YUNET_SCORE = 0.7
# The nose of a face seen from the front is midway between the eyes. Turned by 45 degrees it is
# about half an eye distance aside, and beyond that one corner of the mouth is hardly to be seen.
_TURNED_NOSE = 0.45


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in a picture.

    Attributes:
        box: x, y, width, height, pixels; brow to chin, ear to ear. float64, shape (4,).
        turned_away: So far to the side that lips cannot be drawn on it.
        landmarks: Left to right in the picture: the two eyes, the nose, the two corners of the
            mouth; pixels, shape (5, 2). None if the detector finds no such points.
    """

    box: NDArray[np.float64]
    turned_away: bool = False
    landmarks: NDArray[np.float64] | None = None

    @property
    def area(self) -> float:
        """Square pixels."""
        return float(self.box[2] * self.box[3])


Detector = Callable[[Frame], list[Face]]
"""Picture -> all faces in it, largest first."""


def best_detector_file() -> Path | None:
    """The YuNet model, installed or shipped; None if only the Haar cascades are there."""
    for folder in (installed_models_dir(), builtin_models_dir()):
        if (folder / YUNET_FILE).is_file():
            return folder / YUNET_FILE
    return None


def best_detector() -> Detector:
    """YuNet if its file is there, else the Haar cascades."""
    model = best_detector_file()
    return yunet_detector(model) if model else haar_detector()


def yunet_detector(model: Path) -> Detector:
    """Faces and five points in each, by the YuNet network.

    Source: W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023.
    """
    side = (_DETECT_WIDTH_PX, _DETECT_WIDTH_PX)
    network = cv2.FaceDetectorYN.create(str(model), "", side, _YUNET_SCORE)

    def detect(bgr: Frame) -> list[Face]:
        small, scale = _reduced(bgr)
        network.setInputSize((small.shape[1], small.shape[0]))
        _, rows = network.detect(small)
        if rows is None:
            return []
        found = np.asarray(rows, dtype=np.float64)[:, :14] / scale
        faces = [_with_landmarks(row[:4], row[4:].reshape(5, 2)) for row in found]
        return _largest_first(faces)

    return detect


def _with_landmarks(box: NDArray[np.float64], points: NDArray[np.float64]) -> Face:
    eyes, nose = points[:2], points[2]
    apart = max(float(np.hypot(*(eyes[1] - eyes[0]))), 1e-6)
    aside = abs(float(nose[0] - eyes[:, 0].mean())) / apart
    return Face(box, turned_away=aside > _TURNED_NOSE, landmarks=points)


def haar_detector() -> Detector:
    """Faces by the cascades of Viola and Jones that come with OpenCV 4.

    Where nobody is seen from the front, profiles are looked for, so that the reason can be told.

    Source: P. Viola, M. Jones, "Rapid Object Detection using a Boosted Cascade of Simple
    Features", 2001.
    """
    frontal, profile = _cascade("frontalface_default"), _cascade("profileface")

    def detect(bgr: Frame) -> list[Face]:
        small, scale = _reduced(bgr)
        grey = cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
        squares = frontal(grey)
        turned = len(squares) == 0
        if turned:
            squares = profile(grey)
        if len(squares) == 0:
            # The cascade knows faces that look to one side; a mirror shows the other.
            squares = profile(cv2.flip(grey, 1))
            if len(squares):
                squares[:, 0] = grey.shape[1] - squares[:, 0] - squares[:, 2]
        return _largest_first([Face(box, turned) for box in _face_of_square(squares / scale)])

    return detect


def _cascade(name: str) -> Callable[[NDArray[np.uint8]], NDArray[np.float64]]:
    """Grey picture -> squares (n, 4) round the surest faces."""
    file = Path(cv2.__file__).parent / "data" / f"haarcascade_{name}.xml"
    classifier = cv2.CascadeClassifier(str(file))

    def find(grey: Any) -> NDArray[np.float64]:
        squares, _, weights = classifier.detectMultiScale3(
            grey, scaleFactor=1.08, minNeighbors=6, minSize=(32, 32), outputRejectLevels=True
        )
        if len(squares) == 0:
            return np.zeros((0, 4))
        sure = np.asarray(weights).ravel() >= 0.5 * np.max(weights)
        surest: NDArray[np.float64] = np.asarray(squares, dtype=np.float64)[sure]
        return surest

    return find


def _face_of_square(squares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Haar's squares reach from ear to ear but end above the chin: make them hold the face."""
    x, y, side = squares[:, 0], squares[:, 1], squares[:, 2]
    return np.stack([x + 0.07 * side, y, 0.86 * side, 1.12 * side], axis=1)


def _reduced(bgr: Frame) -> tuple[Frame, float]:
    scale = min(1.0, _DETECT_WIDTH_PX / bgr.shape[1])
    if scale == 1.0:
        return bgr, scale
    small: Any = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return small, scale


def _largest_first(faces: list[Face]) -> list[Face]:
    return sorted(faces, key=lambda face: -face.area)
