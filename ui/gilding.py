"""What a picture frame is made of: gold leaf or walnut, in the light of ``ui.relief``. No Qt."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ui.relief import Lit, Moulding, Plane, lit

Material = Literal["gilt", "walnut"]
Picture = NDArray[np.uint8]
"""BGRX, shape (height, width, 4)."""

# From shadow to light, BGR: leaf over red bole, toned as old frames are.
_GOLD = np.array(
    [(4, 10, 20), (12, 32, 58), (24, 66, 108), (40, 108, 160), (66, 152, 206), (118, 196, 236),
     (188, 230, 252), (236, 250, 255)], np.float32,
)  # fmt: skip
_WALNUT = np.array(
    [(4, 5, 9), (8, 14, 24), (14, 26, 44), (24, 42, 70), (36, 62, 98), (58, 90, 130),
     (110, 142, 178), (190, 208, 226)], np.float32,
)  # fmt: skip
_BOLE = np.array((0.36, 0.28, 0.14), np.float32)  # what it takes from blue, green, red
_SLIP_FROM = 0.84  # a walnut frame has a gilded sight edge
_REVEAL_FROM = 0.985


def frame_picture(width: int, height: int, margin: int, breadth: int, material: Material,
                  wall: tuple[int, int, int]) -> Picture:  # fmt: skip
    """A frame that hangs on a wall; what is inside of it is black.

    Args:
        width: Of the whole, pixels.
        height: The same.
        margin: Wall that is seen on each side, pixels.
        breadth: Of the moulding, pixels.
        material: What it is made of.
        wall: Colour behind it, BGR.
    """
    moulding = Moulding(
        margin, margin, width - 2 * margin, height - 2 * margin, breadth, material == "gilt"
    )
    picture = np.zeros((height, width, 4), np.uint8)
    clouds, specks = _noise(width, height)
    edge = margin + breadth
    for left, top, across, down in (
        (0, 0, width, edge),
        (0, height - edge, width, edge),
        (0, edge, edge, height - 2 * edge),
        (width - edge, edge, edge, height - 2 * edge),
    ):
        if across > 0 and down > 0:
            part = lit(moulding, left, top, across, down)
            place = np.s_[top : top + down, left : left + across]
            colours = _coloured(part, material, clouds[place], specks[place])
            behind = _wall(moulding, left, top, across, down, wall)
            covers = np.clip(part.share * breadth, 0, 1)[..., None]
            mixed = behind * (1 - covers) + colours * covers
            picture[place][..., :3] = np.clip(mixed, 0, 255)
    return picture


def _coloured(part: Lit, material: Material, cloud: Plane, speck: Plane) -> NDArray[np.float32]:
    light = 0.05 + 0.50 * part.diffuse + 0.24 * part.sky + 0.55 * part.gloss
    light += 0.13 * part.bounce
    light *= 1 - 0.62 * part.recess
    light += 0.07 * part.ridge * part.diffuse
    light *= 1 + 0.10 * cloud + 0.05 * speck
    gold = _ramp(_GOLD, light)
    # Where hands have dusted for a century, the red ground shines through the leaf.
    worn = np.clip(part.ridge * 1.1 + cloud * 0.8 - 1.1, 0, 1)[..., None]
    gold *= 1 - worn * _BOLE
    if material == "walnut":
        grain = np.sin(part.share * 46 + 3.2 * cloud + part.along * 0.35)
        polish = 0.04 + 0.36 * part.diffuse + 0.12 * part.sky + 0.42 * part.gloss
        polish *= (1 - 0.6 * part.recess) * (1 + 0.13 * grain * grain + 0.07 * speck)
        slip = np.clip((part.share - _SLIP_FROM) * 90, 0, 1)[..., None]
        gold = _ramp(_WALNUT, polish) * (1 - slip) + gold * slip
    reveal = np.clip((part.share - _REVEAL_FROM) / (1 - _REVEAL_FROM), 0, 1)[..., None]
    return np.asarray(gold * (1 - 0.85 * reveal), dtype=np.float32)


def _ramp(colours: NDArray[np.float32], light: Plane) -> NDArray[np.float32]:
    place = np.clip(light, 0, 1) * (len(colours) - 1)
    steps = np.arange(len(colours))
    channels = [np.interp(place, steps, colours[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def _noise(width: int, height: int) -> tuple[Plane, Plane]:
    """Broad clouds and fine specks, each about -1..1; always the same."""
    random = np.random.default_rng(1847)
    coarse = random.normal(0, 1, (height // 24 + 3, width // 24 + 3)).astype(np.float32)
    cloud = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    speck = cv2.GaussianBlur(random.normal(0, 1.6, (height, width)).astype(np.float32), (0, 0), 0.8)
    return np.clip(cloud, -1.5, 1.5), np.asarray(speck, np.float32)


def _wall(moulding: Moulding, left: int, top: int, width: int, height: int,
          colour: tuple[int, int, int]) -> NDArray[np.float32]:  # fmt: skip
    """The wall with the shadow that the frame throws on it, to the lower right."""
    soft = 0.16 * moulding.breadth
    rows, columns = np.mgrid[top : top + height, left : left + width].astype(np.float32)
    x, y = columns - moulding.left - 0.9 * soft, rows - moulding.top - 1.1 * soft

    def inside(place: Plane, length: int) -> Plane:
        return _step(place / soft) * _step((length - place) / soft)

    shadow = inside(x, moulding.width) * inside(y, moulding.height)
    return np.array(colour, np.float32) * (1 - 0.75 * shadow[..., None])


def _step(place: Plane) -> Plane:
    """0 far on the negative side, 1 far on the positive one."""
    return np.asarray(1 / (1 + np.exp(-1.8 * place)), dtype=np.float32)
