"""Whole visits on a real engine with fake models and virtual devices, in hurried time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kiosk.engine.rehearsal import Rehearsal
from kiosk.messages import (
    AnswerReport,
    Caption,
    EndVisit,
    Heard,
    Notice,
    NoticeKind,
    PlaybackPosition,
    PressTalk,
    ReleaseTalk,
    Speaking,
    State,
    StateChanged,
    StopTalk,
    Suggestions,
    SupportNotice,
    Touched,
    UtteranceEnded,
    UtteranceStarted,
)
from kiosk.persona import load_persona
from kiosk.timing import HurriedClock
from tests.engine.fakes import SHIPPED_PERSONA, fake_parts

QUESTION = (6000 * np.sin(np.arange(16000) * 0.3)).astype(np.int16)


@pytest.fixture
def rehearsal() -> Iterator[Rehearsal]:
    with Rehearsal(load_persona(SHIPPED_PERSONA), fake_parts(), clock=HurriedClock(4.0)) as kiosk:
        yield kiosk


def parts_of(rehearsal: Rehearsal) -> Any:
    return rehearsal._parts


def states(rehearsal: Rehearsal) -> list[State]:
    return [m.state for m in rehearsal.messages if isinstance(m, StateChanged)]


def of(rehearsal: Rehearsal, kind: type) -> list[Any]:
    return [m for m in rehearsal.messages if isinstance(m, kind)]


def eventually(condition: Any, limit_s: float = 10.0) -> None:
    until_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until_s, "did not happen"
        time.sleep(0.005)


def test_a_spoken_question_is_answered(rehearsal: Rehearsal) -> None:
    record = rehearsal.ask_aloud(QUESTION)
    assert record is not None
    assert record["heard"] == "who are you"
    assert record["question"] is None
    assert record["answer"] == {
        "id": "who",
        "source": "prepared",
        "text": "I am a test. Nothing more than that.",
    }
    assert {"asr", "answer", "tts_first", "release_to_sound"} <= set(record["timings_ms"])
    assert (
        states(rehearsal)[1:]
        == [
            State.LISTENING,
            State.TRANSCRIBING,
            State.THINKING,
            State.SPEAKING,
        ]
        or states(rehearsal)[-1] is State.IDLE
    )
    heard = of(rehearsal, Heard)
    assert heard[-1].final
    assert any(not h.final for h in heard)
    assert of(rehearsal, Suggestions)[-1].questions == ("And you?",)


def test_words_and_clock_share_one_time_line(rehearsal: Rehearsal) -> None:
    rehearsal.ask_typed("who are you")
    started = of(rehearsal, UtteranceStarted)[-1]
    words = [word for caption in of(rehearsal, Caption) for word in caption.words]
    assert [w for w, _, _ in words] == ["I", "am", "a", "test.", "Nothing", "more", "than", "that."]
    assert words == sorted(words, key=lambda w: w[1])
    positions = [p.heard_s for p in of(rehearsal, PlaybackPosition)]
    assert positions == sorted(positions)
    ended = of(rehearsal, UtteranceEnded)[-1]
    assert ended.utterance_id == started.utterance_id
    assert ended.heard_s == pytest.approx(0.8, abs=0.05)
    assert not ended.interrupted


def test_the_first_sentence_is_ready_before_the_release(rehearsal: Rehearsal) -> None:
    rehearsal.ask_aloud(QUESTION)
    parts = parts_of(rehearsal)
    assert parts.answerer.guessed
    synthesised = parts.voices[Speaking.PERSONA].voice.synthesised
    assert synthesised.count("I am a test.") == 1, "prepared once, not made again"


def test_pressing_while_it_speaks_silences_it_and_listens(rehearsal: Rehearsal) -> None:
    rehearsal.ask_typed("who are you", hear_out=False)
    rehearsal.send(PressTalk(rehearsal.clock.now_s()))
    ended = rehearsal.wait_for(UtteranceEnded)
    assert ended.interrupted
    rehearsal.wait_for(StateChanged, lambda m: m.state is State.LISTENING)
    eventually(lambda: len(parts_of(rehearsal).answerer.history) == 1)
    heard = parts_of(rehearsal).answerer.history[0]
    assert heard != "I am a test. Nothing more than that.", "history holds only what was heard"
    rehearsal.send(StopTalk())
    rehearsal.wait_for(StateChanged, lambda m: m.state is State.IDLE)


def test_stop_is_silence(rehearsal: Rehearsal) -> None:
    rehearsal.ask_typed("who are you", hear_out=False)
    rehearsal.send(StopTalk())
    assert rehearsal.wait_for(UtteranceEnded).interrupted
    eventually(lambda: rehearsal.engine.state is State.IDLE)


@pytest.mark.parametrize(
    ("question", "held_s", "kind"),
    [
        (np.zeros(16000, np.int16), 1.0, NoticeKind.TOO_QUIET),
        (QUESTION[:1000], 0.1, NoticeKind.TOO_SHORT),
    ],
)
def test_unusable_recordings_are_told(
    rehearsal: Rehearsal, question: Any, held_s: float, kind: NoticeKind
) -> None:
    rehearsal.send(PressTalk(rehearsal.clock.now_s()))
    rehearsal._say(question)
    rehearsal.clock.sleep_s(held_s)
    rehearsal.send(ReleaseTalk(rehearsal.clock.now_s()))
    assert rehearsal.wait_for(Notice).kind is kind
    eventually(lambda: rehearsal.engine.state is State.IDLE)


def test_nothing_understood_is_told(rehearsal: Rehearsal) -> None:
    parts_of(rehearsal).recogniser.hears = ""
    rehearsal.send(PressTalk(rehearsal.clock.now_s()))
    rehearsal.clock.sleep_s(0.2)
    rehearsal._say(QUESTION)
    rehearsal.clock.sleep_s(1.2)
    rehearsal.send(ReleaseTalk(rehearsal.clock.now_s()))
    assert rehearsal.wait_for(Notice).kind is NoticeKind.NOT_UNDERSTOOD


def test_distress_shows_the_notice_in_the_kiosks_voice(rehearsal: Rehearsal) -> None:
    rehearsal.ask_typed("help me")
    assert of(rehearsal, SupportNotice) == [SupportNotice("Help", "Talk to us.")]
    assert of(rehearsal, UtteranceStarted)[-1].speaking is Speaking.KIOSK
    assert rehearsal.first_patch_at_s is None, "not with her lips"


def test_an_answer_without_words_ends_the_turn(rehearsal: Rehearsal) -> None:
    record = rehearsal.ask_typed("say nothing")
    assert record is not None
    assert record["answer"]["text"] == ""
    eventually(lambda: rehearsal.engine.state is State.IDLE)


def test_a_touch_is_greeted_with_the_disclosure(rehearsal: Rehearsal) -> None:
    rehearsal.send(Touched())
    rehearsal.wait_for(UtteranceEnded)
    said = parts_of(rehearsal).voices[Speaking.PERSONA].voice.synthesised
    disclosure = rehearsal.engine.loaded.persona.disclosure.spoken
    assert not disclosure or any(disclosure[:20] in text for text in said)


def test_leaving_forgets(rehearsal: Rehearsal) -> None:
    rehearsal.ask_aloud(QUESTION)
    parts = parts_of(rehearsal)
    visits = parts.answerer.visits
    rehearsal.leave()
    eventually(lambda: parts.answerer.visits == visits + 1)
    assert parts.answerer.history == []
    assert not parts.voices[Speaking.PERSONA]._ready
    stage = rehearsal.engine._stage
    assert stage is not None
    assert stage._record is None
    assert rehearsal.engine.visit == 1


def test_inactivity_ends_the_visit(rehearsal: Rehearsal) -> None:
    rehearsal.ask_typed("who are you")
    rehearsal.engine._attention._until_s = rehearsal.clock.now_s()
    rehearsal.wait_for(StateChanged, lambda m: m.state is State.ATTRACT and m.visit == 1)


def test_an_older_turn_can_no_longer_be_heard(rehearsal: Rehearsal) -> None:
    """Five questions on top of each other: only the last one is answered to its end."""
    for _ in range(4):
        rehearsal.ask_typed("who are you", hear_out=False)
    since = len(rehearsal.messages)
    rehearsal.ask_typed("who are you")
    whole = [m for m in of(rehearsal, UtteranceEnded) if not m.interrupted]
    assert len(whole) == 1
    reports = [m for m in rehearsal.messages[since:] if isinstance(m, AnswerReport)]
    said = [report.record["answer"]["text"] for report in reports]
    assert len(said) == 2, "the one that was cut off, and the last one"
    assert said[0] != said[1] == "I am a test. Nothing more than that."


def test_louder_is_louder_and_the_next_visitor_starts_afresh(rehearsal: Rehearsal) -> None:
    stage = rehearsal.engine._stage
    assert stage is not None
    stage.set_gain(0.5)
    rehearsal.ask_typed("louder")
    assert stage._gain == pytest.approx(0.675)
    rehearsal.send(EndVisit())
    eventually(lambda: stage._gain == stage._first_gain)


def test_a_touch_begins_a_visit_that_ends_sooner_than_one_with_a_question(
    rehearsal: Rehearsal,
) -> None:
    attention = rehearsal.engine._attention
    since = len(rehearsal.messages)
    rehearsal.send(Touched())
    rehearsal.wait_for(StateChanged, lambda m: m.state is State.SPEAKING, since=since)
    rehearsal.wait_for(UtteranceEnded, since=since)
    touched_s = attention._patience_s
    rehearsal.ask_typed("who are you")
    assert touched_s < attention._patience_s
    attention._until_s = rehearsal.clock.now_s()
    rehearsal.wait_for(StateChanged, lambda m: m.state is State.ATTRACT, since=since)
    since = len(rehearsal.messages)
    rehearsal.send(Touched())
    rehearsal.wait_for(StateChanged, lambda m: m.state is State.SPEAKING, since=since)
    assert attention._patience_s == touched_s
