"""One home for all tests of the command line: what the kiosk builds for itself is built once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soxr

from cli.main import main
from kiosk import paths
from kiosk.audio import write_wav
from kiosk.tts import PiperVoiceEngine

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


Kiosk = Callable[..., Ran]


def edited(folder: Path, old: str, new: str) -> Path:
    """The shipped persona with one line changed."""
    text = (ROOT / "persona.toml").read_text("utf-8")
    assert old in text
    path = folder / "persona.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """KIOSK_HOME of the whole session."""
    folder = tmp_path_factory.mktemp("home")
    before = os.environ.get("KIOSK_HOME")
    os.environ["KIOSK_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["KIOSK_HOME"]
    else:
        os.environ["KIOSK_HOME"] = before


@pytest.fixture
def kiosk(home: Path, capsys: pytest.CaptureFixture[str]) -> Kiosk:
    """Runs a command in this process."""
    del home

    def run(*words: str) -> Ran:
        capsys.readouterr()
        try:
            code = main(words)
        except SystemExit as end:  # how argparse leaves
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run


@pytest.fixture
def kiosk_process(home: Path) -> Kiosk:
    """Runs a command as staff do, in a process of its own, on a machine without a display."""
    # QT_QPA_PLATFORM: the window's tests set it for this process.
    about_screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    env = {k: v for k, v in os.environ.items() if k not in about_screens}

    def run(*words: str, stdin: bytes = b"", **extra: str) -> Ran:
        """``extra`` goes into the environment."""
        done = subprocess.run(
            [sys.executable, "-m", "cli", *words],
            cwd=ROOT,
            env={**env, "KIOSK_HOME": str(home), **extra},
            input=stdin,
            capture_output=True,
            timeout=240,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def spoken_question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ "Who are you", said by the kiosk's neutral voice, at the voice's own rate."""
    voice = PiperVoiceEngine(paths.builtin_models_dir() / "rms16.onnx")
    sound = np.concatenate([chunk.samples for chunk in voice.speak(("who are you?",))])
    rest = np.zeros(voice.sample_rate_hz // 2, np.int16)
    path = tmp_path_factory.mktemp("spoken") / "who.wav"
    samples = np.concatenate([rest, sound, rest])
    write_wav(path, soxr.resample(samples, voice.sample_rate_hz, 44100), 44100)
    return path
