"""Making the shipped models again, one after another."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from kiosk.paths import builtin_models_dir
from studio.starter import STEPS, Run, main

NO_RECIPE = {"rms16.onnx"}


def making(asked: list[list[str]], fails_at: str = "") -> Run:
    def run(arguments: list[str]) -> int:
        asked.append(arguments)
        if fails_at and fails_at in arguments:
            return 3
        if "--out" in arguments:
            Path(arguments[arguments.index("--out") + 1]).write_text("made")
        return 0

    return run


def test_what_is_there_is_passed_over(tmp_path: Path) -> None:
    out = tmp_path / "made here"  # a blank in the path
    asked: list[list[str]] = []
    assert main(["--out", str(out), "--only", "meaning", "voice"], making(asked)) == 0
    assert [words[0] for words in asked] == ["studio.meaning", *["studio.voice"] * 4]
    assert asked[0][-1] == str(out / "all-MiniLM-L6-v2-q8_0.gguf")
    asked.clear()
    assert main(["--out", str(out), "--only", "meaning", "voice"], making(asked)) == 0
    assert asked == []


def test_a_step_that_fails_ends_the_run_and_is_asked_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[list[str]] = []
    command = ["--out", str(tmp_path), "--only", "voice"]
    assert main(command, making(asked, fails_at="teach")) == 3
    assert asked[-1][1] == "teach"
    assert "goes on from here" in capsys.readouterr().out
    assert main(command, making(asked)) == 0


def test_everything_that_ships_has_its_recipe() -> None:
    manifest = tomllib.loads((builtin_models_dir() / "manifest.toml").read_text(encoding="utf-8"))
    shipped = {entry["path"] for entry in manifest["shipped"]}
    shipped = {path for path in shipped if not path.endswith(".json")}
    assert {step.product for step in STEPS} >= shipped - NO_RECIPE
