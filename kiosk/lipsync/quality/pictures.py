"""Figures from pictures: likeness, what is open of a mouth, and whether a mask's edge shows."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.mask import MouthPlace

Picture = NDArray[np.uint8]
"""BGR, shape (height, width, 3)."""

_SSIM_SIGMA, _SSIM_RADIUS = 1.5, 5
_SSIM_K1, _SSIM_K2 = 0.01, 0.03
_GREY = np.array([0.114, 0.587, 0.299])

# Rows of the mouth's opening, in half widths above and below the line between the resting lips.
_ABOVE, _BELOW = 0.35, 1.0
_EDGE_REACH_PX = 2


def psnr_db(one: Picture, other: Picture) -> float:
    """Peak signal-to-noise ratio of two pictures, decibels; infinite if they are the same."""
    error = float(np.mean(np.square(one.astype(np.float64) - other)))
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def ssim(one: Picture, other: Picture) -> float:
    """Structural similarity of two pictures' lightness, 1 if they are the same.

    Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image Quality Assessment: From Error
    Visibility to Structural Similarity", 2004; with its Gaussian window of sigma 1.5 px. Borders
    narrower than the window's radius of 5 px are left out.
    """
    x, y = (picture.astype(np.float64) @ _GREY for picture in (one, other))

    def local(values: NDArray[np.float64]) -> NDArray[np.float64]:
        window = (2 * _SSIM_RADIUS + 1,) * 2
        return np.asarray(cv2.GaussianBlur(values, window, _SSIM_SIGMA), dtype=np.float64)

    mean_x, mean_y = local(x), local(y)
    variances = local(x * x) - mean_x**2 + local(y * y) - mean_y**2
    covariance = local(x * y) - mean_x * mean_y
    c1, c2 = (255 * _SSIM_K1) ** 2, (255 * _SSIM_K2) ** 2
    likeness = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    likeness /= (mean_x**2 + mean_y**2 + c1) * (variances + c2)
    inner = np.s_[_SSIM_RADIUS:-_SSIM_RADIUS]
    return float(likeness[inner, inner].mean())


def inner_mouth(patch: Picture, resting: Picture, place: MouthPlace) -> float:
    """How far a mouth is open: area of what is seen between the lips.

    Throat and teeth have less colour than skin and lips, or are much darker, whatever the skin.
    What is so already while the mouth rests (a moustache, the resting lip line) does not count.

    Args:
        patch: A speaking mouth.
        resting: The loop's own pixels there.
        place: Where the mouth is.

    Returns:
        Area over the square of the mouth's half width; a wide vowel gives about 0.5.
    """
    half = place.half_width
    rows = slice(max(0, round(place.y - _ABOVE * half)), round(place.y + _BELOW * half))
    columns = slice(max(0, round(place.x - half)), round(place.x + half))

    def inside(picture: Picture) -> NDArray[np.float32]:
        lab = cv2.cvtColor(picture[rows, columns].astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
        light, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
        pale = np.clip((0.6 - chroma / colourful) / 0.2, 0, 1)
        dark = np.clip((0.55 - light / bright) / 0.15, 0, 1)
        return np.asarray(np.maximum(pale, dark), dtype=np.float32)

    skin = cv2.cvtColor(resting[rows, columns].astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    bright = max(float(np.median(skin[..., 0])), 1.0)
    colourful = max(float(np.median(np.hypot(skin[..., 1], skin[..., 2]))), 1.0)
    opened = np.maximum(inside(patch) - inside(resting), 0)
    return float(opened.sum()) / half**2


def edge_energy_ratio(patch: Picture, resting: Picture, mask: NDArray[np.float32]) -> float:
    """Gradient energy along the outline of what was changed, over the loop's own there.

    1 where the outline cannot be found; a pasted rectangle gives several.

    Args:
        patch: With the change.
        resting: The loop's own pixels.
        mask: Where changes are allowed, 0..1, shape (height, width).
    """
    allowed = (mask > 0).astype(np.uint8)
    reach = np.ones((2 * _EDGE_REACH_PX + 1,) * 2, dtype=np.uint8)
    edge = cv2.dilate(allowed, reach) != cv2.erode(allowed, reach)

    def energy(picture: Picture) -> float:
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
        across, down = (cv2.Sobel(grey, -1, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
        return float((across**2 + down**2)[edge].mean())

    return energy(patch) / max(energy(resting), 1e-6)
