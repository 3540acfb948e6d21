"""How much of an utterance has been heard: extrapolated, but never backwards nor far."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.messages import PlaybackPosition
from ui.utteranceclock import REACH_S, AudioPosition


@given(
    reports=st.lists(
        st.tuples(st.floats(0.0, 0.4), st.floats(-0.3, 0.3), st.floats(0.0, 0.5)), max_size=40
    )
)
def test_audio_position_never_runs_back_nor_far_ahead(
    reports: list[tuple[float, float, float]],
) -> None:
    position = AudioPosition(0.0)
    now_s, last_s, justified_s = 0.0, 0.0, 0.0
    for wait_s, error_s, delay_s in reports:
        now_s += wait_s
        heard_s = max(0.0, now_s + error_s)
        justified_s = max(justified_s, heard_s)
        position.report(PlaybackPosition(1, heard_s, now_s - delay_s))
        at_s = position.at(now_s)
        assert at_s >= last_s
        assert at_s <= justified_s + REACH_S + 1e-9
        last_s = at_s


def test_before_the_first_report_the_promised_start_counts() -> None:
    position = AudioPosition(10.0)
    assert position.at(9.9) == pytest.approx(-0.1)
    assert position.at(10.1) == pytest.approx(0.1)
    assert position.at(11.0) == pytest.approx(REACH_S)
    assert position.stalled(11.0)


def test_a_late_report_of_the_past_is_ignored() -> None:
    position = AudioPosition(0.0)
    position.report(PlaybackPosition(1, 1.0, 1.0))
    position.report(PlaybackPosition(1, 0.2, 0.5))
    assert position.at(1.1) == pytest.approx(1.1)


def test_a_promise_that_is_not_kept_holds_the_first_mouth() -> None:
    position = AudioPosition(10.0)
    for now_s in (10.0, 10.02, 10.04, 10.06):
        position.report(PlaybackPosition(1, 0.0, now_s))
        assert position.at(now_s) == pytest.approx(0.0)
    position.report(PlaybackPosition(1, 0.01, 10.08))
    assert position.at(10.09) == pytest.approx(0.02)
