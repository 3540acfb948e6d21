"""Which loops a persona shows on a screen of a given shape.

Window and engine both ask here, so that mouths are drawn for the very loop that is on screen. Only
the idle loop of wide screens must be there. Whatever else is missing or broken is left out, with a
sentence for staff: an upright screen then shows the wide loop, cut round the face, and a portrait
without listening and thinking loops rests.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import KioskError, MediaError
from kiosk.messages import Shape
from kiosk.persona.assets import loop_path, optional_loop, resolve_asset
from kiosk.persona.loader import LoadedPersona
from kiosk.persona.schema import Loops
from kiosk.video.faces import FaceBox
from kiosk.video.loop import LoopInfo, open_loop


@dataclass(frozen=True, slots=True)
class Footage:
    """Attributes:
    shape: Of the screens that the loops were made for; ``WIDE`` also on an upright screen that
        shows the wide loops.
    idle: The resting face; lips are laid over this one.
    listening: None if there is none.
    thinking: None if there is none.
    place: Where the face is in ``idle``, as persona.toml tells; None if it does not.
    focus: Centre of the face, shares of width and height.
    faults: What persona.toml names and cannot be used, one sentence each, for staff.
    """

    shape: Shape
    idle: Path
    listening: Path | None = None
    thinking: Path | None = None
    place: Path | FaceBox | None = None
    focus: tuple[float, float] = (0.5, 0.45)
    faults: tuple[str, ...] = ()


def footage_of(loaded: LoadedPersona, shape: Shape) -> Footage:
    """Aim: the loops for a screen, all of which can be opened; costs milliseconds.

    The wide idle loop alone is not looked into: nothing could take its place.

    Args:
        loaded: The persona.
        shape: The screen's.

    Raises:
        PersonaError: A value leads out of the persona's folder.
        ModelMissing: The wide idle loop, or a file of face boxes, is not there.
    """
    faults: list[str] = []
    if shape is Shape.UPRIGHT:
        try:
            idle = optional_loop(loaded, "upright.loop")
            if idle is not None:
                return _footage(loaded, shape, idle, open_loop(idle), faults)
        except KioskError as error:
            faults.append(f"portrait.upright.loop: {error}")
    idle = loop_path(loaded)
    try:
        info = open_loop(idle)
    except MediaError:
        info = None  # told by whoever opens it: without it there is no portrait
    return _footage(loaded, Shape.WIDE, idle, info, faults)


def face_place(loaded: LoadedPersona, shape: Shape = Shape.WIDE) -> Path | FaceBox | None:
    """Where persona.toml says the face is in the idle loop; None to look for it.

    Raises:
        PersonaError: The file of face boxes is outside of the persona's folder.
        ModelMissing: It is not there.
    """
    loops, prefix = _loops(loaded, shape)
    if loops.face_box is not None:
        return FaceBox(*loops.face_box)
    if not loops.face_boxes:
        return None
    return resolve_asset(loaded, loops.face_boxes, builtin="", key=f"portrait.{prefix}face_boxes")


def _loops(loaded: LoadedPersona, shape: Shape) -> tuple[Loops, str]:
    """A shape's keys, and how their names begin below ``portrait``."""
    portrait = loaded.persona.portrait
    return (portrait.upright, "upright.") if shape is Shape.UPRIGHT else (portrait, "")


def _footage(
    loaded: LoadedPersona, shape: Shape, idle: Path, info: LoopInfo | None, faults: list[str]
) -> Footage:
    loops, prefix = _loops(loaded, shape)

    def beside(key: str) -> Path | None:
        try:
            loop = optional_loop(loaded, f"{prefix}{key}")
            if loop is not None and info is not None:
                require_same_size(loop, open_loop(loop), info)
                return loop
        except KioskError as error:
            faults.append(f"portrait.{prefix}{key}: {error}")
        return None

    return Footage(
        shape,
        idle,
        beside("listening"),
        beside("thinking"),
        face_place(loaded, shape),
        (loops.focus_x, loops.focus_y),
        tuple(faults),
    )


def require_same_size(loop: Path, info: LoopInfo, idle: LoopInfo) -> None:
    """Refuse a loop whose picture is not as large as the idle loop's: she would jump.

    Raises:
        MediaError: It is larger or smaller.
    """
    if (info.width, info.height) != (idle.width, idle.height):
        raise MediaError(
            f"The loop has {info.width} x {info.height} pixels, and the resting one "
            f"{idle.width} x {idle.height}.",
            where=loop,
            remedy="Make both in one size.",
        )
