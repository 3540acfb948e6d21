"""The whole conversation as one table: (state, event) -> (next state, effects).

Aim: every rule about who may interrupt what, and what is forgotten when, can be read on one page
and tested pair by pair. The engine translates messages and worker results into events, looks the
pair up with :func:`step` and carries out the effects in order. Every pair is in the table; a pair
that changes nothing says so (``STAY``), so that a forgotten case cannot hide.

States are those of :class:`kiosk.messages.State`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.messages import State


class Event(StrEnum):
    """Something that happened."""

    BOOTED = "booted"  # all engines are warm
    PRESSED = "pressed"  # the talk button went down
    RELEASED = "released"  # ... and up
    ASKED = "asked"  # a typed question or a tapped suggestion
    CAPTURE_BAD = "capture_bad"  # too short, too quiet, too long
    HEARD = "heard"  # recognition has words
    HEARD_NOTHING = "heard_nothing"  # recognition has none
    ANSWERING = "answering"  # the first sound of an answer is on its way
    SPOKEN = "spoken"  # the answer was heard to its end, or there was nothing to say
    STOPPED = "stopped"  # the visitor wants silence
    TOUCHED = "touched"  # any other sign of a visitor
    INACTIVE = "inactive"  # no sign of a visitor for the persona's time
    VISIT_ENDED = "visit_ended"  # the visitor said so, or pressed "start again"
    FAILED = "failed"  # a part the conversation cannot do without is gone
    RECOVERED = "recovered"  # ... and back
    OPENED = "opened"  # opening hours begin
    CLOSED = "closed"  # opening hours are over


class Effect(StrEnum):
    """Something to do; carried out in the order of the rule."""

    BEGIN_VISIT = "begin_visit"
    GREET = "greet"
    CAPTURE_BEGIN = "capture_begin"
    CAPTURE_END = "capture_end"  # the button is up: wait for the tail
    CAPTURE_ABANDON = "capture_abandon"
    ANSWER = "answer"  # answer the event's text
    SILENCE = "silence"  # stop sound, lips and thinking at once
    NOTIFY = "notify"  # show the event's notice
    FORGET = "forget"  # nothing of the visit remains
    KEEP_AWAKE = "keep_awake"  # restart the inactivity time


@dataclass(frozen=True, slots=True)
class Step:
    """Attributes:
    state: Next state.
    effects: What to do, in order.
    """

    state: State
    effects: tuple[Effect, ...] = ()


def _rules() -> dict[tuple[State, Event], Step]:
    """Build the table, state by state; whatever a state does not name leaves it as it is."""
    fx = Effect
    go = Step
    table: dict[tuple[State, Event], Step] = {}

    def state(this: State, rules: dict[Event, Step]) -> None:
        for event in Event:
            table[this, event] = rules.get(event, Step(this))

    failed = {Event.FAILED: go(State.FAULT, (fx.CAPTURE_ABANDON, fx.SILENCE))}
    leaving = (fx.CAPTURE_ABANDON, fx.SILENCE, fx.FORGET)

    def asking(*before: Effect) -> dict[Event, Step]:
        """Press and typed question: always possible, whatever must be stopped first."""
        return {
            Event.PRESSED: go(State.LISTENING, (*before, fx.CAPTURE_BEGIN, fx.KEEP_AWAKE)),
            Event.ASKED: go(State.THINKING, (*before, fx.ANSWER, fx.KEEP_AWAKE)),
        }

    state(State.BOOTING, {Event.BOOTED: go(State.ATTRACT), **failed})
    state(
        State.ATTRACT,
        {
            **asking(fx.BEGIN_VISIT),
            Event.TOUCHED: go(State.IDLE, (fx.BEGIN_VISIT, fx.GREET, fx.KEEP_AWAKE)),
            Event.CLOSED: go(State.CLOSED, leaving),
            **failed,
        },
    )
    state(
        State.IDLE,
        {
            **asking(fx.SILENCE),
            Event.ANSWERING: go(State.SPEAKING, (fx.KEEP_AWAKE,)),
            Event.STOPPED: go(State.IDLE, (fx.SILENCE, fx.KEEP_AWAKE)),
            Event.TOUCHED: go(State.IDLE, (fx.KEEP_AWAKE,)),
            Event.INACTIVE: go(State.ATTRACT, leaving),
            Event.VISIT_ENDED: go(State.ATTRACT, leaving),
            **failed,
        },
    )
    state(
        State.LISTENING,
        {
            Event.RELEASED: go(State.TRANSCRIBING, (fx.CAPTURE_END, fx.KEEP_AWAKE)),
            Event.CAPTURE_BAD: go(State.IDLE, (fx.CAPTURE_ABANDON, fx.NOTIFY, fx.KEEP_AWAKE)),
            Event.ASKED: go(State.THINKING, (fx.CAPTURE_ABANDON, fx.ANSWER, fx.KEEP_AWAKE)),
            Event.STOPPED: go(State.IDLE, (fx.CAPTURE_ABANDON, fx.KEEP_AWAKE)),
            Event.TOUCHED: go(State.LISTENING, (fx.KEEP_AWAKE,)),
            Event.VISIT_ENDED: go(State.ATTRACT, leaving),
            **failed,
        },
    )
    state(
        State.TRANSCRIBING,
        {
            **asking(fx.CAPTURE_ABANDON),
            Event.CAPTURE_BAD: go(State.IDLE, (fx.CAPTURE_ABANDON, fx.NOTIFY, fx.KEEP_AWAKE)),
            Event.HEARD: go(State.THINKING, (fx.ANSWER, fx.KEEP_AWAKE)),
            Event.HEARD_NOTHING: go(State.IDLE, (fx.NOTIFY, fx.KEEP_AWAKE)),
            Event.STOPPED: go(State.IDLE, (fx.CAPTURE_ABANDON, fx.KEEP_AWAKE)),
            Event.TOUCHED: go(State.TRANSCRIBING, (fx.KEEP_AWAKE,)),
            Event.VISIT_ENDED: go(State.ATTRACT, leaving),
            **failed,
        },
    )
    answering = {
        **asking(fx.SILENCE),
        Event.SPOKEN: go(State.IDLE, (fx.KEEP_AWAKE,)),
        Event.STOPPED: go(State.IDLE, (fx.SILENCE, fx.KEEP_AWAKE)),
        Event.VISIT_ENDED: go(State.ATTRACT, leaving),
        **failed,
    }
    state(
        State.THINKING,
        {
            **answering,
            Event.ANSWERING: go(State.SPEAKING, (fx.KEEP_AWAKE,)),
            Event.TOUCHED: go(State.THINKING, (fx.KEEP_AWAKE,)),
        },
    )
    state(State.SPEAKING, {**answering, Event.TOUCHED: go(State.SPEAKING, (fx.KEEP_AWAKE,))})
    state(
        State.FAULT,
        {
            Event.RECOVERED: go(State.ATTRACT, (fx.FORGET,)),
            Event.PRESSED: go(State.FAULT, (fx.NOTIFY,)),
            Event.ASKED: go(State.FAULT, (fx.NOTIFY,)),
        },
    )
    state(State.CLOSED, {Event.OPENED: go(State.ATTRACT), **failed})
    return table


TABLE = _rules()


def step(state: State, event: Event) -> Step:
    """Look up what happens; total over all states and events, raises nothing."""
    return TABLE[state, event]
