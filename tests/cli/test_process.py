"""What only a process of its own shows: start-up, pipes, signals, the machine around it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.room import screen, sound
from tests.cli.conftest import ROOT, Kiosk, edited

HEAVY = ("onnxruntime", "llama_cpp", "vosk", "piper", "PySide6", "numpy", "pydantic")
# `run` and `demo` open the window: their options come with it.
LIGHT = ("ask", "render", "persona", "doctor", "bench", "site", "pin")
NO_SOUND = {"PULSE_SERVER": "unix:/nonexistent", "PIPEWIRE_REMOTE": "nonexistent"}


def _findings(out: str) -> dict[str, dict[str, Any]]:
    report = json.loads(out)
    assert set(report) == {"served", "findings"}
    for finding in report["findings"]:
        assert set(finding) == {"name", "good", "needed", "detail", "remedy"}
        assert finding["detail"]
    return {finding["name"]: finding for finding in report["findings"]}


@pytest.mark.parametrize("command", ["", *LIGHT])
def test_help_loads_no_models_library(command: str) -> None:
    program = (
        "import sys, contextlib\n"
        "from cli.main import main\n"
        "with contextlib.suppress(SystemExit): main(sys.argv[1:])\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
    )
    words = [word for word in (command, "--help") if word]
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_json_line_in_any_locale(kiosk_process: Kiosk) -> None:
    ran = kiosk_process("ask", "-", stdin="Qui êtes-vous 🦴\n".encode(), LC_ALL="C")
    assert ran.code == 0
    assert json.loads(ran.out)["question"] == "Qui êtes-vous 🦴"


def test_pipe_that_closes_early_is_no_fault(home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "ask", "-"],
        cwd=ROOT,
        env={**os.environ, "KIOSK_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"who are you\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["answer"]["id"] == "who"
        process.stdout.close()
        process.stdin.write(b"who are you\n")
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def _heed_interrupts() -> None:
    """A test run in a shell's background ignores SIGINT, which its children would inherit."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interrupt_ends_with_130(home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "ask", "-"],
        cwd=ROOT,
        preexec_fn=_heed_interrupts,
        env={**os.environ, "KIOSK_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"who are you\n")
        process.stdin.flush()
        process.stdout.readline()  # it waits for the next question now
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == b""


def test_bad_persona_in_a_process(kiosk_process: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "persona.toml"
    path.write_bytes(b"\xff\xfe[identity\n")
    ran = kiosk_process("ask", "hello", "--persona", str(path))
    assert ran.code == 2
    assert ran.err.startswith(f"kiosk: {path}: ")
    assert "Traceback" not in ran.err


def test_home_that_cannot_be_written_still_answers(kiosk_process: Kiosk, tmp_path: Path) -> None:
    blocked = tmp_path / "home"
    blocked.write_text("a file where the folder should be")
    # A few answers only: all that is kept between starts is made anew here.
    start, *answers = (ROOT / "persona.toml").read_text("utf-8").split("[[answers]]")
    persona = tmp_path / "persona.toml"
    persona.write_text("[[answers]]".join([start, *answers[:3]]), "utf-8")
    ran = kiosk_process("ask", "who are you", "--persona", str(persona), KIOSK_HOME=str(blocked))
    assert ran.code == 0
    assert ran.out.startswith("I am Mary Anning")
    assert "not cached" in ran.err
    assert "Traceback" not in ran.err


def test_doctor_without_display_sound_and_a_model(kiosk_process: Kiosk, tmp_path: Path) -> None:
    persona = edited(tmp_path, '[chat]\nmodel = ""', '[chat]\nmodel = "nosuch.gguf"')
    ran = kiosk_process("doctor", "--json", "--persona", str(persona), **NO_SOUND)
    assert ran.code == 3
    assert "nosuch" not in ran.err  # it is told once
    found = _findings(ran.out)
    assert json.loads(ran.out)["served"] is False
    assert not found["display"]["good"]
    assert "kiosk demo" in found["display"]["remedy"]
    devices = [found[name] for name in ("sound", "microphone", "loudspeaker") if name in found]
    assert devices
    assert all(one["remedy"] for one in devices if not one["good"])
    replaced = found["replaced chat model"]
    assert not replaced["good"]
    assert not replaced["needed"]  # visitors get prepared answers all the same
    assert f"{persona}: chat.model = 'nosuch.gguf'" in replaced["detail"]
    assert "kiosk models fetch nosuch" in replaced["detail"]
    assert found["engine lips"]["good"]
    assert "ExecutionProvider" in found["lips run on"]["detail"]
    assert found["engine asr"]["detail"] == "vosk:built-in"


def test_doctor_names_the_persona_that_is_broken(kiosk_process: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "persona.toml"
    path.write_text("[voice]\nrate = 9.0\n")
    ran = kiosk_process("doctor", "--persona", str(path))
    assert ran.code == 3
    assert f"MISSING persona.toml           {path}: " in ran.out
    assert "line 2: voice.rate" in ran.out
    assert ran.out.endswith("No visitor could be served like this.\n")


def test_doctor_with_a_display_that_is_gone(kiosk_process: Kiosk, tmp_path: Path) -> None:
    missing = str(tmp_path / "none.toml")  # no persona: the models need not be loaded for this
    ran = kiosk_process("doctor", "--json", "--persona", missing, DISPLAY=":987")
    display = _findings(ran.out)["display"]
    assert not display["good"]
    assert ":987" in display["detail"]


def test_doctor_with_a_home_that_cannot_be_written(kiosk_process: Kiosk, tmp_path: Path) -> None:
    blocked = tmp_path / "home"
    blocked.write_text("a file where the folder should be")
    missing = str(tmp_path / "none.toml")
    ran = kiosk_process("doctor", "--json", "--persona", missing, KIOSK_HOME=str(blocked))
    found = _findings(ran.out)
    for name in ("disk (cache)", "disk (logs)"):
        assert not found[name]["good"]
        assert str(blocked) in found[name]["detail"]
        assert found[name]["remedy"]


@pytest.fixture(scope="module")
def room() -> Iterator[dict[str, str]]:
    """Environment of a machine with microphone, loudspeaker and display."""
    if lacking := sound.missing_programs() + screen.missing_programs():
        pytest.skip(f"virtual room: install {', '.join(lacking)}")
    with sound.SoundRoom() as heard, screen.Screen(640, 480, env=heard.env) as seen:
        yield seen.env


@pytest.mark.room
def test_doctor_in_a_room_with_everything(kiosk_process: Kiosk, room: dict[str, str]) -> None:
    ran = kiosk_process("doctor", "--json", **room)
    found = _findings(ran.out)
    assert [finding for finding in found.values() if not finding["good"]] == []
    assert json.loads(ran.out)["served"] is True
    assert ran.code == 0
    assert found["display"]["detail"] == "Qt platform xcb"
    assert all(finding["remedy"] == "" for finding in found.values())
