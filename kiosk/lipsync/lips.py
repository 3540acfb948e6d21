"""The lips of a portrait: a model, or a warp of the loop's own pixels, over an idle loop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kiosk.errors import ModelBroken
from kiosk.lipsync.model import LipsModel
from kiosk.lipsync.mouth import ModelMouth, Mouth
from kiosk.lipsync.prepare import prepare_loop
from kiosk.lipsync.speedup import adopt
from kiosk.lipsync.track import LipsTrack
from kiosk.lipsync.warp import WARP_LEAD_MS, WarpMouth
from kiosk.video.faces import FaceBox
from kiosk.video.loop import LOOP_FPS

_LEAD_LIMITS_MS = (-200, 400)


class LipSync:
    """Lips that are ready for use.

    Attributes:
        name: The model's name, or ``warp``.
        fps: Frames a second.
        frame_count: Frames of the loop.
        lead_ms: How far the drawn mouth runs ahead of its sound; already made up for.
    """

    def __init__(self, mouth: Mouth, lead_ms: int) -> None:
        self.mouth = mouth
        self.name = mouth.name
        self.fps = LOOP_FPS
        self.frame_count = mouth.loop.frame_count
        self.lead_ms = lead_ms

    @property
    def provider(self) -> str:
        """What really computes, as onnxruntime names it; ``cpu`` without a model."""
        return self.mouth.provider

    @property
    def network(self) -> str:
        """How the network is computed, for staff; "" without one."""
        if not isinstance(self.mouth, ModelMouth):
            return ""
        fast, facts = self.mouth.fast, self.mouth.facts
        if facts is None:
            return "whole; not prepared for this loop yet: kiosk persona build"
        if fast is None:
            return f"whole. {facts.reason}"
        quality = f", {facts.psnr_db:.1f} dB to float" if facts.psnr_db else ""
        megabytes = fast.size_bytes / 1e6
        return f"{facts.arithmetic}{quality}, {megabytes:.0f} MB in the cache. {facts.reason}"

    def track(self, loop_index: int) -> LipsTrack:
        """Lips for one utterance.

        Args:
            loop_index: The loop's frame that is on screen when the first sample is heard.
        """
        index = loop_index % self.frame_count
        return LipsTrack(self.mouth, fps=self.fps, lead_ms=self.lead_ms, loop_index=index)


def load_lips(
    model: Path | None,
    loop: Path,
    boxes: Path | FaceBox | None,
    *,
    lead_ms: int | None,
    threads: int,
    cache_dir: Path | None,
) -> LipSync:
    """Load a model, prepare the loop, try both out.

    Args:
        model: ONNX file with Wav2Lip's contract; None for the warp.
        loop: Idle loop.
        boxes: JSON with face boxes, or one box; None: beside the loop, or detected.
        lead_ms: How far the model's mouth runs ahead of the sound, -200..400; None for what
            ``<model>.json`` says, or 0.
        threads: Cores to use.
        cache_dir: Where prepared loops and networks are kept; None for nowhere. A network that has
            been prepared is used; preparing one is for ``kiosk.lipsync.speedup``.

    Raises:
        ModelMissing: There is no such model.
        ModelBroken: The model or its JSON file cannot be used.
        MediaError: The loop or its boxes cannot be used.
    """
    if model is None:
        prepared = prepare_loop(loop, boxes, WarpMouth.FACE_SIZE, cache_dir)
        return LipSync(WarpMouth(prepared), WARP_LEAD_MS if lead_ms is None else lead_ms)
    network = LipsModel(model, threads=threads)
    lead = recorded_lead_ms(model) if lead_ms is None else lead_ms
    prepared = prepare_loop(loop, boxes, network.contract.size, cache_dir)
    mouth = ModelMouth(network, prepared)
    if cache_dir is not None:
        adopt(mouth, cache_dir)
    return LipSync(mouth, lead)


def recorded_lead_ms(model: Path) -> int:
    """The lead in ``<model>.json``, e.g. lips.json beside lips.onnx; 0 without that file.

    Raises:
        ModelBroken: The file is not JSON or its ``lead_ms`` is no number of milliseconds.
    """
    sidecar = model.with_suffix(".json")
    if not sidecar.is_file():
        return 0

    def refuse(what: str) -> ModelBroken:
        low, high = _LEAD_LIMITS_MS
        remedy = f"Write a whole number from {low} to {high} as 'lead_ms', or delete the file."
        return ModelBroken(what, where=sidecar, remedy=remedy)

    try:
        content: Any = json.loads(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise refuse("The file is not readable as JSON.") from error
    lead = content.get("lead_ms", 0) if isinstance(content, dict) else None
    low, high = _LEAD_LIMITS_MS
    if isinstance(lead, bool) or not isinstance(lead, int) or not low <= lead <= high:
        raise refuse(f"'lead_ms' is {lead!r}.")
    return lead
