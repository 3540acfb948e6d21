"""Button and keys: what talks, what does nothing, and that nothing leaves the kiosk."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kiosk.errors import SiteError
from kiosk.messages import (
    LoopEpoch,
    PressTalk,
    ReleaseTalk,
    State,
    Touched,
)
from kiosk.persona import Site, load_site
from ui.keys import key_named, talk_keys

from .conftest import Kiosk, MakeKiosk, kinds, tap


def test_holding_the_button_talks(kiosk: Kiosk) -> None:
    kiosk.state(State.IDLE)
    kiosk.link.sent.clear()
    QTest.mousePress(kiosk.window.talk, Qt.MouseButton.LeftButton)
    assert PressTalk in kinds(kiosk)
    assert ReleaseTalk not in kinds(kiosk)
    QTest.mouseMove(kiosk.window.talk, QPoint(-300, -300))  # a finger that slides off still holds
    assert ReleaseTalk not in kinds(kiosk)
    QTest.mouseRelease(kiosk.window.talk, Qt.MouseButton.LeftButton)
    assert kinds(kiosk).count(PressTalk) == kinds(kiosk).count(ReleaseTalk) == 1


def test_holding_space_talks_and_repeats_are_ignored(
    kiosk: Kiosk, application: QApplication
) -> None:
    kiosk.state(State.IDLE)
    kiosk.link.sent.clear()
    QTest.keyPress(kiosk.window, Qt.Key.Key_Space)
    for _ in range(3):
        repeat = QKeyEvent(
            QEvent.Type.KeyPress,
            Qt.Key.Key_Space,
            Qt.KeyboardModifier.NoModifier,
            " ",
            True,
        )
        application.sendEvent(kiosk.window, repeat)
    QTest.keyRelease(kiosk.window, Qt.Key.Key_Space)
    talk = [kind for kind in kinds(kiosk) if kind in (PressTalk, ReleaseTalk)]
    assert talk == [PressTalk, ReleaseTalk]


def test_button_and_key_together_are_one_press(kiosk: Kiosk) -> None:
    kiosk.state(State.IDLE)
    QTest.keyPress(kiosk.window, Qt.Key.Key_Space)
    QTest.mousePress(kiosk.window.talk, Qt.MouseButton.LeftButton)
    QTest.keyRelease(kiosk.window, Qt.Key.Key_Space)
    assert ReleaseTalk not in kinds(kiosk)
    QTest.mouseRelease(kiosk.window.talk, Qt.MouseButton.LeftButton)
    assert kinds(kiosk).count(PressTalk) == kinds(kiosk).count(ReleaseTalk) == 1


def test_nothing_is_sent_while_the_button_is_disabled(kiosk: Kiosk) -> None:
    kiosk.state(State.CLOSED)
    QTest.mouseClick(kiosk.window.talk, Qt.MouseButton.LeftButton)
    QTest.keyClick(kiosk.window, Qt.Key.Key_Space)
    assert not {PressTalk, ReleaseTalk} & set(kinds(kiosk))


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.AltModifier),
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Meta, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Space, Qt.KeyboardModifier.AltModifier),
    ],
)
def test_keys_that_would_leave_do_nothing(
    kiosk: Kiosk, key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    kiosk.state(State.IDLE)
    kiosk.link.sent.clear()
    QTest.keyClick(kiosk.window, key, modifier)
    assert kiosk.window.isVisible()
    assert set(kinds(kiosk)) <= {Touched, LoopEpoch}


def test_the_window_closes_only_for_staff(kiosk: Kiosk, application: QApplication) -> None:
    assert not kiosk.window.close()
    assert kiosk.window.isVisible()
    menu = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), QPoint(5, 5))
    assert application.notify(kiosk.window, menu)
    kiosk.window.allow_close()
    assert kiosk.window.close()


def test_any_key_can_be_the_arcade_button() -> None:
    assert key_named("Space") == Qt.Key.Key_Space
    assert key_named("f13") == Qt.Key.Key_F13
    with pytest.raises(ValueError, match="no key"):
        key_named("Doorbell")


def test_every_key_that_site_toml_takes_is_known_to_the_window() -> None:
    named = "space enter tab backspace insert delete home end pageup pagedown left right up down"
    names = [*named.split(), "pause", *"abcxyz059", *(f"f{number}" for number in range(1, 36))]
    for name in names:
        site = Site.model_validate({"screen": {"talk_key": name}})
        assert talk_keys(site.screen.talk_key) >= {key_named(name), int(Qt.Key.Key_Space)}


@pytest.mark.parametrize("name", ["", "doorbell", "F36", "ctrl+k", "escape"])
def test_site_toml_says_which_keys_may_talk(tmp_path: Path, name: str) -> None:
    path = tmp_path / "site.toml"
    path.write_text(f'format = 1\n[screen]\ntalk_key = "{name}"\n', encoding="utf-8")
    with pytest.raises(SiteError, match=r"line 3: screen\.talk_key.*such as 'space'"):
        load_site(path)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_the_key_of_site_toml_talks_and_so_does_space(make_kiosk: MakeKiosk, key: Qt.Key) -> None:
    kiosk = make_kiosk(talk_keys=talk_keys("enter"))
    kiosk.state(State.IDLE)
    QTest.keyPress(kiosk.window, key)
    assert kinds(kiosk).count(PressTalk) == 1
    QTest.keyRelease(kiosk.window, key)
    assert kinds(kiosk).count(ReleaseTalk) == 1


def test_an_arcade_button_without_a_letter_talks_even_while_somebody_types(
    make_kiosk: MakeKiosk,
) -> None:
    kiosk = make_kiosk(talk_keys=talk_keys("f13"))
    kiosk.state(State.IDLE)
    tap(kiosk, "type")
    QTest.keyClick(kiosk.window, Qt.Key.Key_Space)
    assert PressTalk not in kinds(kiosk)
    QTest.keyPress(kiosk.window, Qt.Key.Key_F13)
    assert PressTalk in kinds(kiosk)
    assert not kiosk.window.typing.isVisible()
    QTest.keyRelease(kiosk.window, Qt.Key.Key_F13)
