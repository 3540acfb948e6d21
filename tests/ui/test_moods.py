"""Listening, thinking and upright loops in the real window: what is on screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from kiosk.errors import MediaError
from kiosk.messages import (
    Health,
    LoopEpoch,
    MouthPatch,
    PlaybackPosition,
    Shape,
    ShapeShown,
    Speaking,
    State,
    UtteranceStarted,
)
from kiosk.video.footage import Footage
from kiosk.video.loop import LoopReader
from kiosk.video.loopfilm import write_loop
from ui.frames import AHEAD, LoopFrames
from ui.loopclock import Loop, Shown
from ui.view import View, lay_over

from .conftest import LOOP_FRAMES, LOOP_SIZE, Kiosk, MakeKiosk
from .test_portrait import PATIENCE_S, pixels_of, wait_for

COLOURS = {Loop.LISTENING: (200, 60, 60), Loop.THINKING: (60, 160, 60)}  # BGR
UPRIGHT_SIZE = (180, 320)
UPRIGHT_COLOUR = (60, 60, 200)


def plain(path: Path, colour: tuple[int, int, int], size: tuple[int, int]) -> Path:
    """Two seconds of one colour."""
    frame = np.full((size[1], size[0], 3), colour, np.uint8)
    write_loop(path, (frame for _ in range(LOOP_FRAMES)), size)
    return path


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory, loop: Path) -> dict[Shape, Footage]:
    folder = tmp_path_factory.mktemp("loops")
    moods = {mood: plain(folder / f"{mood}.mp4", COLOURS[mood], LOOP_SIZE) for mood in COLOURS}
    upright = plain(folder / "upright.mp4", UPRIGHT_COLOUR, UPRIGHT_SIZE)
    return {
        Shape.WIDE: Footage(Shape.WIDE, loop, moods[Loop.LISTENING], moods[Loop.THINKING]),
        Shape.UPRIGHT: Footage(Shape.UPRIGHT, upright),
    }


@pytest.fixture
def kiosk(make_kiosk: MakeKiosk, footage: dict[Shape, Footage], application: QApplication) -> Kiosk:
    """At rest, with all loops ready."""
    made = make_kiosk(footage_of=footage.__getitem__)
    made.state(State.IDLE)
    wait_for(application, lambda: set(made.window.portrait._frames) == set(Loop))
    wait_for(application, lambda: all(f.ready for f in made.window.portrait._frames.values()))
    return made


def colour_of(kiosk: Kiosk) -> tuple[int, ...]:
    pixels = pixels_of(kiosk.window.portrait.current_frame())
    return tuple(int(value) for value in pixels.reshape(-1, 3).mean(axis=0))


def is_shown(kiosk: Kiosk, colour: tuple[int, int, int]) -> Callable[[], bool]:
    return lambda: all(abs(a - b) < 6 for a, b in zip(colour_of(kiosk), colour, strict=True))


def test_she_listens_then_thinks_then_rests(kiosk: Kiosk, application: QApplication) -> None:
    pictures: list[Shown] = []
    kiosk.window.portrait.shown.connect(pictures.append)
    kiosk.state(State.LISTENING)
    wait_for(application, is_shown(kiosk, COLOURS[Loop.LISTENING]))
    kiosk.state(State.TRANSCRIBING)
    kiosk.state(State.THINKING)
    wait_for(application, is_shown(kiosk, COLOURS[Loop.THINKING]))
    kiosk.state(State.IDLE)
    wait_for(application, lambda: pictures[-1].loop is Loop.IDLE and pictures[-1].fresh == 1.0)
    order = [picture.loop for picture in pictures if picture.begins]
    assert order == [Loop.LISTENING, Loop.THINKING, Loop.IDLE]


def test_pictures_pass_into_one_another(kiosk: Kiosk, application: QApplication) -> None:
    portrait = kiosk.window.portrait
    colours: list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = []
    pictures: list[Shown] = []

    def note(picture: Shown) -> None:
        pictures.append(picture)
        colours.append(np.array(colour_of(kiosk), np.float64))

    portrait.shown.connect(note)
    wait_for(application, lambda: bool(pictures))
    kiosk.state(State.LISTENING)
    wait_for(application, is_shown(kiosk, COLOURS[Loop.LISTENING]))
    (begun,) = [at for at, picture in enumerate(pictures) if picture.begins]
    before, goal = colours[begun - 1], np.array(COLOURS[Loop.LISTENING])
    for picture, colour in zip(pictures[begun:], colours[begun:], strict=True):
        mixed = before + picture.fresh * (goal - before)
        assert np.abs(colour - mixed).max() < 4


def test_only_the_running_loop_is_decoded(kiosk: Kiosk, application: QApplication) -> None:
    frames = kiosk.window.portrait._frames
    kiosk.state(State.LISTENING)
    wait_for(application, is_shown(kiosk, COLOURS[Loop.LISTENING]))
    wait_for(application, lambda: frames[Loop.IDLE]._queue.full())
    idle = frames[Loop.IDLE]
    waiting = [(frame[0], of) for of, frame in idle._queue.queue]
    indices = [index for index, generation in waiting if generation == idle._generation]
    assert indices in (list(range(AHEAD)), list(range(AHEAD - 1))), "it waits at its beginning"
    assert frames[Loop.THINKING]._queue.full()


def test_speech_after_thinking_shows_the_mouth_over_its_own_frame(
    kiosk: Kiosk, application: QApplication
) -> None:
    portrait = kiosk.window.portrait
    kiosk.state(State.LISTENING)
    kiosk.state(State.THINKING)
    wait_for(application, is_shown(kiosk, COLOURS[Loop.THINKING]))
    epochs = kiosk.link.of(LoopEpoch)
    assert len(epochs) > 1, "the engine hears that the idle loop waits"
    newest = epochs[-1]
    assert isinstance(newest, LoopEpoch)
    start_s = time.monotonic() + 0.1
    index = int((start_s - newest.epoch_at_s) * 25 // 1) % LOOP_FRAMES
    kiosk.link.says(UtteranceStarted(1, Speaking.PERSONA, index, start_s))
    red = np.full((60, 80, 3), (0, 0, 255), np.uint8)
    for frame in range(200):
        under = (index + frame) % LOOP_FRAMES
        kiosk.link.says(MouthPatch(1, frame, under, 120, 60, red))
    kiosk.state(State.SPEAKING)
    first: list[Shown] = []

    def note(picture: Shown) -> None:
        if picture.patch is not None:
            first.append(picture)

    portrait.shown.connect(note)

    def mouth_is_seen() -> bool:
        now_s = time.monotonic()
        kiosk.link.says(PlaybackPosition(1, max(0.0, now_s - start_s), now_s))
        picture = pixels_of(portrait.current_frame()).astype(int)
        return bool(((picture[:, :, 2] > 200) & (picture[:, :, 0] < 60)).sum() > 100)

    wait_for(application, mouth_is_seen)
    assert all(p.loop is Loop.IDLE and p.patch.loop_index == p.loop_index for p in first)  # type: ignore[union-attr]


@pytest.mark.warns
def test_a_loop_that_cannot_be_read_leaves_her_at_rest(
    make_kiosk: MakeKiosk, application: QApplication, loop: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "listening.mp4"
    broken.write_bytes(b"no film at all")
    footage = Footage(Shape.WIDE, loop, broken, faults=("portrait.thinking: it is gone.",))
    kiosk = make_kiosk(footage_of=lambda _: footage)
    portrait = kiosk.window.portrait
    wait_for(application, lambda: Loop.LISTENING in portrait._frames)
    wait_for(application, lambda: portrait._frames[Loop.LISTENING]._broken)
    kiosk.state(State.LISTENING)
    pictures: list[Shown] = []
    portrait.shown.connect(pictures.append)
    wait_for(application, lambda: len(pictures) > 10)
    assert {picture.loop for picture in pictures} == {Loop.IDLE}
    assert {picture.fresh for picture in pictures} == {1.0}
    assert "portrait.thinking: it is gone." in kiosk.conductor.status_text()


def test_a_turned_screen_shows_the_loops_made_for_it(
    kiosk: Kiosk, application: QApplication
) -> None:
    assert kiosk.link.of(ShapeShown) == [ShapeShown(Shape.WIDE)]
    kiosk.window.resize(720, 1280)
    wait_for(application, is_shown(kiosk, UPRIGHT_COLOUR))
    assert kiosk.link.of(ShapeShown)[-1] == ShapeShown(Shape.UPRIGHT)
    # The engine still draws mouths for the wide loop: none of them may be seen.
    start_s = time.monotonic()
    kiosk.state(State.SPEAKING)
    kiosk.link.says(UtteranceStarted(1, Speaking.PERSONA, 0, start_s))
    white = np.full((100, 100, 3), 255, np.uint8)
    for frame in range(100):
        kiosk.link.says(MouthPatch(1, frame, frame % LOOP_FRAMES, 40, 100, white))
    pictures: list[Shown] = []
    kiosk.window.portrait.shown.connect(pictures.append)

    def spoken() -> bool:
        now_s = time.monotonic()
        kiosk.link.says(PlaybackPosition(1, now_s - start_s, now_s))
        return len(pictures) > 10

    wait_for(application, spoken)
    assert {picture.patch for picture in pictures} == {None}
    assert any(picture.audio_s is not None for picture in pictures), "captions go on"
    kiosk.window.resize(1280, 720)
    wait_for(application, lambda: kiosk.window.portrait.shape is Shape.WIDE)
    assert kiosk.link.of(ShapeShown)[-1] == ShapeShown(Shape.WIDE)


def test_loops_that_are_gone_leave_a_dignified_panel(
    make_kiosk: MakeKiosk, application: QApplication
) -> None:
    def gone(shape: Shape) -> Footage:
        raise MediaError(f"The {shape} loop is gone.")

    kiosk = make_kiosk(footage_of=gone)
    kiosk.link.is_now(Health.UP)
    application.processEvents()
    assert "The wide loop is gone." in kiosk.conductor.status_text()
    kiosk.state(State.LISTENING)


def test_resting_frames_come_back_from_the_beginning(loop: Path) -> None:
    frames = LoopFrames(loop, View((0, 0, *LOOP_SIZE), LOOP_SIZE), name="idle", keep_mib=0)

    def eventually(index: int) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while (taken := frames.take(index)) is None or taken[0] != index:
            assert time.monotonic() < end_s
            time.sleep(0.001)

    try:
        for index in (0, 1, 2, 30):
            eventually(index)
        frames.rest()
        end_s = time.monotonic() + PATIENCE_S
        while not frames.ready:
            assert time.monotonic() < end_s
            time.sleep(0.001)
        taken = frames.take(0)
        assert taken is not None
        assert taken[0] == 0
        eventually(12)
    finally:
        frames.close()


@pytest.mark.parametrize("size", [(240, 136), (480, 270), (640, 360)])
def test_a_mouth_at_rest_is_not_seen_in_a_scaled_frame(loop: Path, size: tuple[int, int]) -> None:
    """The loop's own pixels, cut out and laid over it in any scale, change nothing to speak of."""
    view = View((0, 0, *LOOP_SIZE), size)
    with LoopReader(loop, out_format="bgr") as reader:
        own = reader.next()[1]
    with LoopReader(loop, size=size) as reader:
        plain_frame = reader.next()[1]
    patch = MouthPatch(1, 0, 0, 91, 47, np.ascontiguousarray(own[47:131, 91:221]))
    laid = plain_frame.copy()
    lay_over(laid, patch, view)
    apart = np.abs(laid.astype(int) - plain_frame)[..., :3]
    assert apart.mean() < 0.2
    assert (apart.max(axis=2) > 40).mean() < 0.001
