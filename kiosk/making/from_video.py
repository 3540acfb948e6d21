"""A loop from a film of somebody sitting still.

::

    look at the whole film, small ── choose a stretch ── measure its shake and flicker, small
      ── decode the stretch once more ── hold still, frame, join the ends ── idle.mp4

Memory does not grow with the film: frames pass through one by one, at the size that is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.making.exhibits import sheet, timeline, with_box
from kiosk.making.footage import Footage
from kiosk.making.framing import SOFT_ENLARGEMENT, Framing, frame_sitter
from kiosk.making.from_photo import light_warnings
from kiosk.making.loop_file import find_boxes_at, focus_of, write_boxes, write_loop
from kiosk.making.made import BOXES_FILE, LOOP_FILE, Exhibit, MadeLoop, Progress
from kiosk.making.picture import Picture
from kiosk.making.sitter import Sitter, find_sitter
from kiosk.making.steady import Steadying, measure
from kiosk.making.stretch import SPEAKS, Looked, Stretch, choose, look
from kiosk.video import LOOP_FPS, LoopReader
from kiosk.video.faces import Detector, best_detector
from kiosk.video.seam import CROSS_FADE_FRAMES, cross_fade, ping_pong, seam_jump

_MEASURE_SIDE_PX = 720
_LONGEST_TO_AND_FRO_S = 8.0  # one way; its frames lie on the disk meanwhile
_MOST_CROP = 0.08  # of the picture's smaller side: a wilder camera is held still only in part
_SHAKY = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """All that is decided before the stretch is decoded at full size.

    Attributes:
        times_s: One for each frame to decode, in the film.
        to_and_fro: Whether the loop is played back again, instead of fading into its beginning.
        steadying: For each of these frames.
        measured: Width and height of the frames that ``steadying`` was measured on.
        framing: From the film's pixels to the loop's.
        sitter: In the film's pixels, in the middle frame.
    """

    times_s: NDArray[np.float64]
    to_and_fro: bool
    steadying: Steadying
    measured: tuple[int, int]
    framing: Framing
    sitter: Sitter

    @property
    def frame_count(self) -> int:
        """Frames of the finished loop."""
        count = len(self.times_s)
        return 2 * count - 2 if self.to_and_fro else count - CROSS_FADE_FRAMES


def loop_from_video(
    source: Path,
    folder: Path,
    *,
    size: tuple[int, int] | None = None,
    detector: Detector | None = None,
    progress: Progress = lambda *_: None,
) -> MadeLoop:
    """Take the best stretch of a film, hold it still, join its ends and write it as a loop.

    Args:
        source: MP4, MOV, WebM and others; with or without sound, which is not used.
        folder: Gets ``idle.mp4`` and ``idle.faces.json``.
        size: Width and height of the loop, even; None for what suits the film.
        detector: Default: the best one on this machine.
        progress: Told how far it is.

    Raises:
        MediaError: The film cannot be used; or the loop cannot be written.
    """
    detect = detector or best_detector()
    loop = folder / LOOP_FILE
    with Footage(source) as footage:
        looked = look(footage, detect, progress)
        stretch = choose(looked, source)
        plan, middle = _plan(footage, stretch, size, detect, progress)
        framing, count = plan.framing, plan.frame_count
        scratch = folder / "scratch.raw"
        try:
            frames = _joined(_steady_frames(footage, plan), plan, scratch)
            write_loop(
                loop,
                _counted(frames, count, progress),
                (framing.width, framing.height),
                count / LOOP_FPS,
            )
        finally:
            scratch.unlink(missing_ok=True)
        film_size = footage.size
    boxes = find_boxes_at(loop, plan.sitter.moved(framing.matrix).box, detect)
    write_boxes(folder / BOXES_FILE, boxes, (framing.width, framing.height))
    seam = seam_jump(loop)
    return MadeLoop(
        loop=loop,
        source=source,
        size=(framing.width, framing.height),
        frame_count=count,
        focus=focus_of(boxes, (framing.width, framing.height)),
        seam=seam,
        method=tuple(_method(film_size, stretch, plan)),
        warnings=tuple(_warnings(middle, stretch, plan, seam.shows)),
        exhibits=(
            Exhibit("The film and the face in it", with_box(middle, plan.sitter)),
            Exhibit(
                "Motion in the film (line) and the stretch that was taken (gold)",
                _course(looked, stretch),
            ),
            *_of_loop(loop, count),
        ),
    )


def _plan(
    footage: Footage,
    stretch: Stretch,
    size: tuple[int, int] | None,
    detect: Detector,
    progress: Progress,
) -> tuple[_Plan, Picture]:
    """Decide on frames, shake and framing; also the middle frame, at the film's own size."""
    start_s, end_s = stretch.start_s, stretch.end_s
    to_and_fro = stretch.far_apart
    if to_and_fro:
        end_s = min(end_s, start_s + _LONGEST_TO_AND_FRO_S)
        count = round((end_s - start_s) * LOOP_FPS)
    else:
        # The fade shows the time around both ends at once, half of it before and half after.
        half_s = CROSS_FADE_FRAMES / 2 / LOOP_FPS
        last_s = footage.packets.duration_s - 1 / LOOP_FPS
        shift_s = max(0.0, half_s - start_s) - max(0.0, end_s + half_s - last_s)
        start_s = max(0.0, start_s - half_s + shift_s)
        count = round((end_s - stretch.start_s) * LOOP_FPS) + CROSS_FADE_FRAMES
        count = min(count, int((last_s - start_s) * LOOP_FPS) + 1)
    times_s = start_s + np.arange(count) / LOOP_FPS
    middle_s = float(times_s[count // 2])
    middle = next(footage.at([middle_s], 1.0))
    sitter = find_sitter(middle, footage.path, detect)

    scale = min(1.0, _MEASURE_SIDE_PX / max(footage.size))
    small = next(footage.at([middle_s], scale))
    measured = small.shape[1], small.shape[0]
    to_small = measured[0] / footage.size[0]
    steadying = measure(
        _counted(footage.at(list(times_s), scale), count, progress, "Measuring"),
        small,
        sitter.box * to_small,
    )
    times_s = times_s[: len(steadying.gains)]
    keep_off = min(steadying.shake / to_small, _MOST_CROP * min(footage.size))
    framing = frame_sitter(sitter, footage.size, size, keep_off)
    return _Plan(times_s, to_and_fro, steadying, measured, framing, sitter), middle


def _steady_frames(footage: Footage, plan: _Plan) -> Iterator[Picture]:
    """The stretch in the loop's size, held still, in one step from the decoded frame."""
    framing = plan.framing
    film_to_measured = np.diag([*(np.array(plan.measured) / footage.size), 1.0])
    # From the loop back to the middle frame, as it was measured.
    loop_to_measured = film_to_measured @ np.linalg.inv(_whole(framing.matrix))
    frames = footage.at(list(plan.times_s), min(1.0, framing.scale))
    for frame, matrix, gains in zip(
        frames, plan.steadying.matrices, plan.steadying.gains, strict=False
    ):
        decoded = np.array([frame.shape[1], frame.shape[0]])
        measured_to_decoded = np.diag([*(decoded / plan.measured), 1.0])
        picture = cv2.warpAffine(
            frame,
            (measured_to_decoded @ _whole(matrix) @ loop_to_measured)[:2],
            (framing.width, framing.height),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        if not np.all(gains == 1):
            picture = cv2.multiply(picture, (*gains, 1.0))
        yield np.asarray(picture, np.uint8)


def _whole(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The last row added to (2, 3), so that matrices can be multiplied."""
    return np.vstack([matrix, [0.0, 0.0, 1.0]])


def _joined(frames: Iterator[Picture], plan: _Plan, scratch: Path) -> Iterable[Picture]:
    """The stretch as a loop without a seam."""
    if not plan.to_and_fro:
        return cross_fade(frames)
    # The way back needs the frames in reverse: they wait on the disk, not in memory.
    shape = (len(plan.times_s), plan.framing.height, plan.framing.width, 3)
    kept = np.memmap(scratch, np.uint8, "w+", shape=shape)
    for index, frame in enumerate(islice(frames, len(kept))):
        kept[index] = frame
    return ping_pong(kept)


def _counted(
    frames: Iterable[Picture], total: int, progress: Progress, what: str = "Making the loop"
) -> Iterator[Picture]:
    for index, frame in enumerate(frames):
        progress(what, index, total)
        yield frame


def _method(film_size: tuple[int, int], stretch: Stretch, plan: _Plan) -> Iterator[str]:
    yield (
        f"Of the film of {film_size[0]} x {film_size[1]} pixels, the time from "
        f"{stretch.start_s:.1f} to {stretch.end_s:.1f} s was taken, where the person sits stillest."
    )
    shake = plan.steadying.shake * film_size[0] / plan.measured[0]
    still = np.all(plan.steadying.matrices == np.eye(2, 3))
    yield (
        "The camera stood still."
        if still
        else f"The camera moved by up to {shake:.1f} pixels; each frame was put back in its place."
    )
    if not np.all(plan.steadying.gains == 1):
        yield f"Changes of brightness of up to {100 * plan.steadying.flicker:.1f} % were taken off."
    yield (
        f"The stretch's ends differ by {stretch.difference:.1f} of 255 "
        f"({stretch.usual:.1f} from moment to moment): "
        + (
            "too much to fade, so it is played to and fro."
            if plan.to_and_fro
            else f"its end passes into its beginning over {CROSS_FADE_FRAMES} frames."
        )
    )


def _warnings(middle: Picture, stretch: Stretch, plan: _Plan, shows: bool) -> Iterator[str]:
    if plan.framing.scale > SOFT_ENLARGEMENT:
        yield (
            f"The film is coarse: the face has {plan.sitter.box[2]:.0f} pixels across and is shown "
            f"{plan.framing.scale:.1f} times larger. Film from closer by."
        )
    if plan.framing.bare > 0.002:
        yield (
            f"The film does not fill the screen: {100 * plan.framing.bare:.0f} % is mirrored. "
            "Film with more around the person, or choose another --size."
        )
    if stretch.mouth > SPEAKS:
        yield "The person seems to speak all the time; film half a minute of silence."
    if plan.steadying.shake > _SHAKY * min(plan.measured):
        yield "The camera moved much; put it on a stand."
    if shows:
        yield "The loop's seam can be seen; film the person sitting stiller, or for longer."
    yield from light_warnings(middle, plan.sitter)


def _course(looked: Looked, stretch: Stretch) -> Picture:
    values = looked.motion + np.clip(looked.mouth, 0, None)
    return timeline(looked.times_s, values, (stretch.start_s, stretch.end_s))


def _of_loop(loop: Path, count: int) -> Iterator[Exhibit]:
    """What a curator should see of the finished loop."""
    moments = sorted({0, *(round(count * share / 6) for share in range(1, 6)), count - 1})
    shown = dict(zip(moments, _frames_at(loop, moments), strict=True))
    yield Exhibit("Moments of the loop", sheet([shown[k] for k in moments[:6]], 3))
    last, first = shown[count - 1], shown[0]
    change = np.clip(np.abs(last.astype(np.int16) - first) * 4, 0, 255).astype(np.uint8)
    title = "The seam: last frame, first frame, and what differs (four times stronger)"
    yield Exhibit(title, sheet([last, first, change], 3))


def _frames_at(loop: Path, moments: Sequence[int]) -> Iterator[Picture]:
    """Frames of a loop by their rising indices."""
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        at = 0
        for moment in moments:
            reader.skip(moment - at)
            yield reader.next()[1]
            at = moment + 1
