"""Which part of a film becomes the loop: where the person sits stillest and says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.making.footage import LONGEST_S, SHORTEST_S, Footage
from kiosk.making.made import Progress
from kiosk.making.picture import Picture
from kiosk.making.sitter import DARKEST_FACE, RIVAL_AREA, sure_faces, too_dark
from kiosk.video.faces import SMALLEST_FACE_PX, Detector, Face

LOOK_FPS = 12.5
LONGEST_LOOP_S = 20.0
_LOOK_SIDE_PX = 640
_FACE_EVERY = 6  # samples: every half second
_THUMB_PX = (48, 48)
_WINDOWS_S = (20.0, 16.0, 13.0, 10.0, 8.0, 6.0, 5.0, 4.0)
_WORTH = 1.25  # a longer stretch may be this much livelier than the stillest
_SLIGHT = 0.3  # of 255: differences in motion below this do not count
_CUT = 25.0  # of 255: more than that from sample to sample is another shot
_MOUTH_WEIGHT = 1.5
SPEAKS = 2.0
"""Motion of the mouth beyond that of the face, of 255, above which somebody speaks."""

_FACE_SEEN = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What a film shows, sample by sample; arrays of one length, differences of 255.

    Attributes:
        times_s: Of the samples.
        motion: Change from the sample before, camera shake taken off.
        mouth: Change of the mouth beyond that of the upper face.
        thumbs: Face and surroundings, small and grey, float32, shape (n, 48, 48).
        faces: What the detector saw, every half second; None between.
    """

    times_s: NDArray[np.float64]
    motion: NDArray[np.float64]
    mouth: NDArray[np.float64]
    thumbs: NDArray[np.float32]
    faces: tuple[list[Face] | None, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Attributes:
    start_s: Where the loop begins in the film.
    end_s: Where it meets its beginning again.
    difference: Between the film at both times, of 255.
    usual: Change between neighbouring samples within, of 255.
    mouth: Mean motion of the mouth within.
    """

    start_s: float
    end_s: float
    difference: float
    usual: float
    mouth: float

    @property
    def far_apart(self) -> bool:
        """Whether a fade from end to beginning would show: to and fro is better then."""
        return self.difference > max(6.0, 5 * self.usual)


def look(footage: Footage, detect: Detector, progress: Progress) -> Looked:
    """See the whole film once, small.

    Raises:
        MediaError: No face, two, one too small, turned away or too dark through most of the film.
    """
    whole_s = min(footage.packets.duration_s, LONGEST_S)
    times_s: list[float] = []
    faces: list[list[Face] | None] = []
    motion: list[float] = []
    mouth: list[float] = []
    thumbs: list[NDArray[np.float32]] = []
    box: NDArray[np.float64] | None = None
    before: NDArray[np.float32] | None = None
    brightness = 0.0
    for number, (at_s, picture) in enumerate(footage.samples(LOOK_FPS, _LOOK_SIDE_PX)):
        progress("Looking at the film", at_s, whole_s)
        seen = sure_faces(picture, detect(picture)) if number % _FACE_EVERY == 0 else None
        if seen:
            box = seen[0].box
        grey = _grey(picture)
        brightness += float(grey.mean())
        moved, spoke = _changes(before, grey, box)
        times_s.append(at_s)
        faces.append(seen)
        motion.append(moved)
        mouth.append(spoke)
        thumbs.append(_thumb(grey, box))
        before = grey
    if not times_s:
        raise MediaError(
            "The film cannot be decoded.", where=footage.path, remedy="Export it as MP4 with H.264."
        )
    scale = min(1.0, _LOOK_SIDE_PX / max(footage.size))
    looks = [seen for seen in faces if seen is not None]
    _require_one(looks, scale, brightness / len(times_s), footage.path)
    return Looked(
        np.array(times_s), np.array(motion), np.array(mouth), np.stack(thumbs), tuple(faces)
    )


def choose(looked: Looked, where: Path) -> Stretch:
    """The stillest, quietest stretch, not too short, whose ends look alike.

    Raises:
        MediaError: No stretch of the least length shows the face without a cut.
    """
    cost = looked.motion + _MOUTH_WEIGHT * np.clip(looked.mouth, 0, None)
    bad = (looked.motion > _CUT) | _faceless(looked)
    best: dict[float, tuple[float, int, int]] = {}
    for length_s in _WINDOWS_S:
        found = _quietest(looked.times_s, cost, bad, length_s)
        if found is not None:
            best[length_s] = found
    if not best:
        raise MediaError(
            f"Nowhere in the film is the face seen for {SHORTEST_S:g} s without a cut.",
            where=where,
            remedy="Film the person sitting still, looking at the camera, for half a minute.",
        )
    limit = min(mean for mean, _, _ in best.values()) * _WORTH + _SLIGHT
    longest = max(length_s for length_s, (mean, _, _) in best.items() if mean <= limit)
    _, first, last = best[longest]
    return _ends(looked, first, last)


def _require_one(looks: Sequence[list[Face]], scale: float, brightness: float, where: Path) -> None:
    seen = [faces for faces in looks if faces]
    if len(seen) < 0.2 * len(looks) or not seen:
        if brightness < DARKEST_FACE:
            raise too_dark(where)
        raise MediaError(
            f"No face was found in {len(looks) - len(seen)} of {len(looks)} frames looked at.",
            where=where,
            remedy="Film one person from the front, upright and well lit.",
        )
    if sum(faces[0].turned_away for faces in seen) > (1 - _FACE_SEEN) * len(seen) + 1:
        raise MediaError(
            "The face is turned away: lips can only be drawn on a face seen from the front.",
            where=where,
            remedy="Film the person looking at the camera.",
        )
    rivals = [len(f) > 1 and f[1].area >= RIVAL_AREA * f[0].area for f in seen]
    if sum(rivals) > 0.5 * len(seen):
        raise MediaError(
            "There are two faces in the film, and a persona is one person.",
            where=where,
            remedy="Film one person alone, or cut the film so that only one is in it.",
        )
    width = float(np.median([min(faces[0].box[2:]) for faces in seen])) / scale
    if width < SMALLEST_FACE_PX:
        raise MediaError(
            f"The face is only {width:.0f} pixels wide; {SMALLEST_FACE_PX} or more are needed.",
            where=where,
            remedy="Film from closer by: head and shoulders should fill the picture.",
        )


def _grey(picture: Picture) -> NDArray[np.float32]:
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.5), np.float32)


def _changes(
    before: NDArray[np.float32] | None, grey: NDArray[np.float32], box: NDArray[np.float64] | None
) -> tuple[float, float]:
    """Change of the whole picture, and of the mouth beyond that of the upper face."""
    if before is None:
        return 0.0, 0.0
    whole = _difference(before, grey)
    if box is None:
        return whole, 0.0
    mouth = _difference(_part(before, box, (0.2, 0.8), (0.6, 1.0)),
                        _part(grey, box, (0.2, 0.8), (0.6, 1.0)))  # fmt: skip
    upper = _difference(_part(before, box, (0.1, 0.9), (0.0, 0.55)),
                        _part(grey, box, (0.1, 0.9), (0.0, 0.55)))  # fmt: skip
    return whole, mouth - upper


def _difference(before: NDArray[np.float32], now: NDArray[np.float32]) -> float:
    """Root mean square after the shift between both is taken off: what stays is no camera shake."""
    if before.shape != now.shape or min(now.shape) < 12:
        return 0.0
    window = cv2.createHanningWindow(now.shape[::-1], cv2.CV_32F)
    (dx, dy), sure = cv2.phaseCorrelate(before, now, window)
    if sure > 0.1 and max(abs(dx), abs(dy)) < 0.1 * min(now.shape):
        matrix = np.array([[1.0, 0.0, -dx], [0.0, 1.0, -dy]])
        now = np.asarray(
            cv2.warpAffine(now, matrix, now.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        )
    brighter = float(now.mean() - before.mean())  # a lamp that flickers is no motion either
    inner = np.s_[4:-4, 4:-4]
    return float(np.sqrt(np.mean(np.square(now - before - brighter)[inner])))


def _part(
    grey: NDArray[np.float32],
    box: NDArray[np.float64],
    across: tuple[float, float],
    down: tuple[float, float],
) -> NDArray[np.float32]:
    x, y, width, height = box
    left, right = (round(float(x + share * width)) for share in across)
    top, bottom = (round(float(y + share * height)) for share in down)
    return np.ascontiguousarray(grey[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)])


def _thumb(grey: NDArray[np.float32], box: NDArray[np.float64] | None) -> NDArray[np.float32]:
    """Face and shoulders, small: what must look alike at both ends of a loop."""
    if box is not None:
        part = _part(grey, box, (-0.6, 1.6), (-0.5, 1.6))
        grey = part if part.size else grey
    return np.asarray(cv2.resize(grey, _THUMB_PX, interpolation=cv2.INTER_AREA), np.float32)


def _faceless(looked: Looked) -> NDArray[np.bool_]:
    """Samples at which the last look at faces found none that looks at the camera."""
    result = np.zeros(len(looked.faces), np.bool_)
    gone = False
    for index, seen in enumerate(looked.faces):
        if seen is not None:
            gone = not seen or seen[0].turned_away
        result[index] = gone
    return result


def _quietest(
    times_s: NDArray[np.float64],
    cost: NDArray[np.float64],
    bad: NDArray[np.bool_],
    length_s: float,
) -> tuple[float, int, int] | None:
    """Mean cost, first and last sample of the best window of a length; None if there is none."""
    total = np.concatenate([[0.0], np.cumsum(cost)])
    bads = np.concatenate([[0], np.cumsum(bad)])
    best: tuple[float, int, int] | None = None
    for first in range(len(times_s)):
        last = int(np.searchsorted(times_s, times_s[first] + length_s - 1.5 / LOOK_FPS))
        if last >= len(times_s):
            break
        # The first sample's change is against what came before the window.
        if bads[last + 1] - bads[first + 1]:
            continue
        mean = float(total[last + 1] - total[first + 1]) / max(last - first, 1)
        if best is None or mean < best[0]:
            best = mean, first, last
    return best


def _ends(looked: Looked, first: int, last: int) -> Stretch:
    """The pair of moments in a window that look most alike, and move alike."""
    thumbs = looked.thumbs[first : last + 1]
    times_s = looked.times_s[first : last + 1]
    flat = thumbs.reshape(len(thumbs), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    squares = (flat**2).sum(axis=1)
    apart = np.clip(squares[:, None] + squares[None] - 2 * flat @ flat.T, 0, None)
    apart = np.sqrt(apart / flat.shape[1])
    usual = float(np.median(np.diagonal(apart, 1)))
    # Where the next moments look alike, too, the motion goes on in the same direction.
    alike = apart.copy()
    alike[:-1, :-1] = (apart[:-1, :-1] + apart[1:, 1:]) / 2
    length_s = times_s[None] - times_s[:, None]
    whole_s = float(times_s[-1] - times_s[0])
    least_s = max(min(SHORTEST_S - 0.5, whole_s), 0.6 * whole_s)
    shorter = 1 - length_s / max(whole_s, 1e-9)
    score = np.where(length_s >= least_s - 1e-6, alike + 0.5 * (usual + _SLIGHT) * shorter, np.inf)
    start, end = np.unravel_index(int(score.argmin()), score.shape)
    return Stretch(
        start_s=float(times_s[start]),
        end_s=float(times_s[end]),
        difference=float(apart[start, end]),
        usual=usual,
        mouth=float(looked.mouth[first + 1 : last + 1].mean()) if last > first else 0.0,
    )
