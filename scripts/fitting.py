"""Fitting linear models whose weights have a side they must not leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from kiosk.answer.doubts import DOUBTS
from kiosk.answer.views import VIEWS

CONFIDENCE_PENALTY = 1.0  # on the squares of the weights
NEVER_FOR = frozenset({"foreign", "phrasings"})
FREE = frozenset({"repaired", "words", "wordless", "predicate"})
# What else there is never speaks against an answer. Views are alike; unbound, one of them would be
# taken from another, which fits these questions and no others.

Doubles = NDArray[np.float64]
Bounds = tuple[float | None, float | None]


def fit_logistic(table: Doubles, good: Doubles, share: Doubles) -> Doubles:
    """Logistic regression; the last column is the constant, which alone is not kept small."""
    scale = np.append(table[:, :-1].std(axis=0) + 1e-6, 1.0)
    scaled = table / scale
    penalty = np.append(np.full(table.shape[1] - 1, CONFIDENCE_PENALTY), 0.0)

    def loss(weights: Doubles) -> tuple[float, Doubles]:
        activation = scaled @ weights
        value = (share * (np.logaddexp(0, activation) - good * activation)).sum()
        slope = scaled.T @ (share * (1 / (1 + np.exp(-activation)) - good))
        return float(value + penalty @ weights**2), slope + 2 * penalty * weights

    weights: Doubles = (
        minimised(loss, [*(bounds(name) for name in (*VIEWS, *DOUBTS)), (None, None)]) / scale
    )
    return weights


def bounds(name: str) -> Bounds:
    """Least and largest weight of a view or doubt."""
    if name in FREE:
        return (None, None)
    return (None, 0.0) if name in NEVER_FOR else (0.0, None)


def minimised(
    loss: Callable[[Doubles], tuple[float, Doubles]], within: Sequence[Bounds]
) -> Doubles:
    """The weights of least loss."""
    start = [0.0 if high == 0.0 else 0.5 for _, high in within]
    found: Doubles = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=within).x
    return found
