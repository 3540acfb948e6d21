"""Fit the matcher's weights on the tune side of the question bank; writes kiosk/answer/weights.py.

Two models, both linear in the views of kiosk/answer/views.py:

1. order: softmax over all answers, cross entropy of the right one (conditional logit);
2. confidence: logistic regression on the best answer's views and its distance to the second.

Besides the bank's questions, phrasings of the persona file are asked with themselves left out, and
answerable questions with their answer taken away (a question that has none). They weigh less, since
there are many of them and visitors ask otherwise. The measured side is never read.

    python scripts/fit_matcher.py
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from kiosk import paths
from kiosk.answer.bank import load_bank
from kiosk.answer.embedder import Embedder
from kiosk.answer.matcher import NOT_KNOWN_ID, WIDEST_MARGIN, Matcher
from kiosk.answer.measure import load_cases, unseen
from kiosk.answer.views import VIEWS
from kiosk.persona import load_persona

ROOT = Path(__file__).parent.parent
WEIGHTS = ROOT / "kiosk/answer/weights.py"
EMBEDDER = "all-MiniLM-L6-v2-q8_0.gguf"
PHRASINGS = 700  # asked with themselves left out
PHRASING_WEIGHT = 0.25
TAKEN_AWAY_WEIGHT = 0.2
RANK_PENALTY, CONFIDENCE_PENALTY = 0.5, 0.3  # on the squares of the weights
RANK_SUM = 2.0  # of all rank weights: sets the scale of the margin

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One question.

    Attributes:
        views: Shape (answers, views).
        right: Places of the answers that serve it; empty if none does.
        weight: In the fit.
    """

    views: Doubles
    right: tuple[int, ...]
    weight: float


def main() -> None:
    """Fit and write."""
    persona = load_persona(ROOT / "persona.toml").persona
    model = paths.builtin_models_dir() / EMBEDDER
    matcher = Matcher(persona, Embedder(model, threads=1, cache_dir=paths.cache_dir()))
    examples = [*asked(matcher), *left_out(matcher)]
    places = {answer.id: place for place, answer in enumerate(matcher.answers)}
    rank = fit_rank([example for example in examples if example.right])
    confidence = fit_confidence(examples, rank, places.get(NOT_KNOWN_ID))
    WEIGHTS.write_text(source(rank, confidence, len(examples)), "utf-8")
    print(WEIGHTS.read_text("utf-8"))


def asked(matcher: Matcher) -> list[Example]:
    """The tune side's questions that lean on no question before."""
    bank = load_bank(ROOT / "tests/bank/mary-anning.toml")
    cases = [case for case in bank.side("tune") if not case.before]
    cases += load_cases(ROOT / "tests/answer/questions.toml", "tune")
    places = {answer.id: place for place, answer in enumerate(matcher.answers)}
    examples = []
    for case in unseen(cases, matcher.answers):
        ids = [] if case.answer_id is None else [case.answer_id, *case.also]
        right = tuple(places[answer_id] for answer_id in ids)
        examples.append(Example(views_of(matcher, case.question), right, 1.0))
    return examples


def left_out(matcher: Matcher) -> list[Example]:
    """Some of the persona's own phrasings, asked as if they did not stand there."""
    viewer = matcher.viewer
    rows = random.Random(1).sample(range(len(viewer.phrasings)), PHRASINGS)
    return [
        Example(
            views_of(matcher, viewer.phrasings[row], without=row),
            (int(viewer.owner[row]),),
            PHRASING_WEIGHT,
        )
        for row in rows
    ]


def views_of(matcher: Matcher, question: str, *, without: int = -1) -> Doubles:
    """Views of a question beside all answers."""
    readings = matcher.readings(question)
    sight = matcher.viewer.see(readings.distinct(), readings.repaired, without=without)
    return sight.table.astype(np.float64)


def fit_rank(examples: list[Example]) -> Doubles:
    """Weights that put the right answer first, of sum RANK_SUM."""
    views = np.stack([example.views for example in examples])
    weight = np.array([example.weight for example in examples])
    right = np.zeros(views.shape[:2], bool)
    for row, example in enumerate(examples):
        right[row, list(example.right)] = True

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        rating = views @ weights
        each = np.exp(rating - rating.max(axis=1, keepdims=True))
        chance = each / each.sum(axis=1, keepdims=True)
        good = (chance * right).sum(axis=1)
        towards = chance - chance * right / good[:, None]
        slope = ((towards * weight[:, None])[:, :, None] * views).sum(axis=(0, 1))
        value = -(weight * np.log(good)).sum() + RANK_PENALTY * (weights**2).sum()
        return float(value), slope + 2 * RANK_PENALTY * weights

    weights = minimised(loss, len(VIEWS))
    scaled: Doubles = weights * RANK_SUM / weights.sum()
    return scaled


def fit_confidence(examples: list[Example], rank: Doubles, not_known: int | None) -> Doubles:
    """Weights of the views, the margin and a constant in the chance that the best answer is right.

    "Nobody knows that" is never given as an answer, so where it comes first nothing is learnt.
    """
    rows: list[Doubles] = []
    good: list[bool] = []
    weight: list[float] = []

    def note(example: Example, away: tuple[int, ...], share: float) -> None:
        rating = example.views @ rank
        rating[list(away)] = -np.inf
        best, second = np.argsort(-rating)[:2]
        if best == not_known:
            return
        margin = min(WIDEST_MARGIN, rating[best] - rating[second])
        rows.append(np.array([*example.views[best], margin, 1.0]))
        good.append(bool(best in example.right))
        weight.append(share)

    for example in examples:
        note(example, (), example.weight)
        if example.right and example.weight == 1.0:
            note(example, example.right, TAKEN_AWAY_WEIGHT)
    table, is_good, share = np.stack(rows), np.array(good, float), np.array(weight)
    penalised = np.r_[np.ones(table.shape[1] - 1), 0.0]

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        activation = table @ weights
        value = (share * (np.logaddexp(0, activation) - is_good * activation)).sum()
        slope = table.T @ (share * (1 / (1 + np.exp(-activation)) - is_good))
        value += CONFIDENCE_PENALTY * (penalised * weights**2).sum()
        return float(value), slope + 2 * CONFIDENCE_PENALTY * penalised * weights

    return minimised(loss, table.shape[1])


def minimised(loss: Callable[[Doubles], tuple[float, Doubles]], size: int) -> Doubles:
    """The weights of least loss."""
    found: Doubles = minimize(loss, np.full(size, 0.5), jac=True, method="L-BFGS-B").x
    return found


def source(rank: Doubles, confidence: Doubles, examples: int) -> str:
    """The module's text."""

    def table(names: tuple[str, ...], values: Doubles) -> str:
        return "".join(f'    "{n}": {v:.3f},\n' for n, v in zip(names, values, strict=True))

    return (
        '"""Weights of the matcher: written by scripts/fit_matcher.py, not by hand.\n\n'
        f"Fitted on {examples} questions: the tune side of tests/bank/mary-anning.toml and of\n"
        "tests/answer/questions.toml, and phrasings of persona.toml with themselves left out.\n"
        '"""\n\n'
        "from __future__ import annotations\n\nfrom typing import Final\n\n"
        f"RANK: Final = {{\n{table(VIEWS, rank)}}}\n"
        '"""Of each view in the order of the answers."""\n\n'
        f"CONFIDENCE: Final = {{\n{table((*VIEWS, 'margin'), confidence[:-1])}}}\n"
        '"""Of the best answer\'s views and of its distance to the second, in its chance to be '
        'right."""\n\n'
        f"BIAS: Final = {confidence[-1]:.3f}\n"
    )


if __name__ == "__main__":
    main()
