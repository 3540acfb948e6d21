"""Real PortAudio in a virtual room: what is played is what is heard, when it is said to be.

PortAudio takes its environment when it starts, so the devices run in a child process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk.audio import read_wav
from kiosk.room.sound import SoundRoom, missing_programs
from tests.audio.room_child import STOP_AFTER_S, TONE_HZ

pytestmark = [
    pytest.mark.room,
    pytest.mark.skipif(bool(missing_programs()), reason=f"needs {', '.join(missing_programs())}"),
]

LOUD = 2000


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One tone, stopped half way, as the child's own microphone heard it and as recorded."""
    recording = tmp_path_factory.mktemp("room") / "ear.wav"
    with SoundRoom() as room:
        room.record(recording)
        child = subprocess.run(
            [sys.executable, "-m", "tests.audio.room_child"],
            env=room.env | {"PULSE_SOURCE": "speaker.monitor"},  # It listens to itself, here only.
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        room.stop_recording()
    assert child.returncode == 0, child.stderr
    result: dict[str, Any] = json.loads(child.stdout)
    result["recording"] = read_wav(recording)[0]
    return result


def test_the_tone_arrives_with_its_pitch(heard: dict[str, Any]) -> None:
    for samples in (np.array(heard["samples"]), heard["recording"]):
        loud = np.flatnonzero(np.abs(samples) > LOUD)
        assert len(loud), "nothing was heard"
        tone = samples[loud[0] : loud[0] + 4000]
        pitch_hz = np.argmax(np.abs(np.fft.rfft(tone, 16_000)))
        assert pitch_hz == pytest.approx(TONE_HZ, abs=8)


def test_stop_cuts_the_tone_short(heard: dict[str, Any]) -> None:
    """As much is heard as ``stop`` reports, and the rest of the tone never comes."""
    loud = np.flatnonzero(np.abs(heard["recording"]) > LOUD)
    lasted_s = (loud[-1] - loud[0]) / 16_000
    assert heard["heard_s"] <= STOP_AFTER_S + 0.25
    assert lasted_s == pytest.approx(heard["heard_s"], abs=0.3), "gaps count as time, too"
    sounding_s = np.count_nonzero(_loud_blocks(heard["recording"])) * 0.01
    assert sounding_s == pytest.approx(heard["heard_s"], abs=0.04)
    assert heard["done"]


def test_the_start_comes_when_it_was_expected(heard: dict[str, Any]) -> None:
    first_s = next(at_s for at_s, peak in heard["blocks"] if peak > LOUD)
    assert first_s == pytest.approx(heard["expected_start_s"], abs=0.15)


def test_position_follows_the_sound(heard: dict[str, Any]) -> None:
    positions = heard["positions"]
    values = [value for _, value in positions]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(heard["heard_s"], abs=1e-6)
    first_s = next(at_s for at_s, peak in heard["blocks"] if peak > LOUD)
    early = [(at_s, value) for at_s, value in positions if 0.05 < value < 0.3]
    offsets = [value - (at_s - first_s) for at_s, value in early]
    assert abs(float(np.median(offsets))) < 0.15


def test_devices_run_while_idle(heard: dict[str, Any]) -> None:
    assert heard["idle_blocks"] > 20
    assert heard["healthy"]


def _loud_blocks(samples: np.ndarray) -> np.ndarray:
    whole = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    return np.abs(whole).max(axis=1) > LOUD
