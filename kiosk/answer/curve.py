"""What a threshold costs: direct, wrong and declined over how sure an answer must be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kiosk.answer.measure import Outcome

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(3, 19))
FINE_THRESHOLDS = tuple(round(0.01 * step, 2) for step in range(5, 91))


@dataclass(frozen=True, slots=True)
class Point:
    """Shares at one threshold, 0..1.

    Attributes:
        threshold: How sure an answer must be.
        direct: Answerable questions answered rightly.
        wrong: Answerable questions answered with another answer.
        declined: Answerable questions not answered.
        rejected: Unanswerable questions not answered.
        off_topic: The same of those of the kind ``off_topic``.
    """

    threshold: float
    direct: float
    wrong: float
    declined: float
    rejected: float
    off_topic: float

    def as_record(self) -> dict[str, Any]:
        """JSON for ``kiosk bench answer``."""
        return {name: getattr(self, name) for name in self.__slots__}


def curve(
    outcomes: Sequence[Outcome], thresholds: Iterable[float] = THRESHOLDS
) -> tuple[Point, ...]:
    """The whole curve, from outcomes that were gathered without a threshold."""
    return tuple(_point(outcomes, threshold) for threshold in thresholds)


def best_point(
    points: Iterable[Point], *, most_wrong: float = 0.05, least_off_topic: float = 0.85
) -> Point | None:
    """The threshold to take: the most right answers that the gates allow.

    Args:
        points: Of a side to tune on, never of a measured one.
        most_wrong: Largest share of wrong answers.
        least_off_topic: Smallest share of off-topic questions that are declined.

    Returns:
        None if no point is within the gates; of equals the highest threshold, which declines more.
    """
    allowed = [p for p in points if p.wrong <= most_wrong and p.off_topic >= least_off_topic]
    return max(allowed, key=lambda point: (point.direct, point.threshold), default=None)


def _point(outcomes: Sequence[Outcome], threshold: float) -> Point:
    def given(outcome: Outcome) -> str | None:
        return outcome.answer_id if outcome.confidence >= threshold else None

    known = [outcome for outcome in outcomes if outcome.case.answer_id is not None]
    unknown = [outcome for outcome in outcomes if outcome.case.answer_id is None]
    off_topic = [outcome for outcome in unknown if outcome.case.kind == "off_topic"]
    direct = _share(known, lambda o: o.case.served_by(given(o)))
    declined = _share(known, lambda o: given(o) is None)
    return Point(
        threshold,
        direct,
        round(1 - direct - declined, 3) if known else 0.0,
        declined,
        _share(unknown, lambda o: given(o) is None),
        _share(off_topic, lambda o: given(o) is None),
    )


def _share(outcomes: Sequence[Outcome], holds: Callable[[Outcome], bool]) -> float:
    count = sum(holds(outcome) for outcome in outcomes)
    return round(count / len(outcomes), 3) if outcomes else 0.0
