"""What a long job shows of itself, on a terminal and in a log."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    screen = Terminal()
    monkeypatch.setattr(
        progress, "Console", lambda **_: Console(file=screen, force_terminal=True, width=100)
    )
    return screen


def test_a_job_shows_its_share_and_a_transfer_its_bytes(terminal: Terminal) -> None:
    with progress.bar("Rendering [film].mp4") as report:
        report(1, 4)
    assert "Rendering [film].mp4" in terminal.getvalue()
    assert "25 %" in terminal.getvalue()
    with progress.bar("chat", in_bytes=True) as report:
        report(0, None)  # a server that does not say how much there is
        report(10_000_000, 20_000_000)
    assert "10.0/20.0 MB" in terminal.getvalue()


def test_a_log_gets_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now_s)
    with progress.bar("Training") as report:
        report(1, 10)
        for now_s in (20.0, 21.0, 40.0):
            report(now_s, 80.0)
        now_s = 60.0
        report(60.0, None)
    assert capsys.readouterr().err == "Training: 25 %\nTraining: 50 %\n"
