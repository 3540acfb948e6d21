"""A still picture that lives: breathing, slight turns of the head with parallax, blinks."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.making.blink import Lids
from kiosk.making.eyes import Eye
from kiosk.making.figure import Figure, Map
from kiosk.making.motion import Motion
from kiosk.making.picture import Picture
from kiosk.making.sitter import Sitter

# Greatest displacements, in widths of the face's box.
_YAW = 0.026  # of the nearest part; about 2.5 degrees
_PITCH = 0.016
_SWAY = 0.012
_BREATH_RISE = 0.016  # of the shoulders
_CHEST = 0.008  # widening, share of the distance from the spine
_ROLL_RAD = 0.008
_WITH_BREATH = 0.4  # share of the shoulders' rise that the head follows
_WITH_SWAY = 0.35  # share of the head's sway that the shoulders follow


class LivingPicture:
    """Aim: frames of a loop in which the person of a still picture is alive.

    Each pixel of a frame is taken from the still picture in one step (an inverse warp along smooth
    maps), so that nothing is blurred twice and nothing tears; what does not move is copied.

    Args:
        still: The kiosk's picture, uint8, shape (height, width, 3), BGR.
        sitter: The person in it.
        figure: Maps of the person.
        eyes: Eyes to close; None for none.
    """

    def __init__(
        self, still: Picture, sitter: Sitter, figure: Figure, eyes: tuple[Eye, Eye] | None
    ) -> None:
        self._still = still
        self._lids = Lids(still, eyes) if eyes else None
        face = float(sitter.box[2])
        rows, columns = _moving_part(figure.person)
        self._part = rows, columns
        y, x = np.mgrid[rows, columns].astype(np.float32)
        self._x, self._y = x, y
        person, head, torso = (
            grid[rows, columns] for grid in (figure.person, figure.head, figure.torso)
        )
        relief = figure.relief[rows, columns] * head
        spine, neck = sitter.box[0] + face / 2, sitter.box[1] + 1.05 * sitter.box[3]
        # The picture's lower edge is never lifted: below it there is nothing to show.
        falls = torso + _WITH_BREATH * head
        self._yaw = (face * _YAW * relief).astype(np.float32)
        self._pitch = (face * _PITCH * relief).astype(np.float32)
        self._sway = (face * _SWAY * (head + _WITH_SWAY * torso)).astype(np.float32)
        self._fall = (face * _BREATH_RISE * falls).astype(np.float32)
        self._chest = (_CHEST * (x - spine) * torso).astype(np.float32)
        self._lean_x = (_ROLL_RAD * -(y - neck) * head).astype(np.float32)
        self._lean_y = (_ROLL_RAD * (x - spine) * head).astype(np.float32)
        # At the sides and at the top a shift would draw in what the picture does not have.
        self._edge = _edge_fade(person, rows, columns, still.shape, 0.06 * face)
        self._mouth = _mouth(sitter, self._part)

    def _displacement(
        self, motion: Motion, index: int, part: tuple[slice, slice]
    ) -> tuple[Map, Map]:
        """How far each pixel of a part of the moving rectangle has come, right and down."""
        yaw, pitch, sway, roll = (
            np.float32(curve[index])
            for curve in (motion.yaw, motion.pitch, motion.sway, motion.roll)
        )
        breath = np.float32(motion.breath[index])
        along_x = yaw * self._yaw[part] + sway * self._sway[part]
        along_x += roll * self._lean_x[part] + breath * self._chest[part]
        along_y = pitch * self._pitch[part] + roll * self._lean_y[part]
        along_y += (1 - breath) * self._fall[part]
        return along_x * self._edge[part], along_y * self._edge[part]

    def mouth_path(self, motion: Motion) -> NDArray[np.float64]:
        """Where the mouth is in each frame against the still picture, pixels, shape (n, 2).

        Exact, while a detector's boxes tremble: lips follow this.
        """
        moves = [self._displacement(motion, k, self._mouth) for k in range(len(motion.breath))]
        return np.array([[float(x.mean()), float(y.mean())] for x, y in moves])

    def frame(self, motion: Motion, index: int) -> Picture:
        """One frame: uint8, shape of the still picture."""
        along_x, along_y = self._displacement(motion, index, np.s_[:, :])
        still = self._still
        if self._lids is not None:
            still = self._lids.closed(motion.lids_before[index], motion.lids_after[index])
        frame = still.copy()
        frame[self._part] = cv2.remap(
            still,
            self._x - along_x,
            self._y - along_y,
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        return frame

    def frames(self, motion: Motion) -> Iterator[Picture]:
        """The whole loop, once."""
        for index in range(len(motion.breath)):
            yield self.frame(motion, index)


def _mouth(sitter: Sitter, part: tuple[slice, slice]) -> tuple[slice, slice]:
    """The mouth's surroundings, within the moving rectangle."""
    x, y, width, height = sitter.box
    top, left = part[0].start, part[1].start
    rows = slice(round(y + 0.7 * height) - top, round(y + 0.9 * height) - top)
    return rows, slice(round(x + 0.35 * width) - left, round(x + 0.65 * width) - left)


def _moving_part(person: Map) -> tuple[slice, slice]:
    """The smallest rectangle outside of which nothing moves."""
    moves = person > 1e-3
    rows, columns = np.flatnonzero(moves.any(axis=1)), np.flatnonzero(moves.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _edge_fade(
    person: Map, rows: slice, columns: slice, shape: tuple[int, ...], over: float
) -> NDArray[np.float32]:
    """1 inside, 0 at the picture's left, right and upper edge."""
    y, x = np.mgrid[rows, columns].astype(np.float32)
    nearest = np.minimum(np.minimum(x, shape[1] - 1 - x), y)
    share = np.clip(nearest / over, 0, 1)
    fade = np.where(person > 0, share * share * (3 - 2 * share), 0)
    return np.asarray(fade, np.float32)
