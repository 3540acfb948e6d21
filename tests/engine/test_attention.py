"""How long a visit lasts without a sign of the visitor."""

from __future__ import annotations

import pytest

from kiosk.engine.attention import Attention
from kiosk.persona.schema import Timings
from tests.audio.fakes import FakeClock

TIMES = Timings(inactivity_s=45.0, attract_s=20.0)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def attention(clock: FakeClock) -> Attention:
    return Attention(TIMES, clock)


def lasts_s(attention: Attention, clock: FakeClock) -> float:
    began_s = clock.now_s()
    while not attention.lost():
        clock.sleep_s(0.5)
    return clock.now_s() - began_s


def test_who_only_touched_the_screen_is_forgotten_sooner(
    attention: Attention, clock: FakeClock
) -> None:
    attention.begin()
    assert lasts_s(attention, clock) == pytest.approx(20.5)


def test_who_asked_has_longer(attention: Attention, clock: FakeClock) -> None:
    attention.begin()
    attention.asked()
    assert lasts_s(attention, clock) == pytest.approx(45.5)


def test_a_sign_starts_the_time_anew(attention: Attention, clock: FakeClock) -> None:
    attention.begin()
    clock.sleep_s(19.0)
    attention.sign()
    clock.sleep_s(19.0)
    assert not attention.lost()
    assert lasts_s(attention, clock) == pytest.approx(1.5)


def test_the_next_visitor_has_asked_nothing(attention: Attention, clock: FakeClock) -> None:
    attention.asked()
    attention.begin()
    assert lasts_s(attention, clock) == pytest.approx(20.5)


def test_a_touch_never_counts_for_more_than_a_question(clock: FakeClock) -> None:
    attention = Attention(Timings(inactivity_s=10.0, attract_s=300.0), clock)
    attention.begin()
    assert lasts_s(attention, clock) == pytest.approx(10.5)
