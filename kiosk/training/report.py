"""How good a model is, on seconds it has never seen: figures, a verdict, a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kiosk.training.dataset import Clip
from kiosk.training.figures import measure
from kiosk.training.footage import Footage
from kiosk.training.judge import draw_held_back
from kiosk.training.settings import TrainSettings
from kiosk.training.strip import write_strip

_GOOD, _FAIR = 0.8, 0.6  # correlation of the mouth's opening
_LATEST_MS = 45.0  # ITU-R BT.1359: viewers notice sound 45 ms early
_LEAST_OPEN = 0.7  # of the true opening


def write_report(
    out: Path,
    clips: Sequence[Clip],
    films: Sequence[Footage],
    lead_ms: int,
    settings: TrainSettings,
    progress: Callable[[float, float], None],
) -> dict[str, Any]:
    """Judge a model by held-back footage, and draw ``<out>.png``.

    Returns:
        Figures by name (see ``figures.measure``), and ``verdict``, in words.

    Raises:
        ModelBroken: The kiosk cannot use the model.
        BadInput: The picture cannot be written.
    """
    judged = draw_held_back(out, clips, films, lead_ms, settings.threads, progress)
    write_strip(judged, out.with_suffix(".png"))
    figures = measure(judged)
    return {**figures, "verdict": verdict(figures)}


def verdict(figures: dict[str, Any]) -> str:
    """One sentence for the person who filmed."""
    follows = figures["opening_correlation"]
    faults = []
    if abs(figures["lag_ms"]) > _LATEST_MS:
        faults.append(f"the mouth is {figures['lag_ms']:+.0f} ms off the sound")
    if figures["opening_ratio"] < _LEAST_OPEN:
        faults.append(f"it opens only {figures['opening_ratio']:.0%} as far as it should")
    if figures["mouth_psnr_db"] <= figures["rest_psnr_db"]:
        faults.append("it is no nearer to the truth than a resting mouth")
    follows_text = f"the mouth follows the truth ({follows:.2f} of 1)"
    if follows >= _GOOD and not faults:
        return f"good: {follows_text}."
    if follows >= _FAIR:
        return f"fair: {'; '.join([follows_text, *faults])}. More footage or minutes will help."
    return (
        f"poor: {'; '.join([f'the mouth hardly follows the truth ({follows:.2f} of 1)', *faults])}."
        " Train longer; if that does not help, film again (docs/lips-of-your-own.md)."
    )
