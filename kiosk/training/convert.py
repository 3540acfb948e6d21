"""An official Wav2Lip checkpoint as ONNX, for those who hold its authors' licence."""

from __future__ import annotations

import json
import os
import pickle
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from kiosk.errors import BadInput
from kiosk.training.export import export_onnx
from kiosk.training.wav2lip import SIZE, Wav2Lip

_SHOWN = 3  # keys named in a message
_PREFIX = "module."  # of weights saved from several GPUs at once
_WRONG_FILE = "Name an official checkpoint of Wav2Lip, wav2lip.pth or wav2lip_gan.pth."


def convert(checkpoint: Path, out: Path) -> float:
    """Write a checkpoint as ONNX with Wav2Lip's contract, and ``<out>.json`` beside it.

    Args:
        checkpoint: ``{"state_dict": ...}`` as the authors publish it.
        out: The model, ``.onnx``.

    Returns:
        The largest difference between PyTorch and onnxruntime on random input.

    Raises:
        BadInput: No checkpoint, not this network's, or the file cannot be written.
    """
    network = Wav2Lip()
    weights = load_weights(checkpoint)
    _require_fit(network, weights, checkpoint)
    network.load_state_dict(weights)
    apart = export_onnx(network, SIZE, out)
    record = {
        "name": out.stem,
        "lead_ms": 0,
        "converted_from": checkpoint.name,
        "licence": "Wav2Lip's authors: research, academic and personal use; anything else needs "
        "their licence",
    }
    part = out.with_name(f".{out.stem}.json.part")
    part.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    os.replace(part, out.with_suffix(".json"))
    return apart


def load_weights(checkpoint: Path) -> dict[str, Tensor]:
    """Weights by name, without running anything that the file may contain.

    Raises:
        BadInput: It is missing, or no checkpoint of weights alone.
    """
    if not checkpoint.is_file():
        raise BadInput("There is no such checkpoint.", where=checkpoint, remedy="Check the name.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about old formats, which are just what is wanted
            content: Any = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise BadInput(
            "The checkpoint holds more than weights, or is damaged; it was not opened.",
            where=checkpoint,
            remedy=_WRONG_FILE,
        ) from error
    except (RuntimeError, OSError, ValueError, EOFError, KeyError, TypeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise BadInput(
            f"The checkpoint cannot be read ({reason}).", where=checkpoint, remedy=_WRONG_FILE
        ) from error
    weights = content.get("state_dict") if isinstance(content, dict) else None
    if not isinstance(weights, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in weights.items()
    ):
        raise BadInput(
            "The file has no 'state_dict' of tensors.", where=checkpoint, remedy=_WRONG_FILE
        )
    return {name.removeprefix(_PREFIX): value for name, value in weights.items()}


def _require_fit(network: Wav2Lip, weights: dict[str, Tensor], checkpoint: Path) -> None:
    wanted = network.state_dict()
    faults = [
        ("missing", [name for name in wanted if name not in weights]),
        ("unknown", [name for name in weights if name not in wanted]),
        (
            "of another shape",
            [
                f"{name} {list(weights[name].shape)} instead of {list(value.shape)}"
                for name, value in wanted.items()
                if name in weights and weights[name].shape != value.shape
            ],
        ),
    ]
    said = [f"{len(names)} {kind} ({_few(names)})" for kind, names in faults if names]
    if said:
        raise BadInput(
            f"The checkpoint's weights are not Wav2Lip's: {'; '.join(said)}.",
            where=checkpoint,
            remedy=_WRONG_FILE,
        )
    damaged = [name for name in wanted if not torch.isfinite(weights[name].float()).all()]
    if damaged:
        raise BadInput(
            f"The checkpoint holds values that are not numbers ({_few(damaged)}).",
            where=checkpoint,
            remedy="Download it again.",
        )


def _few(names: list[str]) -> str:
    more = ", ..." if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
