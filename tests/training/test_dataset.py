"""Faces, references and the split: nothing that judges is ever learnt from."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.errors import BadInput, MediaError
from kiosk.lipsync.mel import SILENCE, WINDOW_COLUMNS
from kiosk.lipsync.prepare import face_at, reduced
from kiosk.training import faces
from kiosk.training.dataset import Clip, build_dataset, pairs, resting, square
from kiosk.training.faces import MARGIN, cut_faces, cut_out
from kiosk.training.footage import open_footage
from kiosk.training.references import whole_shift
from kiosk.training.settings import TrainSettings
from kiosk.training.split import BLOCK_FRAMES, GAP_FRAMES, split_frames
from tests.training.conftest import MakeFilm, face

SIZE = 64


def nowhere(_done: float, _of: float) -> None:
    """Progress that nobody watches."""


def clip_of(make_film: MakeFilm, tmp_path: Path, seconds: float = 14) -> Clip:
    (clip,) = build_dataset(
        [open_footage(make_film(seconds=seconds))], None, SIZE, tmp_path / "work", nowhere
    )
    return clip


@given(st.integers(1, 30_000))
def test_the_split_holds_whole_seconds_back(frame_count: int) -> None:
    split = split_frames(frame_count)
    train, validate, judge = (
        set(split.frames(runs).tolist()) for runs in (split.train, split.validate, split.judge)
    )
    assert train | validate | judge <= set(range(frame_count))
    assert not validate & judge
    near = {held + apart for held in validate | judge for apart in range(-GAP_FRAMES, GAP_FRAMES)}
    assert not train & near
    if frame_count >= 3 * BLOCK_FRAMES:
        assert train
        assert len(validate) >= BLOCK_FRAMES
        assert len(judge) >= BLOCK_FRAMES
        assert len(train) > 0.15 * frame_count
    if frame_count >= 60 * BLOCK_FRAMES:
        assert len(train) > 0.72 * frame_count


def test_the_box_is_cut_out_where_it_is() -> None:
    frame = np.zeros((200, 300, 3), dtype=np.uint8)
    frame[60:124, 100:164] = 255
    cut = cut_out(frame, np.array([100.0, 60, 64, 64]), (64, 64), 64)
    assert cut.shape == (64 + 2 * MARGIN, 64 + 2 * MARGIN, 3)
    assert (square(cut, 64) == 255).all()
    assert (cut[:MARGIN] == 0).all()


@pytest.mark.parametrize("box", [(100.3, 60.7, 64.0, 80.0), (37.5, 20.0, 90.0, 100.0)])
def test_the_kiosk_will_see_the_same_pixels(box: tuple[float, ...]) -> None:
    """Cut with a margin and without it the face is the same, up to what resizing rounds."""
    frame = cv2.GaussianBlur(
        np.random.default_rng(3).integers(0, 255, (200, 300, 3), dtype=np.uint8), (0, 0), 4
    )
    planned = (64, 80)
    theirs = reduced(face_at(frame, np.array(box), planned), SIZE)
    ours = square(cut_out(frame, np.array(box), planned, SIZE), SIZE)
    assert np.abs(ours.astype(int) - theirs).mean() < 0.6


@pytest.mark.parametrize("corner", [(-5, -5), (260, 160), (0, 0)])
def test_beyond_the_border_the_last_pixels_are_repeated(corner: tuple[int, int]) -> None:
    frame = np.full((200, 300, 3), 77, dtype=np.uint8)
    assert (cut_out(frame, np.array([*corner, 64.0, 64.0]), (64, 64), 48) == 77).all()


def picture(sway: float) -> NDArray[np.uint8]:
    return face(0, sway)


@pytest.mark.parametrize("moved", [-4, 0, 3])
def test_a_reference_is_moved_onto_its_frame(moved: int) -> None:
    assert whole_shift(picture(0), picture(moved)).tolist() == [0, moved]


def test_references_are_quiet_learnt_from_and_near_in_pose(
    make_film: MakeFilm, tmp_path: Path
) -> None:
    clip = clip_of(make_film, tmp_path)
    used = np.unique(clip.references.index)
    assert set(used) <= set(clip.split.frames(clip.split.train).tolist())
    assert clip.at_rest[used].all()
    frames = np.arange(len(clip.pictures))
    matched = pairs(clip, frames, SIZE)
    half = SIZE // 2
    unlike = np.abs(
        matched.target[:, :half].astype(int) - matched.reference[:, :half].astype(int)
    ).mean()
    by_chance = np.abs(
        matched.target[:, :half].astype(int) - matched.reference[::-1, :half].astype(int)
    ).mean()
    assert unlike < 0.5 * by_chance


def test_windows_are_those_of_the_kiosk(make_film: MakeFilm, tmp_path: Path) -> None:
    clip = clip_of(make_film, tmp_path)
    windows = clip.windows(np.array([0, 100, len(clip.pictures) - 1]), 80)
    assert windows.shape == (3, 80, WINDOW_COLUMNS)
    assert windows[0, :, 0].max() == SILENCE  # before the film: the lead reaches there
    starts = clip.starts(np.arange(200), 0)
    assert (starts - starts[0]).tolist() == [frame * 80 // 25 for frame in range(200)]


def test_faces_are_cut_out_once(
    make_film: MakeFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = make_film(seconds=4)
    first = np.array(cut_faces(film, SIZE, tmp_path / "work", nowhere))
    monkeypatch.setattr(faces, "_cut", lambda *_: pytest.fail("cut out again"))
    assert (cut_faces(film, SIZE, tmp_path / "work", nowhere) == first).all()


def test_an_interrupted_cut_leaves_nothing_behind(
    make_film: MakeFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(faces, "_cut", full)
    with pytest.raises(MediaError, match="No space left on device"):
        cut_faces(make_film(seconds=4), SIZE, tmp_path / "work", nowhere)
    assert list((tmp_path / "work").iterdir()) == []


def test_a_small_disk_is_noticed_before_the_work(
    make_film: MakeFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        faces.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10_000_000})
    )
    with pytest.raises(BadInput, match=r"0\.0 GB free, .* need"):
        cut_faces(make_film(seconds=4), SIZE, tmp_path / "work", nowhere)


def test_a_film_without_a_face_is_refused(make_film: MakeFilm, tmp_path: Path) -> None:
    film = make_film("mask.mp4", 4, shows_face=False)
    with pytest.raises(MediaError, match=r"mask\.mp4: No face"):
        cut_faces(film, SIZE, tmp_path / "work", nowhere)


def test_rest_is_silence_on_both_sides() -> None:
    speech = np.zeros(40, dtype=bool)
    speech[20] = True
    assert np.flatnonzero(~resting(speech)).tolist() == list(range(15, 26))


@pytest.mark.parametrize(
    "wrong", [{"size": 100}, {"size": 32}, {"minutes": 0}, {"steps": -1}, {"threads": 0}]
)
def test_settings_that_cannot_work(wrong: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        TrainSettings(**wrong)  # type: ignore[arg-type]


def test_a_loop_of_another_face_is_refused(make_film: MakeFilm, tmp_path: Path) -> None:
    loop = make_film("idle.mp4", 2, speaks=False)
    boxes = loop.with_name("idle.faces.json")
    shown = json.loads(boxes.read_text())
    shown["face_box_xywh"] = [[0.0, 30.0, 70.0, 98.0]] * len(shown["face_box_xywh"])
    boxes.write_text(json.dumps(shown))
    film = open_footage(make_film(seconds=13))
    with pytest.raises(MediaError, match=r"idle\.mp4: The face in the loop is framed"):
        build_dataset([film], loop, SIZE, tmp_path / "work", nowhere)
