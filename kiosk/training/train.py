"""From footage to a lips model, told in order."""

from __future__ import annotations

import datetime
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from kiosk.errors import BadInput, Missing
from kiosk.training.checkpoint import Checkpoints
from kiosk.training.dataset import Clip, build_dataset
from kiosk.training.export import export_onnx, multiplications
from kiosk.training.footage import Footage, open_footage, require_length
from kiosk.training.loop import Trainer
from kiosk.training.networks import (
    LipsNet,
    MouthNet,
    PictureNet,
    Rows,
    SoundNet,
    parameter_count,
)
from kiosk.training.report import write_report
from kiosk.training.settings import TrainSettings, work_folder
from kiosk.training.stages import Curriculum

log = logging.getLogger(__name__)

Bar = Callable[[str], AbstractContextManager[Callable[[float, float], None]]]
"""Shows the progress of a job of that title (``cli.progress.bar``)."""


def train(
    films: Sequence[Path],
    out: Path,
    settings: TrainSettings,
    bar: Bar,
    *,
    loop: Path | None = None,
    resume: bool = False,
    keep: bool = False,
) -> dict[str, Any]:
    """Train a lips model.

    Args:
        films: Footage of one person, with sound.
        out: The model, ``.onnx``; ``<out>.json`` and ``<out>.png`` appear beside it.
        settings: Size, budget, device.
        bar: Shows progress.
        loop: The idle loop that the model will draw into.
        resume: Go on from the last checkpoint.
        keep: Keep the data set and the checkpoint afterwards.

    Returns:
        What was written to ``<out>.json``.

    Raises:
        BadInput: Footage, loop or checkpoint cannot be used; the disk is full; the loss runs away.
        Missing: CUDA was asked for and is not there.
    """
    torch.set_num_threads(settings.threads)
    device = _device(settings)
    footage = [open_footage(path) for path in films]
    require_length(footage, settings.shortest_s)
    work = work_folder(out)
    if not resume:
        (work / "state.pt").unlink(missing_ok=True)
    with bar("Finding and cutting out the face") as report:
        clips = build_dataset(footage, loop, settings.size, work, report)
    if not any(clip.split.validate for clip in clips):
        raise BadInput(
            "No film is long enough to hold seconds back.",
            remedy="Give at least one film of 15 seconds or more.",
        )
    begun_s = time.monotonic()
    networks, curriculum, trainer = _set_up(clips, settings, device, work)
    if resume and not trainer.resume():
        log.warning("there is no checkpoint to go on from: the training begins anew")
    with bar("Training") as report:
        history = trainer.run(curriculum.stages(), report)
    lips = LipsNet(networks["sound"], networks["picture"])  # type: ignore[arg-type]
    apart = export_onnx(lips, settings.size, out)
    record = {
        "name": out.stem,
        "lead_ms": curriculum.lead_ms,
        "contract": f"Wav2Lip: mel [B,1,80,16] and face [B,6,{settings.size},{settings.size}] "
        f"to face [B,3,{settings.size},{settings.size}]",
        "trained_on": _films_record(footage, loop),
        "trained": _training_record(settings, device, curriculum, history, begun_s),
        "network": {
            "parameters": parameter_count(lips),
            "million_multiplications": round(multiplications(out), 1),
            "largest_difference_onnx": float(f"{apart:.2g}"),
        },
    }
    with bar("Judging held-back seconds") as report:
        record["measured"] = write_report(out, clips, footage, curriculum.lead_ms, settings, report)
    _write_json(out.with_suffix(".json"), record)
    if not keep:
        shutil.rmtree(work, ignore_errors=True)
    return record


def _set_up(
    clips: list[Clip], settings: TrainSettings, device: torch.device, work: Path
) -> tuple[nn.ModuleDict, Curriculum, Trainer]:
    torch.manual_seed(settings.seed)
    random = np.random.default_rng(settings.seed)
    torch_random = torch.Generator().manual_seed(settings.seed)
    rows = Rows(settings.size)
    networks = nn.ModuleDict(
        {"sound": SoundNet(), "mouth": MouthNet(rows), "picture": PictureNet(rows)}
    ).to(device)
    curriculum = Curriculum(
        clips,
        settings,
        device,
        random,
        torch_random,
        half_precision=_half_is_faster(networks["picture"], settings, device),
    )
    key = json.dumps(
        {
            "size": settings.size,
            "seed": settings.seed,
            "learn_code": settings.learn_code,
            "films": [[clip.name, len(clip.pictures)] for clip in clips],
        }
    )
    checkpoints = Checkpoints(work / "state.pt", key)
    return networks, curriculum, Trainer(networks, settings, checkpoints, random, torch_random)


def _device(settings: TrainSettings) -> torch.device:
    there = torch.cuda.is_available()
    if settings.device == "cuda" and not there:
        raise Missing(
            "CUDA was asked for, and PyTorch finds no such GPU.",
            remedy="Use --device cpu, or install an edition of PyTorch with CUDA and its driver.",
        )
    return torch.device("cuda" if there and settings.device != "cpu" else "cpu")


def _half_is_faster(network: nn.Module, settings: TrainSettings, device: torch.device) -> bool:
    """Whether bfloat16 computes faster: it does where the processor has instructions for it."""
    if settings.precision != "auto":
        return settings.precision == "half"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    face = torch.rand(4, 6, settings.size, settings.size)
    code = torch.zeros(4, network.embed[0].in_features)  # type: ignore[index]

    def seconds(half: bool) -> float:
        best = float("inf")
        for _ in range(3):
            begun_s = time.perf_counter()
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                network(face, code).sum().backward()
            best = min(best, time.perf_counter() - begun_s)
        network.zero_grad(set_to_none=True)
        return best

    return seconds(half=True) < 0.85 * seconds(half=False)


def _films_record(films: Sequence[Footage], loop: Path | None) -> dict[str, Any]:
    return {
        "footage": [film.path.name for film in films],
        "minutes": round(sum(film.seconds for film in films) / 60, 2),
        "idle_loop": loop.name if loop else None,
    }


def _training_record(
    settings: TrainSettings,
    device: torch.device,
    curriculum: Curriculum,
    history: list[dict[str, float | str]],
    begun_s: float,
) -> dict[str, Any]:
    return {
        "at": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "device": device.type,
        "took_minutes": round((time.monotonic() - begun_s) / 60, 1),
        "settings": settings.record(),
        "lead_explained_share": {
            str(lead): round(score, 4) for lead, score in curriculum.lead_scores.items()
        },
        "history": history,
        "torch": torch.__version__,
    }


def _write_json(path: Path, record: dict[str, Any]) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(
            f"The record cannot be written ({error.strerror or error}).",
            where=path,
            remedy="Make room on the disk.",
        ) from error
