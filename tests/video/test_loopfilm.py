"""Loops on disk: what stands still stands still bit for bit, over the seam as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.video import LoopReader, open_loop, read_all, read_film
from kiosk.video.loopfilm import LoopWriter, write_loop
from kiosk.video.source import Source

WIDTH, HEIGHT, COUNT = 192, 128, 60
FIGURE = np.s_[32:112, 48:144]  # whole blocks of the encoder, and one more on each side
AROUND = np.s_[16:128, 32:160]


def painted(count: int = COUNT) -> Iterator[NDArray[np.uint8]]:
    """A canvas full of grain that never moves, and a figure that sways once."""
    rng = np.random.default_rng(7)
    canvas = rng.integers(60, 120, (HEIGHT, WIDTH, 1)).astype(np.uint8).repeat(3, axis=2)
    figure = rng.integers(90, 220, (80, 96, 1)).astype(np.uint8).repeat(3, axis=2)
    for index in range(count):
        frame = canvas.copy()
        frame[FIGURE] = np.roll(figure, round(4 * np.sin(2 * np.pi * index / count)), axis=1)
        yield frame


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("loop") / "loop.mp4"
    write_loop(path, painted(), (WIDTH, HEIGHT))
    return path


def test_the_background_never_changes(loop: Path) -> None:
    frames = read_all(loop).astype(int)
    moved = np.abs(frames - frames[0]).max(axis=(0, 3))
    assert moved[FIGURE].max() > 50
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[AROUND] = False
    assert moved[outside].max() == 0


def test_it_is_close_to_what_was_drawn(loop: Path) -> None:
    drawn = np.stack(list(painted())).astype(int)
    apart = np.abs(read_all(loop).astype(int) - drawn).mean(axis=(1, 2, 3))
    assert apart.max() < 4
    assert apart.max() - apart.min() < 1  # no picture is much better or worse than the others


def test_one_keyframe_and_no_picture_before_its_turn(loop: Path) -> None:
    with Source(loop) as source:
        assert source.packets.keyframes.tolist() == [0]
    assert open_loop(loop).frame_count == COUNT


def test_every_round_has_the_same_pixels(loop: Path) -> None:
    with LoopReader(loop, out_format="nv12", keep_mib=0) as reader:
        rounds = [[reader.next()[1] for _ in range(COUNT)] for _ in range(2)]
    assert all(np.array_equal(one, other) for one, other in zip(*rounds, strict=True))


def test_odd_sizes_and_the_mark(tmp_path: Path) -> None:
    path = tmp_path / "odd.mp4"
    with LoopWriter(path, 191, 127) as film:
        for frame in painted(30):
            film.add_frame(np.ascontiguousarray(frame[:127, :191]))
    film_back = read_film(path)
    assert film_back.frames.shape == (30, 128, 192, 3)
    assert film_back.comment == "AI-generated"


def test_a_worse_quality_is_smaller(tmp_path: Path) -> None:
    sizes = []
    for crf in (16, 30):
        write_loop(tmp_path / f"{crf}.mp4", painted(30), (WIDTH, HEIGHT), crf=crf)
        sizes.append((tmp_path / f"{crf}.mp4").stat().st_size)
    assert sizes[1] < 0.6 * sizes[0]


def test_an_unfinished_loop_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "loop.mp4"

    def broken() -> Iterator[NDArray[np.uint8]]:
        yield next(painted())
        raise MediaError("The frames end.", where=path)

    with pytest.raises(MediaError, match="The frames end"):
        write_loop(path, broken(), (WIDTH, HEIGHT))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(MediaError, match="cannot be written"):
        write_loop(tmp_path / "none" / "loop.mp4", painted(30), (WIDTH, HEIGHT))
