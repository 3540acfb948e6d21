"""A loop from a film: which stretch, how still, how seamless, and what is refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.errors import MediaError
from kiosk.making.footage import Footage
from kiosk.making.from_video import loop_from_video
from kiosk.making.loop_file import find_boxes_at, write_loop
from kiosk.making.steady import measure
from kiosk.making.stretch import Looked, choose
from kiosk.video import LoopReader, open_loop
from kiosk.video.faces import Face, haar_detector, load_boxes
from kiosk.video.seam import seam_jump
from kiosk.video.source import Source
from tests.making.material import (
    Picture,
    astronaut,
    head,
    shaken,
    speaking,
    write_film,
    write_sound,
)

FPS = 15
SIZE = (480, 270)


@pytest.fixture(scope="module")
def made_of_a_shaky_film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Picture]]:
    """Two seconds of speech and five of silence, held by hand, made into a loop."""
    folder = tmp_path_factory.mktemp("video")
    frames = shaken(head(), 7 * FPS, 4.0)
    talk = shaken(speaking(head(), 6), 7 * FPS, 4.0)
    talking = [talk[k] if k % 3 else frames[k] for k in range(2 * FPS)]
    film = write_film(folder / "film.mov", [*talking, *frames[2 * FPS :]], FPS)
    made = loop_from_video(film, folder, size=SIZE, detector=haar_detector())
    assert made.frame_count == open_loop(made.loop).frame_count
    assert any("camera moved" in line for line in made.method)
    assert {exhibit.picture.ndim for exhibit in made.exhibits} == {3}
    return made.loop, frames


def test_the_loop_is_of_the_kiosks_kind(
    made_of_a_shaky_film: tuple[Path, list[Picture]],
) -> None:
    loop, _ = made_of_a_shaky_film
    info = open_loop(loop)
    assert (info.width, info.height) == SIZE
    assert info.frame_count >= 3 * 25
    with Source(loop) as source:
        assert np.diff(source.packets.keyframes).max() <= 25
    boxes = load_boxes(loop.with_name("idle.faces.json"), SIZE, info.frame_count)
    assert boxes[:, 2].min() > 64
    assert not seam_jump(loop).shows
    assert not list(loop.parent.glob("*.raw"))


def test_silence_is_preferred_and_the_camera_held_still(
    made_of_a_shaky_film: tuple[Path, list[Picture]],
) -> None:
    loop, _ = made_of_a_shaky_film
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        frames = [reader.next()[1] for _ in range(reader.info.frame_count)]
    greys = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in frames]
    points = cv2.goodFeaturesToTrack(greys[0], 60, 0.05, 8)
    moved = []
    for grey in greys[1::5]:
        there, found, _ = cv2.calcOpticalFlowPyrLK(greys[0], grey, points, None)
        moved.append(np.median((there - points)[found == 1].reshape(-1, 2), axis=0))
    assert np.abs(moved).max() < 0.8  # pixels of the loop; the camera moved by 4, enlarged
    mouths = [float(frame[150:200, 190:290].mean()) for frame in frames]
    assert np.ptp(mouths) < 6  # nobody spoke
    assert min(float(grey[:, :4].mean()) for grey in greys) > 20  # no black border


def test_a_person_who_does_not_come_back_is_played_to_and_fro(tmp_path: Path) -> None:
    wide = astronaut()[20:300, 40:440]
    frames = [wide[:240, k : k + 320] for k in np.linspace(0, 70, 5 * FPS).astype(int)]
    film = write_film(tmp_path / "drift.mp4", frames, FPS)
    made = loop_from_video(film, tmp_path, size=SIZE, detector=haar_detector())
    assert any("to and fro" in line for line in made.method)
    assert made.frame_count % 2 == 0
    assert not made.seam.shows
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "drift.mp4", "idle.faces.json", "idle.mp4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rotate", "turn"),
    [(90, cv2.ROTATE_90_CLOCKWISE), (180, cv2.ROTATE_180), (-90, cv2.ROTATE_90_COUNTERCLOCKWISE)],
)
def test_the_telephone_knows_which_way_is_up(tmp_path: Path, rotate: int, turn: int) -> None:
    lying = cv2.rotate(head(), turn)
    film = write_film(tmp_path / "f.mp4", [lying] * (5 * FPS), FPS, rotate=rotate)
    with Footage(film) as footage:
        assert footage.size == (320, 240)
        frame = next(footage.at([1.0], 1.0))
    assert frame.shape == (240, 320, 3)
    assert np.abs(frame.astype(int) - head()).mean() < 8


def test_times_between_frames_are_nearest_or_blended(tmp_path: Path) -> None:
    ramp = [np.full((64, 64, 3), 40 + 4 * k, np.uint8) for k in range(50)]
    dense = write_film(tmp_path / "dense.mp4", [np.repeat(f, 2, 1) for f in ramp * 3], 30)
    sparse = write_film(tmp_path / "sparse.mp4", [np.repeat(f, 2, 1) for f in ramp], 10)
    with Footage(dense) as footage:
        values = [float(f.mean()) for f in footage.at([0.1, 0.111, 0.13], 1.0)]
        assert np.allclose(np.diff(values), [0, 4], atol=1.0)
    with Footage(sparse) as footage:
        values = [float(f.mean()) for f in footage.at([1.0, 1.05, 1.1], 1.0)]
        assert values[1] == pytest.approx((values[0] + values[2]) / 2, abs=1.0)


def test_webm_is_read(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.webm", [head()] * 65, FPS, codec="libvpx")
    with Footage(film) as footage:
        assert footage.size == (320, 240)
        assert len(list(footage.samples(2.0, 160))) in (8, 9, 10)


def test_shake_and_flicker_are_measured() -> None:
    random = np.random.default_rng(3)
    path = random.uniform(-3, 3, (12, 2))
    frames = []
    for index, (dx, dy) in enumerate(path):
        matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float64)
        moved = cv2.warpAffine(
            astronaut(), matrix, (512, 512), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        frames.append(np.clip(moved * (1.05 if index % 2 else 0.95), 0, 255).astype(np.uint8))
    steadying = measure(frames, astronaut(), np.array([180.0, 65, 85, 108]))
    # Neighbours are averaged a little, so the middle of a random path comes back damped.
    found = steadying.matrices[:, :, 2]
    assert np.corrcoef(found.ravel(), path.ravel())[0, 1] > 0.6
    assert steadying.flicker == pytest.approx(0.05, abs=0.02)
    brightness = [float((f * g).mean()) for f, g in zip(frames, steadying.gains, strict=True)]
    assert np.std(brightness) / np.mean(brightness) < 0.01


def test_a_camera_on_a_stand_is_left_alone() -> None:
    noise = np.random.default_rng(1)
    frames = [
        np.clip(astronaut() + noise.normal(0, 2, (512, 512, 3)), 0, 255).astype(np.uint8)
        for _ in range(6)
    ]
    steadying = measure(frames, astronaut(), np.array([180.0, 65, 85, 108]))
    assert np.array_equal(steadying.matrices, np.tile(np.eye(2, 3), (6, 1, 1)))


def _looked(motion: np.ndarray, mouth: np.ndarray) -> Looked:
    count = len(motion)
    thumbs = np.random.default_rng(0).normal(100, 1, (count, 48, 48)).astype(np.float32)
    return Looked(np.arange(count) / 12.5, motion, mouth, thumbs, (None,) * count)


def test_the_longest_of_the_still_stretches_is_taken() -> None:
    motion = np.full(500, 5.0)
    motion[200:350] = 1.0  # 16 s to 28 s
    stretch = choose(_looked(motion, np.zeros(500)), Path("f"))
    assert stretch.start_s >= 14.9
    assert stretch.end_s <= 28.5
    assert stretch.end_s - stretch.start_s >= 6


def test_a_cut_is_never_inside() -> None:
    motion = np.ones(200)
    motion[80] = 60.0
    stretch = choose(_looked(motion, np.zeros(200)), Path("f"))
    assert not stretch.start_s < 80 / 12.5 < stretch.end_s


def _refused(tmp_path: Path, film: Path) -> MediaError:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(MediaError) as caught:
        loop_from_video(film, tmp_path, size=SIZE, detector=haar_detector())
    assert sorted(tmp_path.iterdir()) == before
    assert caught.value.remedy
    return caught.value


def test_too_short(tmp_path: Path) -> None:
    film = write_film(tmp_path / "short.mp4", [head()] * 30, FPS)
    assert "lasts only 2.0 s, and at least 4 s" in str(_refused(tmp_path, film))


def test_nobody_there(tmp_path: Path) -> None:
    wall = np.full((240, 320, 3), 140, np.uint8)
    film = write_film(tmp_path / "wall.mp4", [wall] * 65, FPS)
    assert "No face was found" in str(_refused(tmp_path, film))


def test_darkness(tmp_path: Path) -> None:
    film = write_film(tmp_path / "night.mp4", [np.full((240, 320, 3), 9, np.uint8)] * 65, FPS)
    assert "too dark" in str(_refused(tmp_path, film))


def test_two_people(tmp_path: Path) -> None:
    film = write_film(tmp_path / "two.mp4", [np.hstack([head(), head()])] * 65, FPS)
    assert "two faces" in str(_refused(tmp_path, film))


def test_a_face_too_small(tmp_path: Path) -> None:
    far = np.full((480, 640, 3), 150, np.uint8)
    far[100:292, 100:356] = cv2.resize(head(), (256, 192), interpolation=cv2.INTER_AREA)[:, :256]
    film = write_film(tmp_path / "far.mp4", [cv2.resize(far, (512, 384))] * 65, FPS)
    assert "pixels wide" in str(_refused(tmp_path, film))


def test_sound_alone(tmp_path: Path) -> None:
    assert "no picture" in str(_refused(tmp_path, write_sound(tmp_path / "sound.mp4")))


@pytest.mark.parametrize("content", [b"", b"no film at all", bytes(5000)])
def test_no_film(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert str(path) in str(_refused(tmp_path, path))


def test_a_film_that_lost_its_end_gives_what_it_has(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.webm", shaken(head(), 110, 1.0), FPS, codec="libvpx")
    film.write_bytes(film.read_bytes()[: int(film.stat().st_size * 0.7)])
    made = loop_from_video(film, tmp_path, size=SIZE, detector=haar_detector())
    assert made.frame_count >= 3 * 25


def test_a_face_in_a_pattern_does_not_spoil_a_finished_loop(tmp_path: Path) -> None:
    loop = tmp_path / "idle.mp4"
    write_loop(loop, [head()] * 50, (320, 240), 2)
    real = haar_detector()(head())[0]

    def sees_more(_: Picture) -> list[Face]:
        return [Face(np.array([0.0, 150, 120, 90])), real]

    boxes = find_boxes_at(loop, real.box, sees_more)
    assert boxes.shape == (50, 4)
    assert np.abs(boxes[:, 0] - real.box[0]).max() < 1
