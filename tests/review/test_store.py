"""Questions on disk: forgotten in time, for their owner only, unharmed by kills and full disks."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import textwrap
from datetime import date, timedelta
from pathlib import Path

import pytest

from kiosk.review import QuestionStore, Why
from kiosk.review import store as store_module

FRIDAY = date(2026, 11, 20)


class Today:
    """A calendar in the test's hands."""

    def __init__(self) -> None:
        self.day = FRIDAY

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def today() -> Today:
    return Today()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "questions"


@pytest.fixture
def store(folder: Path, today: Today) -> QuestionStore:
    return QuestionStore(folder, keep_days=30, today=today)


def texts(store: QuestionStore) -> list[str]:
    return [kept.question for kept in store.all()]


def test_what_is_kept(store: QuestionStore, folder: Path) -> None:
    store.add("did you like cheese", Why.DECLINED)
    (path,) = folder.iterdir()
    assert path.name == "2026-11-20.jsonl"
    assert path.read_text() == '{"question": "did you like cheese", "why": "declined"}\n'
    assert store.all()[0].day == FRIDAY


def test_texts_are_plain(store: QuestionStore) -> None:
    store.add("[personal] did you like cheese", Why.DECLINED)
    assert store.texts() == ("did you like cheese",)


def test_only_the_owner_reads_it(store: QuestionStore, folder: Path) -> None:
    umask = os.umask(0)
    try:
        store.add("did you like cheese", Why.DECLINED)
    finally:
        os.umask(umask)
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    store.remove(["nothing"])
    store.add("and bread", Why.MODEL)
    store.remove(["and bread"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600, "also when it was written anew"


def test_looking_writes_nothing(store: QuestionStore, folder: Path) -> None:
    store.prune()
    assert store.all() == ()
    assert store.remove(["x"]) == 0
    assert store.purge() == 0
    assert not folder.exists()


def test_the_retention_time_holds_at_each_write(
    store: QuestionStore, folder: Path, today: Today
) -> None:
    store.add("old", Why.DECLINED)
    today.day += timedelta(days=30)
    store.add("in time", Why.DECLINED)
    assert texts(store) == ["old", "in time"]
    today.day += timedelta(days=1)
    store.add("new", Why.DECLINED)
    assert texts(store) == ["in time", "new"]
    assert len(list(folder.iterdir())) == 2


def test_a_wrong_clock_keeps_nothing_for_ever(
    store: QuestionStore, folder: Path, today: Today
) -> None:
    today.day = date(2099, 1, 1)
    store.add("from the future", Why.DECLINED)
    today.day = FRIDAY
    store.prune()
    assert not list(folder.iterdir())


def test_a_past_day_does_not_tell_who_asked_what(store: QuestionStore, today: Today) -> None:
    for question in ("c", "a", "b"):
        store.add(question, Why.DECLINED)
    assert texts(store) == ["c", "a", "b"]
    today.day += timedelta(days=1)
    store.prune()
    assert texts(store) == ["a", "b", "c"]


def test_size_is_bounded(
    store: QuestionStore, folder: Path, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_DAY_BYTES", 1000)
    monkeypatch.setattr(store_module, "MOST_BYTES", 2500)
    for _ in range(5):
        for number in range(50):
            store.add(f"question {number} " + "x" * 50, Why.DECLINED)
        today.day += timedelta(days=1)
    store.prune()
    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert max(sizes) <= 1000
    assert sum(sizes) <= 2500
    assert max(kept.day for kept in store.all()) == today.day - timedelta(days=1), "the newest stay"


def test_a_line_cut_off_costs_that_line_only(store: QuestionStore, folder: Path) -> None:
    store.add("whole", Why.DECLINED)
    (path,) = folder.iterdir()
    with path.open("ab") as file:
        file.write(b'{"question": "half')
    store.add("next", Why.CORRECTED)
    assert texts(store) == ["whole", "next"]


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\xff\xfe\n",
        b"null\n",
        b'{"question": 3, "why": "declined"}\n',
        b'{"question": "x", "why": "because"}\n',
        b"[]\n\n\0\n",
    ],
)
def test_rubbish_is_left_out(store: QuestionStore, folder: Path, rubbish: bytes) -> None:
    store.add("whole", Why.DECLINED)
    (path,) = folder.iterdir()
    with path.open("ab") as file:
        file.write(rubbish)
    assert texts(store) == ["whole"]


def test_a_full_disk_leaves_no_half_line(
    store: QuestionStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add("whole", Why.DECLINED)
    real_write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real_write(handle, data[:9]))
    store.add("too much", Why.DECLINED)
    monkeypatch.undo()
    (path,) = folder.iterdir()
    assert path.read_text().count("\n") == 1
    assert texts(store) == ["whole"]


def test_forgetting_needs_no_space(
    store: QuestionStore, today: Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add("old", Why.DECLINED)
    today.day += timedelta(days=31)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module.tempfile, "mkstemp", full)
    monkeypatch.setattr(os, "write", full)
    store.prune()
    assert store.all() == ()


def test_removing_is_one_step(store: QuestionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for question in ("one", "two", "one"):
        store.add(question, Why.DECLINED)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        store.remove(["one"])
    monkeypatch.undo()
    assert texts(store) == ["one", "two", "one"]
    assert store.remove(["one"]) == 2
    assert texts(store) == ["two"]


def test_purge_leaves_nothing(store: QuestionStore, folder: Path, today: Today) -> None:
    store.add("one", Why.DECLINED)
    today.day += timedelta(days=1)
    store.add("two", Why.MODEL)
    assert store.purge() == 2
    assert not folder.exists()


def test_files_of_others_are_left_alone(store: QuestionStore, folder: Path) -> None:
    store.add("one", Why.DECLINED)
    other = folder / "2026-02-30.jsonl"
    other.write_text("notes of the museum")
    store.purge()
    assert other.read_text() == "notes of the museum"


def test_a_kill_at_any_moment_leaves_a_readable_store(folder: Path) -> None:
    """A process that writes without end is killed; what it had written is there."""
    code = """
    import sys
    from pathlib import Path
    from kiosk.review import QuestionStore, Why
    store = QuestionStore(Path(sys.argv[1]), keep_days=30)
    number = 0
    while True:
        store.add(f"question {number}", Why.DECLINED)
        number += 1
        print(number, flush=True)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 60:
                process.kill()
                break
    written = texts(QuestionStore(folder, keep_days=30))
    assert written[:60] == [f"question {number}" for number in range(60)]
