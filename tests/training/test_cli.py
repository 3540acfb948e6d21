"""`kiosk lips` as a person meets it; nothing here needs PyTorch."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import main
from tests.training.conftest import MakeFilm


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the extra."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else find(name)
    )


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = main(["lips", *map(str, words)])
    return code, capsys.readouterr().err


def one_sentence_with(err: str, *parts: str) -> None:
    assert err.startswith("kiosk: ")
    assert err.count("\n") == 1
    for part in parts:
        assert part in err


@pytest.mark.usefixtures("no_torch")
def test_without_the_extra_it_says_what_to_install(
    make_film: MakeFilm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, err = run(capsys, "train", make_film(seconds=4), "--out", tmp_path / "mine.onnx")
    assert code == 3
    one_sentence_with(err, "Training needs PyTorch", sys.executable, 'pip install "torch>=')
    assert not (tmp_path / "mine.training").exists()


@pytest.mark.usefixtures("no_torch")
def test_nor_can_it_convert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("convert", tmp_path / "a.pth", "--out", tmp_path / "a.onnx")
    code, err = run(capsys, *words, "--accept-licence", "wav2lip")
    assert code == 3
    one_sentence_with(err, "needs PyTorch")


def test_a_conversion_needs_the_licence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, err = run(capsys, "convert", tmp_path / "a.pth", "--out", tmp_path / "a.onnx")
    assert code == 2
    one_sentence_with(err, "'wav2lip' has terms", "--accept-licence wav2lip")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "mine.pt"], "*.onnx"),
        (["--out", "nowhere/mine.onnx"], "No file can be written there"),
        (["--out", "mine.onnx", "--size", "100"], "multiple of 16"),
        (["--out", "mine.onnx", "--minutes", "0"], "more than 0"),
        (["--out", "mine.onnx", "--steps", "0"], "--steps is 1 or more"),
        (["--out", "mine.onnx", "--threads", "0"], "positive"),
        (["--out", "mine.onnx", "--loop", "idle.mp4"], "idle.mp4: There is no such film"),
        (["--out", "mine.onnx", "--lead", "5000"], "-200 to 400"),
    ],
)
def test_wrong_use(
    make_film: MakeFilm,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    film = make_film(seconds=2)
    monkeypatch.chdir(tmp_path)
    code, err = run(capsys, "train", film, *words)
    assert code == 2
    one_sentence_with(err, said)


def test_a_missing_film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, err = run(capsys, "train", tmp_path / "none.mp4", "--out", tmp_path / "mine.onnx")
    assert code == 2
    one_sentence_with(err, "none.mp4: There is no such film")


def test_the_command_itself_loads_neither_torch_nor_models() -> None:
    """Torch takes seconds, and most machines do not have it."""
    code = (
        "import sys; from cli.main import build_parser; build_parser('lips');"
        "import kiosk.training.dataset, kiosk.training.lead;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
