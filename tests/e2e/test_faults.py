"""Whatever dies, the portrait stays alive and the kiosk heals."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.house import ROOT, House, Look
from tests.e2e.measure import speech_span_s

OpenHouse = Callable[..., House]
FACE = (330, 220, 200, 250)
"""Part of the screen that always moves a little while the portrait breathes."""

HEALED_S = 10.0
ANSWER_LIMIT_S = 40.0
LONGEST_STILL_S = 1.0


def longest_still_s(look: Look) -> float:
    """Longest time without a change in the picture."""
    longest, since_s = 0.0, look.at_s[0]
    for at_s, one, two in zip(look.at_s[1:], look.frames, look.frames[1:], strict=False):
        if np.any(one != two):
            since_s = at_s
        longest = max(longest, at_s - since_s)
    return longest


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP])
def test_the_engine_dies_and_the_portrait_does_not_notice(
    open_house: OpenHouse, how: signal.Signals
) -> None:
    house = open_house()
    house.ask("tell me about the ichthyosaur")
    time.sleep(random.Random(how).uniform(0.2, 3.0))
    watching = house.watch(HEALED_S, FACE)
    died_s = time.monotonic()
    os.kill(house.engine_pid(), how)
    house.wait(lambda: house.boots() == 2, 2 * HEALED_S, "a new engine")
    healed_s = time.monotonic() - died_s
    print(f"{how.name}: a new engine after {healed_s:.1f} s")
    assert longest_still_s(watching.result()) < LONGEST_STILL_S, "the picture stood still"
    assert healed_s <= HEALED_S
    time.sleep(0.5)
    answered = len(house.answers())
    house.ask("did you have a dog")
    house.wait(lambda: len(house.answers()) > answered, ANSWER_LIMIT_S, "an answer")
    assert house.answers()[-1]["answer"]["id"] == "tray"


def test_the_microphone_is_unplugged_in_the_middle_of_a_question(open_house: OpenHouse) -> None:
    house = open_house()
    house.press()
    time.sleep(0.5)
    watching = house.watch(6.0, FACE)
    mics = [n for name, n in house.room.modules().items() if "module-remap-source" in name]
    for number in mics:
        house.room.unload(number)
    time.sleep(1.0)
    house.release()
    assert longest_still_s(watching.result()) < LONGEST_STILL_S
    house.room.load("module-remap-source", "master=visitor.monitor", "source_name=mic")
    house.room.control("set-default-source", "mic")
    until_s = time.monotonic() + 60.0
    while not house.answers() and time.monotonic() < until_s:
        house.ask("did you have a dog")  # visitors try again
        time.sleep(6.0)
    assert house.answers()
    assert house.answers()[-1]["answer"]["id"] == "tray"


def test_the_sound_server_hangs_and_comes_back(open_house: OpenHouse) -> None:
    house = open_house()
    house.ask("tell me about the ichthyosaur")
    time.sleep(1.5)
    watching = house.watch(8.0, FACE)
    house.room.stop()
    assert longest_still_s(watching.result()) < LONGEST_STILL_S
    house.room.cont()
    answered = len(house.answers())
    until_s = time.monotonic() + 90.0
    while len(house.answers()) == answered and time.monotonic() < until_s:
        house.ask("did you have a dog")
        time.sleep(6.0)
    assert house.answers()[-1]["answer"]["id"] == "tray"


def test_a_broken_persona_keeps_the_last_good_one(open_house: OpenHouse, tmp_path: Path) -> None:
    folder = tmp_path / "persona"
    folder.mkdir()
    persona = folder / "persona.toml"
    shutil.copy(ROOT / "persona.toml", persona)
    house = open_house(persona=persona)
    persona.write_text("this is = not = toml", encoding="utf-8")
    time.sleep(5.0)
    os.kill(house.engine_pid(), signal.SIGKILL)  # the next engine has only the broken file
    house.wait(lambda: house.boots() == 2, 2 * HEALED_S, "a new engine")
    house.ask("did you have a dog")
    house.wait(house.answers, ANSWER_LIMIT_S, "an answer")
    assert house.answers()[-1]["answer"]["id"] == "tray"


def test_a_saved_persona_takes_effect_at_the_next_visit(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    folder = tmp_path / "persona"
    folder.mkdir()
    persona = folder / "persona.toml"
    text = (ROOT / "persona.toml").read_text(encoding="utf-8")
    persona.write_text(text, encoding="utf-8")
    house = open_house(persona=persona)
    marker = "inactivity_s = "
    assert marker in text
    persona.write_text(text + "\n# edited\n", encoding="utf-8")
    house.wait(lambda: house.boots() == 2, 40.0, "the new persona")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few KiB without room for one more byte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk is not allowed here")
    (disk / "config").mkdir()
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_is_no_reason_to_fall_silent(
    open_house: OpenHouse, full_disk: Path, built_cache: Path
) -> None:
    (full_disk / "cache").symlink_to(built_cache)
    (full_disk / "config" / "site.toml").write_text("format = 1\n", encoding="utf-8")
    with contextlib.suppress(OSError), (full_disk / "filler").open("wb") as filler:
        while True:
            filler.write(bytes(1024))
            filler.flush()
    house = open_house(home=full_disk, write_site=False)
    with house.recorder() as recorder:
        house.ask("did you have a dog")
        time.sleep(5.0)
        first_s, last_s = speech_span_s(recorder.samples, 24_000)
    assert last_s - first_s > 1.0, "it answered"
    assert not list(full_disk.rglob("*.jsonl"))


def test_a_corrupt_voice_is_replaced_by_the_built_in_one(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    folder = tmp_path / "persona"
    folder.mkdir()
    (folder / "voice.onnx").write_bytes(b"no voice at all")
    (folder / "voice.onnx.json").write_text("{}", encoding="utf-8")
    text = (ROOT / "persona.toml").read_text(encoding="utf-8")
    assert "[voice]\n" in text
    persona = folder / "persona.toml"
    lines = [line for line in text.splitlines() if not line.startswith("model =")]
    edited = "\n".join(lines).replace("[voice]\n", '[voice]\nmodel = "voice.onnx"\n')
    persona.write_text(edited, encoding="utf-8")
    house = open_house(persona=persona)
    house.ask("did you have a dog")
    house.wait(house.answers, ANSWER_LIMIT_S, "an answer")
    assert house.answers()[-1]["answer"]["text"]
