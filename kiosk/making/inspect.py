"""Whether a loop is fit for visitors: size, face, seam."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.video import LOOP_FPS, LoopInfo, open_loop
from kiosk.video.faces import FaceBox, boxes_for
from kiosk.video.footage import require_same_size
from kiosk.video.loop import LoopReader
from kiosk.video.seam import SeamError, SeamJump, seam_jump, seen_difference

SHORTEST_S = 3.0
LARGEST_BYTES = 50 * 2**20
_SIDES_PX = (240, 2160)
_FARTHEST = 6.0
"""Of 255, root mean square, between the first frames of two loops: beyond it a dissolve shows two
heads."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What was found.

    Attributes:
        info: Size and length; None if the loop cannot be opened.
        face_px: Width of the face, pixels; 0 if none was found or looked for.
        seam: None if it was not measured.
        problems: One sentence each; empty for a good loop.
    """

    info: LoopInfo | None
    face_px: float
    seam: SeamJump | None
    problems: tuple[str, ...]

    def __str__(self) -> str:
        if self.info is None or self.seam is None:
            return "cannot be used"
        seconds = self.info.frame_count / LOOP_FPS
        face = f"face {self.face_px:.0f} px, " if self.face_px else ""
        return (
            f"{self.info.width}x{self.info.height}, {seconds:.1f} s, {face}"
            f"seam {self.seam.ratio:.1f} times the usual change"
        )


def inspect_loop(loop: Path, place: Path | FaceBox | None) -> Inspected:
    """Look at a loop as the kiosk will use it, and name every problem at once.

    Args:
        loop: Video file.
        place: Where the face is, as persona.toml tells; None if it does not.
    """
    try:
        info = open_loop(loop)
    except MediaError as error:
        return Inspected(None, 0.0, None, (str(error),))
    problems = []
    if not all(_SIDES_PX[0] <= side <= _SIDES_PX[1] for side in (info.width, info.height)):
        problems.append(
            f"{loop}: The loop has {info.width} x {info.height} pixels; each side should have "
            f"{_SIDES_PX[0]} to {_SIDES_PX[1]}. Make it anew from a larger or smaller source."
        )
    if info.frame_count < SHORTEST_S * LOOP_FPS:
        problems.append(
            f"{loop}: The loop lasts {info.frame_count / LOOP_FPS:.1f} s, and everybody sees it "
            f"repeat. It should last {SHORTEST_S:g} s or more; 10 are good."
        )
    if loop.stat().st_size > LARGEST_BYTES:
        problems.append(
            f"{loop}: The file has {loop.stat().st_size / 2**20:.0f} MiB, which the kiosk keeps "
            "reading. Let 'kiosk persona new' make a smaller one of it."
        )
    face_px = 0.0
    try:
        face_px = float(boxes_for(loop, place)[:, 2].mean())
    except MediaError as error:
        problems.append(str(error))
    seam = seam_jump(loop)
    if seam.shows:
        problems.append(str(SeamError(seam, loop)))
    return Inspected(info, face_px, seam, tuple(problems))


def inspect_joined(loop: Path, idle: Path) -> Inspected:
    """Look at a listening or thinking loop, which is shown in turns with the resting one.

    Args:
        loop: Video file.
        idle: The resting face's.
    """
    try:
        info, resting = open_loop(loop), open_loop(idle)
        require_same_size(loop, info, resting)
    except MediaError as error:
        return Inspected(None, 0.0, None, (str(error),))
    problems = []
    seam = seam_jump(loop)
    if seam.shows:
        problems.append(str(SeamError(seam, loop)))
    apart = seen_difference(_first_frame(loop), _first_frame(idle))
    if apart > _FARTHEST:
        problems.append(
            f"{loop}: The loop begins {apart:.1f} of 255 away from the first picture of "
            f"{idle.name}, and at most {_FARTHEST:g} pass unseen. Let both begin and end in the "
            "same pose, before the same background."
        )
    return Inspected(info, 0.0, seam, tuple(problems))


def _first_frame(loop: Path) -> NDArray[np.uint8]:
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        return reader.next()[1]
