"""The picture: loop pixels, mouth pixels, captures, broken files."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QVideoFrame
from PySide6.QtWidgets import QApplication

from kiosk.messages import (
    Health,
    MouthPatch,
    PlaybackPosition,
    Speaking,
    State,
    UtteranceStarted,
)
from kiosk.video.loop import LoopInfo, LoopReader
from ui.capture import grab_window
from ui.frames import LoopFrames
from ui.picture import to_video_frame
from ui.view import View, crop_for, lay_over

from .conftest import LOOP_FRAMES, LOOP_SIZE, Kiosk, MakeKiosk

PATIENCE_S = 20.0
VIEW = View((70, 0, 180, 180), (180, 180))


def pixels_of(frame: QVideoFrame) -> NDArray[np.uint8]:
    image = frame.toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8)
    rows = flat.reshape(image.height(), image.bytesPerLine() // 4, 4)
    return rows[:, : image.width(), :3].copy()


def wait_for(application: QApplication, condition: Callable[[], bool]) -> None:
    """Let Qt work until something is true; the limit only ends a broken test."""
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, "did not happen"
        application.processEvents()


@given(
    aspect=st.floats(0.3, 4.0),
    focus_x=st.floats(0.0, 1.0),
    focus_y=st.floats(0.0, 1.0),
    width=st.integers(32, 2000).map(lambda n: n * 2),
    height=st.integers(32, 2000).map(lambda n: n * 2),
)
def test_the_crop_lies_in_the_loop_and_has_the_shape_of_its_place(
    aspect: float, focus_x: float, focus_y: float, width: int, height: int
) -> None:
    x, y, w, h = crop_for(LoopInfo(width, height, 25, 100), aspect, focus_x, focus_y)
    assert min(x, y) >= 0
    assert x + w <= width
    assert y + h <= height
    assert all(value % 2 == 0 for value in (x, y, w, h))
    assert w == width or h == height
    assert abs(w - h * aspect) <= 2 + 2 * aspect


@given(x=st.integers(-30, 90), y=st.integers(-30, 90), w=st.integers(1, 40), h=st.integers(1, 40))
def test_a_patch_is_shifted_by_the_crop_and_clipped(x: int, y: int, w: int, h: int) -> None:
    view = View((10, 20, 60, 40), (60, 40))
    picture = np.zeros((40, 60, 4), np.uint8)
    lay_over(picture, MouthPatch(1, 0, 0, x, y, np.full((h, w, 3), 255, np.uint8)), view)
    whole = np.zeros((200, 200), bool)
    whole[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)] = True
    assert np.array_equal(picture[:, :, 0] == 255, whole[20:60, 10:70])


def test_pixels_outside_the_patch_are_the_loops_own(loop: Path, application: QApplication) -> None:
    del application
    with LoopReader(loop, crop=(40, 0, 200, 180)) as reader:
        _, pixels = reader.next()
    before = pixels.copy()
    mouth = MouthPatch(1, 0, 0, 100, 60, np.full((20, 30, 3), (10, 20, 250), np.uint8))
    shown = pixels_of(to_video_frame(pixels, mouth, View((40, 0, 200, 180), (200, 180))))
    assert np.array_equal(pixels, before)
    inside = np.zeros((180, 200), bool)
    inside[60:80, 60:90] = True
    assert np.array_equal(shown[~inside], before[:, :, :3][~inside])
    assert np.array_equal(shown[inside], np.broadcast_to((10, 20, 250), (600, 3)))


def test_an_enlarged_frame_keeps_the_patch_in_its_place(
    loop: Path, application: QApplication
) -> None:
    del application
    width, height = LOOP_SIZE
    with LoopReader(loop, size=(width * 2, height * 2)) as reader:
        _, pixels = reader.next()
    mouth = MouthPatch(1, 0, 0, 100, 60, np.full((40, 40, 3), 255, np.uint8))
    doubled = View((0, 0, width, height), (width * 2, height * 2))
    shown = pixels_of(to_video_frame(pixels, mouth, doubled))
    assert shown.shape == (height * 2, width * 2, 3)
    assert (shown[130:190, 210:270] > 245).all()
    assert (shown[20:100, 20:100] < 120).all()


def test_frames_come_in_order_without_a_seam_and_can_jump(loop: Path) -> None:
    frames = LoopFrames(loop, VIEW, name="idle")

    def eventually(index: int) -> NDArray[np.uint8]:
        end_s = time.monotonic() + PATIENCE_S
        while True:
            taken = frames.take(index)
            if taken is not None and taken[0] == index:
                return taken[1]
            assert time.monotonic() < end_s
            time.sleep(0.001)

    try:
        for index in [*range(LOOP_FRAMES), 0, 1, 2, 40, 10, 11, 49, 0]:
            grey = float(eventually(index)[:20, :, :3].mean())
            assert grey == pytest.approx(60 + index, abs=6.0)
    finally:
        frames.close()
        frames.close()


def test_frames_stand_still_rather_than_run_round_for_a_small_step_back(loop: Path) -> None:
    frames = LoopFrames(loop, VIEW, name="idle")
    try:
        end_s = time.monotonic() + PATIENCE_S
        while (taken := frames.take(5)) is None or taken[0] != 5:
            assert time.monotonic() < end_s
            time.sleep(0.001)
        assert frames.take(4) is taken
    finally:
        frames.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280)])
def test_a_capture_holds_panel_and_video(
    make_kiosk: MakeKiosk, application: QApplication, width: int, height: int
) -> None:
    kiosk = make_kiosk(width, height)
    kiosk.state(State.IDLE)
    wait_for(application, lambda: kiosk.window.portrait.current_frame().isValid())
    picture = grab_window(kiosk.window)
    assert picture.shape == (height, width, 3)
    video = kiosk.window.portrait.geometry()
    centre = video.center()
    assert (picture[centre.y() - 9 : centre.y() + 9, centre.x() - 9 : centre.x() + 9] > 170).all()
    edge = picture[video.top() + 4 : video.top() + 20, video.left() + 4 : video.left() + 20]
    assert 45 < edge.mean() < 125
    panel = kiosk.window.plan().header
    assert picture[panel.top() : panel.bottom(), panel.left() : panel.right()].max() > 200


def test_the_mouth_is_seen_while_it_speaks_and_the_engine_hears_how_well(
    kiosk: Kiosk, application: QApplication
) -> None:
    portrait = kiosk.window.portrait
    wait_for(application, lambda: portrait.current_frame().isValid())
    kiosk.state(State.SPEAKING)
    start_s = time.monotonic()
    red = np.full((30, 40, 3), (0, 0, 255), np.uint8)
    kiosk.link.says(UtteranceStarted(1, Speaking.PERSONA, 0, start_s))
    for frame in range(200):
        kiosk.link.says(MouthPatch(1, frame, frame % LOOP_FRAMES, 140, 75, red))

    def mouth_is_seen() -> bool:
        now_s = time.monotonic()
        kiosk.link.says(PlaybackPosition(1, now_s - start_s, now_s))
        picture = pixels_of(portrait.current_frame()).astype(int)
        return bool(((picture[:, :, 2] > 200) & (picture[:, :, 0] < 60)).sum() > 100)

    wait_for(application, mouth_is_seen)


def test_the_portrait_breathes_while_the_engine_is_down(
    kiosk: Kiosk, application: QApplication
) -> None:
    shown = []
    kiosk.window.portrait.shown.connect(lambda picture: shown.append(picture.loop_index))
    kiosk.link.is_now(Health.DOWN)
    wait_for(application, lambda: len(set(shown)) >= 5)


def test_a_broken_loop_leaves_a_dignified_panel(
    make_kiosk: MakeKiosk, tmp_path: Path, application: QApplication
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film at all")
    kiosk = make_kiosk(loop=broken)
    kiosk.state(State.IDLE)
    application.processEvents()
    assert "broken.mp4" in kiosk.window.portrait.error
    assert "broken.mp4" in kiosk.conductor.status_text()
    picture = grab_window(kiosk.window)
    assert picture[:, : kiosk.window.portrait.width()].max() > 200  # the name stands there
    kiosk.window.resize(1000, 700)
    application.processEvents()


def test_turning_the_screen_starts_the_loop_in_its_new_shape(
    kiosk: Kiosk, application: QApplication
) -> None:
    wait_for(application, lambda: kiosk.window.portrait.current_frame().isValid())
    kiosk.window.resize(720, 1280)

    def upright() -> bool:
        frame = kiosk.window.portrait.current_frame()
        return kiosk.window.plan().vertical and frame.width() == 720

    wait_for(application, upright)
