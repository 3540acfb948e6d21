"""Voices for the tests: the ones that ship, and the humming one made on the spot."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.paths import builtin_models_dir
from kiosk.tts import PiperVoiceEngine
from scripts.make_test_voice import make_test_voice


@pytest.fixture(scope="session")
def slt() -> PiperVoiceEngine:
    """The built-in voice, with a persona's pronunciations."""
    return PiperVoiceEngine(
        builtin_models_dir() / "slt24.onnx",
        pronunciations={"Lyme Regis": "lime reejis", "Plesiosaurus": "pleesio-sorus"},
    )


@pytest.fixture(scope="session")
def rms() -> PiperVoiceEngine:
    return PiperVoiceEngine(builtin_models_dir() / "rms16.onnx")


@pytest.fixture(scope="session")
def hum_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test voice in the official form, which gives no timings."""
    path = tmp_path_factory.mktemp("voice") / "hum.onnx"
    make_test_voice(path, timings=False)
    return path


@pytest.fixture
def hum_copy(hum_path: Path, tmp_path: Path) -> Path:
    """A copy to be broken."""
    path = tmp_path / "broken.onnx"
    path.write_bytes(hum_path.read_bytes())
    Path(f"{path}.json").write_text(Path(f"{hum_path}.json").read_text())
    return path
