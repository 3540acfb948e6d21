"""The shape of an open eye in a still picture: corners, upper lid, lower lid.

No network for lids ships with the kiosk, so the shape is searched for: an almond whose upper edge
passes from bright skin to dark lashes, whose lower edge passes back to skin, and which is about as
large as eyes are. That works on photographs and on paintings, in colour and in grey.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.making.picture import Picture
from kiosk.making.sitter import Sitter

_UNIT_PX = 100.0
"""Eyes are looked at in a patch in which they are this far apart: fits compare across pictures."""

_REACH = (0.42, 0.34)  # half width and half height of the patch, in eye distances
_IRIS = 0.088  # radius in eye distances: 11.7 mm across, eyes 64 mm apart
_STRAY = 0.10  # a detector's eye may be this far from the pupil, in eye distances

# Mean and spread of an open eye's measures, in eye distances. Source: L. G. Farkas,
# "Anthropometry of the Head and Face", 1994: fissure 31 mm long and 11 mm high, eyes 64 mm apart.
_USUAL = np.array([0.0, 0.0, 0.24, 0.085, 0.06, 0.0])  # dx, dy, half width, upper, lower, tilt
_SPREAD = np.array([0.035, 0.03, 0.022, 0.022, 0.018, 0.05])
_KINDRED = np.array([0.035, 0.03, 0.01, 0.01, 0.01, 0.05])  # between both eyes of one person
_ROUNDS = 5
_TRIES = 2000
_LEAST_EDGE = 0.55  # contrast of the lids' edges, in standard deviations of the patch's brightness
_LEAST_OPEN = 0.075  # from lid to lid, in eye distances; less and there is nothing to close


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """An open eye.

    Its own axes: u along the line from eye to eye, v downwards across it, from ``centre``.

    Attributes:
        centre: Middle of the two corners, pixels, shape (2,).
        axis: Unit vector along u, shape (2,).
        half_width: From the centre to a corner, pixels.
        upper: Height of the upper lid's edge above the line between the corners, pixels.
        lower: Depth of the lower lid's edge below it, pixels.
        tilt: How much v grows with u along the line between the corners.
        unit: Distance between both eyes, pixels.
        edge: How clearly the lids were seen, in standard deviations of the brightness.
    """

    centre: NDArray[np.float64]
    axis: NDArray[np.float64]
    half_width: float
    upper: float
    lower: float
    tilt: float
    unit: float
    edge: float

    @property
    def is_open(self) -> bool:
        """Whether it is surely an eye, and open."""
        opening = (self.upper + self.lower) / self.unit
        return self.edge >= _LEAST_EDGE and opening >= _LEAST_OPEN

    def upper_edge(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """v of the upper lid's edge, pixels, for u in pixels; straight on beyond the corners."""
        return self.tilt * u - self.upper * arch(u / self.half_width)

    def lower_edge(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """v of the lower lid's edge, pixels."""
        return self.tilt * u + self.lower * arch(u / self.half_width)


def arch(s: NDArray[np.float64]) -> NDArray[np.float64]:
    """A lid's curve: 1 in the middle, 0 at the corners (s = -1 and 1) and beyond."""
    return np.clip(1 - s * s, 0, None) ** 0.8


def find_eyes(picture: Picture, sitter: Sitter) -> tuple[Eye, Eye] | None:
    """Both eyes, left and right in the picture; None if they cannot be told or are not open."""
    if not sitter.eyes_found:
        return None
    unit = sitter.eye_distance
    axis = (sitter.eyes[1] - sitter.eyes[0]) / unit
    first = [_fit(picture, point, axis, unit, _USUAL, _SPREAD) for point in sitter.eyes]
    # Both eyes of a person are much alike: the one seen more clearly tells what the other is like.
    clearer = max(first, key=lambda eye: eye.edge)
    alike = np.array([0, 0, clearer.half_width, clearer.upper, clearer.lower, 0]) / unit
    left, right = (_fit(picture, point, axis, unit, alike, _KINDRED) for point in sitter.eyes)
    return (left, right) if left.is_open and right.is_open else None


def _fit(
    picture: Picture,
    point: NDArray[np.float64],
    axis: NDArray[np.float64],
    unit: float,
    usual: NDArray[np.float64],
    spread: NDArray[np.float64],
) -> Eye:
    """Search the almond round ``point`` that fits best, and is not too strange."""
    patch = _patch(picture, point, axis, unit)
    contrast = max(float(patch.std()), 1.0)
    pupil = _pupil(patch)
    random = np.random.default_rng(0)
    best, best_score = usual, -np.inf
    width = spread
    for _ in range(_ROUNDS):
        tries = best + width * random.standard_normal((_TRIES, len(usual)))
        tries[0] = best
        scores = _scores(patch, pupil, tries) / contrast
        strange = (((tries - usual) / spread) ** 2).sum(axis=1)
        strange += 400 * np.clip(0.02 - tries[:, 3:5], 0, None).sum(axis=1)
        total = scores - 0.05 * strange
        index = int(total.argmax())
        best, best_score = tries[index], float(scores[index])
        width = width * 0.6
    dx, dy, half_width, upper, lower, tilt = best
    across = np.array([-axis[1], axis[0]])
    at = (pupil + np.array([dx, dy]) * _UNIT_PX) / _UNIT_PX * unit
    return Eye(
        centre=point + at[0] * axis + at[1] * across,
        axis=axis,
        half_width=half_width * unit,
        upper=upper * unit,
        lower=lower * unit,
        tilt=tilt,
        unit=unit,
        edge=best_score,
    )


def _patch(
    picture: Picture, point: NDArray[np.float64], axis: NDArray[np.float64], unit: float
) -> NDArray[np.float32]:
    """Brightness round an eye, u to the right and v down, the point in the middle."""
    half = np.array(_REACH) * _UNIT_PX
    scale = unit / _UNIT_PX
    u, v = np.meshgrid(np.arange(-half[0], half[0] + 1), np.arange(-half[1], half[1] + 1))
    x = point[0] + scale * (u * axis[0] - v * axis[1])
    y = point[1] + scale * (u * axis[1] + v * axis[0])
    source = picture
    if scale > 1:  # the picture is finer than the patch
        source = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.5 * scale), np.uint8)
    grey = cv2.remap(
        cv2.cvtColor(source, cv2.COLOR_BGR2GRAY),
        x.astype(np.float32),
        y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.2), dtype=np.float32)


def _pupil(patch: NDArray[np.float32]) -> NDArray[np.float64]:
    """The iris: a dark disk with something brighter to its left and right. From the middle, px."""
    radius = _IRIS * _UNIT_PX
    side = 2 * int(radius) + 1
    disk = np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.float32)
    dark = cv2.filter2D(patch, cv2.CV_32F, disk / disk.sum())
    beside = np.array([[0.5] + [0.0] * (2 * round(1.9 * radius) - 1) + [0.5]], np.float32)
    bright = cv2.filter2D(cv2.GaussianBlur(patch, (0, 0), 2.0), cv2.CV_32F, beside)
    rows, columns = patch.shape
    v, u = np.mgrid[0:rows, 0:columns] - np.array([rows // 2, columns // 2])[:, None, None]
    away = np.hypot(u, v) / (_STRAY * _UNIT_PX)
    score = 0.6 * (bright - dark) + 0.4 * (patch.mean() - dark) - patch.std() * 0.35 * away**2
    row, column = np.unravel_index(int(score.argmax()), score.shape)
    return np.array([column - columns // 2, row - rows // 2], dtype=np.float64)


def _scores(
    patch: NDArray[np.float32], pupil: NDArray[np.float64], tries: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How well each almond's edges lie on edges of the picture; shape (n,), grey levels.

    The upper lid counts along its whole length (lashes are dark everywhere); the lower one in its
    middle only, where it meets the iris, since beside it the white of the eye is bright as skin.
    """
    s = np.linspace(-0.9, 0.9, 25)
    dx, dy, half_width, upper, lower, tilt = (column[:, None] for column in tries.T)
    rows, columns = patch.shape
    u = dx + half_width * s
    across = dy + tilt * half_width * s
    over, under = across - upper * arch(s), across + lower * arch(s)

    def at(v: NDArray[np.float64]) -> NDArray[np.float64]:
        column = np.clip(np.rint(pupil[0] + u * _UNIT_PX) + columns // 2, 0, columns - 1)
        row = np.clip(np.rint(pupil[1] + v * _UNIT_PX) + rows // 2, 0, rows - 1)
        return np.asarray(patch[row.astype(int), column.astype(int)], np.float64)

    step = 0.03
    lid = (at(over - step) - at(over + 0.6 * step)).mean(axis=1)
    middle = np.exp(-0.5 * (s / 0.4) ** 2)
    below = ((at(under + step) - at(under - step)) * middle).sum(axis=1) / middle.sum()
    return np.asarray(lid + 0.7 * below)
