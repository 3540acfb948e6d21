"""Where the face is in each frame of a loop.

A box is ``(x, y, width, height)`` in pixels of the loop, as floating-point numbers: a box that
jumps by whole pixels makes the mouth tremble. Boxes come from the persona (a box in persona.toml,
or a JSON file), or from a detector: YuNet where its model is installed, else the Haar cascades
inside OpenCV 4. ``detectors`` finds faces in one picture, ``tracking`` follows one through a loop,
``files`` reads what staff wrote down.
"""

from kiosk.video.faces.detectors import (
    YUNET_FILE,
    Detector,
    Face,
    best_detector,
    best_detector_file,
    haar_detector,
    yunet_detector,
)
from kiosk.video.faces.files import FaceBox, boxes_for, load_boxes
from kiosk.video.faces.tracking import SMALLEST_FACE_PX, Boxes, find_boxes, smoothed

__all__ = [
    "SMALLEST_FACE_PX",
    "YUNET_FILE",
    "Boxes",
    "Detector",
    "Face",
    "FaceBox",
    "best_detector",
    "best_detector_file",
    "boxes_for",
    "find_boxes",
    "haar_detector",
    "load_boxes",
    "smoothed",
    "yunet_detector",
]
