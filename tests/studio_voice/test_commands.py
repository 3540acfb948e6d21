"""The whole recipe on a handful of sentences, by its command line."""

from pathlib import Path

import pytest

from studio.voice.commands import main
from tests.studio_voice.needs import needs_teacher, needs_torch


def step(*words: object) -> int:
    return main([str(word) for word in words])


@needs_torch
@needs_teacher
@pytest.mark.filterwarnings("ignore")  # PyTorch's own; naming their class would need PyTorch
def test_from_nothing_to_a_measured_voice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = ("--work", tmp_path / "work")
    voice = tmp_path / "new.onnx"
    few = ("--train", 6, "--check", 2, "--measured", 2, "--candidates", 60)
    assert step("corpus", *few, *work) == 0
    assert step("teach", *work) == 0
    assert step("train", "--steps", 2, *work) == 0
    assert step("export", "--out", voice, *work) == 0
    assert step("measure", voice, "--general", 1, "--hers", 1, *work) == 0
    assert step("look", voice, "--out", tmp_path / "look.png", *work) == 0
    said = capsys.readouterr().out
    assert "check: 2 kept" in said
    assert "teacher | " in said
    assert "new | " in said
    assert (tmp_path / "look.png").stat().st_size > 1000


def test_a_step_too_early_says_which_one_comes_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (("teach",), ("measure", "some.onnx")):
        assert step(*words, "--work", tmp_path) == 2
        assert "`corpus`" in capsys.readouterr().err


@needs_torch
def test_no_weights_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert step("export", "--out", tmp_path / "new.onnx", "--work", tmp_path) == 3
    assert "`train`" in capsys.readouterr().err
    assert step("train", "--work", tmp_path) == 2
    assert "`teach`" in capsys.readouterr().err


@needs_torch
def test_training_on_something_that_is_no_voice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = tmp_path / "nothing.onnx"
    assert step("train", "--from", nothing, "--work", tmp_path) == 2
    nothing.write_bytes(b"nothing")
    assert step("train", "--from", nothing, "--work", tmp_path) == 2
    assert "nothing.onnx" in capsys.readouterr().err


@needs_torch
def test_wrong_use(tmp_path: Path) -> None:
    for words in (("sing",), ("train", "--steps", "many")):
        with pytest.raises(SystemExit) as stopped:
            step(*words, "--work", tmp_path)
        assert stopped.value.code == 2
