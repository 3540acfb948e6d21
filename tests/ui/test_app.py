"""Start-up, a reloaded persona, and the end, through ``run_window`` itself."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from kiosk.errors import PersonaError
from kiosk.messages import Health, PersonaReloaded, State, StateChanged
from kiosk.persona import Site
from ui.app import run_window
from ui.conductor import Conductor
from ui.window import KioskWindow

from .conftest import PERSONA, FakeLink


def test_the_kiosk_starts_follows_its_persona_and_ends(
    tmp_path: Path, application: QApplication
) -> None:
    persona = tmp_path / "persona.toml"
    shutil.copy(PERSONA, persona)
    link = FakeLink()
    names: list[str] = []

    def shown() -> str:
        windows = [w for w in application.topLevelWidgets() if isinstance(w, KioskWindow)]
        return " ".join(w.content.persona.identity.name for w in windows if w.isVisible())

    def ready(window: KioskWindow, conductor: Conductor) -> None:
        assert window.portrait.error == ""
        assert window.portrait.current_frame().isValid()
        assert conductor.first_picture_s is not None
        assert conductor.first_picture_s > 0.0
        link.is_now(Health.UP)
        link.says(StateChanged(State.ATTRACT, 1))
        names.append(shown())
        text = persona.read_text(encoding="utf-8")
        assert 'name = "Mary Anning"' in text
        persona.write_text(
            text.replace('name = "Mary Anning"', 'name = "Another Name"'), encoding="utf-8"
        )
        link.says(PersonaReloaded(), StateChanged(State.IDLE, 2))
        names.append(shown())
        QTimer.singleShot(0, conductor.left.emit)

    code = run_window(persona, Site(), lambda: link, windowed=True, on_ready=ready)
    assert code == 0
    assert names == ["Mary Anning", "Another Name"]
    assert link.stopped


def test_without_a_picture_the_kiosk_starts_all_the_same(
    tmp_path: Path, application: QApplication
) -> None:
    del application
    text = PERSONA.read_text(encoding="utf-8")
    persona = tmp_path / "persona.toml"
    persona.write_text(text.replace('\nloop = ""', '\nloop = "broken.mp4"', 1), encoding="utf-8")
    (tmp_path / "broken.mp4").write_bytes(b"no film at all")
    link = FakeLink()
    figures: list[float | None] = []

    def ready(window: KioskWindow, conductor: Conductor) -> None:
        assert "broken.mp4" in window.portrait.error
        figures.append(conductor.first_picture_s)
        link.is_now(Health.UP)
        QTimer.singleShot(0, conductor.left.emit)

    assert run_window(persona, Site(), lambda: link, windowed=True, on_ready=ready) == 0
    assert figures == [None]


def test_a_broken_persona_is_told_before_any_window_opens(tmp_path: Path) -> None:
    broken = tmp_path / "persona.toml"
    broken.write_text("format = 7", encoding="utf-8")
    with pytest.raises(PersonaError, match="format"):
        run_window(broken, Site(), FakeLink, windowed=True)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python keeps them alive by itself")
def test_painting_gives_no_references_away(application: QApplication) -> None:
    """PySide6 6.12 loses one reference to None with each call, until the interpreter dies."""
    widget = QWidget()
    before = sys.getrefcount(None)
    for _ in range(1000):
        widget.setObjectName("x")
        widget.update()
    application.processEvents()
    assert sys.getrefcount(None) > before - 100
