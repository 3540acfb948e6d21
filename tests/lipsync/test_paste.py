"""The paste leaves alone what the model left alone, and hides what it did."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.lipsync.mask import MouthPlace, mouth_mask
from kiosk.lipsync.membrane import Membrane
from kiosk.lipsync.paste import Detail, Paster, detail_of, enlarged, grain_of

WIDTH, HEIGHT, SIDE = 176, 88, 80
SCALE = WIDTH / SIDE
PLACEMENT = np.array([[SCALE, 0, (SCALE - 1) / 2], [0, SCALE, (SCALE - 1) / 2]])
MOUTH = np.s_[10:22, 28:52]  # in the small picture

Picture = NDArray[np.uint8]
Small = NDArray[np.float32]


def _mask() -> Small:
    mask: Small = mouth_mask(MouthPlace(88, 26, np.full(WIDTH, 36, dtype=np.float32)), HEIGHT)
    return mask


def _skin(lines: bool = False) -> Picture:
    """Fine grain over a gradient: what a blur would destroy; and a lip line, if asked for."""
    random = np.random.default_rng(1)
    skin = np.linspace(100, 180, WIDTH)[None, :, None] + random.normal(0, 6, (HEIGHT, WIDTH, 3))
    if lines:
        skin[35:37, 64:112] -= 70
    return np.clip(skin, 0, 255).astype(np.uint8)


def _small(skin: Picture) -> Small:
    small = cv2.resize(skin, (SIDE, SIDE // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


def _change(amount: float) -> Small:
    """A mouth-sized block in the middle."""
    change = np.zeros((SIDE // 2, SIDE, 3), dtype=np.float32)
    change[MOUTH] = amount
    return change


def _paste(skin: Picture, change: Small, placement: NDArray[np.float64] = PLACEMENT) -> Picture:
    mask, before = _mask(), _small(skin)
    detail = detail_of(skin, before, PLACEMENT, mask)
    small_mask = np.asarray(cv2.resize(mask, (SIDE, SIDE // 2), interpolation=cv2.INTER_AREA))
    grain = grain_of(skin, before, PLACEMENT, detail)
    return Paster(mask, small_mask, detail).paste(skin, grain, before, change, placement)


def test_no_change_gives_the_loop_s_own_pixels() -> None:
    skin = _skin()
    assert np.array_equal(_paste(skin, _change(0)), skin)


def test_pixels_away_from_the_change_are_untouched() -> None:
    skin = _skin()
    changed = np.abs(_paste(skin, _change(-90)).astype(int) - skin).max(axis=2) > 0
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    # The block at 2.2 times its size, and a few pixels of blur and interpolation.
    assert rows.min() >= 10 * SCALE - 16
    assert rows.max() <= 22 * SCALE + 16
    assert columns.min() >= 28 * SCALE - 16
    assert columns.max() <= 52 * SCALE + 16


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), amount=st.floats(1, 255))
def test_outside_the_mask_nothing_ever_changes(seed: int, amount: float) -> None:
    skin = _skin(lines=True)
    noise = np.random.default_rng(seed).normal(0, amount, (SIDE // 2, SIDE, 3))
    patch = _paste(skin, noise.astype(np.float32))
    outside = _mask() == 0
    assert outside.mean() > 0.2
    assert np.array_equal(patch[outside], skin[outside])


def test_where_the_mouth_moved_the_loop_s_lines_do_not_shine_through() -> None:
    skin = _skin(lines=True)
    before = _small(skin)
    # The mouth is gone: even skin where the lip line was.
    flat = _small(_skin())
    change = np.zeros_like(before)
    change[MOUTH] = flat[MOUTH] - before[MOUTH]
    patch = _paste(skin, change).astype(float)
    profile = patch[26:46, 72:104].mean(axis=(1, 2))
    line = abs(profile[9:11].mean() - np.median(profile))
    assert line < 3  # of the 70 that it was deep


def test_texture_stays_where_it_is_light_and_goes_where_it_gets_dark() -> None:
    skin = _skin()

    def grain(picture: Picture) -> float:
        finest = picture - cv2.GaussianBlur(picture.astype(np.float64), (0, 0), 1.5)
        return float(finest[28:42, 70:106].std())

    assert grain(_paste(skin, _change(30))) > 0.7 * grain(skin)
    assert grain(_paste(skin, _change(-110))) < 0.5 * grain(skin)


def test_a_shade_over_everything_is_taken_off() -> None:
    skin = _skin()
    shade = np.full((SIDE // 2, SIDE, 3), (12.0, -25.0, 40.0), dtype=np.float32)
    shade += np.linspace(-20, 20, SIDE, dtype=np.float32)[None, :, None]
    difference = _paste(skin, shade).astype(float) - skin
    assert np.abs(cv2.GaussianBlur(difference, (0, 0), 4)).max() < 3
    # And what is no shade stays: a mouth drawn under it.
    difference = _paste(skin, shade + _change(-60)).astype(float) - skin
    assert difference[28:42, 70:106].mean() < -40


def test_a_fraction_of_a_pixel_moves_the_change_by_a_fraction() -> None:
    skin = np.full((HEIGHT, WIDTH, 3), 128, dtype=np.uint8)
    columns = np.arange(WIDTH)

    def centre(shift: float) -> float:
        placement = PLACEMENT + np.array([[0, 0, shift], [0, 0, 0]])
        weight = 128.0 - _paste(skin, _change(-60), placement)[30].mean(axis=1)
        return float((weight * columns).sum() / weight.sum())

    at_rest = centre(0)
    for shift in (0.25, 0.5, 0.75):
        assert centre(shift) - at_rest == pytest.approx(shift, abs=0.1)


def test_sharpening_makes_up_for_the_small_picture() -> None:
    picture = cv2.GaussianBlur(
        np.random.default_rng(5).uniform(0, 255, (HEIGHT, WIDTH, 3)), (0, 0), 2.0
    )
    skin = np.clip((picture - 128) * 3 + 128, 0, 255).astype(np.uint8)
    before = _small(skin)
    detail = detail_of(skin, before, PLACEMENT, _mask())
    assert 0.1 < detail.sharpening <= 0.6
    sharp = grain_of(skin, before, PLACEMENT, detail)
    soft = grain_of(skin, before, PLACEMENT, Detail(0, detail.activity))
    rest = [np.square(g.lines.astype(float) + g.texture).mean() for g in (sharp, soft)]
    assert rest[0] < rest[1]


def test_the_film_is_as_smooth_as_its_rim() -> None:
    """A linear shade is its own soap film; a drawing inside the rim is none of its business."""
    mask = cv2.resize(_mask(), (SIDE, SIDE // 2), interpolation=cv2.INTER_AREA)
    rows, columns = np.mgrid[0 : SIDE // 2, 0:SIDE].astype(np.float32)
    shade = np.stack([0.5 * columns, rows, 30 - columns], axis=-1)
    drawing = np.zeros_like(shade)
    drawing[MOUTH] = 200
    film = Membrane(np.asarray(mask)).over(shade + drawing)
    inside = mask > 0.5
    assert np.abs(film - shade)[inside].max() < 6
    assert np.abs(film - shade)[inside].mean() < 2


def test_enlarging_keeps_the_place_of_pixels() -> None:
    dot = np.zeros((SIDE // 2, SIDE, 1), dtype=np.float32)
    dot[20, 40] = 1
    large = enlarged(dot, PLACEMENT, (WIDTH, HEIGHT))
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    weight = np.squeeze(large) / large.sum()
    assert (rows * weight).sum() == pytest.approx(20.5 * SCALE - 0.5, abs=0.05)
    assert (columns * weight).sum() == pytest.approx(40.5 * SCALE - 0.5, abs=0.05)
