"""A saved persona.toml is reported once, when it is whole."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

import pytest

from kiosk.errors import PersonaError
from kiosk.persona import LoadedPersona, PersonaWatch, load_persona
from kiosk.persona.lastgood import load_or_last_good
from tests.persona.files import GOOD, changed, write

EDITED = changed('name = "Ada"', 'name = "Ida"')
BROKEN = changed('name = "Ada"', "name = 7")

_ticks = count(1)


def save(path: Path, content: str = GOOD) -> None:
    """Write with a modification time of its own, as if seconds had passed."""
    path.write_text(content)
    modified_ns = path.stat().st_mtime_ns + next(_ticks) * 1_000_000_000
    os.utime(path, ns=(modified_ns, modified_ns))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path)


def poll_until_news(watch: PersonaWatch) -> LoadedPersona | PersonaError | None:
    return watch.poll() or watch.poll()


def test_an_untouched_file_is_no_news(path: Path) -> None:
    watch = PersonaWatch(path)
    assert [watch.poll() for _ in range(4)] == [None] * 4


def test_a_saved_edit_is_reported_once_and_only_when_it_rests(path: Path) -> None:
    watch = PersonaWatch(path)
    save(path, EDITED)
    assert watch.poll() is None
    found = watch.poll()
    assert isinstance(found, LoadedPersona)
    assert found.persona.identity.name == "Ida"
    assert watch.poll() is None


def test_a_save_in_several_steps_is_not_read_before_the_last(path: Path) -> None:
    watch = PersonaWatch(path)
    for end in (10, 200, len(EDITED) // 2):
        save(path, EDITED[:end])
        assert watch.poll() is None
    save(path, EDITED)
    assert watch.poll() is None
    assert isinstance(watch.poll(), LoadedPersona)


def test_an_editor_that_replaces_the_file_is_noticed(path: Path) -> None:
    watch = PersonaWatch(path)
    status = path.stat()
    other = path.with_suffix(".new")
    other.write_text(EDITED)  # as long as the old one
    os.utime(other, ns=(status.st_mtime_ns, status.st_mtime_ns))
    other.replace(path)
    assert isinstance(poll_until_news(watch), LoadedPersona)


def test_a_save_without_a_change_is_no_news(path: Path) -> None:
    watch = PersonaWatch(path)
    save(path)
    assert poll_until_news(watch) is None


def test_a_broken_edit_is_reported_once_and_so_is_its_repair(path: Path) -> None:
    watch = PersonaWatch(path)
    save(path, BROKEN)
    assert isinstance(poll_until_news(watch), PersonaError)
    assert watch.poll() is None
    save(path)
    assert isinstance(poll_until_news(watch), LoadedPersona)


def test_a_file_that_goes_and_comes_is_followed(path: Path) -> None:
    watch = PersonaWatch(path)
    path.unlink()
    assert isinstance(poll_until_news(watch), PersonaError)
    assert poll_until_news(watch) is None
    save(path)
    assert isinstance(poll_until_news(watch), LoadedPersona)


def test_an_edit_before_the_watch_began_is_not_missed(path: Path) -> None:
    in_use = load_persona(path)
    save(path, EDITED)
    watch = PersonaWatch(path, in_use.digest)
    assert isinstance(poll_until_news(watch), LoadedPersona)
    assert PersonaWatch(path, load_persona(path).digest).poll() is None


def test_the_last_good_persona_stands_in_for_a_broken_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_HOME", str(path.parent / "home"))
    assert load_or_last_good(path)[1] is None
    save(path, BROKEN)
    loaded, error = load_or_last_good(path)
    assert loaded.persona.identity.name == "Ada"
    assert (loaded.path, loaded.folder) == (path, path.parent)
    assert error is not None
    assert error.problems[0].key == "identity.name"


def test_without_a_good_copy_a_broken_persona_is_an_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_HOME", str(path.parent / "home"))
    save(path, BROKEN)
    with pytest.raises(PersonaError):
        load_or_last_good(path)
