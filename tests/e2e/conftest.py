"""Rooms for the end-to-end tests: the caches are built once, each test starts its own kiosk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.house import ROOT, House, missing

OpenHouse = Callable[..., House]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = missing()
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.room)
            if reason:
                item.add_marker(pytest.mark.skip(reason=f"virtual room: {reason}"))


@pytest.fixture(scope="session")
def built_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `kiosk persona build` makes of the shipped persona, built once for all tests."""
    home = tmp_path_factory.mktemp("built")
    done = subprocess.run(
        [sys.executable, "-m", "cli", "persona", "build"],
        cwd=ROOT,
        env={**os.environ, "KIOSK_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return home / "cache"


@pytest.fixture
def open_house(tmp_path: Path, built_cache: Path) -> Iterator[OpenHouse]:
    """Opens kiosks that end with the test."""
    houses: list[House] = []

    def opened(**options: Any) -> House:
        house = House(tmp_path, cache=built_cache, **options)
        house.__enter__()
        houses.append(house)
        return house

    yield opened
    for house in houses:
        house.__exit__(None, None, None)
