"""The other commands: exit codes, messages, and what they print."""

from __future__ import annotations

import io
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from cli.main import COMMANDS
from kiosk.engine.bench.visits import HURRY
from kiosk.persona import check_pin, load_site
from kiosk.timing import HurriedClock
from tests.cli.conftest import ROOT, Kiosk, edited


def test_help_lists_every_command(kiosk: Kiosk) -> None:
    ran = kiosk("--help")
    assert ran.code == 0
    for name, summary in COMMANDS.items():
        assert name in ran.out
        assert summary in ran.out


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(kiosk: Kiosk, command: str) -> None:
    ran = kiosk(command, "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"usage: kiosk {command}")


@pytest.mark.parametrize("words", [(), ("nosuch",), ("--nosuch",), ("",), ("persona",)])
def test_wrong_use_exits_with_2(kiosk: Kiosk, words: tuple[str, ...]) -> None:
    ran = kiosk(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert "usage: kiosk" in ran.err


def test_version(kiosk: Kiosk) -> None:
    assert kiosk("--version").out.startswith("kiosk ")


@pytest.mark.parametrize("command", [("ask", "hello"), ("persona", "check"), ("bench", "tts")])
def test_broken_persona_names_file_line_and_key(
    kiosk: Kiosk, tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = edited(tmp_path, "\nrate = 1.0", "\nrate = 9.0")
    lines = path.read_text("utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, 1) if text.startswith("rate = 9.0"))
    ran = kiosk(*command, "--persona", str(path))
    assert (ran.code, ran.out) == (2, "")
    for part in (str(path), f"line {line}", "voice.rate"):
        assert part in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", [("ask", "hello"), ("persona", "check")])
def test_persona_that_is_missing(kiosk: Kiosk, tmp_path: Path, command: tuple[str, ...]) -> None:
    path = tmp_path / "none.toml"
    ran = kiosk(*command, "--persona", str(path))
    assert ran.code == 2
    assert str(path) in ran.err


def test_persona_check(kiosk: Kiosk) -> None:
    ran = kiosk("persona", "check")
    assert ran.code == 0
    assert "good. Mary Anning" in ran.out


def test_persona_build_names_the_engines(kiosk: Kiosk) -> None:
    ran = kiosk("persona", "build")
    assert ran.code == 0
    told = [line.split()[0] for line in ran.out.splitlines()]
    assert told == ["asr", "llm", "tts", "lips", "lips", "lips"]  # the last: for upright screens


@pytest.mark.warns
def test_persona_build_says_what_was_replaced(kiosk: Kiosk, tmp_path: Path) -> None:
    path = edited(tmp_path, '[chat]\nmodel = ""', '[chat]\nmodel = "nosuch.gguf"')
    ran = kiosk("persona", "build", "--persona", str(path))
    assert ran.code == 2
    assert "replaced: chat model" in ran.out
    assert "nosuch.gguf" in ran.out


@pytest.mark.warns
def test_ask_answers_without_the_model_that_is_missing(kiosk: Kiosk, tmp_path: Path) -> None:
    path = edited(tmp_path, '[chat]\nmodel = ""', '[chat]\nmodel = "nosuch.gguf"')
    ran = kiosk("ask", "who are you", "--persona", str(path))
    assert ran.code == 0
    assert ran.out.startswith("I am Mary Anning")
    assert "chat.model = 'nosuch.gguf'" in ran.err
    assert "kiosk models fetch nosuch" in ran.err


def test_site_prints_what_site_check_accepts(kiosk: Kiosk, tmp_path: Path) -> None:
    printed = kiosk("site").out
    assert tomllib.loads(printed) is not None
    path = tmp_path / "site.toml"
    path.write_text(printed, "utf-8")
    ran = kiosk("site", "--check", str(path))
    assert (ran.code, ran.out) == (0, f"{path}: good.\n")


def test_site_check_names_file_line_and_key(kiosk: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text('log_level = "info"\nlog_levle = "debug"\n', "utf-8")
    ran = kiosk("site", "--check", str(path))
    assert (ran.code, ran.out) == (2, "")
    for part in (str(path), "line 2", "log_levle"):
        assert part in ran.err


def test_pin_is_hashed_for_site_toml(
    kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("4711\n"))
    ran = kiosk("pin")
    assert ran.code == 0
    assert "4711" not in ran.out
    path = tmp_path / "site.toml"
    path.write_text(ran.out, "utf-8")
    site = load_site(path)
    assert check_pin("4711", site.staff.pin_hash)
    assert not check_pin("4712", site.staff.pin_hash)


@pytest.mark.parametrize("pin", ["", "12", "abcd", "1234567890123", "12 34"])
def test_pin_that_is_none(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, pin: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{pin}\n"))
    ran = kiosk("pin")
    assert (ran.code, ran.out) == (2, "")
    assert "4 to 12 digits" in ran.err


def test_bench_of_a_part_that_does_not_exist(kiosk: Kiosk) -> None:
    ran = kiosk("bench", "nosuch")
    assert (ran.code, ran.out) == (2, "")
    assert "'nosuch'" in ran.err
    assert "latency" in ran.err


def test_bench_with_too_few_to_count(kiosk: Kiosk) -> None:
    assert kiosk("bench", "latency", "--count", "0").code == 2


def test_bench_tts(kiosk: Kiosk) -> None:
    ran = kiosk("bench", "tts", "--count", "4", "--json")
    assert ran.code == 0
    report = json.loads(ran.out)
    assert set(report) == {"machine", "tts"}
    assert set(report["machine"]) == {"processor", "cores", "load_at_start"}
    figures = report["tts"]
    assert figures["engine"] == "piper:slt24"
    assert figures["answers"] == 4
    # A part of the answer cannot take longer than all of it.
    for which in ("median", "p95"):
        assert 0 < figures["first_chunk_ms"][which] <= figures["plain_whole_answer_ms"][which]


def test_bench_of_whole_visits(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With virtual devices on a fast clock; `latency` is else measured in real time."""
    monkeypatch.setattr("kiosk.engine.bench.visits.missing_programs", lambda: ("pulseaudio",))
    monkeypatch.setattr("kiosk.engine.rehearsal.SystemClock", lambda: HurriedClock(HURRY))
    ran = kiosk("bench", "latency", "memory", "--count", "4", "--json")
    assert ran.code == 0
    report = json.loads(ran.out)
    latency, memory = report["latency"], report["memory"]
    assert latency.pop("audio") == "virtual"
    assert len(latency) == 2  # released at once, and a moment later
    for figures in latency.values():
        assert figures["questions"] == 4
        assert figures["right_answer"] >= 3
        for part in ("release_to_sound_ms", "release_to_first_lips_ms"):
            assert figures[part]["median"] > 0
    assert memory["visits"] == 4
    assert memory["mib_at_end"] > 50


def test_bench_without_the_source_says_so(
    kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "persona.toml", tmp_path)
    (tmp_path / "models").symlink_to(ROOT / "models")
    monkeypatch.setattr("kiosk.paths.shipped_dir", lambda: tmp_path)
    for part, missing in (("answer", "mary-anning.toml"), ("llm", "make_chat_standin.py")):
        ran = kiosk("bench", part)
        assert ran.code == 3
        assert missing in ran.err
        assert "from the source" in ran.err
