"""A loop's seam: a jump is measured as the eye sees it, and two cures take it away."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.paths import builtin_models_dir
from kiosk.video import FilmWriter
from kiosk.video.seam import SeamError, cross_fade, ping_pong, require_seamless, seam_jump

Frames = NDArray[np.uint8]


def _swaying(count: int, turns: float, reach_px: float = 6.0) -> Frames:
    """A soft disc on grain that sways ``turns`` times; whole turns close the loop."""
    noise = np.random.default_rng(2).normal(0, 3, (count, 90, 120, 1))
    rows, columns = np.mgrid[0:90, 0:120]
    frames = []
    for index in range(count):
        x = 60 + reach_px * np.sin(2 * np.pi * turns * index / count)
        disc = 160 / (1 + np.exp((np.hypot(rows - 45, columns - x) - 25) / 1.5))
        frames.append(np.repeat(40 + disc[..., None], 3, axis=2))
    return np.clip(np.stack(frames) + noise, 0, 255).astype(np.uint8)


def test_a_loop_that_closes_does_not_jump() -> None:
    seam = seam_jump(_swaying(50, 1.0))
    assert 0.5 < seam.ratio < 1.5
    assert not seam.shows


def test_a_loop_that_ends_elsewhere_jumps() -> None:
    seam = seam_jump(_swaying(50, 1.25))
    assert seam.shows
    assert seam.jump > 5
    assert seam.frame_count == 50


def test_a_still_picture_with_grain_has_no_seam() -> None:
    assert not seam_jump(_swaying(20, 0.0)).shows
    assert not seam_jump(np.repeat(_swaying(1, 0.0), 5, axis=0)).shows


def test_the_shipped_loop_closes() -> None:
    loop = builtin_models_dir() / "mary-anning" / "idle.mp4"
    assert not require_seamless(loop).shows


def test_a_film_that_jumps_is_refused_with_the_jump_and_the_cure(tmp_path: Path) -> None:
    with FilmWriter(tmp_path / "loop.mp4", 120, 90, 25, None) as film:
        for frame in _swaying(40, 1.25):
            film.add_frame(frame)
    with pytest.raises(SeamError, match=r"jumps by \d+\.\d of 255") as caught:
        require_seamless(tmp_path / "loop.mp4")
    told = str(caught.value)
    assert "loop.mp4" in told
    assert "cross-fade" in told
    assert "ping-pong" in told
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == told
    assert again.seam == caught.value.seam


def test_to_and_fro_never_jumps() -> None:
    frames = _swaying(30, 0.3)
    assert seam_jump(frames).shows
    played = list(ping_pong(frames))
    assert len(played) == 58
    assert not seam_jump(played).shows
    assert np.array_equal(played[29], frames[29])
    assert np.array_equal(played[30], frames[28])
    assert np.array_equal(played[-1], frames[1])


@pytest.mark.parametrize("turns", [1.1, 1.25, 0.6])
def test_a_cross_fade_closes_the_loop(turns: float) -> None:
    frames = _swaying(60, turns)
    assert seam_jump(frames).shows
    faded = list(cross_fade(frames, 12))
    assert len(faded) == 48
    assert np.array_equal(faded[0], frames[12])
    assert np.array_equal(faded[35], frames[47])
    seam = seam_jump(faded)
    assert not seam.shows
    # And the transition is no jump either, only spread over its frames.
    steps = np.abs(np.diff(np.stack(faded).astype(float), axis=0)).mean(axis=(1, 2, 3))
    assert steps.max() < 2 * np.median(steps) + 1


def test_a_cross_fade_slides_what_moved_instead_of_showing_it_twice() -> None:
    """Half-way between two places of the disc lies the disc, not two half-bright ones."""
    frames = _swaying(41, 0.25, reach_px=12)
    halfway = list(cross_fade(frames, 1))[-1].astype(float)

    def edges(picture: NDArray[np.float64]) -> NDArray[np.float64]:
        row = picture[40:50].mean(axis=(0, 2))[None]
        steps: NDArray[np.float64] = np.abs(np.diff(cv2.GaussianBlur(row, (0, 0), 1.0)[0]))
        return steps

    one, slid = edges(frames[0].astype(float)), edges(halfway)
    assert (slid > 0.3 * one.max()).sum() <= (one > 0.3 * one.max()).sum() + 2  # not twice as many
    assert (np.arange(119) * slid).sum() / slid.sum() == pytest.approx(60 + 6, abs=1.5)


class _Counting:
    """An iterable that knows how many of its frames are still alive."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __iter__(self) -> Iterator[Frames]:
        for index in range(self.count):
            yield np.full((16, 16, 3), index, dtype=np.uint8)


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 6), extra=st.integers(1, 20))
def test_a_cross_fade_reads_once_and_gives_every_frame_its_turn(count: int, extra: int) -> None:
    total = 2 * count + extra
    faded = [int(frame[0, 0, 0]) for frame in cross_fade(_Counting(total), count)]
    assert len(faded) == total - count
    assert faded[:extra] == list(range(count, count + extra))


def test_too_few_frames_are_a_programming_error() -> None:
    frames = _swaying(4, 0)
    with pytest.raises(ValueError, match="needs 5"):
        list(cross_fade(frames, 2))
    with pytest.raises(ValueError, match="0 frames"):
        list(cross_fade(frames, 0))
    with pytest.raises(ValueError, match="two frames"):
        list(ping_pong(frames[:1]))
    with pytest.raises(ValueError, match="three frames"):
        seam_jump(frames[:2])
