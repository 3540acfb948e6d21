"""A persona with a small loop, so that a whole film takes a second or two."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.persona import LoadedPersona, load_persona
from kiosk.persona.assets import BUILTIN_LIPS
from kiosk.render import FilmRequest
from kiosk.video import FilmWriter
from kiosk.video.loopfilm import write_loop
from tests.lipsync.conftest import BOX, face_frame
from tests.persona.files import GOOD

WIDTH, HEIGHT, LOOP_FRAMES = 280, 200, 30
UPRIGHT_WIDTH = 160
NOTICE = "AI-generated."

Ask = Callable[..., FilmRequest]


def small_persona(folder: Path, *, upright: bool = False) -> Path:
    """persona.toml with a loop of 280 x 200 pixels beside it.

    Args:
        folder: Where to write.
        upright: With an upright loop as well: the middle of the other, in its mirror image.
    """
    with FilmWriter(folder / "idle.mp4", WIDTH, HEIGHT, 25, None) as film:
        for index in range(LOOP_FRAMES):
            film.add_frame(face_frame(index))
    boxes = {"fps": 25, "size": [WIDTH, HEIGHT], "face_box_xywh": [list(BOX)] * LOOP_FRAMES}
    (folder / "idle.faces.json").write_text(json.dumps(boxes))
    path = folder / "persona.toml"
    text = GOOD.replace('text = "AI."', f'text = "{NOTICE}"')
    portrait = f'loop = "idle.mp4"\nface_boxes = "idle.faces.json"\nlips = "{BUILTIN_LIPS}"\n'
    if upright:
        left = (WIDTH - UPRIGHT_WIDTH) // 2
        middle = np.s_[:, left : left + UPRIGHT_WIDTH]
        mirrored = (np.fliplr(face_frame(index)[middle]) for index in range(LOOP_FRAMES))
        write_loop(folder / "upright.mp4", mirrored, (UPRIGHT_WIDTH, HEIGHT))
        x, y, width, height = BOX
        box = [UPRIGHT_WIDTH - (x - left) - width, y, width, height]
        portrait += f'[portrait.upright]\nloop = "upright.mp4"\nface_box = {box}\n'
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
