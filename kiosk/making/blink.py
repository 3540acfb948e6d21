"""Closing eyes that the picture shows open.

The skin between brow and lashes is drawn down over the eyeball, as a lid does it: the brow stays,
the lid's edge moves with its lashes, and what is below the edge stays where it is. The stretched
skin takes on the softness of skin that was folded away; it is shaded towards the lashes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.making.eyes import Eye, arch
from kiosk.making.picture import Picture

# In eye distances.
_LID_SKIN = 0.15  # from the lid's edge up to the brow
_LASHES = 0.020  # thickness of the lid's edge with its lashes
_MARGIN = 0.012
_CHEEK = 0.12  # below the lower lid: as far as its small rise is felt
_RISE = 0.03  # of the lower lid, when the eye is shut
_BEYOND = 1.2  # the lid's edge reaches a little past the corners of the opening

_LASH_SHADE = 0.5
_LASH_WIDTH = 0.016  # standard deviation of their shade
_LID_SHADE = 0.07  # the lid curves away from the light towards its edge
_SHUTTER_STEPS = 3  # a lid moves fast: each frame is the mean of moments of its exposure


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """The part of the picture round an eye, in the eye's own axes.

    Attributes:
        rows: Of the picture.
        columns: Of the picture.
        u: Along the eye, pixels, shape (height, width).
        v: Downwards across it, pixels.
    """

    rows: slice
    columns: slice
    u: NDArray[np.float64]
    v: NDArray[np.float64]


class Lids:
    """Aim: the same picture with its eyes closed by any degree.

    Args:
        picture: With open eyes; not changed.
        eyes: The eyes in it.
    """

    def __init__(self, picture: Picture, eyes: tuple[Eye, ...]) -> None:
        self._picture = picture
        self._eyes = [(eye, _place(picture, eye)) for eye in eyes]
        self._soft = [_soft_skin(picture, eye, place) for eye, place in self._eyes]
        self._blur = [_blur_px(picture, eye) for eye in eyes]

    def closed(self, before: float, after: float) -> Picture:
        """The picture while the lids move.

        Args:
            before: Closure when the frame's exposure begins, 0 (open) .. 1 (shut).
            after: Closure when it ends.
        """
        if max(before, after) <= 0:
            return self._picture
        picture = self._picture.copy()
        moments = np.linspace(before, after, _SHUTTER_STEPS)
        for (eye, place), soft, blur in zip(self._eyes, self._soft, self._blur, strict=True):
            drawn = sum(self._draw(eye, place, soft, blur, float(moment)) for moment in moments)
            picture[place.rows, place.columns] = np.clip(np.rint(drawn / _SHUTTER_STEPS), 0, 255)
        return picture

    def _draw(
        self, eye: Eye, place: _Place, soft: NDArray[np.float32], blur: float, closure: float
    ) -> NDArray[np.float32]:
        """One eye's part of the picture at one closure; float32."""
        lines = _Lines(eye, place.u, closure)
        travelled = np.clip((lines.moved - lines.edge) / (0.12 * eye.unit), 0, 1)
        lid = self._lid(eye, place, lines, soft, travelled)
        rest = self._sampled(eye, place, lines.below_the_eye(place.v))
        over = _smooth((lines.moved + lines.thick - place.v) / (2 * blur) + 0.5)
        over *= _smooth((lines.moved - lines.edge) / blur)  # nothing where the lid did not move
        drawn = lid * over[..., None] + rest * (1 - over[..., None])
        # Lashes are as sharp as the picture is.
        width = np.hypot(_LASH_WIDTH * eye.unit, blur)
        away = (place.v - lines.moved - 0.5 * lines.thick) / width
        lashes = np.exp(-0.5 * away**2) * travelled * _LASH_SHADE * _LASH_WIDTH * eye.unit / width
        # Shadow on skin is warm: it takes most from the colour that the skin has least of.
        hue = soft / np.maximum(soft.max(axis=2, keepdims=True), 1.0)
        dimmed = drawn * (1 - lashes[..., None]) * hue ** (0.8 * lashes[..., None])
        return np.asarray(dimmed, np.float32)

    def _lid(
        self,
        eye: Eye,
        place: _Place,
        lines: _Lines,
        soft: NDArray[np.float32],
        travelled: NDArray[np.float64],
    ) -> NDArray[np.float32]:
        """The lid's skin: the picture's own, drawn down, and softer where it was folded away."""
        share, source = lines.on_the_lid(place.v)
        drawn_down = self._sampled(eye, place, source)
        unfolded = np.clip((lines.moved - lines.edge) / (0.1 * eye.unit), 0, 1)
        unfolded *= np.clip(share * 2.2 - 0.3, 0, 1)
        # Under the lashes the open eye showed its white, which the shut one must not.
        unfolded = np.where(place.v < lines.moved, 0.85 * unfolded, unfolded)[..., None]
        shade = 1 - _LID_SHADE * travelled * share**3
        skin = (drawn_down * (1 - unfolded) + soft * unfolded) * shade[..., None]
        return np.asarray(skin, np.float32)

    def _sampled(self, eye: Eye, place: _Place, v: NDArray[np.float64]) -> NDArray[np.float32]:
        """The picture at (u, v) of the eye's axes."""
        x = eye.centre[0] + place.u * eye.axis[0] - v * eye.axis[1]
        y = eye.centre[1] + place.u * eye.axis[1] + v * eye.axis[0]
        pixels = cv2.remap(
            self._picture,
            x.astype(np.float32),
            y.astype(np.float32),
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(pixels, dtype=np.float32)


class _Lines:
    """Where brow, lids and lashes are at one closure: v for each pixel of an eye's part.

    Attributes:
        edge: The upper lid's edge in the picture.
        brow: Skin above this line stays where it is.
        thick: Of the lid's edge with its lashes, pixels.
        lower: The lower lid's edge in the picture.
        raised: The lower lid's edge now.
        moved: The upper lid's edge now.
    """

    def __init__(self, eye: Eye, u: NDArray[np.float64], closure: float) -> None:
        self._unit = eye.unit
        along = arch(u / (_BEYOND * eye.half_width))
        self.edge = _lid_edge(eye, u)
        self.brow = self.edge - _LID_SKIN * eye.unit
        self.thick = _LASHES * eye.unit * along
        self.lower = _lower_edge(eye, u)
        self.raised = self.lower - closure * _RISE * eye.unit * along
        self.moved = self.edge + closure * np.maximum(self.raised - self.edge, 0)

    def on_the_lid(self, v: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """From the brow (0) to the lid's edge (1), and where in the picture that skin was."""
        length = self.edge - self.brow
        stretched = np.maximum(self.moved - self.brow, 1e-6)
        share = np.clip((v - self.brow) / stretched, 0, 1)
        # Slope 1 at the brow, so that the lid's skin joins the forehead's without a fold.
        start = np.clip(stretched / length, 1, 2)
        skin = self.brow + length * (start * share + (1 - start) * share**2)
        lashes = self.edge + np.minimum(v - self.moved, self.thick)
        return share, np.where(v < self.brow, v, np.where(v < self.moved, skin, lashes))

    def below_the_eye(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where in the picture eyeball and cheek were: the lower lid takes the cheek along."""
        fade = np.clip(1 - (v - self.raised) / (_CHEEK * self._unit), 0, 1)
        cheek = v + (self.lower - self.raised) * fade * fade * (3 - 2 * fade)
        return np.where(v > self.raised, cheek, v)


def _blur_px(picture: Picture, eye: Eye) -> float:
    """How wide the picture makes a sharp edge, measured across the upper lid; at least 0.7 px."""
    s = np.linspace(-0.5, 0.5, 21)[:, None] * eye.half_width
    steps = np.linspace(-0.07, 0.07, 57) * eye.unit
    v = eye.upper_edge(s) + steps
    x = eye.centre[0] + s * eye.axis[0] - v * eye.axis[1]
    y = eye.centre[1] + s * eye.axis[1] + v * eye.axis[0]
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    lines = cv2.remap(grey, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
    falls = np.asarray(lines, np.float64)
    steepest = -np.gradient(falls, steps[1] - steps[0], axis=1).min(axis=1)
    # An edge blurred by a Gaussian falls by its height over sqrt(2 pi) standard deviations.
    widths = np.ptp(falls, axis=1) / np.maximum(steepest, 1e-3) / np.sqrt(2 * np.pi)
    return float(np.clip(np.median(widths), 0.7, 0.04 * eye.unit))


def _lid_edge(eye: Eye, u: NDArray[np.float64]) -> NDArray[np.float64]:
    return eye.tilt * u - eye.upper * arch(u / (_BEYOND * eye.half_width))


def _lower_edge(eye: Eye, u: NDArray[np.float64]) -> NDArray[np.float64]:
    # A little below what was found: a rim of white left open would show in every blink.
    depth = eye.lower + _MARGIN * eye.unit
    return eye.tilt * u + depth * arch(u / (_BEYOND * eye.half_width))


def _smooth(value: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.clip(value, 0, 1)
    return share * share * (3 - 2 * share)


def _place(picture: Picture, eye: Eye) -> _Place:
    height, width = picture.shape[:2]
    reach = 1.35 * eye.half_width
    up, down = eye.upper + (_LID_SKIN + 0.06) * eye.unit, eye.lower + (_CHEEK + 0.04) * eye.unit
    slope = abs(eye.axis[1]) * reach
    left, right = int(eye.centre[0] - reach), int(eye.centre[0] + reach) + 1
    top, bottom = int(eye.centre[1] - up - slope), int(eye.centre[1] + down + slope) + 1
    rows, columns = slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))
    y, x = np.mgrid[rows, columns].astype(np.float64)
    dx, dy = x - eye.centre[0], y - eye.centre[1]
    along = dx * eye.axis[0] + dy * eye.axis[1]
    across = dy * eye.axis[0] - dx * eye.axis[1]
    return _Place(rows, columns, along, across)


def _soft_skin(picture: Picture, eye: Eye, place: _Place) -> NDArray[np.float32]:
    """What the skin of the shut lid looks like: the skin round the eye, spread over it, with grain.

    The skin above the crease and below the eye is averaged into the opening, near pixels more; the
    fine structure of the cheek is laid over it, so that it looks neither airbrushed nor pasted.
    """
    part = picture[place.rows, place.columns].astype(np.float32)
    u, v, unit = place.u, place.v, eye.unit
    s = np.clip(np.abs(u) / (_BEYOND * eye.half_width), 0, 1)
    # Lashes and the lid's crease are left out as well as the eye itself.
    inside = (v > _lid_edge(eye, u) - 0.055 * unit) & (v < _lower_edge(eye, u) + 0.035 * unit)
    inside &= s < 1.0
    grey = part.mean(axis=2)
    # Brows, lashes and deep folds would darken the lid, too.
    skin = (~inside & (grey > np.percentile(grey[~inside], 40))).astype(np.float32)
    filled = np.zeros_like(part)
    weight = np.zeros_like(skin)
    for sigma in (0.03 * unit, 0.06 * unit, 0.12 * unit):
        near = cv2.GaussianBlur(skin, (0, 0), sigma)
        spread = cv2.GaussianBlur(part * skin[..., None], (0, 0), sigma)
        share = np.clip(near - weight, 0, 1)
        filled += spread / np.maximum(near, 1e-4)[..., None] * share[..., None]
        weight += share
    filled /= np.maximum(weight, 1e-4)[..., None]
    smooth = cv2.GaussianBlur(filled, (0, 0), 0.03 * unit)
    return np.asarray(smooth + _grain(picture, eye, part.shape[:2]), dtype=np.float32)


def _grain(picture: Picture, eye: Eye, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Fine structure of the cheek below the eye, of the wanted shape; float32, mean 0."""
    height, width = picture.shape[:2]
    at = eye.centre + np.array([0.0, 0.36 * eye.unit])
    half = max(4, int(0.12 * eye.unit))
    x, y = int(np.clip(at[0], half, width - half)), int(np.clip(at[1], half, height - half))
    patch = picture[y - half : y + half, x - half : x + half].astype(np.float32)
    fine = patch - cv2.GaussianBlur(patch, (0, 0), 0.02 * eye.unit + 1)
    rows = -(-shape[0] // fine.shape[0])
    columns = -(-shape[1] // fine.shape[1])
    # Mirrored tiles have no seams.
    fine = np.concatenate([fine[:: (-1) ** k] for k in range(rows)])
    fine = np.concatenate([fine[:, :: (-1) ** k] for k in range(columns)], axis=1)
    return np.asarray(fine[: shape[0], : shape[1]], dtype=np.float32)
