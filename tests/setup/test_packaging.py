"""What the packages say of themselves; that they can be built is shown by building them."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

from kiosk.asr.builtin.cache import INGREDIENTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def build():
    spec = importlib.util.spec_from_file_location("build_packages", ROOT / "packaging" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.SOURCE = ROOT
    return module


def test_the_debian_package_asks_for_what_an_installed_kiosk_needs(build, tmp_path):
    (tmp_path / "file").write_bytes(bytes(5000))
    control = build.control(tmp_path)
    fields = dict(line.split(": ", 1) for line in control.splitlines() if not line.startswith(" "))
    depends = {name.split(" (")[0] for name in fields["Depends"].split(", ")}
    assert {"libc6", "libportaudio2", "libegl1", "libxcb-cursor0"} <= depends
    assert not depends & {"g++", "xvfb", "xdotool"}, "for building and for tests only"
    assert (
        fields["Version"]
        == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    )
    assert fields["Installed-Size"] == "4"
    assert control.endswith("\n"), "dpkg refuses a control file without a last line break"


def test_the_installed_unit_starts_the_installed_command(build):
    lines = build.service().splitlines()
    assert [line for line in lines if line.startswith("ExecStart=")] == [
        "ExecStart=/usr/bin/kiosk run"
    ]
    assert "Restart=always" in lines


def test_the_build_tools_are_pinned():
    lines = (ROOT / "packaging" / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert any(pin.startswith("pyinstaller==") for pin in pins)
    assert all(re.fullmatch(r"[a-z-]+==[0-9.]+", pin) for pin in pins)


def test_the_specification_carries_what_is_asked_for_at_run_time():
    """A frozen program has no distribution's version or files unless they were put in."""
    specification = (ROOT / "packaging" / "pyinstaller.spec").read_text()
    for package in (*INGREDIENTS, "pocketsphinx"):
        assert f'"{package}"' in specification.split("copy_metadata(package)")[0]


def test_the_windows_installer_takes_what_the_specification_makes():
    script = (ROOT / "packaging" / "kiosk.iss").read_text()
    specification = (ROOT / "packaging" / "pyinstaller.spec").read_text()
    assert r'Source: "dist\kiosk\*"' in script
    assert specification.rstrip().endswith('name="kiosk")')
