"""A loop from a film of somebody sitting still."""

from __future__ import annotations

from pathlib import Path

from kiosk.making.made import MadeLoop, Progress
from kiosk.video.faces import Detector


def loop_from_video(
    source: Path,
    folder: Path,
    *,
    size: tuple[int, int] | None = None,
    detector: Detector | None = None,
    progress: Progress = lambda *_: None,
) -> MadeLoop:
    raise NotImplementedError
