"""Prepared networks on disk: whole or not at all, and never more than a few of them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from kiosk.lipsync.window import MouthWindow

log = logging.getLogger(__name__)

_FORMAT = "1"  # raise it whenever what is prepared changes
_KEPT = 3
_FACTS, _NETWORK = "facts.json", "network.onnx"


@dataclass(frozen=True, slots=True)
class Facts:
    """What was prepared, and why so.

    Attributes:
        arithmetic: ``int8``, ``fp32``, or ``whole`` if the model must run as it is.
        reason: One sentence for staff: why not something faster, or that it is the fastest.
        psnr_db: Of the picture in bytes to that in float, on frames kept from calibration; 0
            where bytes were not tried. Infinite differences are written as 99.
        max_difference: Largest difference of the cut network in float to the whole one, of 1.
        not_cropped: Kinds of nodes above which everything is computed whole.
        row: First row of the network's picture, in the whole picture.
        column: First column.
        mel_input: Name of the mel window's input.
        batch: The only number of frames in a call; 0 for any.
        made_in_s: Seconds that preparing took.
    """

    arithmetic: Literal["int8", "fp32", "whole"]
    reason: str
    psnr_db: float = 0.0
    max_difference: float = 0.0
    not_cropped: tuple[str, ...] = ()
    row: int = 0
    column: int = 0
    mel_input: str = ""
    batch: int = 0
    made_in_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class PreparedNetwork:
    """A model, cut for one loop.

    Attributes:
        facts: What it is.
        network: ONNX; empty if the model must run whole.
        features: What the network wants to know of each loop frame: input name to an array of
            shape (frames, ...), as it is fed.
    """

    facts: Facts
    network: bytes
    features: dict[str, NDArray[Any]]

    @property
    def size_bytes(self) -> int:
        """What it takes on disk."""
        return len(self.network) + sum(array.nbytes for array in self.features.values())


def network_folder(
    cache_dir: Path, model: Path, faces: NDArray[np.uint8], window: MouthWindow, processor: str
) -> Path:
    """Where the network prepared for exactly this is kept.

    Args:
        cache_dir: The kiosk's cache.
        model: Lips model; its content counts, not its name.
        faces: The loop's faces as the model sees them.
        window: What of its picture is seen.
        processor: What computes, as onnxruntime names it.
    """
    with model.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(f"{_FORMAT} {window} {processor} {ort.__version__} {faces.shape}".encode())
    digest.update(np.ascontiguousarray(faces).data)
    return cache_dir / "networks" / digest.hexdigest()[:32]


def save(prepared: PreparedNetwork, folder: Path) -> None:
    """Write to a folder beside and rename it, so that half of one is never read.

    Raises:
        OSError: Nothing was kept.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    try:
        (draft / _NETWORK).write_bytes(prepared.network)
        for number, array in enumerate(prepared.features.values()):
            np.save(draft / f"{number}.npy", array)
        content = {"facts": asdict(prepared.facts), "features": list(prepared.features)}
        (draft / _FACTS).write_text(json.dumps(content, indent=1), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _drop_old(folder)


def _drop_old(newest: Path) -> None:
    others = [path for path in newest.parent.iterdir() if path != newest]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for stale in others[_KEPT - 1 :]:
        shutil.rmtree(stale, ignore_errors=True)


def load(folder: Path) -> PreparedNetwork | None:
    """What was saved, its features mapped and not read; None if there is nothing, or no good one.

    A damaged one is deleted, so that it will be made again.
    """
    if not folder.is_dir():
        return None
    try:
        content = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        stored = content["facts"]
        facts = Facts(**{**stored, "not_cropped": tuple(stored["not_cropped"])})
        network = (folder / _NETWORK).read_bytes()
        features = {
            name: np.load(folder / f"{number}.npy", mmap_mode="r")
            for number, name in enumerate(content["features"])
        }
    except (OSError, ValueError, EOFError, KeyError, TypeError) as error:
        log.warning("a prepared lips network is damaged and made again: %s", error)
        shutil.rmtree(folder, ignore_errors=True)
        return None
    os.utime(folder)  # the last ones used are kept
    return PreparedNetwork(facts, network, features)
