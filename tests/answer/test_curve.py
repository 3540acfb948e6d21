"""The threshold follows from the curve of the tune side."""

from __future__ import annotations

import pytest

from kiosk.answer.curve import Point, best_point, curve
from kiosk.answer.measure import Case, Outcome


def point(threshold: float, direct: float, wrong: float, off_topic: float = 0.9) -> Point:
    return Point(threshold, direct, wrong, round(1 - direct - wrong, 3), 0.9, off_topic)


def test_the_most_right_answers_within_the_gates() -> None:
    points = [point(0.1, 0.9, 0.06), point(0.2, 0.88, 0.05), point(0.3, 0.86, 0.03)]
    best = best_point(points)
    assert best is not None
    assert best.threshold == 0.2


def test_of_equals_the_one_that_declines_more() -> None:
    best = best_point([point(0.2, 0.88, 0.04), point(0.25, 0.88, 0.04), point(0.3, 0.8, 0.01)])
    assert best is not None
    assert best.threshold == 0.25


def test_off_topic_questions_count_as_well() -> None:
    best = best_point([point(0.2, 0.88, 0.04, off_topic=0.8), point(0.4, 0.7, 0.01)])
    assert best is not None
    assert best.threshold == 0.4
    assert best_point([point(0.2, 0.88, 0.04, off_topic=0.8)]) is None


@pytest.mark.parametrize(
    ("threshold", "direct", "wrong", "off_topic"),
    [(0.1, 0.5, 0.5, 0.0), (0.5, 0.5, 0.0, 1.0), (0.9, 0.0, 0.0, 1.0)],
)
def test_a_curve(threshold: float, direct: float, wrong: float, off_topic: float) -> None:
    outcomes = [
        Outcome(Case("who was it", "him"), "him", 0.8),
        Outcome(Case("who was she", "her"), "him", 0.3),
        Outcome(Case("what is rust", None, kind="off_topic"), "him", 0.2),
    ]
    (found,) = curve(outcomes, [threshold])
    assert (found.direct, found.wrong, found.off_topic) == (direct, wrong, off_topic)
