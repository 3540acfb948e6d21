"""A loop from one photograph or painting."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from kiosk.making.exhibits import sheet, with_box
from kiosk.making.eyes import find_eyes
from kiosk.making.figure import find_figure
from kiosk.making.framing import SOFT_ENLARGEMENT, Framing, frame_sitter, render
from kiosk.making.life import LivingPicture
from kiosk.making.loop_file import boxes_along, focus_of, write_boxes, write_loop
from kiosk.making.made import BOXES_FILE, LOOP_FILE, Exhibit, MadeLoop, Progress
from kiosk.making.motion import Motion, plan_motion
from kiosk.making.picture import Picture, read_picture
from kiosk.making.sitter import Sitter, find_sitter
from kiosk.video import LOOP_FPS
from kiosk.video.faces import Detector
from kiosk.video.seam import seam_jump

LOOP_S = 12.0
"""Long enough that nobody sees it repeat, short enough to be prepared in minutes."""

_UNEVEN_LIGHT = 0.45  # darker half of a face against the brighter


def loop_from_photo(
    source: Path,
    folder: Path,
    *,
    size: tuple[int, int] | None = None,
    seconds: float = LOOP_S,
    blinks: bool = True,
    detector: Detector | None = None,
    progress: Progress = lambda *_: None,
) -> MadeLoop:
    """Give a still picture life and write it as a loop with its face boxes.

    The same picture gives the same loop.

    Args:
        source: JPEG, PNG, WebP or TIFF.
        folder: Gets ``idle.mp4`` and ``idle.faces.json``.
        size: Width and height of the loop, even; None for what suits the picture.
        seconds: Length of the loop.
        blinks: Whether the eyes shall close now and then, if they can be found.
        detector: Default: the best one on this machine.
        progress: Told how far it is.

    Raises:
        MediaError: The picture cannot be used; or the loop cannot be written.
    """
    picture = read_picture(source)
    sitter = find_sitter(picture, source, detector)
    framing = frame_sitter(sitter, (picture.shape[1], picture.shape[0]), size)
    still = render(picture, framing)
    placed = sitter.moved(framing.matrix)
    figure = find_figure(still, placed)
    eyes = find_eyes(still, placed) if blinks else None
    living = LivingPicture(still, placed, figure, eyes)
    count = round(seconds * LOOP_FPS)
    seed = int.from_bytes(hashlib.sha256(source.read_bytes()).digest()[:4], "big")
    motion = plan_motion(count, LOOP_FPS, seed)

    def frames() -> Iterator[Picture]:
        for index, frame in enumerate(living.frames(motion)):
            progress("Giving the picture life", index, count)
            yield frame

    loop = folder / LOOP_FILE
    write_loop(loop, frames(), (framing.width, framing.height), seconds)
    boxes = boxes_along(placed.box, living.mouth_path(motion))
    write_boxes(folder / BOXES_FILE, boxes, (framing.width, framing.height))
    blinking = f"{len(motion.blinks_s)} blinks" if eyes else "no blinks"
    return MadeLoop(
        loop=loop,
        source=source,
        size=(framing.width, framing.height),
        frame_count=count,
        focus=focus_of(boxes, (framing.width, framing.height)),
        seam=seam_jump(loop),
        method=(
            f"The picture of {picture.shape[1]} x {picture.shape[0]} pixels was "
            f"{'enlarged' if framing.scale > 1 else 'reduced'} to {framing.scale:.2f} times its "
            "size and framed.",
            "The outline of the person was "
            + ("found in the picture." if figure.cut_out else "guessed from the face."),
            f"In {seconds:g} s there are {round(seconds / 4)} breaths, a slow irregular motion of "
            f"the head, and {blinking}.",
        ),
        warnings=tuple(_warnings(picture, sitter, framing, bool(eyes) or not blinks)),
        exhibits=(
            Exhibit("The picture and the face in it", with_box(picture, sitter)),
            Exhibit("Who was told from the background", _outlined(still, figure.outline)),
            *_phases(living, motion, placed, bool(eyes)),
        ),
    )


def _warnings(picture: Picture, sitter: Sitter, framing: Framing, eyes_good: bool) -> Iterator[str]:
    if framing.scale > SOFT_ENLARGEMENT:
        yield (
            f"The picture is coarse: the face has {sitter.box[2]:.0f} pixels across and is shown "
            f"{framing.scale:.1f} times larger. A better scan will look better."
        )
    if framing.bare > 0.002:
        yield (
            f"The picture does not fill the screen: {100 * framing.bare:.0f} % is its blurred "
            "continuation. Use a picture with more around the person, or another --size."
        )
    if not sitter.eyes_found:
        yield "The eyes were not found, so they never blink."
    elif not eyes_good:
        yield "The eyes were not clear enough to close them, so they never blink."
    yield from light_warnings(picture, sitter)


def light_warnings(picture: Picture, sitter: Sitter) -> Iterator[str]:
    """What is wrong with the light on a face."""
    x, y, width, height = (round(float(side)) for side in sitter.box)
    face = picture[max(y, 0) : y + height, max(x, 0) : x + width]
    grey = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY).astype(np.float32)
    middle = grey.shape[1] // 2
    left, right = float(grey[:, :middle].mean()), float(grey[:, middle:].mean())
    if min(left, right) < _UNEVEN_LIGHT * max(left, right):
        yield "The light on the face is uneven: one half is less than half as bright as the other."
    if float(grey.mean()) < 60:
        yield "The face is dark; a brighter picture shows more of it."
    if float((grey > 250).mean()) > 0.08:
        yield "Parts of the face are overexposed: there is nothing but white."


def _outlined(still: Picture, outline: Picture) -> Picture:
    """The background dimmed, so that the person stands out."""
    share = (0.35 + 0.65 * outline.astype(np.float32) / 255)[..., None]
    return np.rint(still * share).astype(np.uint8)


def _phases(
    living: LivingPicture, motion: Motion, sitter: Sitter, blinking: bool
) -> Iterator[Exhibit]:
    count = len(motion.breath)
    moments = [round(count * share) for share in (0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6)]
    yield Exhibit("Six moments of the loop", sheet([living.frame(motion, k) for k in moments], 3))
    turned = living.frame(motion, int(motion.yaw.argmax())).astype(np.int16)
    other = living.frame(motion, int(motion.yaw.argmin())).astype(np.int16)
    change = np.clip(np.abs(turned - other) * 2, 0, 255).astype(np.uint8)
    yield Exhibit("What differs between the two farthest turns of the head (doubled)", change)
    if blinking:
        shut = int(motion.lids_after.argmax())
        x, y = sitter.eyes.mean(axis=0)
        reach = sitter.eye_distance
        part = np.s_[max(round(y - 0.5 * reach), 0) : round(y + 0.5 * reach),
                     max(round(x - reach), 0) : round(x + reach)]  # fmt: skip
        steps = [(shut + step) % count for step in (-3, -2, -1, 0, 1, 2, 3, 4)]
        yield Exhibit(
            "A blink, frame by frame", sheet([living.frame(motion, k)[part] for k in steps], 4)
        )
