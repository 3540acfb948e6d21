"""The set-up's own judgement; that it sets a machine up is shown by this very test running."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def set_up(tmp_path, monkeypatch):
    """The script as a module, with a checkout of its own."""
    spec = importlib.util.spec_from_file_location("set_up", ROOT / "scripts" / "set_up.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "LOG", tmp_path / ".venv" / "set-up.log")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "set-up.stamp")
    monkeypatch.setattr(module, "PINS", tmp_path / "constraints.txt")
    (tmp_path / "constraints.txt").write_text("# comment\n\nnumpy==2.0\nllama_cpp_python==0.3\n")
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return module


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def test_every_dependency_is_pinned_to_a_version_that_fits():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pins = pinned()
    for line in wanted:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        assert name in pins, name
        assert requirement.specifier.contains(pins[name]), line


def test_pins_name_no_machine_and_no_index():
    text = (ROOT / "constraints.txt").read_text()
    assert not re.search(r"https?:|file:|@|--", text)


def test_a_finished_set_up_is_recognised_until_something_changes(set_up, tmp_path):
    assert not set_up.is_set_up()
    set_up.STAMP.write_text(set_up.fingerprint())
    assert set_up.is_set_up()
    (tmp_path / "pyproject.toml").write_text("[project]")
    assert not set_up.is_set_up()
    set_up.STAMP.write_text(set_up.fingerprint())
    (tmp_path / "constraints.txt").write_text("numpy==2.1\n")
    assert not set_up.is_set_up()


def test_a_python_that_has_gone_is_noticed(set_up):
    set_up.STAMP.write_text(set_up.fingerprint())
    python = set_up.VENV / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.11")
    assert not set_up.is_set_up()


def test_the_second_run_starts_nothing_but_a_look_at_the_packages(set_up, monkeypatch, capsys):
    set_up.STAMP.write_text(set_up.fingerprint())
    monkeypatch.setattr(set_up, "missing_system_packages", lambda: ["xvfb"])
    monkeypatch.setattr(set_up, "run_watched", lambda *_, **__: pytest.fail("started something"))
    assert set_up.main() == 0
    assert capsys.readouterr().out == "Missing system packages: sudo apt-get install xvfb\n"


def test_no_network_is_told_in_plain_words(set_up, monkeypatch, capsys):
    words = "WARNING: Retrying after NewConnectionError('Network is unreachable')"
    broken = [sys.executable, "-c", f"print({words!r}); raise SystemExit(1)"]
    monkeypatch.setattr(
        set_up, "create_venv", lambda: set_up.run_watched(broken, progress=set_up.last_line)
    )
    monkeypatch.setattr(set_up, "install_system_packages", lambda: None)
    assert set_up.main() == 3
    said = capsys.readouterr().out
    assert "no network" in said
    assert "goes on where it stopped" in said
    assert "Traceback" not in said
    assert not set_up.is_set_up()


def test_an_interruption_says_how_to_go_on(set_up, monkeypatch, capsys):
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(set_up, "install_system_packages", interrupted)
    assert set_up.main() == 130
    assert "Run the same command again" in capsys.readouterr().out
    assert not set_up.is_set_up()


def test_another_failure_shows_the_end_of_its_output(set_up):
    broken = [sys.executable, "-c", "print('c++: fatal error'); raise SystemExit(1)"]
    with pytest.raises(set_up.SetupFailed) as caught:
        set_up.run_watched(broken, progress=set_up.last_line)
    assert "c++: fatal error" in str(caught.value)
    assert caught.value.exit_code == 1


def test_long_work_says_where_it_stands(set_up, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(set_up, "REPORT_EVERY_S", 0.05)
    go_on = tmp_path / "go-on"
    slow = (
        "import pathlib, time\nprint('[57/140] Building CXX', flush=True)\n"
        f"while not pathlib.Path({str(go_on)!r}).exists(): time.sleep(0.01)"
    )

    def progress(output: str) -> str:
        where = set_up.built(output)
        if "compiling" in where:
            go_on.touch()
        return where

    set_up.run_watched([sys.executable, "-c", slow], progress=progress)
    assert "compiling, 57 of 140" in capsys.readouterr().out


def test_progress_of_packages(set_up):
    assert set_up.fetched("Collecting a\n  Downloading a\nCollecting b\n", 74) == "package 2 of 74"
    assert set_up.fetched("Collecting a\nInstalling collected packages: a", 1) == "unpacking"
    assert set_up.built("preparing") == "preparing the build"


def test_without_rights_the_packages_are_named_and_the_set_up_goes_on(set_up, monkeypatch, capsys):
    monkeypatch.setattr(set_up, "missing_system_packages", lambda: ["xvfb", "xdotool"])
    monkeypatch.setattr(set_up, "administrator_prefix", lambda: None)
    set_up.install_system_packages()
    assert "sudo apt-get install xvfb xdotool" in capsys.readouterr().out


def test_without_a_compiler_the_set_up_stops_before_the_build(set_up, monkeypatch):
    monkeypatch.setattr(set_up, "missing_system_packages", lambda: ["g++"])
    monkeypatch.setattr(set_up, "administrator_prefix", lambda: None)
    with pytest.raises(set_up.SetupFailed, match="compiler"):
        set_up.install_system_packages()
    built = set_up.VENV / "lib/python3.11/site-packages/llama_cpp_python-0.3.dist-info"
    built.mkdir(parents=True)
    assert set_up.installed_version("llama_cpp_python") == "0.3"
    set_up.install_system_packages()  # nothing left to build


def test_old_package_lists_are_renewed_once(set_up, monkeypatch):
    monkeypatch.setattr(set_up, "missing_system_packages", lambda: ["xvfb"])
    monkeypatch.setattr(set_up, "administrator_prefix", lambda: ["sudo", "-n"])
    monkeypatch.setattr(set_up.shutil, "which", lambda name: f"/usr/bin/{name}")
    started = []

    def run(command, **_):
        started.append("update" if "update" in command else "install")
        if started == ["install"]:
            raise set_up.SetupFailed("404")

    monkeypatch.setattr(set_up, "run_watched", run)
    set_up.install_system_packages()
    assert started == ["install", "update", "install"]


def test_make_and_ci_say_the_same():
    made = subprocess.run(
        ["make", "-n", "test"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert "scripts/set_up.py" in made.stdout
    assert ".venv/bin/python -m pytest" in made.stdout
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
