"""What of a still picture belongs to the person, and how near each part is.

A photograph has no depth. What it needs for a slight turn of the head can be guessed: the head is
an ellipsoid round the face with a nose on it, the shoulders lie behind it, everything else is far
away. Where the person ends is cut out of the colours (GrabCut); where that fails, the guess from
the face alone remains. All maps are smooth, so that no edge can tear.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.making.picture import Picture
from kiosk.making.sitter import Sitter

Map = NDArray[np.float32]
"""One number for each pixel, shape (height, width)."""

_WORK_WIDTH_PX = 400
_ROUNDS = 4
_PLAIN = 4.0  # of 255: spread of brightness in a picture that shows nothing
# Measures in widths and heights of the face's box.
_SKULL = (0.66, 0.80)  # half axes of the head with its hair
_SKULL_RISE = 0.14  # the middle of the head is above the middle of the face
_SHOULDERS = (0.75, 1.75)  # half width just below the chin, and of the shoulders
_NECK = 0.55  # from the chin down to the shoulders' line
_FALL_OFF = 0.55  # of the face's width: outside the person, motion dies away over this distance
_NOSE = (0.16, 0.14, 0.30)  # width and height of its bump, and how far it stands out


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """Maps of a person in a picture, each 0 .. 1, smooth.

    Attributes:
        person: 1 on the person, dying away outside.
        head: 1 on head and hair, dying away over the neck; 0 where ``person`` is 0.
        torso: 1 on shoulders and chest.
        relief: How far a part of the head stands out towards the viewer.
        cut_out: True if the outline was found in the picture, False if it was only guessed.
        outline: The person's share of each pixel as cut out, for the report; uint8, 0 or 255.
    """

    person: Map
    head: Map
    torso: Map
    relief: Map
    cut_out: bool
    outline: NDArray[np.uint8]


def find_figure(picture: Picture, sitter: Sitter) -> Figure:
    """Tell the person from the background and estimate the relief."""
    height, width = picture.shape[:2]
    scale = min(1.0, _WORK_WIDTH_PX / width)
    small = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    outline, cut_out = _outline(np.ascontiguousarray(small, np.uint8), sitter.box * scale)
    away = cv2.distanceTransform(1 - outline, cv2.DIST_L2, 5)
    person = _ease(1 - away / (_FALL_OFF * sitter.box[2] * scale))
    person = cv2.GaussianBlur(person, (0, 0), 0.04 * sitter.box[2] * scale)
    person = np.asarray(cv2.resize(person, (width, height), interpolation=cv2.INTER_CUBIC))
    person = np.clip(person, 0, 1).astype(np.float32)

    x, y, face_width, face_height = sitter.box
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    chin = y + face_height
    below = _ease((rows - (chin - 0.1 * face_height)) / (1.1 * _NECK * face_height))
    head = person * (1 - below)
    torso = person * below
    middle = x + face_width / 2, y + face_height * (0.5 - _SKULL_RISE)
    away_x = (columns - middle[0]) / (_SKULL[0] * face_width)
    away_y = (rows - middle[1]) / (_SKULL[1] * face_height * 1.08)
    skull = np.clip(1 - away_x**2 - away_y**2, 0, None) ** 1.2
    nose_x = (columns - sitter.nose[0]) / (_NOSE[0] * face_width)
    nose_y = (rows - sitter.nose[1]) / (_NOSE[1] * face_height)
    nose = _NOSE[2] * np.exp(-0.5 * (nose_x**2 + nose_y**2))
    relief = ((skull + nose) * (1 - 0.5 * below)).astype(np.float32)
    whole = cv2.resize(outline * 255, (width, height), interpolation=cv2.INTER_NEAREST)
    return Figure(person, head, torso, relief, cut_out, np.asarray(whole, np.uint8))


def _outline(small: Picture, box: NDArray[np.float64]) -> tuple[NDArray[np.uint8], bool]:
    """Mask of the person, 0 or 1, and whether the colours told it."""
    likely, core, near = _guess(small.shape[:2], box)
    marks = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    marks[near > 0] = cv2.GC_PR_BGD
    marks[likely > 0] = cv2.GC_PR_FGD
    marks[core > 0] = cv2.GC_FGD
    # A person who fills the picture, or one colour everywhere: there is nothing to learn from.
    if not (marks == cv2.GC_BGD).any() or float(small.std()) < _PLAIN:
        return likely, False
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    try:
        cv2.grabCut(small, marks, None, *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    except cv2.error:  # a picture of one colour has no models of colour
        return likely, False
    found = np.asarray((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD), np.uint8)
    side = max(3, int(0.06 * box[2])) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_OPEN, kernel), np.uint8)
    found = np.asarray(cv2.morphologyEx(found, cv2.MORPH_CLOSE, kernel), np.uint8)
    found = _largest_part(found | core)
    both = float((found & likely).sum()) / float((found | likely).sum())
    return (found, True) if both > 0.55 else (likely, False)


def _guess(
    shape: tuple[int, ...], box: NDArray[np.float64]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Where the person is likely, surely, and perhaps, from the face's box alone."""

    def body(grow: float) -> NDArray[np.uint8]:
        mask = np.zeros(shape, np.uint8)
        x, y, width, height = box
        middle = (round(x + width / 2), round(y + height * (0.5 - _SKULL_RISE * min(grow, 1.3))))
        axes = (round(_SKULL[0] * width * grow), round(_SKULL[1] * height * grow))
        cv2.ellipse(mask, middle, axes, 0, 0, 360, 1, -1)
        chin = y + height
        neck, line = chin - 0.15 * height, chin + _NECK * height / grow
        top, broad = _SHOULDERS[0] * width * 0.55 * grow, _SHOULDERS[1] * width * grow
        bottom = shape[0] + height
        centre = x + width / 2
        corners = [
            (centre - top, neck), (centre + top, neck), (centre + broad, line + 0.3 * height),
            (centre + broad * 1.15, bottom), (centre - broad * 1.15, bottom),
            (centre - broad, line + 0.3 * height),
        ]  # fmt: skip
        cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], 1)
        return mask

    return body(1.0), body(0.55), body(1.6)


def _largest_part(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The largest connected part, without holes."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if len(stats) < 2:
        return mask
    part = np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()), np.uint8)
    outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(part, outlines, -1, 1, -1)
    return part


def _ease(value: NDArray[np.float32]) -> Map:
    share = np.clip(value, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
