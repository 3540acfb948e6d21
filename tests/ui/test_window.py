"""The window against a scripted engine: what it shows, what it sends, what it forgets."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from kiosk.messages import (
    AskText,
    Caption,
    EndVisit,
    EngineReady,
    Health,
    Heard,
    PressTalk,
    ReleaseTalk,
    SetVolume,
    StaffNotice,
    State,
    Suggestions,
    SupportNotice,
)
from kiosk.persona import Site, hash_pin
from kiosk.persona.schema import Persona
from ui.button import Face
from ui.staff import HOLD_MS
from ui.theme import NORMAL_STEP

from .conftest import Kiosk, MakeKiosk, find, kinds, tap

WORDS = (("They", 0.0, 0.3), ("named", 0.3, 0.6), ("me", 0.6, 0.8), ("Mary.", 0.8, 1.2))
FACES = {
    State.BOOTING: Face.DISABLED,
    State.ATTRACT: Face.INVITING,
    State.IDLE: Face.READY,
    State.LISTENING: Face.LISTENING,
    State.TRANSCRIBING: Face.THINKING,
    State.THINKING: Face.THINKING,
    State.SPEAKING: Face.SPEAKING,
    State.FAULT: Face.DISABLED,
    State.CLOSED: Face.DISABLED,
}


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_button_and_keeps_name_and_disclosure(kiosk: Kiosk, state: State) -> None:
    kiosk.state(state)
    assert kiosk.window.talk.face is FACES[state]
    assert kiosk.window.talk_label.text() == kiosk.window.talk.accessibleName() != ""
    assert find(kiosk, "header").isVisible()
    assert "Mary Anning" in find(kiosk, "header").accessibleName()
    assert find(kiosk, "disclosure").isVisible()
    assert find(kiosk, "disclosure").accessibleName()
    assert kiosk.window.portrait.isVisible()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280), (1920, 1080)])
def test_targets_are_large_enough_to_touch(make_kiosk: MakeKiosk, width: int, height: int) -> None:
    kiosk = make_kiosk(width, height)
    kiosk.state(State.IDLE)
    assert kiosk.window.talk.disc_px() >= 120
    for number in range(3):
        row = find(kiosk, f"suggestion-{number}")
        assert row.isVisible()
        assert row.height() >= 56
    for name in ("type", "start-again", "text-size-less", "volume-more"):
        target = find(kiosk, name)
        assert min(target.width(), target.height()) >= 44, name
    tap(kiosk, "type")
    for key in "qwertyuiop":
        assert find(kiosk, f"key-{key}").width() >= 44
        assert find(kiosk, f"key-{key}").height() >= 40


def test_a_tapped_suggestion_is_asked(kiosk: Kiosk) -> None:
    kiosk.state(State.IDLE)
    kiosk.link.says(Suggestions(("First?", "Second?", "Third?", "Fourth?")))
    tap(kiosk, "suggestion-1")
    assert kiosk.link.of(AskText) == [AskText("Second?", tapped=True)]


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280), (1920, 1080)])
def test_one_tap_corrects_what_was_misheard_while_the_answer_sounds(
    make_kiosk: MakeKiosk, width: int, height: int
) -> None:
    kiosk = make_kiosk(width, height)
    kiosk.state(State.THINKING)
    kiosk.link.says(Suggestions(("Meant first?", "Meant second?", "Third?"), instead=True))
    assert not find(kiosk, "suggestion-0").isVisible()
    kiosk.state(State.SPEAKING)
    kiosk.link.says(Caption(1, WORDS))
    rows = [find(kiosk, f"suggestion-{number}") for number in range(3)]
    seen = [row for row in rows if row.isVisible()]
    assert len(seen) == (2 if width > height else 1)
    assert all(row.height() >= 56 for row in seen)
    if width > height:
        assert find(kiosk, "suggestions-title").accessibleName() == "Or did you ask"
    assert kiosk.window.body.captions.height() >= 80
    assert kiosk.window.body.captions.geometry().bottom() <= (
        kiosk.window.body.suggestions.geometry().top()
    )
    tap(kiosk, "suggestion-0")
    assert kiosk.link.of(AskText) == [AskText("Meant first?", tapped=True)]
    kiosk.link.says(Suggestions(("First?", "Second?", "Third?")))
    assert not find(kiosk, "suggestion-0").isVisible(), "questions that lead on wait for the end"


def test_the_attract_screen_offers_one_question_after_the_other(kiosk: Kiosk) -> None:
    kiosk.state(State.ATTRACT)
    attract = kiosk.window.body.attract
    assert attract.isVisible()
    first = attract.question()
    attract.turn()
    assert attract.question() != first
    tap(kiosk, "attract-question")
    assert kiosk.link.of(AskText) == [AskText(attract.question(), tapped=True)]


def test_a_question_is_typed_by_touch_and_by_keyboard(kiosk: Kiosk) -> None:
    kiosk.state(State.IDLE)
    tap(kiosk, "type")
    for key in ("key-w", "key-h", "key-o", "key-space", "key-i", "key-x", "key-delete"):
        tap(kiosk, key)
    QTest.keyClicks(kiosk.window, "s ")
    assert kiosk.window.typing.text() == "Who is "
    assert PressTalk not in kinds(kiosk)
    assert not kiosk.window.talk.isVisible()
    tap(kiosk, "typing-ask")
    assert kiosk.link.of(AskText) == [AskText("Who is", tapped=False)]
    assert not kiosk.window.typing.isVisible()
    assert kiosk.window.talk.isVisible()
    assert kiosk.window.typing.text() == ""


def test_a_new_visit_forgets_the_last_one(kiosk: Kiosk) -> None:
    window = kiosk.window
    kiosk.state(State.LISTENING, visit=3)
    kiosk.link.says(Heard("my secret", final=True), Suggestions(("A?", "B?", "C?")))
    kiosk.state(State.SPEAKING, visit=3)
    kiosk.link.says(Caption(1, WORDS), SupportNotice("Title", "Text"))
    kiosk.state(State.IDLE, visit=3)
    tap(kiosk, "text-size-more")
    tap(kiosk, "volume-less")
    tap(kiosk, "type")
    QTest.keyClicks(window, "private")
    kiosk.state(State.ATTRACT, visit=4)
    assert window.body.heard() == window.body.captions.text() == window.typing.text() == ""
    assert not window.typing.isVisible()
    assert not window.support.isVisible()
    assert window.support.text() == ""
    assert window.text_size.step == NORMAL_STEP
    assert window.volume.step == window.usual_volume
    assert window.body.suggestions.questions() == window.content.persona.suggestions[:3]
    everything = " ".join(
        part.accessibleName() + part.accessibleDescription()
        for part in window.findChildren(QWidget)
    )
    for trace in ("secret", "private", "named me", "Title"):
        assert trace not in everything


def test_the_same_visit_keeps_text_size(kiosk: Kiosk) -> None:
    kiosk.state(State.IDLE, visit=3)
    tap(kiosk, "text-size-more")
    kiosk.state(State.LISTENING, visit=3)
    assert kiosk.window.text_size.step == NORMAL_STEP + 1


def test_volume_and_start_again_reach_the_engine(kiosk: Kiosk) -> None:
    kiosk.state(State.IDLE)
    tap(kiosk, "volume-less")
    tap(kiosk, "start-again")
    assert kiosk.link.of(SetVolume) == [SetVolume(0.75)]
    assert kiosk.link.of(EndVisit) == [EndVisit()]


def test_when_the_engine_is_gone_the_visitor_reads_one_moment(kiosk: Kiosk) -> None:
    kiosk.state(State.SPEAKING)
    kiosk.link.says(Caption(1, WORDS))
    QTest.mousePress(kiosk.window.talk, Qt.MouseButton.LeftButton)
    kiosk.link.is_now(Health.DOWN)
    assert kiosk.window.body.captions.text() == ""
    assert kiosk.window.body.message() == kiosk.window.strings["moment"]
    assert kiosk.window.talk.face is Face.DISABLED
    assert not find(kiosk, "reason").isVisible()
    QTest.mouseRelease(kiosk.window.talk, Qt.MouseButton.LeftButton)
    kiosk.link.sent.clear()
    kiosk.link.is_now(Health.UP)
    kiosk.state(State.IDLE)
    QTest.mouseClick(kiosk.window.talk, Qt.MouseButton.LeftButton)
    assert kinds(kiosk).count(PressTalk) == kinds(kiosk).count(ReleaseTalk) == 1


def test_safe_mode_tells_staff_why(kiosk: Kiosk) -> None:
    kiosk.link.is_now(Health.SAFE, "The engine failed three times.")
    assert find(kiosk, "reason").isVisible()
    assert find(kiosk, "reason").accessibleName() == "The engine failed three times."
    assert kiosk.window.talk.face is Face.DISABLED


def test_staff_enter_with_a_long_press_and_a_pin(make_kiosk: MakeKiosk) -> None:
    site = Site.model_validate({"staff": {"pin_hash": hash_pin("4711")}})
    kiosk = make_kiosk(site=site)
    kiosk.state(State.IDLE)
    kiosk.link.says(EngineReady({"asr": "vosk"}, 1.0), StaffNotice("persona.toml is broken."))
    QTest.mousePress(kiosk.window.corner, Qt.MouseButton.LeftButton)
    timer = kiosk.window.corner._timer
    assert timer.isActive()
    assert timer.interval() == HOLD_MS == 5000
    QTest.mouseRelease(kiosk.window.corner, Qt.MouseButton.LeftButton)
    assert not timer.isActive()
    assert not kiosk.window.staff.isVisible()
    kiosk.window.corner.opened.emit()
    assert kiosk.window.staff.isVisible()
    assert not find(kiosk, "staff-leave").isVisible()
    for sign in "4712":
        tap(kiosk, f"pin-{sign}")
    tap(kiosk, "pin-enter")
    assert kiosk.window.staff.message == kiosk.window.strings["staff_wrong"]
    assert not kiosk.window.staff.inside
    for sign in "4711":
        tap(kiosk, f"pin-{sign}")
    tap(kiosk, "pin-enter")
    assert kiosk.window.staff.inside
    assert "vosk" in kiosk.conductor.status_text()
    assert "persona.toml is broken." in kiosk.conductor.status_text()
    tap(kiosk, "staff-restart")
    assert kiosk.link.restarts == 1
    assert not kiosk.window.staff.isVisible()
    left = []
    kiosk.conductor.left.connect(lambda: left.append(True))
    kiosk.window.corner.opened.emit()
    for sign in "4711":
        tap(kiosk, f"pin-{sign}")
    tap(kiosk, "pin-enter")
    tap(kiosk, "staff-leave")
    assert left == [True]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ru"])
def test_every_language_can_be_shown(
    make_kiosk: MakeKiosk, persona: Persona, language: str
) -> None:
    kiosk = make_kiosk(persona=persona.model_copy(update={"language": language}))
    for state in State:
        kiosk.state(state)
        kiosk.window.grab()
    kiosk.state(State.IDLE)
    tap(kiosk, "type")
    kiosk.window.grab()
