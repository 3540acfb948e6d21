"""The engine process's last resort."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.engine import process
from kiosk.engine.events import PartFailed
from kiosk.engine.process import _WindowTurned, replace_if_a_thread_dies
from kiosk.errors import MediaError
from kiosk.messages import Shape
from kiosk.persona import LoadedPersona
from kiosk.video.footage import Footage


def test_a_thread_that_dies_has_the_engine_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    posted: list[PartFailed] = []
    replace_if_a_thread_dies(posted.append)

    def die() -> None:
        raise RuntimeError("could not parse: where does my grandmother live")

    thread = threading.Thread(target=die, name="voice")
    thread.start()
    thread.join()
    (failed,) = posted
    assert failed.fatal
    assert failed.part == "voice"
    assert "RuntimeError in test_process.py, line" in failed.error
    assert "grandmother" not in failed.error, "an error's words may quote a visitor"


@pytest.mark.parametrize("has_upright", [True, False])
def test_another_idle_loop_needs_other_lips(
    monkeypatch: pytest.MonkeyPatch, has_upright: bool
) -> None:
    looked: list[Shape] = []

    def footage_of(loaded: LoadedPersona, shape: Shape) -> Footage:
        del loaded
        looked.append(shape)
        return Footage(shape if has_upright else Shape.WIDE, Path("idle.mp4"))

    monkeypatch.setattr(process, "footage_of", footage_of)
    loaded: Any = SimpleNamespace()
    window = _WindowTurned(loaded, Shape.WIDE)
    assert not window.needs_other_lips(None)
    assert not window.needs_other_lips(Shape.WIDE)
    assert looked == []
    assert window.needs_other_lips(Shape.UPRIGHT) is has_upright
    assert window.needs_other_lips(Shape.UPRIGHT) is has_upright
    assert len(looked) == 2, "files are looked at once"


def test_a_loop_that_is_gone_does_not_end_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def footage_of(loaded: LoadedPersona, shape: Shape) -> Footage:
        del loaded, shape
        raise MediaError("It is gone.")

    monkeypatch.setattr(process, "footage_of", footage_of)
    loaded: Any = SimpleNamespace()
    assert not _WindowTurned(loaded, Shape.WIDE).needs_other_lips(Shape.UPRIGHT)
