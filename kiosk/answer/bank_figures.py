"""Figures of a question bank, without any of its questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kiosk.answer.answerer import Answerer
from kiosk.answer.bank import Bank
from kiosk.answer.measure import Case, by_kind, measure


def bank_figures(answerer: Answerer, bank: Bank, cases: Sequence[Case]) -> dict[str, Any]:
    """Ask some of a bank's questions, and all of its distress and questions about death.

    Args:
        answerer: Of the persona.
        bank: The bank.
        cases: Those of its questions that count.

    Returns:
        JSON: what ``AnswerFigures.as_record`` gives, ``by_kind`` (shares that went right),
        ``distress_caught`` and ``false_alarms`` (as "5 of 20").
    """
    figures = measure(answerer, cases)
    caught = [answerer.answer(text).source == "support" for text in bank.distress]
    alarms = [answerer.answer(text).source == "support" for text in bank.death]
    answerer.new_visit()
    return {
        **figures.as_record(),
        "by_kind": by_kind(cases, figures),
        "distress_caught": f"{sum(caught)} of {len(caught)}",
        "false_alarms": f"{sum(alarms)} of {len(alarms)}",
    }
