"""The loop plays for ever, at 25 fps, without a gap, from good files and from damaged ones."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.paths import builtin_models_dir
from kiosk.video import LoopReader, open_loop, read_all
from kiosk.video.source import Source
from tests.video.clips import HEIGHT, WIDTH, number_of, write_clip, write_sound


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clips") / "loop.mp4", 40)


@pytest.mark.parametrize("keep_mib", [0, 320])
def test_indices_and_pictures_run_on_across_the_seam(clip: Path, keep_mib: int) -> None:
    with LoopReader(clip, keep_mib=keep_mib) as reader:
        shown = [reader.next() for _ in range(105)]
    expected = [index % 40 for index in range(105)]
    assert [index for index, _ in shown] == expected
    assert [number_of(frame) for _, frame in shown] == expected
    assert shown[0][1].shape == (HEIGHT, WIDTH, 4)


@pytest.mark.parametrize("keep_mib", [0, 320])
def test_skipping_lands_on_the_right_picture(clip: Path, keep_mib: int) -> None:
    with LoopReader(clip, keep_mib=keep_mib) as reader:
        at = 0
        for step in (0, 1, 3, 11, 25, 39, 40, 41, 200, 2):
            reader.skip(step)
            at = (at + step) % 40
            index, frame = reader.next()
            assert (index, number_of(frame)) == (at, at)
            at = (at + 1) % 40


def test_a_frame_belongs_to_the_caller(clip: Path) -> None:
    with LoopReader(clip) as reader:
        _, frame = reader.next()
        before = frame.copy()
        frame[:] = 0
        reader.skip(39)
        assert np.array_equal(reader.next()[1], before)


@pytest.mark.parametrize(
    ("fps", "count", "frames"),
    [
        (25, 50, 50),
        (50, 100, 50),
        (Fraction(25, 2), 25, 50),
        (30, 60, 50),
        (Fraction(30000, 1001), 60, 50),
    ],
)
def test_other_rates_become_25_frames_a_second(
    tmp_path: Path, fps: Fraction | int, count: int, frames: int
) -> None:
    path = write_clip(tmp_path / "loop.mp4", count, fps=fps)
    assert open_loop(path).frame_count == frames
    with LoopReader(path, keep_mib=0) as reader:
        shown = [number_of(reader.next()[1]) for _ in range(frames + 1)]
    exact = [(slot + 0.5) / 25 * float(fps) for slot in range(frames)]
    assert all(abs(number + 0.5 - at) <= 1 for number, at in zip(shown, exact, strict=False))
    assert shown == [*sorted(shown[:-1]), shown[0]]


def test_a_crop_is_a_slice_of_the_whole(clip: Path) -> None:
    whole = read_all(clip)
    with LoopReader(clip, crop=(20, 10, 60, 40), out_format="bgr") as reader:
        _, frame = reader.next()
    assert np.array_equal(frame, whole[0][10:50, 20:80])


def test_an_odd_crop_grows_to_even_numbers(clip: Path) -> None:
    with LoopReader(clip, crop=(21, 11, 61, 41)) as reader:
        assert reader.crop == (20, 10, 62, 42)
        assert reader.next()[1].shape == (42, 62, 4)


@pytest.mark.parametrize("crop", [(-2, 0, 10, 10), (0, 0, WIDTH + 2, 10), (0, 0, 0, 10)])
def test_a_crop_outside_the_picture_is_refused(clip: Path, crop: tuple[int, int, int, int]) -> None:
    with pytest.raises(MediaError, match="crop"):
        LoopReader(clip, crop=crop)


def test_colours_are_those_of_the_file(clip: Path) -> None:
    frame = read_all(clip)[0]
    top = frame[: HEIGHT // 2].astype(int)
    assert np.abs(top[20, :, 0] - np.linspace(40, 200, WIDTH)).mean() < 6
    assert np.abs(top[:, 80, 2] - np.linspace(60, 180, HEIGHT)[: HEIGHT // 2]).mean() < 6


def test_the_short_way_to_planes_gives_what_the_general_one_gives(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def planes() -> list[NDArray[np.uint8]]:
        with Source(clip) as source:
            return [source.to_nv12(frame) for _, frame in source.decode()]

    short = planes()
    monkeypatch.setattr(Source, "_needs_no_conversion", lambda *_: False)
    assert all(np.array_equal(one, other) for one, other in zip(short, planes(), strict=True))


@pytest.mark.parametrize("size", [(80, 48), (120, 72), (240, 144)])
@pytest.mark.parametrize("keep_mib", [0, 320])
def test_frames_come_in_the_size_that_is_asked_for(
    clip: Path, size: tuple[int, int], keep_mib: int
) -> None:
    with LoopReader(clip, size=size, keep_mib=keep_mib) as reader:
        for index in [*range(40), 0, 1]:
            at, frame = reader.next()
            assert frame.shape == (size[1], size[0], 4)
            assert (at, number_of(frame)) == (index, index)
    with LoopReader(clip, crop=(40, 0, 80, 96), size=(60, 72), out_format="nv12") as reader:
        assert reader.next()[1].shape == (108, 60)


def test_what_is_kept_is_as_large_as_what_is_shown(clip: Path) -> None:
    small = (WIDTH // 4, HEIGHT // 4)
    whole_mib = WIDTH * HEIGHT * 3 / 2 * 40 / 2**20
    assert whole_mib < 1  # so the limit is tried with none at all, and with one
    with LoopReader(clip, size=small, keep_mib=1) as reader:
        for _ in range(40):
            reader.next()
        kept = reader._kept
        assert kept is not None
        assert {planes.shape for planes in kept.values()} == {(small[1] * 3 // 2, small[0])}


def test_other_pixel_formats_are_shown_alike(clip: Path, tmp_path: Path) -> None:
    other = write_clip(tmp_path / "loop.mp4", 40, pix_fmt="yuv444p")
    difference = np.abs(read_all(other)[0].astype(int) - read_all(clip)[0])
    assert difference.mean() < 3


def _text(path: Path) -> None:
    path.write_text("this is no video\n" * 50)


def _empty(path: Path) -> None:
    path.touch()


def _folder(path: Path) -> None:
    path.mkdir()


def _missing(_: Path) -> None:
    pass


def _short(path: Path) -> None:
    write_clip(path, 20)


def _sound(path: Path) -> None:
    write_sound(path)


def _without_end(path: Path) -> None:
    """An MP4 whose index, at its end, never reached the disk."""
    content = write_clip(path, 40).read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])


def _cut_early(path: Path) -> None:
    """An MP4 with its index in front and less than a second of pictures."""
    content = write_clip(path, 40, faststart=True).read_bytes()
    path.write_bytes(content[: content.index(b"mdat") + (len(content) // 8)])


def _zeros(path: Path) -> None:
    content = write_clip(path, 40, faststart=True).read_bytes()
    start = content.index(b"mdat") + 4
    path.write_bytes(content[:start] + bytes(len(content) - start))


def _playlist(path: Path) -> None:
    """A list that would make the decoder open another file."""
    other = write_clip(path.with_name("other.mp4"), 40)
    path.write_text(f"ffconcat version 1.0\nfile '{other}'\n")


@pytest.mark.parametrize(
    "make",
    [
        _missing,
        _empty,
        _folder,
        _text,
        _sound,
        _short,
        _without_end,
        _cut_early,
        _zeros,
        _playlist,
    ],
)
def test_an_unusable_file_gives_one_clear_message(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "loop.mp4"
    make(path)
    with pytest.raises(MediaError) as caught:
        open_loop(path)
    assert caught.value.where == str(path)
    assert caught.value.what.endswith(".")
    assert caught.value.remedy.endswith(".")
    with pytest.raises(MediaError):
        LoopReader(path)


def test_a_loop_cut_in_the_middle_plays_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "loop.mp4"
    content = write_clip(path, 100, faststart=True).read_bytes()
    path.write_bytes(content[: len(content) * 7 // 10])
    count = open_loop(path).frame_count
    assert 25 <= count < 100
    with LoopReader(path, keep_mib=0) as reader:
        shown = [reader.next() for _ in range(2 * count)]
    assert [number_of(frame) for _, frame in shown] == [index % count for index in range(2 * count)]


def test_a_loop_with_garbage_inside_plays_on(tmp_path: Path) -> None:
    path = tmp_path / "loop.mp4"
    content = bytearray(write_clip(path, 100, faststart=True).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = bytes(range(200)) * 2
    path.write_bytes(content)
    with LoopReader(path, keep_mib=0) as reader:
        count = reader.info.frame_count
        shown = [reader.next() for _ in range(2 * count)]
    assert count == 100
    assert [index for index, _ in shown] == list(range(100)) * 2
    first, second = shown[:100], shown[100:]
    assert [number_of(frame) for _, frame in first[:30]] == list(range(30))
    assert [number_of(frame) for _, frame in second[:30]] == list(range(30))


def test_a_long_loop_is_not_kept_in_memory(clip: Path) -> None:
    def resident_kib() -> int:
        status = Path("/proc/self/status")
        if not status.exists():
            pytest.skip("no /proc here")
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
        return int(line.split()[1])

    with LoopReader(clip, keep_mib=0) as reader:
        for _ in range(200):
            reader.next()
        before = resident_kib()
        for _ in range(1200):
            reader.next()
        assert resident_kib() - before < 4096


def test_the_shipped_loop_is_what_its_boxes_say() -> None:
    info = open_loop(builtin_models_dir() / "mary-anning" / "idle.mp4")
    assert (info.width, info.height, info.fps, info.frame_count) == (1920, 1080, 25, 300)
