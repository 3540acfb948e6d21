"""A picture to judge a model by: what it was shown, the truth, and what it drew."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import BadInput
from kiosk.training.judge import Judged

_COLUMNS = 12
_SIDE = 160  # smallest side of one picture in the strip, pixels
_GAP = 2


def write_strip(judged: Sequence[Judged], path: Path) -> None:
    """Three rows: shown, true, drawn. Columns: moments with the mouth unlike at rest, in order.

    Raises:
        BadInput: The file cannot be written.
    """
    truth, drawn, shown = (
        np.concatenate([getattr(run, name) for run in judged])
        for name in ("truth", "drawn", "reference")
    )
    rows = [
        np.concatenate([_framed(pictures[at]) for at in _moments(truth, shown)], axis=1)
        for pictures in (shown, truth, drawn)
    ]
    _, encoded = cv2.imencode(".png", np.concatenate(rows, axis=0))
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(encoded.tobytes())
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(
            f"The picture cannot be written ({error.strerror or error}).",
            where=path,
            remedy="Make room on the disk.",
        ) from error


def _moments(truth: NDArray[np.uint8], shown: NDArray[np.uint8]) -> list[int]:
    """A frame at rest, then from each twelfth of the time the one that differs most from rest.

    Picked by the truth alone, so that a model cannot shine by its best frames.
    """
    half = truth.shape[1] // 2
    moved = np.abs(truth[:, half:].astype(np.int16) - shown[:, half:]).mean(axis=(1, 2, 3))
    parts = np.array_split(np.arange(len(truth)), min(_COLUMNS, len(truth)))
    moments = [int(part[moved[part].argmax()]) for part in parts]
    moments[0] = int(parts[0][moved[parts[0]].argmin()])
    return moments


def _framed(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    times = max(1, -(-_SIDE // picture.shape[0]))
    large = np.repeat(np.repeat(picture, times, axis=0), times, axis=1)
    framed: Any = cv2.copyMakeBorder(
        large, _GAP, _GAP, _GAP, _GAP, cv2.BORDER_CONSTANT, value=(255, 255, 255)
    )
    return np.asarray(framed, dtype=np.uint8)
