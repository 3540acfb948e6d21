"""The engine process's last resort."""

from __future__ import annotations

import threading

import pytest

from kiosk.engine.events import PartFailed
from kiosk.engine.process import replace_if_a_thread_dies


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
