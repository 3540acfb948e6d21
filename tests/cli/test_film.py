"""The demo's film shows what was shown, when it was shown, with the sound of the room."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cli.film import FPS, WindowFilm
from kiosk.video import read_film
from tests.video.clips import number_of, numbered

RATE_HZ = 16000
BEGAN_S = 100.0


def test_frames_and_sounds_on_one_time_line(tmp_path: Path) -> None:
    film = WindowFilm(tmp_path / ".silent.mp4")
    for index in (0, 1, 2, 5, 6):  # two that the window did not show in time
        film.add(BEGAN_S + index / FPS, numbered(index))
    film.add(BEGAN_S + 49 / FPS, numbered(49))
    film.stop()
    heard = np.zeros(RATE_HZ, np.int16)
    heard[8000:8160] = 12000
    said = np.full(160, 12000, np.int16)
    film.finish(
        tmp_path / "film.mp4", heard, RATE_HZ, BEGAN_S + 0.5, [(BEGAN_S + 0.2, said, RATE_HZ)]
    )
    back = read_film(tmp_path / "film.mp4")
    assert [number_of(frame) for frame in back.frames[:7]] == [0, 1, 2, 2, 2, 5, 6]
    assert len(back.frames) == 50
    loud = np.flatnonzero(np.abs(back.sound) > 3000) / RATE_HZ
    assert abs(loud[0] - 0.2) < 0.02
    assert abs(loud[-1] - 1.0) < 0.03
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]
