"""What all benchmarks share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

THREADS = 2


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile, in the unit of the values."""
    return {
        "median": round(float(np.median(values)), 4),
        "p95": round(float(np.percentile(values, 95)), 4),
    }
