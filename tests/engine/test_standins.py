"""Stand-ins of large models: made when needed, the largest deleted after use."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path

import pytest

from kiosk import paths
from kiosk.errors import Missing

standins = importlib.import_module("kiosk.engine.bench.standins")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path))
    folder = paths.cache_dir() / "standins"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize(("shape", "stays"), [("qwen2.5-0.5b", True), ("qwen2.5-1.5b", False)])
def test_only_the_smaller_one_stays(cache: Path, shape: str, stays: bool) -> None:
    (cache / f"{shape}-shaped.gguf").write_bytes(b"made before")
    with standins.chat_standin(shape) as path:
        assert path.read_bytes() == b"made before"
    assert path.exists() is stays


def test_a_failed_measurement_deletes_it_too(cache: Path) -> None:
    (cache / "qwen2.5-1.5b-shaped.gguf").write_bytes(b"made before")
    with pytest.raises(RuntimeError, match="measuring"), standins.chat_standin("qwen2.5-1.5b"):
        raise RuntimeError("measuring")
    assert not list(cache.iterdir())


def test_none_is_made_on_a_disk_that_is_nearly_full(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(cache)._replace(free=1_500_000_000)
    monkeypatch.setattr(standins.shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(Missing, match=r"2\.0 GB"), standins.chat_standin("qwen2.5-1.5b"):
        pass
    assert not list(cache.iterdir())
