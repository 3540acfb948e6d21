"""What the makers of loops hand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.making.picture import Picture
from kiosk.video.seam import SeamJump

Progress = Callable[[str, float, float], None]
"""Told (what is being done, done, of how much), in any unit."""

LOOP_FILE = "idle.mp4"
BOXES_FILE = "idle.faces.json"


@dataclass(frozen=True, slots=True, eq=False)
class Exhibit:
    """A picture for the report.

    Attributes:
        title: One line.
        picture: BGR, uint8.
    """

    title: str
    picture: Picture


@dataclass(frozen=True, slots=True, eq=False)
class MadeLoop:
    """A finished loop.

    Attributes:
        loop: The video file.
        source: What it was made from.
        size: Width and height, pixels.
        frame_count: Frames at 25 a second.
        focus: Middle of the face, shares of width and height.
        seam: Measured on the finished file.
        method: How it was made, one sentence for each step.
        warnings: What a curator should know, one sentence each.
        exhibits: Pictures for the report.
    """

    loop: Path
    source: Path
    size: tuple[int, int]
    frame_count: int
    focus: tuple[float, float]
    seam: SeamJump
    method: tuple[str, ...]
    warnings: tuple[str, ...]
    exhibits: tuple[Exhibit, ...]
