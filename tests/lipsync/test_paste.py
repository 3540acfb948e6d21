"""The paste leaves alone what the model left alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.paste import Paster, border_mask

WIDTH, HEIGHT, SIDE = 176, 88, 80


def _skin() -> NDArray[np.uint8]:
    """Fine grain over a gradient: what a blur would destroy."""
    random = np.random.default_rng(1)
    ramp = np.linspace(80, 180, WIDTH)[None, :, None]
    grain = random.normal(0, 12, (HEIGHT, WIDTH, 3))
    return np.clip(ramp + grain, 0, 255).astype(np.uint8)


def _before(skin: NDArray[np.uint8]) -> NDArray[np.float32]:
    small = cv2.resize(skin, (SIDE, SIDE // 2), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32)


def _change(amount: float) -> NDArray[np.float32]:
    """A mouth-sized block in the middle."""
    change = np.zeros((SIDE // 2, SIDE, 3), dtype=np.float32)
    change[14:26, 28:52] = amount
    return change


def test_no_change_gives_the_loop_s_own_pixels() -> None:
    skin = _skin()
    patch = Paster(WIDTH, HEIGHT).paste(skin, _before(skin), _change(0))
    assert np.array_equal(patch, skin)


def test_pixels_away_from_the_change_are_untouched() -> None:
    skin = _skin()
    patch = Paster(WIDTH, HEIGHT).paste(skin, _before(skin), _change(-90))
    changed = np.abs(patch.astype(int) - skin).max(axis=2) > 0
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    # The block at 2.2 times its size, and a few pixels of blur and interpolation.
    assert rows.min() >= 14 * 2.2 - 16
    assert rows.max() <= 26 * 2.2 + 16
    assert columns.min() >= 28 * 2.2 - 16
    assert columns.max() <= 52 * 2.2 + 16


def test_where_the_mouth_moved_the_loop_does_not_shine_through() -> None:
    skin = _skin()
    before = _before(skin)
    change = _change(0)
    change[14:26, 28:52] = 20 - before[14:26, 28:52]  # an even, dark mouth
    patch = Paster(WIDTH, HEIGHT).paste(skin, before, change)
    inside = patch[36:52, 68:108].astype(float)
    assert abs(inside.mean() - 20) < 3
    assert inside.std() < 3  # the grain of 12 is gone


def test_the_border_is_the_loop_s_own() -> None:
    skin = _skin()
    everything = np.full((SIDE // 2, SIDE, 3), -80, dtype=np.float32)
    patch = Paster(WIDTH, HEIGHT).paste(skin, _before(skin), everything)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert np.array_equal(patch[edge], skin[edge])
    assert (skin[30:60, 40:140].astype(int) - patch[30:60, 40:140]).mean() > 60


def test_the_mask_is_one_inside_and_zero_at_the_border() -> None:
    mask = border_mask(WIDTH, HEIGHT)
    assert mask[HEIGHT // 2, WIDTH // 2] == 1
    assert mask[0].max() == mask[-1].max() == mask[:, 0].max() == mask[:, -1].max() == 0
    assert np.abs(np.diff(mask, axis=1)).max() < 0.2
