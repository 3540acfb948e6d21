"""What `kiosk persona check` and `kiosk doctor` say of listening, thinking and upright loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cli.doctor import _portrait
from kiosk.persona import load_persona
from kiosk.video.loopfilm import write_loop
from tests.cli.conftest import Kiosk
from tests.persona.files import GOOD, write

BOX = "face_box = [0.2, 0.2, 0.6, 0.6]"
PORTRAIT = f"""
[portrait]
loop = "idle.mp4"
listening = "listening.mp4"
{BOX}
[portrait.upright]
loop = "up.mp4"
thinking = "up-thinking.mp4"
{BOX}
"""


def film(path: Path, size: tuple[int, int], *, seconds: float = 3.0, first: int = 0) -> None:
    """A square that goes to and fro, beginning ``first`` pixels to the right."""
    width, height = size
    count = round(25 * seconds)

    def frame(index: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        picture = np.full((height, width, 3), 90, np.uint8)
        left = 40 + first + round(8 * np.sin(2 * np.pi * index / count))
        picture[100:180, left : left + 80] = 200
        return picture

    write_loop(path, (frame(index) for index in range(count)), size)


@pytest.fixture
def persona(tmp_path: Path) -> Path:
    for name in ("idle", "listening"):
        film(tmp_path / f"{name}.mp4", (320, 240))
    for name in ("up", "up-thinking"):
        film(tmp_path / f"{name}.mp4", (240, 320))
    return write(tmp_path, GOOD + PORTRAIT)


def test_every_loop_is_looked_at(kiosk: Kiosk, persona: Path) -> None:
    ran = kiosk("persona", "check", "--persona", str(persona))
    assert ran.code == 0, ran.out
    names = ["idle.mp4", "listening.mp4", "up.mp4", "up-thinking.mp4"]
    good = [line for line in ran.out.splitlines() if ": good. " in line][1:]
    assert [line.split(":")[0] for line in good] == names
    assert "240x320, 3.0 s, face 144 px" in good[2]
    assert "240x320, 3.0 s, seam" in good[3]


def test_a_loop_that_begins_elsewhere_is_named(kiosk: Kiosk, persona: Path) -> None:
    film(persona.parent / "listening.mp4", (320, 240), first=60)
    ran = kiosk("persona", "check", "--persona", str(persona))
    assert ran.code == 2
    (problem,) = ran.out.splitlines()
    assert "listening.mp4" in problem
    assert "away from the first picture of idle.mp4" in problem


def test_a_loop_of_another_size_is_named(kiosk: Kiosk, persona: Path) -> None:
    film(persona.parent / "up-thinking.mp4", (320, 240))
    ran = kiosk("persona", "check", "--persona", str(persona))
    assert ran.code == 2
    assert "320 x 240 pixels, and the resting one 240 x 320" in ran.out


def test_the_doctor_says_what_is_shown_where(persona: Path) -> None:
    (persona.parent / "listening.mp4").write_bytes(b"no film at all")
    wide, upright = _portrait(load_persona(persona))
    assert wide.name == "portrait, wide"
    assert not wide.good
    assert not wide.needed
    assert "idle.mp4, no listening, no thinking" in wide.detail
    assert "listening.mp4" in wide.detail.splitlines()[-1]
    assert "persona check" in wide.remedy
    assert upright.good
    assert upright.detail == "up.mp4, up-thinking.mp4, no listening"
