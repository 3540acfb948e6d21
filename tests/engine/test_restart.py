"""When a dead engine is started again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.engine import restart
from kiosk.engine.restart import RestartPolicy


def test_a_death_after_a_good_hour_is_followed_at_once() -> None:
    policy = RestartPolicy()
    for _ in range(100):
        decision = policy.died(3600.0)
        assert decision.delay_s == restart.FIRST_DELAY_S
        assert not decision.safe


def test_early_deaths_wait_longer_and_end_at_the_safe_screen() -> None:
    policy = RestartPolicy()
    decisions = [policy.died(1.0) for _ in range(restart.EARLY_DEATHS_UNTIL_SAFE)]
    delays = [d.delay_s for d in decisions]
    assert delays == sorted(delays)
    assert [d.safe for d in decisions] == [False] * (len(decisions) - 1) + [True]


def test_staff_can_ask_for_a_fresh_start() -> None:
    policy = RestartPolicy()
    for _ in range(restart.EARLY_DEATHS_UNTIL_SAFE):
        policy.died(0.0)
    policy.forgive()
    assert not policy.died(0.0).safe


@given(st.lists(st.floats(0, 1e5)))
def test_it_always_tries_again(uptimes_s: list[float]) -> None:
    policy = RestartPolicy()
    for uptime_s in uptimes_s:
        assert 0 < policy.died(uptime_s).delay_s <= restart.SAFE_DELAY_S
