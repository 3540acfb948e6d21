"""`kiosk persona new`, and what `check` and `build` say of its work."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from cli.persona import new
from kiosk.persona import load_persona
from kiosk.video import open_loop, read_film
from tests.cli.conftest import Kiosk

SIZE = ("--size", "480x270")
CONSENT = ("--consent", "NASA portrait, public domain.")


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "eileen-collins.jpg"
    assert cv2.imwrite(str(path), np.ascontiguousarray(data.astronaut()[..., ::-1]))
    return path


def test_a_photograph_becomes_a_persona(kiosk: Kiosk, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "eileen"
    ran = kiosk("persona", "new", str(photo), "--out", str(out), *SIZE, *CONSENT, "--dates", "1956")
    assert ran.code == 0, ran.err
    assert {path.name for path in out.iterdir()} == {
        "idle.faces.json", "idle.mp4", "persona.toml", "preview.mp4", "report.html",
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["eileen"]
    loaded = load_persona(out / "persona.toml")
    assert loaded.persona.identity.name == "Eileen Collins"
    assert loaded.persona.identity.consent.startswith("NASA portrait, public domain. (Recorded on")
    info = open_loop(out / "idle.mp4")
    assert (info.width, info.height) == (480, 270)
    assert info.frame_count >= 250
    preview = read_film(out / "preview.mp4")
    assert len(preview.sound) > preview.sample_rate_hz
    assert np.abs(preview.sound).max() > 1000
    assert preview.comment == "AI-generated"
    assert "Took: loop" in ran.out

    checked = kiosk("persona", "check", "--persona", str(out / "persona.toml"))
    assert checked.code == 0
    assert "idle.mp4: good. 480x270, 12.0 s" in checked.out

    (out / "idle.faces.json").write_text("{}")
    checked = kiosk("persona", "check", "--persona", str(out / "persona.toml"))
    assert checked.code == 2
    assert len(checked.out.splitlines()) == 1
    assert "face_box_xywh" in checked.out


def test_no_consent_no_persona(kiosk: Kiosk, photo: Path, tmp_path: Path) -> None:
    ran = kiosk("persona", "new", str(photo), "--out", str(tmp_path / "a"))
    assert ran.code == 2
    assert "consent" in ran.err
    assert len(ran.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_consent_is_asked_for_at_a_terminal(
    kiosk: Kiosk, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["Anna", "1901–1985", "Her daughter."])
    monkeypatch.setattr(new, "_at_a_terminal", lambda: True)
    monkeypatch.setattr(new, "_ask", lambda _: next(answers))
    out = tmp_path / "anna"
    ran = kiosk("persona", "new", str(photo), "--out", str(out), *SIZE, "--no-preview")
    assert ran.code == 0, ran.err
    identity = load_persona(out / "persona.toml").persona.identity
    assert (identity.name, identity.dates) == ("Anna", "1901–1985")
    assert identity.consent.startswith("Her daughter.")
    assert not (out / "preview.mp4").exists()


def test_a_folder_in_use_is_refused(kiosk: Kiosk, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "persona.toml").write_text("years of work")
    ran = kiosk("persona", "new", str(photo), "--out", str(tmp_path), *CONSENT)
    assert ran.code == 2
    assert "--force" in ran.err


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.jpg", None, "no such file"),
        ("empty.jpg", b"", "empty"),
        ("text.png", b"hello", "no picture"),
        ("film.mp4", b"hello", "cannot be read as a video"),
    ],
)
def test_bad_sources(
    kiosk: Kiosk, tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    source = tmp_path / name
    if content is not None:
        source.write_bytes(content)
    ran = kiosk("persona", "new", str(source), "--out", str(tmp_path / "out"), *CONSENT)
    assert ran.code == 2
    assert says in ran.err
    assert str(source) in ran.err
    assert len(ran.err.splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir()} <= {name}


def test_a_size_that_no_screen_has(kiosk: Kiosk, photo: Path, tmp_path: Path) -> None:
    ran = kiosk("persona", "new", str(photo), "--out", str(tmp_path / "a"), "--size", "641x360")
    assert ran.code == 2
    assert "both sides must be even" in ran.err
