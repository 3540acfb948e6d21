"""The persona's folder: whole or not at all, and a persona.toml that the kiosk takes."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.errors import BadInput, PersonaError
from kiosk.making import Exhibit, MadeLoop, Person, drafted, require_free, write_persona
from kiosk.making.inspect import inspect_loop
from kiosk.making.loop_file import write_loop
from kiosk.making.report import write_report
from kiosk.video.faces import FaceBox
from kiosk.video.seam import SeamJump
from tests.making.material import astronaut, head, shaken

TODAY = datetime.date(2026, 11, 20)


def _made(folder: Path) -> MadeLoop:
    loop = folder / "idle.mp4"
    loop.write_bytes(b"a loop")
    return MadeLoop(
        loop=loop,
        source=Path("Grandmother's <photo>.jpg"),
        size=(1280, 720),
        frame_count=300,
        focus=(0.5, 0.42),
        seam=SeamJump(0.4, 0.5, 300),
        method=("It was framed.",),
        warnings=("The picture is coarse.",),
        exhibits=(Exhibit("A & B", astronaut()),),
    )


def test_a_draft_takes_its_name_when_all_went_well(tmp_path: Path) -> None:
    with drafted(tmp_path / "anna") as draft:
        (draft / "a.txt").write_text("a")
        assert not (tmp_path / "anna").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["anna"]
    assert (tmp_path / "anna" / "a.txt").read_text() == "a"


def _work_until(folder: Path, trouble: type[BaseException]) -> None:
    with drafted(folder) as draft:
        (draft / "idle.mp4").write_text("half a loop")
        raise trouble("now")


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, OSError, BadInput])
def test_trouble_leaves_no_trace(tmp_path: Path, trouble: type[BaseException]) -> None:
    old = tmp_path / "anna"
    old.mkdir()
    (old / "persona.toml").write_text("years of work")
    with pytest.raises(trouble):
        _work_until(old, trouble)
    assert [path.name for path in tmp_path.iterdir()] == ["anna"]
    assert (old / "persona.toml").read_text() == "years of work"


def test_what_was_there_is_kept_beside(tmp_path: Path) -> None:
    for work in ("first", "second", "third"):
        with drafted(tmp_path / "anna") as draft:
            (draft / "persona.toml").write_text(work)
    kept = {path.name: (path / "persona.toml").read_text() for path in tmp_path.iterdir()}
    assert kept == {"anna": "third", "anna.previous": "first", "anna.previous-2": "second"}


def test_a_full_folder_is_refused_without_force(tmp_path: Path) -> None:
    require_free(tmp_path / "new", force=False)
    (tmp_path / "file").write_text("a")
    with pytest.raises(BadInput, match=r"something in this folder.*--force"):
        require_free(tmp_path, force=False)
    require_free(tmp_path, force=True)
    with pytest.raises(BadInput, match="no folder"):
        require_free(tmp_path / "file", force=True)
    with pytest.raises(BadInput, match="does not exist"):
        require_free(tmp_path / "none" / "anna", force=True)


def test_the_persona_file_loads_and_says_what_is_known(tmp_path: Path) -> None:
    person = Person("Anna Weiß", "1901–1985", "Her daughter, Eva Weiß, in writing.")
    loaded = write_persona(tmp_path, person, _made(tmp_path), TODAY)
    persona = loaded.persona
    assert persona.identity.name == "Anna Weiß"
    assert persona.identity.consent == (
        "Her daughter, Eva Weiß, in writing. (Recorded on 2026-11-20.)"
    )
    assert persona.portrait.loop == "idle.mp4"
    assert persona.portrait.face_boxes == "idle.faces.json"
    assert persona.portrait.focus_y == 0.42
    said = {text for answer in persona.answers for text in answer.say}
    assert "My dates are 1901–1985." in said
    asked = {phrasing for answer in persona.answers for phrasing in answer.ask}
    for suggestion in persona.suggestions[:2]:
        assert suggestion.lower().rstrip("?") in asked
    text = loaded.path.read_text("utf-8")
    assert "Mary" not in text
    assert text.count("TO DO") >= 6


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(NAMES.filter(str.strip), NAMES.filter(str.strip))
def test_any_name_and_consent_can_be_written(tmp_path: Path, name: str, consent: str) -> None:
    loaded = write_persona(tmp_path, Person(name, "1900", consent), _made(tmp_path), TODAY)
    assert loaded.persona.identity.name == name.strip()
    assert loaded.persona.identity.consent.startswith(consent.strip())


def test_a_name_too_long_is_told_by_its_key(tmp_path: Path) -> None:
    with pytest.raises(PersonaError, match=r"identity\.name"):
        write_persona(tmp_path, Person("x" * 300, "1900", "yes"), _made(tmp_path), TODAY)


def test_the_report_is_one_file_with_its_pictures(tmp_path: Path) -> None:
    person = Person("Anna <b>", "1901", "Her daughter.")
    path = write_report(tmp_path, person, _made(tmp_path), today=TODAY, times_s={"loop": 12.3})
    page = path.read_text("utf-8")
    assert "Anna &lt;b&gt;" in page
    assert "<b>" not in page
    assert page.count("data:image/jpeg;base64,") == 1
    assert "The picture is coarse." in page
    assert "loop 12 s" in page
    assert "It does not show" in page


def test_inspection_names_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "loop.mp4"
    drift = [frame[:200, :200] for frame in shaken(astronaut(), 40, 0.0)]
    drift = [np.roll(frame, 4 * index, axis=1) for index, frame in enumerate(drift)]
    write_loop(path, drift, (200, 200), 2)
    inspected = inspect_loop(path, FaceBox(0.1, 0.1, 0.1, 0.1))
    told = "\n".join(inspected.problems)
    assert "200 x 200 pixels" in told
    assert "lasts 1.6 s" in told
    assert "only 20 pixels" in told
    assert "does not close" in told
    assert len(inspected.problems) == 4


def test_inspection_of_a_good_loop(tmp_path: Path) -> None:
    path = tmp_path / "loop.mp4"
    write_loop(path, shaken(head(), 80, 2.0), (320, 240), 3)
    inspected = inspect_loop(path, None)
    assert inspected.problems == ()
    assert str(inspected).startswith("320x240, 3.2 s, face ")


def test_inspection_of_no_loop(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    assert len(inspect_loop(tmp_path / "a.mp4", None).problems) == 1
