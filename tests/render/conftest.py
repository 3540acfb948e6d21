"""A persona with a small loop, so that a whole film takes a second or two."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.persona import LoadedPersona, load_persona
from kiosk.render import FilmRequest
from kiosk.video import FilmWriter
from tests.lipsync.conftest import BOX, face_frame
from tests.persona.files import GOOD

WIDTH, HEIGHT, LOOP_FRAMES = 280, 200, 30
NOTICE = "AI-generated."

Ask = Callable[..., FilmRequest]


def small_persona(folder: Path) -> Path:
    """persona.toml with a loop of 280 x 200 pixels beside it."""
    with FilmWriter(folder / "idle.mp4", WIDTH, HEIGHT, 25, None) as film:
        for index in range(LOOP_FRAMES):
            film.add_frame(face_frame(index))
    boxes = {"fps": 25, "size": [WIDTH, HEIGHT], "face_box_xywh": [list(BOX)] * LOOP_FRAMES}
    (folder / "idle.faces.json").write_text(json.dumps(boxes))
    path = folder / "persona.toml"
    text = GOOD.replace('text = "AI."', f'text = "{NOTICE}"')
    portrait = 'loop = "idle.mp4"\nface_boxes = "idle.faces.json"\nlips = "lips160"\n'
    path.write_text(f"{text}\n[portrait]\n{portrait}")
    return path


@pytest.fixture(scope="session")
def persona(tmp_path_factory: pytest.TempPathFactory) -> LoadedPersona:
    return load_persona(small_persona(tmp_path_factory.mktemp("persona")))


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """KIOSK_HOME of all tests here: the lips are prepared once."""
    folder = tmp_path_factory.mktemp("home")
    before = os.environ.get("KIOSK_HOME")
    os.environ["KIOSK_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["KIOSK_HOME"]
    else:
        os.environ["KIOSK_HOME"] = before


@pytest.fixture
def ask(persona: LoadedPersona, tmp_path: Path) -> Ask:
    """A request for a film in the test's own folder."""

    def request(text: str = "", out: str = "film.mp4", **fields: object) -> FilmRequest:
        return FilmRequest(persona.path, tmp_path / out, text, **fields)  # type: ignore[arg-type]

    return request
