"""The virtual room: what is said is heard, rooms do not hear each other, and nothing stays."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from kiosk.audio import read_wav, write_wav
from kiosk.errors import DeviceMissing
from kiosk.room import process
from kiosk.room.sound import SoundRoom, missing_programs
from tests.audio.fakes import sine

pytestmark = [
    pytest.mark.room,
    pytest.mark.skipif(bool(missing_programs()), reason=f"needs {', '.join(missing_programs())}"),
]


@pytest.fixture
def question(tmp_path: Path) -> Path:
    path = tmp_path / "question.wav"
    write_wav(path, sine(0.4), 16_000)
    return path


def capture(room: SoundRoom, source: str, path: Path) -> subprocess.Popen[bytes]:
    """Record a source until the process is ended."""
    return subprocess.Popen(
        ["parecord", f"--device={source}", "--file-format=wav", "--latency-msec=20", str(path)],
        env=room.env,
    )


def test_a_visitor_is_heard_in_their_own_room_only(question: Path, tmp_path: Path) -> None:
    with SoundRoom() as room, SoundRoom() as other:
        recorders = [
            capture(one, "mic", tmp_path / f"{name}.wav")
            for name, one in (("here", room), ("there", other))
        ]
        for one in (room, other):  # Both recorders are connected.
            process.wait_until(
                lambda one=one: one.control("list", "short", "source-outputs") != "",
                recorders[0],
                log=question,
                where="test",
            )
        assert room.say(question).wait(20) == 0
        for recorder in recorders:
            process.end(recorder)
    here, there = (read_wav(tmp_path / f"{name}.wav")[0] for name in ("here", "there"))
    assert np.abs(here).max() > 4000
    assert not there.any()


def test_the_loudspeaker_is_recorded(question: Path, tmp_path: Path) -> None:
    ear = tmp_path / "ear.wav"
    with SoundRoom() as room:
        room.record(ear)
        played = subprocess.run(["paplay", str(question)], env=room.env, timeout=20, check=False)
        room.stop_recording()
    assert played.returncode == 0, "the loudspeaker is the default"
    assert np.abs(read_wav(ear)[0]).max() > 4000


def test_things_are_plugged_in_and_out() -> None:
    with SoundRoom() as room:
        number = room.load("module-null-sink", "sink_name=second")
        assert "second" in room.control("list", "short", "sinks")
        assert number in room.modules().values()
        room.unload(number)
        assert "second" not in room.control("list", "short", "sinks")
        with pytest.raises(DeviceMissing, match="load-module"):
            room.load("module-of-nobody")


def test_a_hanging_server_is_ended_all_the_same() -> None:
    with SoundRoom() as room:
        pid = room.pid
        folder = Path(room.env["XDG_RUNTIME_DIR"])
        room.stop()
        while Path(f"/proc/{pid}/stat").read_text().split()[2] != "T":
            time.sleep(0.01)  # a signal takes effect when the process next gets a core
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not folder.exists()


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DeviceMissing, match="apt install pulseaudio pulseaudio-utils") as caught:
        SoundRoom().__enter__()
    assert caught.value.exit_code == 3


def test_a_server_that_dies_tells_why(tmp_path: Path) -> None:
    log = tmp_path / "log"
    server = process.start(["sh", "-c", "echo no memory; exit 1"], env=dict(os.environ), log=log)
    with pytest.raises(DeviceMissing, match="no memory"):
        process.wait_until(lambda: False, server, log=log, where="virtual room")


def test_a_server_that_does_not_obey_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "END_TIMEOUT_S", 0.3)
    log = tmp_path / "log"
    command = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"]
    server = process.start(command, env=dict(os.environ), log=log)
    process.wait_until(lambda: "ready" in log.read_text(), server, log=log, where="test")
    process.end(server)
    assert server.returncode == -9
