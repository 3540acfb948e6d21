"""A lips network plainly in onnxruntime, beside the same prepared for its loop."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.lipsync.fast import FastModel
from kiosk.lipsync.graph.build import build_both
from kiosk.lipsync.graph.kept import PreparedNetwork
from kiosk.lipsync.mouth import ModelMouth

BATCHES = (1, 8)
ROUNDS = 15
_MB = 1e6


def measure_network(mouth: ModelMouth, windows: NDArray[np.float32]) -> dict[str, Any]:
    """Milliseconds a frame of the network alone, the variants taken in turns.

    All get the same options and threads, and inputs that lie ready. The whole network computes the
    whole face; the prepared ones what the loop's mask lets through.

    Args:
        mouth: Over its loop; is not changed.
        windows: Mel windows of speech, at least 16, shape (n, 80, 16).

    Returns:
        ``plain_ms``, ``fp32_ms`` and ``int8_ms`` by batch, ``fp32_ratio`` and ``int8_ratio`` (how
        many times as fast as plain), what was decided and why, and the sizes in the cache.
    """
    model, loop = mouth.model, mouth.loop
    exact, chosen = build_both(
        model, mouth.faces, loop.frame_count, loop.window, windows, threads=model.threads
    )
    facts = chosen.facts
    report: dict[str, Any] = {
        "arithmetic": facts.arithmetic,
        "reason": facts.reason,
        "psnr_db": round(facts.psnr_db, 1),
        "max_difference_fp32": facts.max_difference,
        "not_cropped": list(facts.not_cropped),
        "window": [loop.window.height, loop.window.width],
        "prepared_in_s": facts.made_in_s,
    }
    variants: dict[str, FastModel] = {}
    prepared: dict[str, PreparedNetwork] = {"fp32": exact, facts.arithmetic: chosen}
    for name, one in prepared.items():
        if one.facts.arithmetic != "whole":
            variants[name] = FastModel(one, loop.window, model.path, threads=model.threads)
            report[f"{name}_cache_mb"] = round(one.size_bytes / _MB, 1)
    batches = [one for one in BATCHES if not model.contract.fixed_batch or one == 1]
    for name in ("plain", *variants):
        report[f"{name}_ms"] = {}
    for batch in batches:
        took = _taken_in_turns(mouth, variants, windows, batch)
        for name, ms in took.items():
            report[f"{name}_ms"][f"batch_{batch}"] = round(ms, 3)
            if name != "plain":
                ratio = round(took["plain"] / ms, 2)
                report.setdefault(f"{name}_ratio", {})[f"batch_{batch}"] = ratio
    return report


def _taken_in_turns(
    mouth: ModelMouth, variants: dict[str, FastModel], windows: NDArray[np.float32], batch: int
) -> dict[str, float]:
    """Median milliseconds a frame of the whole network and of each variant."""
    indices = [at % mouth.loop.frame_count for at in range(batch)]
    spoken = windows[np.arange(batch) % len(windows)]
    faces = np.concatenate([mouth.faces([index]).copy() for index in indices])
    runs: dict[str, Callable[[], object]] = {"plain": lambda: mouth.model.run(spoken, faces)}
    for name, fast in variants.items():
        runs[name] = lambda fast=fast: fast.run(spoken, indices)  # type: ignore[misc]
    took: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(ROUNDS + 1):
        for name, run in runs.items():
            begun_s = time.perf_counter()
            run()
            if number:  # the first round only warms up
                took[name].append(time.perf_counter() - begun_s)
    return {name: 1000 * statistics.median(times) / batch for name, times in took.items()}
