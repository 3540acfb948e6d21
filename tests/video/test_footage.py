"""Which loops are shown on which screen, and what is left out when one is missing or broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.errors import ModelMissing
from kiosk.messages import Shape
from kiosk.persona import LoadedPersona, load_persona
from kiosk.video import open_loop
from kiosk.video.faces import FaceBox
from kiosk.video.footage import face_place, footage_of
from kiosk.video.loopfilm import write_loop
from tests.persona.files import GOOD, write
from tests.video.clips import numbered, write_clip

WIDE, UPRIGHT = Shape.WIDE, Shape.UPRIGHT


def persona(folder: Path, portrait: str, *films: str) -> LoadedPersona:
    """A persona with a ``[portrait]``, and films of one size beside it."""
    for name in films:
        (folder / name).parent.mkdir(exist_ok=True)
        write_clip(folder / name, 30)
    return load_persona(write(folder, f"{GOOD}\n[portrait]\n{portrait}\n"))


def test_one_film_serves_every_screen(tmp_path: Path) -> None:
    loaded = persona(tmp_path, 'loop = "a.mp4"\nface_box = [0.1, 0.1, 0.5, 0.5]', "a.mp4")
    wide = footage_of(loaded, WIDE)
    assert wide.idle == tmp_path / "a.mp4"
    assert (wide.listening, wide.thinking, wide.faults) == (None, None, ())
    assert wide.place == FaceBox(0.1, 0.1, 0.5, 0.5)
    assert footage_of(loaded, UPRIGHT) == wide
    assert wide.shape is WIDE


def test_every_shape_has_its_own_films(tmp_path: Path) -> None:
    names = ("a.mp4", "b.mp4", "c.mp4", "up/a.mp4", "up/b.mp4", "up/c.mp4")
    loaded = persona(
        tmp_path,
        'loop = "a.mp4"\nlistening = "b.mp4"\nthinking = "c.mp4"\nfocus_x = 0.3\n'
        '[portrait.upright]\nloop = "up/a.mp4"\nlistening = "up/b.mp4"\nthinking = "up/c.mp4"\n'
        'face_boxes = "boxes.json"\nfocus_y = 0.2',
        *names,
    )
    (tmp_path / "boxes.json").write_text("{}")
    wide, upright = footage_of(loaded, WIDE), footage_of(loaded, UPRIGHT)
    found = [wide.idle, wide.listening, wide.thinking]
    found += [upright.idle, upright.listening, upright.thinking]
    assert found == [tmp_path / name for name in names]
    assert (wide.shape, wide.focus, wide.place) == (WIDE, (0.3, 0.45), None)
    assert upright.place == tmp_path / "boxes.json"
    assert (upright.shape, upright.focus) == (UPRIGHT, (0.5, 0.2))
    assert face_place(loaded, UPRIGHT) == tmp_path / "boxes.json"


def test_a_broken_upright_film_is_replaced_by_the_wide_one(tmp_path: Path) -> None:
    portrait = 'loop = "a.mp4"\nlistening = "b.mp4"\n[portrait.upright]\nloop = "u.mp4"'
    loaded = persona(tmp_path, portrait, "a.mp4", "b.mp4")
    (tmp_path / "u.mp4").write_bytes(b"no film at all")
    footage = footage_of(loaded, UPRIGHT)
    assert (footage.shape, footage.idle.name) == (WIDE, "a.mp4")
    assert footage.listening is not None
    (fault,) = footage.faults
    assert "portrait.upright.loop" in fault
    assert "u.mp4" in fault
    assert footage_of(loaded, WIDE).faults == ()


def test_boxes_that_are_not_there_leave_the_upright_film_out(tmp_path: Path) -> None:
    portrait = 'loop = "a.mp4"\n[portrait.upright]\nloop = "u.mp4"\nface_boxes = "u.json"'
    footage = footage_of(persona(tmp_path, portrait, "a.mp4", "u.mp4"), UPRIGHT)
    assert footage.shape is WIDE
    assert "u.json" in footage.faults[0]


def test_a_film_of_another_size_is_left_out(tmp_path: Path) -> None:
    loaded = persona(tmp_path, 'loop = "a.mp4"\nthinking = "c.mp4"', "a.mp4")
    write_loop(tmp_path / "c.mp4", (numbered(i, 128, 96) for i in range(30)), (128, 96))
    footage = footage_of(loaded, WIDE)
    assert footage.thinking is None
    assert "128 x 96 pixels, and the resting one 160 x 96" in footage.faults[0]


@pytest.mark.parametrize("shape", Shape)
def test_a_missing_film_for_listening_is_told_and_left_out(tmp_path: Path, shape: Shape) -> None:
    loaded = persona(tmp_path, 'loop = "a.mp4"\nlistening = "b.mp4"', "a.mp4")
    footage = footage_of(loaded, shape)
    assert footage.listening is None
    assert "portrait.listening" in footage.faults[0]


def test_without_the_resting_face_there_is_no_portrait(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"a\.mp4"):
        footage_of(persona(tmp_path, 'loop = "a.mp4"'), WIDE)


def test_the_built_in_portrait_takes_what_ships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.paths.builtin_models_dir", lambda: tmp_path / "models")
    (tmp_path / "models" / "mary-anning").mkdir(parents=True)
    loaded = load_persona(write(tmp_path))
    ships = tmp_path / "models" / "mary-anning"
    write_clip(ships / "idle.mp4", 30)
    assert footage_of(loaded, UPRIGHT) == footage_of(loaded, WIDE)
    write_clip(ships / "thinking.mp4", 30)
    (ships / "upright").mkdir()
    write_clip(ships / "upright" / "idle.mp4", 30)
    write_clip(ships / "upright" / "listening.mp4", 30)
    wide, upright = footage_of(loaded, WIDE), footage_of(loaded, UPRIGHT)
    assert (wide.listening, wide.thinking) == (None, ships / "thinking.mp4")
    assert (upright.shape, upright.idle) == (UPRIGHT, ships / "upright" / "idle.mp4")
    assert (upright.listening, upright.thinking) == (ships / "upright" / "listening.mp4", None)
    assert open_loop(upright.idle).frame_count == 30
