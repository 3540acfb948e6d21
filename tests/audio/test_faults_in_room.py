"""What breaks sound on a real kiosk, tried on real PortAudio: it is noticed, and nothing hangs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.room.sound import SoundRoom, missing_programs

pytestmark = [
    pytest.mark.room,
    pytest.mark.skipif(bool(missing_programs()), reason=f"needs {', '.join(missing_programs())}"),
]


def unplug_microphone(room: SoundRoom) -> None:
    """The server falls back to the loudspeaker's monitor, and the stream runs on with zeros."""
    numbers = [n for name, n in room.modules().items() if name.startswith("module-remap-source")]
    room.unload(numbers[0])


def unplug_everything(room: SoundRoom) -> None:
    for name, number in room.modules().items():
        if name.startswith("module-null-sink"):
            room.unload(number)


def hang(room: SoundRoom) -> None:
    room.stop()


@pytest.mark.parametrize(
    ("fault", "microphone_ok", "speaker_ok"),
    [(hang, False, None), (unplug_microphone, False, True), (unplug_everything, False, None)],
    ids=["server hangs", "microphone unplugged", "everything unplugged"],
)
def test_a_fault_is_noticed_and_closing_never_hangs(
    fault: Callable[[SoundRoom], None], microphone_ok: bool, speaker_ok: bool | None
) -> None:
    with SoundRoom() as room:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.audio.fault_child"],
            env=room.env,
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            fault(room)
            report = child.stdout.readline().split()
            assert report, "closing a dead device must neither hang nor end the process"
            assert report[0] == "failed"
        finally:
            child.kill()
            child.communicate()
    microphone, speaker = int(report[1]), int(report[2])
    assert bool(microphone) is microphone_ok
    if speaker_ok is not None:
        assert bool(speaker) is speaker_ok
