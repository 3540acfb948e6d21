"""A loop as a film, interrupted and gone on with; the command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from kiosk.video.faces import load_boxes
from kiosk.video.loop import open_loop
from kiosk.video.loopfilm import LOOP_CRF, WORST_CRF
from studio.__main__ import main
from studio.portrait.camera import Camera
from studio.portrait.encoding import encode
from studio.portrait.motion import FPS, IDLE, Loop

if TYPE_CHECKING:
    from studio.portrait.renderer import Renderer

CLOSE = Camera("close", 128, 128, 0.0, -0.42, 1.3, -0.95)
SHORT = Loop("idle", 1.0, (), IDLE.curves)  # a kiosk takes no shorter one


class Stopped(Exception):
    pass


def test_an_interrupted_loop_goes_on_where_it_was(renderer: Renderer, tmp_path: Path) -> None:
    del renderer  # only to be skipped where nothing can be drawn
    from studio.portrait.loops import render_loop

    def stop(done: float, _: float) -> None:
        if done == SHORT.frame_count - 1:
            raise Stopped

    film = tmp_path / "idle.mp4"
    with pytest.raises(Stopped):
        render_loop(SHORT, CLOSE, film, report=stop)
    assert not film.exists()
    done = render_loop(SHORT, CLOSE, film)
    assert done.frames_rendered == 1
    info = open_loop(film)
    assert (info.width, info.height, info.fps, info.frame_count) == (
        128,
        128,
        FPS,
        SHORT.frame_count,
    )
    assert load_boxes(done.face_track, (128, 128), SHORT.frame_count).shape == (
        SHORT.frame_count,
        4,
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["idle.faces.json", "idle.mp4"]


def test_a_loop_is_made_small_enough_to_ship(tmp_path: Path) -> None:
    film = tmp_path / "loop.mp4"
    random = np.random.default_rng(5)
    pictures = random.integers(80, 160, (30, 96, 128, 3)).astype(np.uint8)
    free = encode(film, lambda: pictures, 30, (128, 96), 10**6)
    size = film.stat().st_size
    tight = encode(film, lambda: pictures, 30, (128, 96), size // 40)
    assert free == LOOP_CRF
    assert LOOP_CRF < tight < WORST_CRF
    assert film.stat().st_size <= size // 40 * 30
    assert open_loop(film).frame_count == 30
    assert encode(film, lambda: pictures, 30, (128, 96), 1) == WORST_CRF


def test_a_sheet_is_written(renderer: Renderer, tmp_path: Path) -> None:
    del renderer
    out = tmp_path / "picture.jpg"
    command = ["portrait", "sheet", "--of", "picture", "--height", "54", "--out", str(out)]
    assert main(command) == 0
    picture = cv2.imread(str(out))
    assert picture is not None
    assert picture.shape == (54, 96, 3)
    assert np.ptp(picture) > 50


def test_without_moderngl_one_clear_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "moderngl", None)
    assert main(["portrait", "idle", "--out", str(tmp_path / "idle.mp4")]) == 3
    assert "studio" in capsys.readouterr().err


def test_an_unknown_loop_is_wrong_use() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["portrait", "singing", "--out", "x.mp4"])
    assert stopped.value.code == 2
