"""A film shows the loop, moves the lips to the sound, and ends at rest."""

from __future__ import annotations

import json
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kiosk.audio import write_wav
from kiosk.errors import BadInput, Cancelled, MediaError
from kiosk.messages import Speaking
from kiosk.persona import LoadedPersona, load_persona
from kiosk.render import FilmMaker, FilmRequest, Made, Subtitles
from kiosk.render.ahead import ahead
from kiosk.render.script import LEAD_IN_TICKS, REST_TICKS
from kiosk.render.sound import SOUND_RATE_HZ
from kiosk.timing import CancelToken
from kiosk.video import read_all, read_film, read_xmp
from tests.lipsync.conftest import BOX, bursts
from tests.render.conftest import (
    HEIGHT,
    LOOP_FRAMES,
    NOTICE,
    UPRIGHT_WIDTH,
    WIDTH,
    Ask,
    small_persona,
)

TEXT = "Good morning. Now my mouth moves, and then it rests."
MOUTH = np.s_[BOX[1] + BOX[3] // 2 : BOX[1] + BOX[3], BOX[0] : BOX[0] + BOX[2]]


@pytest.fixture(scope="module")
def maker(persona: LoadedPersona) -> FilmMaker:
    return FilmMaker(persona, threads=1)


def make(maker: FilmMaker, request: FilmRequest) -> Made:
    return maker.make(request, CancelToken(), _silently)


def _silently(done: float, total: float) -> None:
    del done, total


def beside_the_loop(maker: FilmMaker, frames: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How far the mouth's part of each frame is from the loop's own; shape (frames,)."""
    loop = read_all(maker.loaded.folder / "idle.mp4")
    return np.array([
        np.abs(frame[MOUTH].astype(int) - loop[index % LOOP_FRAMES][MOUTH]).mean()
        for index, frame in enumerate(frames)
    ])  # fmt: skip


def test_a_text(maker: FilmMaker, ask: Ask, tmp_path: Path) -> None:
    told: list[tuple[float, float]] = []
    request = ask(TEXT, subtitles=Subtitles.SRT, visemes=tmp_path / "v.json")
    made = maker.make(request, CancelToken(), lambda *progress: told.append(progress))
    film = read_film(request.out)
    assert film.frames.shape == (round(made.duration_s * 25), HEIGHT, WIDTH, 3)
    assert film.fps == 25
    assert film.sample_rate_hz == SOUND_RATE_HZ
    assert abs(len(film.sound) / SOUND_RATE_HZ - made.duration_s) < 0.05
    # The sound begins after the rest, and the last second is silent.
    onset = int(np.flatnonzero(np.abs(film.sound) > 600)[0])
    assert abs(onset / SOUND_RATE_HZ - LEAD_IN_TICKS / 25) < 0.04
    assert np.abs(film.sound[-SOUND_RATE_HZ + 2048 :]).max() < 60
    # The mouth moves while it speaks, and rests before and after.
    moved = beside_the_loop(maker, film.frames)
    resting = max(moved[: LEAD_IN_TICKS - 2].max(), moved[-REST_TICKS + 8 :].max())
    assert moved[LEAD_IN_TICKS:-REST_TICKS].mean() > 1.5 * resting
    assert maker.faults == []
    # It is told all the way how far it is.
    assert told[-1] == (len(film.frames), len(film.frames))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert TEXT.split()[0] in request.titles.read_text()  # type: ignore[union-attr]
    record = json.loads((tmp_path / "v.json").read_text("utf-8"))
    assert record["duration_s"] == made.duration_s == record["visemes"][-1]["end_s"]
    assert {v["viseme"] for v in record["visemes"]} >= {"sil", "PP", "nn", "SS"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "film.srt", "v.json"]


def test_a_tall_film_shows_the_upright_loop(tmp_path: Path) -> None:
    path = small_persona(tmp_path, upright=True)
    maker = FilmMaker(load_persona(path), threads=1)
    size = (UPRIGHT_WIDTH, HEIGHT)
    request = FilmRequest(path, tmp_path / "film.mp4", "Good morning.", size=size)
    make(maker, request)
    frames = read_film(request.out).frames.astype(int)
    loop = read_all(tmp_path / "upright.mp4")
    apart = np.array([
        np.abs(frame - loop[index % LOOP_FRAMES]).mean(axis=2)
        for index, frame in enumerate(frames)
    ])  # fmt: skip
    assert apart[:, 30:90, 40:120].mean() < 5  # brow and eyes
    mouth = apart[:, 100:180, 30:130].mean(axis=(1, 2))
    assert mouth[LEAD_IN_TICKS:-REST_TICKS].mean() > 1.5 * mouth[: LEAD_IN_TICKS - 2].max()
    assert maker.faults == []
    assert maker.lips.frame_count == LOOP_FRAMES  # a wide film by the same maker has its own


def test_it_is_marked(maker: FilmMaker, ask: Ask) -> None:
    request = ask("Yes.")
    make(maker, request)
    packet = read_xmp(request.out)
    assert "trainedAlgorithmicMedia" in packet
    assert maker.loaded.persona.identity.name in packet
    assert NOTICE in packet
    film = read_film(request.out)
    assert film.comment == "AI-generated"
    loop = read_all(maker.loaded.folder / "idle.mp4")
    for number in (0, len(film.frames) - 1):  # the notice, top left, from first to last
        change = np.abs(film.frames[number].astype(int) - loop[number % LOOP_FRAMES]).mean(axis=2)
        assert change[10:22, 14:70].mean() > 20
        assert change[60:, :].mean() < 8


def test_titles_in_the_picture(maker: FilmMaker, ask: Ask) -> None:
    make(maker, clean := ask("Yes.", "clean.mp4", voice=Speaking.KIOSK))
    make(maker, burned := ask("Yes.", voice=Speaking.KIOSK, subtitles=Subtitles.BURN))
    without, with_titles = read_film(clean.out).frames, read_film(burned.out).frames
    change = np.abs(with_titles[:30].astype(int) - without[:30]).mean(axis=3)
    assert change[:8].mean() < 3  # nothing is said yet
    assert change[15, -24:-12, 128:152].mean() > 30
    assert change[15, :150].mean() < 3


def test_a_narrator_moves_no_lips(maker: FilmMaker, ask: Ask) -> None:
    make(maker, request := ask("Good morning.", voice=Speaking.KIOSK))
    film = read_film(request.out)
    moved = beside_the_loop(maker, film.frames)
    assert moved.max() < 1.3 * np.median(moved) + 1
    assert np.abs(film.sound).max() > 3000


def test_other_rates_and_sizes(maker: FilmMaker, ask: Ask) -> None:
    make(maker, request := ask("Yes.", size=(320, 400), fps=50))
    film = read_film(request.out)
    assert film.fps == 50
    assert film.frames.shape[1:] == (400, 320, 3)
    assert abs(len(film.frames) / 50 - len(film.sound) / SOUND_RATE_HZ) < 0.05
    pairs = np.abs(film.frames[0::2].astype(int) - film.frames[1::2]).mean()
    across = np.abs(film.frames[1:-1:2].astype(int) - film.frames[2::2]).mean()
    assert pairs < across  # each picture is shown twice


def test_a_recording_of_another_kind(maker: FilmMaker, ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    sound = (32000 * bursts((0.5, 1.5), length_s=2.5)).astype(np.int32)
    rate_hz = 44_100
    at = (np.arange(int(2.5 * rate_hz)) * 16000 / rate_hz).astype(int)
    with wave.open(str(path), "wb") as file:  # 24 bit, stereo
        file.setnchannels(2)
        file.setsampwidth(3)
        file.setframerate(rate_hz)
        frames = np.repeat((sound[at] << 8)[:, None], 2, axis=1).astype("<i4")
        file.writeframes(frames.view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
    made = make(maker, request := ask(wav=path))
    film = read_film(request.out)
    assert made.duration_s == pytest.approx((LEAD_IN_TICKS + REST_TICKS) / 25 + 2.5, abs=0.04)
    assert made.files == {}
    onset = int(np.flatnonzero(np.abs(film.sound) > 1500)[0])
    assert abs(onset / SOUND_RATE_HZ - 0.9) < 0.02
    moved = beside_the_loop(maker, film.frames)
    assert moved[25:45].mean() > 1.5 * moved[:8].mean()


def test_a_broken_recording_leaves_nothing(maker: FilmMaker, ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    path.write_bytes(b"RIFF no sound")
    with pytest.raises(MediaError, match=r"speech\.wav"):
        make(maker, ask(wav=path))
    assert [path.name for path in tmp_path.iterdir()] == ["speech.wav"]


def test_called_off_it_leaves_nothing(maker: FilmMaker, ask: Ask, tmp_path: Path) -> None:
    cancel = CancelToken()

    def stop_in_the_middle(done: float, total: float) -> None:
        if done > total / 3:
            cancel.cancel()

    with pytest.raises(Cancelled):
        maker.make(ask(TEXT, subtitles=Subtitles.VTT), cancel, stop_in_the_middle)
    assert list(tmp_path.iterdir()) == []


def test_titles_that_cannot_be_written(maker: FilmMaker, ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no letters for '你好'"):
        make(maker, ask("Hello, 你好.", subtitles=Subtitles.BURN))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_went_away(maker: FilmMaker, ask: Ask) -> None:
    with pytest.raises(MediaError, match="cannot be written"):
        make(maker, ask("Yes.", "gone/film.mp4"))


def test_silence_is_a_film_too(maker: FilmMaker, ask: Ask, tmp_path: Path) -> None:
    write_wav(tmp_path / "quiet.wav", np.zeros(16000, np.int16), 16000)
    make(maker, request := ask(wav=tmp_path / "quiet.wav"))
    moved = beside_the_loop(maker, read_film(request.out).frames)
    assert moved.max() < 1.3 * np.median(moved) + 1


def test_a_stage_runs_only_so_far_ahead() -> None:
    made: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    with ahead(endless(), 3, "stage") as items:
        assert [next(items) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert len(made) <= 5 + 3 + 2
    assert not [thread for thread in threading.enumerate() if thread.name == "stage"]


def test_a_stage_s_fault_comes_out_where_its_items_do() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise MediaError("The loop broke.")

    with ahead(broken(), 3, "stage") as items:
        assert next(items) == 1
        for _ in range(2):
            with pytest.raises((MediaError, StopIteration)):
                next(items)
