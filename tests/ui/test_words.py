"""Words on screen: what was heard, the answer in time with the sound, notices."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kiosk.messages import (
    Caption,
    Heard,
    InputLevel,
    Notice,
    NoticeKind,
    PressTalk,
    Speaking,
    State,
    SupportNotice,
    SyncMeasured,
    UtteranceEnded,
    UtteranceStarted,
)

from .conftest import Kiosk, MakeKiosk, find, kinds, tap

WORDS = (("They", 0.0, 0.3), ("named", 0.3, 0.6), ("me", 0.6, 0.8), ("Mary.", 0.8, 1.2))


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
