"""`kiosk render`: films are made, found again, called off and taken up after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.video import read_film
from tests.cli.conftest import ROOT, Kiosk, Ran
from tests.render.conftest import small_persona

LONG = "The tide goes out, and the cliffs give up what they have kept. " * 6

Render = Callable[..., Ran]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_persona(tmp_path_factory.mktemp("small"))


@pytest.fixture
def render(kiosk: Kiosk, small: Path) -> Iterator[Render]:
    """`kiosk render` with the small persona; the list is empty before and after."""

    def run(*words: str) -> Ran:
        return kiosk("render", "--persona", str(small), *words)

    kiosk("render", "purge")
    yield run
    for job in listed(kiosk):
        kiosk("render", "cancel", str(job["id"]))
    kiosk("render", "purge")


def listed(kiosk: Kiosk) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = json.loads(kiosk("render", "list", "--json").out)
    return jobs


def test_a_film_and_the_same_once_more(render: Render, kiosk: Kiosk, tmp_path: Path) -> None:
    first, second = tmp_path / "first.mp4", tmp_path / "second.mp4"
    ran = render("--text", "Good morning.", "--out", str(first), "--subtitles", "srt")
    assert (ran.code, ran.out, ran.err) == (0, f"{first}\n", "")
    assert "Good morning." in first.with_suffix(".srt").read_text()
    assert len(read_film(first).frames) > 40
    ran = render("--text", "Good morning.", "--out", str(second))
    assert ran.out == f"{second} (from the cache)\n"
    assert first.read_bytes() == second.read_bytes()
    jobs = listed(kiosk)
    assert [(job["state"], job["from_cache"]) for job in jobs] == [("done", False), ("done", True)]
    shown = kiosk("render", "show", str(jobs[0]["id"]), "--json")
    assert json.loads(shown.out) == jobs[0]
    assert "Good morning." in kiosk("render", "list").out
    assert kiosk("render", "purge").out == "Forgotten: 2 from the list, 1 from the cache.\n"
    assert listed(kiosk) == []
    assert first.exists()


def test_a_table_waits_in_the_list(render: Render, kiosk: Kiosk, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,text,size\none,Yes.,\ntwo,No.,320x240\nthree,Never.,\n")
    ran = render("--batch", str(tmp_path / "t.csv"), "--out", str(tmp_path), "--enqueue")
    assert ran.code == 0
    one, two, three = (job["id"] for job in listed(kiosk))
    assert json.loads(kiosk("render", "cancel", str(three), "--json").out)["state"] == "cancelled"
    ran = kiosk("render", "work", "--once")
    assert ran.out == f"{tmp_path / 'one.mp4'}\n{tmp_path / 'two.mp4'}\n"
    assert not (tmp_path / "three.mp4").exists()
    assert read_film(tmp_path / "two.mp4").frames.shape[1:] == (240, 320, 3)
    assert kiosk("render", "retry", str(three)).code == 0
    assert [job["state"] for job in listed(kiosk)] == ["done", "done", "queued"]
    assert kiosk("render", "retry", str(one)).code == 2
    assert kiosk("render", "cancel", str(two)).code == 2


def test_a_table_at_once_with_a_row_that_fails(render: Render, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    (tmp_path / "t.csv").write_text("id,text,wav\none,Yes.,\ntwo,,bad.wav\nthree,Yes.,\n")
    ran = render("--batch", str(tmp_path / "t.csv"), "--out", str(tmp_path))
    assert ran.code == 2
    assert ran.out.splitlines() == [
        str(tmp_path / "one.mp4"),
        f"{tmp_path / 'three.mp4'} (from the cache)",
    ]
    assert ran.err.count("\n") == 1
    assert "bad.wav: the file is not a usable WAV file." in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--text, --wav or --batch"),
        (("--text", "Yes."), "--out is missing"),
        (("--text", " ", "--out", "f.mp4"), "nothing to say"),
        (("--text", "a" * 7000, "--out", "f.mp4"), "at most 6000"),
        (("--text", "Yes.", "--out", "f.avi"), "*.mp4"),
        (("--text", "Yes.", "--out", "nowhere/f.mp4"), "nowhere/f.mp4: No file"),
        (("--text", "Yes.", "--out", "f.mp4", "--size", "big"), "'big' is no size"),
        (("--text", "Yes.", "--out", "f.mp4", "--fps", "26"), "26 frames"),
        (("--wav", "none.wav", "--out", "f.mp4"), "none.wav: There is no such recording"),
        (("--batch", "t.csv", "--out", "f.mp4"), "a folder that exists"),
        (("--batch", "none.csv", "--out", "."), "none.csv: The table cannot be read"),
        (("--text", "Yes.", "--out", "f.mp4", "--persona", "none.toml"), "none.toml"),
        (("show", "77"), "There is no film 77"),
        (("cancel", "77"), "There is no film 77"),
    ],
)
def test_wrong_use_is_one_sentence(
    kiosk: Kiosk, words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = kiosk("render", *words)
    assert ran.code == 2
    assert ran.out == ""
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_bad_recording(render: Render, kiosk: Kiosk, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    ran = render("--wav", str(tmp_path / "bad.wav"), "--out", str(tmp_path / "f.mp4"))
    assert ran.code == 2
    assert "bad.wav: the file is not a usable WAV file." in ran.err
    assert ran.err.count("\n") == 1
    (job,) = listed(kiosk)
    assert job["state"] == "failed"
    assert job["reason"] in ran.err


class Running:
    """`kiosk render` of a long text in a process of its own."""

    def __init__(self, persona: Path, out: Path, kiosk: Kiosk) -> None:
        words = [sys.executable, "-m", "cli", "render", "--text", LONG, "--out", str(out)]
        self.process = subprocess.Popen(
            [*words, "--persona", str(persona)], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        self.out = out
        until_s = time.monotonic() + 120
        while not any(job["progress"] > 0.02 for job in listed(kiosk)):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < until_s
            time.sleep(0.1)

    def wait(self) -> int:
        self.process.communicate(timeout=120)
        return self.process.returncode


@pytest.fixture
def running(render: Render, small: Path, kiosk: Kiosk, tmp_path: Path) -> Iterator[Running]:
    del render  # it empties the list
    one = Running(small, tmp_path / "long.mp4", kiosk)
    yield one
    one.process.kill()
    one.process.communicate()


def test_killed_and_taken_up_again(running: Running, kiosk: Kiosk, tmp_path: Path) -> None:
    os.kill(running.process.pid, signal.SIGKILL)
    running.wait()
    assert [path.name for path in tmp_path.iterdir()] == [".long.mp4.part"]
    (job,) = listed(kiosk)  # looking is enough to bring it back
    assert (job["state"], job["progress"]) == ("queued", 0)
    assert kiosk("render", "work", "--once").out == f"{running.out}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["long.mp4"]
    assert listed(kiosk)[0]["state"] == "done"
    assert len(read_film(running.out).frames) > 300


def test_interrupted_by_its_user(running: Running, kiosk: Kiosk, tmp_path: Path) -> None:
    running.process.send_signal(signal.SIGINT)
    assert running.wait() == 130
    assert list(tmp_path.iterdir()) == []
    assert listed(kiosk)[0]["state"] == "cancelled"


def test_called_off_from_elsewhere(running: Running, kiosk: Kiosk, tmp_path: Path) -> None:
    (job,) = listed(kiosk)
    assert job["state"] == "running"
    assert kiosk("render", "cancel", str(job["id"])).code == 0
    assert running.wait() == 2
    assert list(tmp_path.iterdir()) == []
    assert listed(kiosk)[0]["state"] == "cancelled"


@pytest.mark.skipif(sys.platform == "win32", reason="needs ulimit")
def test_a_disk_that_is_full(small: Path, home: Path, tmp_path: Path) -> None:
    words = [
        "render",
        "--text",
        LONG * 3,
        "--out",
        str(tmp_path / "f.mp4"),
        "--persona",
        str(small),
    ]
    done = subprocess.run(
        # No file may grow beyond 500 blocks of 512 or 1024 bytes; the list of films fits in.
        ["sh", "-c", 'ulimit -f 500; exec "$@"', "sh", sys.executable, "-m", "cli", *words],
        cwd=ROOT,
        env={**os.environ, "KIOSK_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 2
    assert "The film cannot be written (File too large)" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
