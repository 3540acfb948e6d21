"""Who sits in a picture: the one face, and where its eyes are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.making.picture import Picture
from kiosk.video.faces import SMALLEST_FACE_PX, Detector, Face, best_detector

DARKEST_FACE = 28.0
"""Mean brightness of a face, of 255, below which nothing of it can be seen on a screen."""

RIVAL_AREA = 0.3
"""A second face this large beside the first is not mere background."""

# Where the eyes of a face seen from the front are in a detector's box, in shares of its size.
_USUAL_EYES = np.array([[0.30, 0.42], [0.70, 0.42]])
_SEARCH_EYES = (0.18, 0.62)  # rows of the box in which eyes are looked for


@dataclass(frozen=True, slots=True, eq=False)
class Sitter:
    """The person in a picture.

    Attributes:
        box: Face, brow to chin and ear to ear: x, y, width, height in pixels, float64, shape (4,).
        eyes: Left and right in the picture, pixels, shape (2, 2).
        nose: Tip, pixels, shape (2,).
        eyes_found: False if no eyes were seen, and ``eyes`` is where they usually are.
    """

    box: NDArray[np.float64]
    eyes: NDArray[np.float64]
    nose: NDArray[np.float64]
    eyes_found: bool

    @property
    def eye_distance(self) -> float:
        """From pupil to pupil, pixels."""
        return float(np.hypot(*(self.eyes[1] - self.eyes[0])))

    def moved(self, matrix: NDArray[np.float64]) -> Sitter:
        """The same person after the picture was scaled and shifted by ``matrix`` (2, 3)."""
        scale, offset = matrix[:, :2].diagonal(), matrix[:, 2]
        return replace(
            self,
            box=np.concatenate([self.box[:2] * scale + offset, self.box[2:] * scale]),
            eyes=self.eyes * scale + offset,
            nose=self.nose * scale + offset,
        )


def find_sitter(picture: Picture, where: Path, detector: Detector | None = None) -> Sitter:
    """The one person in a picture who looks at the viewer.

    Args:
        picture: Upright.
        where: Name for messages.
        detector: Default: the best one on this machine.

    Raises:
        MediaError: No face, a second large one, one too small, too dark or turned away.
    """
    faces = sure_faces(picture, _faces(picture, detector or best_detector()))
    if not faces:
        if float(picture.mean()) < DARKEST_FACE:
            raise too_dark(where)
        raise MediaError(
            "No face was found in the picture.",
            where=where,
            remedy="Use a picture of one person who looks at the viewer, upright and well lit.",
        )
    face = faces[0]
    if face.turned_away:
        raise MediaError(
            "The face is turned away: lips can only be drawn on a face seen from the front.",
            where=where,
            remedy="Use a picture in which the person looks at the viewer, at most half aside.",
        )
    if len(faces) > 1 and faces[1].area >= RIVAL_AREA * face.area:
        raise MediaError(
            f"There are {len(faces)} faces in the picture, and a persona is one person.",
            where=where,
            remedy="Cut the picture so that only one person is in it.",
        )
    if min(face.box[2:]) < SMALLEST_FACE_PX:
        raise MediaError(
            f"The face is only {min(face.box[2:]):.0f} pixels wide, and at least "
            f"{SMALLEST_FACE_PX} are needed.",
            where=where,
            remedy="Scan it at a higher resolution, or use a closer picture; 300 pixels look good.",
        )
    if float(_inside(picture, face.box).mean()) < DARKEST_FACE:
        raise too_dark(where)
    return sitter_of(picture, face)


def sure_faces(picture: Picture, faces: list[Face]) -> list[Face]:
    """Of several faces those with eyes: the Haar cascades also see faces in folds and patterns."""
    if len(faces) < 2:
        return faces
    return [face for face in faces if _has_eyes(picture, face)] or faces


def _has_eyes(picture: Picture, face: Face) -> bool:
    return face.landmarks is not None or _eyes_by_cascade(picture, face.box) is not None


def too_dark(where: Path) -> MediaError:
    """What to say of a picture in which nothing can be seen."""
    return MediaError(
        "The picture is too dark to show a face.",
        where=where,
        remedy="Brighten it in a picture editor, or use one with more light on the face.",
    )


def sitter_of(picture: Picture, face: Face) -> Sitter:
    """Eyes and nose of a face that a detector found."""
    if face.landmarks is not None:
        return Sitter(face.box, face.landmarks[:2].copy(), face.landmarks[2].copy(), True)
    origin, size = face.box[:2], face.box[2:]
    eyes = _eyes_by_cascade(picture, face.box)
    found = eyes is not None
    eyes = origin + _USUAL_EYES * size if eyes is None else eyes
    nose = eyes.mean(axis=0) + np.array([0.0, 0.26 * size[1]])
    return Sitter(face.box, eyes, nose, found)


def _faces(picture: Picture, detect: Detector) -> list[Face]:
    """Faces in the whole picture, or else in overlapping parts of it, where small ones count."""
    faces = detect(picture)
    if faces:
        return faces
    height, width = picture.shape[:2]
    if max(height, width) < 1000:
        return []
    found: list[Face] = []
    for top in (0, height // 4, height // 2):
        for left in (0, width // 4, width // 2):
            part = picture[top : top + (height + 1) // 2, left : left + (width + 1) // 2]
            found += [_shifted(face, left, top) for face in detect(np.ascontiguousarray(part))]
    return _without_doubles(sorted(found, key=lambda face: -face.area))


def _shifted(face: Face, left: int, top: int) -> Face:
    landmarks = None if face.landmarks is None else face.landmarks + np.array([left, top])
    return replace(face, box=face.box + np.array([left, top, 0, 0]), landmarks=landmarks)


def _without_doubles(faces: list[Face]) -> list[Face]:
    """One entry for a face that several parts of the picture show."""
    kept: list[Face] = []
    for face in faces:
        centre = face.box[:2] + face.box[2:] / 2
        if not any(_holds(other.box, centre) for other in kept):
            kept.append(face)
    return kept


def _holds(box: NDArray[np.float64], point: NDArray[np.float64]) -> bool:
    return bool(np.all(point >= box[:2]) and np.all(point <= box[:2] + box[2:]))


def _inside(picture: Picture, box: NDArray[np.float64]) -> Picture:
    x, y, width, height = (round(float(side)) for side in box)
    return picture[max(y, 0) : max(y + height, 1), max(x, 0) : max(x + width, 1)]


@cache
def _eye_cascade() -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / "haarcascade_eye.xml"))


def _eyes_by_cascade(picture: Picture, box: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The pair of eyes that the Haar cascade sees in the upper half of a face; None if none."""
    x, y, width, height = box
    first, last = (y + share * height for share in _SEARCH_EYES)
    band = _inside(picture, np.array([x, first, width, last - first]))
    if band.size == 0:
        return None
    scale = 240.0 / band.shape[1]  # the cascade knows eyes of about 20 to 100 pixels
    grey = cv2.cvtColor(band, cv2.COLOR_BGR2GRAY)
    grey = cv2.equalizeHist(cv2.resize(grey, None, fx=scale, fy=scale))
    found = _eye_cascade().detectMultiScale(
        grey, scaleFactor=1.05, minNeighbors=4, minSize=(36, 36), maxSize=(110, 110)
    )
    centres = [
        (max(x, 0) + (left + side / 2) / scale, max(first, 0) + (top + side / 2) / scale)
        for left, top, side, _ in found
    ]
    pairs = [
        np.array(sorted((one, other)))
        for index, one in enumerate(centres)
        for other in centres[index + 1 :]
    ]
    usual = box[:2] + _USUAL_EYES * box[2:]
    best = min(pairs, key=lambda pair: float(np.abs(pair - usual).sum()), default=None)
    if best is None or float(np.abs(best - usual).max()) > 0.16 * width:
        return None
    return best
