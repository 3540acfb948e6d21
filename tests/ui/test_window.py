"""The window against a scripted engine: what it shows, what it sends, what it forgets."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from kiosk.errors import SiteError
from kiosk.messages import (
    AskText,
    Caption,
    EndVisit,
    EngineReady,
    Health,
    Heard,
    InputLevel,
    LoopEpoch,
    Notice,
    NoticeKind,
    PressTalk,
    ReleaseTalk,
    SetVolume,
    Speaking,
    StaffNotice,
    State,
    Suggestions,
    SupportNotice,
    SyncMeasured,
    Touched,
    UtteranceEnded,
    UtteranceStarted,
)
from kiosk.persona import Site, hash_pin, load_site
from kiosk.persona.schema import Persona
from ui.button import Face
from ui.keys import key_named, talk_keys
from ui.staff import HOLD_MS
from ui.theme import NORMAL_STEP

from .conftest import Kiosk, MakeKiosk

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


def find(kiosk: Kiosk, name: str) -> QWidget:
    found = kiosk.window.findChild(QWidget, name)
    assert isinstance(found, QWidget), name
    return found


def tap(kiosk: Kiosk, name: str) -> None:
    target = find(kiosk, name)
    assert target.isVisible(), name
    QTest.mouseClick(target, Qt.MouseButton.LeftButton)


def kinds(kiosk: Kiosk) -> list[type]:
    return [type(message) for message in kiosk.link.sent]


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


def test_pressing_while_it_speaks_silences_the_mouth_at_once(kiosk: Kiosk) -> None:
    clock = kiosk.window.portrait.clock
    assert clock is not None
    kiosk.state(State.SPEAKING)
    kiosk.link.says(UtteranceStarted(4, Speaking.PERSONA, 0, 0.0), Caption(4, WORDS))
    assert clock.audio_s(0.1) is not None
    QTest.mousePress(kiosk.window.talk, Qt.MouseButton.LeftButton)
    assert PressTalk in kinds(kiosk)
    assert clock.audio_s(0.1) is None
    kiosk.link.says(UtteranceEnded(4, 0.65, True))
    assert kiosk.window.body.captions.text() == "They named me"
    assert kiosk.link.of(SyncMeasured)
    QTest.mouseRelease(kiosk.window.talk, Qt.MouseButton.LeftButton)


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


def test_captions_follow_the_audio_position(kiosk: Kiosk) -> None:
    kiosk.state(State.SPEAKING)
    captions = kiosk.window.body.captions
    kiosk.link.says(Caption(1, WORDS[:2]), Caption(1, WORDS[2:]))
    assert captions.text() == "They named me Mary."
    assert captions.spoken_text() == ""
    captions.follow(0.0)
    assert captions.spoken_text() == "They"
    captions.follow(0.7)
    assert captions.spoken_text() == "They named me"
    captions.follow(0.1)
    assert captions.spoken_text() == "They named me"
    kiosk.link.says(UtteranceEnded(1, 1.2, False))
    assert captions.spoken_text() == captions.text()


def test_long_captions_keep_the_spoken_line_in_view(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(720, 1280)
    kiosk.state(State.SPEAKING)
    captions = kiosk.window.body.captions
    captions.add(1, tuple((f"word{i}", i * 0.3, i * 0.3 + 0.2) for i in range(200)))
    for spoken in (1, 50, 120, 200):
        captions.follow((spoken - 1) * 0.3 + 0.1)
        first = captions._first_line(3)
        line = next(i for i, (_, end) in enumerate(captions._lines) if spoken - 1 < end)
        assert first <= line < first + 3


def test_heard_words_are_shown_while_and_after_speaking(kiosk: Kiosk) -> None:
    kiosk.state(State.LISTENING)
    assert kiosk.window.body.message() == kiosk.window.strings["listening"]
    kiosk.link.says(Heard("who are", final=False), InputLevel(0.5))
    assert kiosk.window.body.message() == "Who are"
    kiosk.link.says(Heard("who are you", final=True, confidence=0.9))
    kiosk.state(State.THINKING)
    assert kiosk.window.body.message() == "Who are you"
    kiosk.state(State.SPEAKING)
    kiosk.link.says(Caption(1, WORDS))
    assert "Who are you" in find(kiosk, "heard").accessibleName()
    assert find(kiosk, "heard").isVisible()


def test_the_first_heard_word_does_not_move_the_words_below_it(kiosk: Kiosk) -> None:
    kiosk.state(State.LISTENING)
    waiting = find(kiosk, "message").geometry()
    kiosk.link.says(Heard("who", final=False))
    assert find(kiosk, "heard").isVisible()
    assert find(kiosk, "message").geometry() == waiting
    kiosk.link.says(Heard("who are you", final=True, confidence=0.9))
    kiosk.state(State.THINKING)
    assert find(kiosk, "message").geometry() == waiting


def test_while_it_speaks_the_words_also_have_the_room_of_the_links(kiosk: Kiosk) -> None:
    kiosk.state(State.IDLE)
    links = find(kiosk, "type").geometry()
    assert not kiosk.window.body.geometry().intersects(links)
    kiosk.state(State.SPEAKING)
    assert kiosk.window.body.geometry().contains(links)
    assert not kiosk.window.body.geometry().intersects(kiosk.window.talk.geometry())


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_notices_are_told_in_plain_words(kiosk: Kiosk, kind: NoticeKind) -> None:
    kiosk.state(State.IDLE)
    kiosk.link.says(Notice(kind))
    assert kiosk.window.body.message() == kiosk.window.strings.notice(kind)


def test_a_tapped_suggestion_is_asked(kiosk: Kiosk) -> None:
    kiosk.state(State.IDLE)
    kiosk.link.says(Suggestions(("First?", "Second?", "Third?", "Fourth?")))
    tap(kiosk, "suggestion-1")
    assert kiosk.link.of(AskText) == [AskText("Second?", tapped=True)]


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


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280)])
def test_support_notice_stays_until_it_is_closed(
    make_kiosk: MakeKiosk, width: int, height: int
) -> None:
    kiosk = make_kiosk(width, height)
    kiosk.state(State.SPEAKING)
    kiosk.link.says(SupportNotice("You are not alone", "Call somebody."))
    kiosk.state(State.IDLE)
    assert kiosk.window.support.isVisible()
    assert kiosk.window.talk.isVisible()
    card = kiosk.window.support
    assert kiosk.window.rect().contains(card.geometry())
    assert card.rect().contains(find(kiosk, "support-close").geometry())
    for part in ("header", "talk", "disclosure"):
        assert not card.geometry().intersects(find(kiosk, part).geometry()), part
    tap(kiosk, "support-close")
    assert not kiosk.window.support.isVisible()


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
