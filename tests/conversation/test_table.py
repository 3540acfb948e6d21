"""The transition table, pair by pair, and what must hold on every path through it."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from kiosk.conversation import TABLE, Effect, Event, step
from kiosk.messages import State

ALL_PAIRS = list(itertools.product(State, Event))
ACTIVE = {State.LISTENING, State.TRANSCRIBING, State.THINKING, State.SPEAKING}
QUIET = {State.ATTRACT, State.IDLE, State.FAULT, State.CLOSED}


def test_every_pair_has_a_rule() -> None:
    assert set(TABLE) == set(ALL_PAIRS)


def test_every_state_can_be_reached_and_left() -> None:
    reached = {State.BOOTING}
    while more := {step(s, e).state for s in reached for e in Event} - reached:
        reached |= more
    assert reached == set(State)
    for state in State:
        assert any(step(state, event).state != state for event in Event)


def test_every_effect_is_used() -> None:
    assert {effect for rule in TABLE.values() for effect in rule.effects} == set(Effect)


def test_a_press_always_listens_while_visitors_are_served() -> None:
    for state in {State.ATTRACT, State.IDLE, State.TRANSCRIBING, State.THINKING, State.SPEAKING}:
        rule = step(state, Event.PRESSED)
        assert rule.state is State.LISTENING
        assert Effect.CAPTURE_BEGIN in rule.effects


def test_interrupting_silences_before_it_listens() -> None:
    for state in (State.THINKING, State.SPEAKING):
        effects = step(state, Event.PRESSED).effects
        assert effects.index(Effect.SILENCE) < effects.index(Effect.CAPTURE_BEGIN)


def test_leaving_forgets_everything_and_falls_silent() -> None:
    for state, event in ALL_PAIRS:
        rule = step(state, event)
        if rule.state in {State.ATTRACT, State.CLOSED} and state in ACTIVE | {State.IDLE}:
            assert Effect.FORGET in rule.effects, (state, event)
            assert Effect.SILENCE in rule.effects, (state, event)


def test_a_fault_ends_in_one_state_and_only_recovery_leaves_it() -> None:
    for state in State:
        if state is not State.FAULT:
            assert step(state, Event.FAILED).state is State.FAULT
    leaving = {event for event in Event if step(State.FAULT, event).state is not State.FAULT}
    assert leaving == {Event.RECOVERED}


def test_a_visitor_is_never_sent_away_by_the_clock() -> None:
    for state in ACTIVE:
        assert step(state, Event.CLOSED).state is state
        assert step(state, Event.INACTIVE).state is state


def test_late_results_of_stopped_work_change_nothing() -> None:
    for event in (Event.HEARD, Event.HEARD_NOTHING, Event.SPOKEN):
        for state in QUIET:
            rule = step(state, event)
            assert rule.state is state
            assert rule.effects == ()


@given(st.lists(st.sampled_from(list(Event)), max_size=60))
def test_capture_and_visit_are_balanced_on_every_path(events: list[Event]) -> None:
    """The microphone is used only while listening; a visit begins before it can be forgotten."""
    state, capturing, visiting = State.BOOTING, False, False
    for event in events:
        rule = step(state, event)
        for effect in rule.effects:
            if effect is Effect.CAPTURE_BEGIN:
                capturing = True
            elif effect in (Effect.CAPTURE_END, Effect.CAPTURE_ABANDON):
                capturing = False
            elif effect is Effect.BEGIN_VISIT:
                assert not visiting
                visiting = True
            elif effect is Effect.FORGET:
                visiting = False
            elif effect is Effect.ANSWER:
                assert visiting
        state = rule.state
        assert capturing == (state is State.LISTENING)
        assert not (visiting and state in {State.ATTRACT, State.CLOSED})
