"""Writing an idle loop as the kiosk wants it: H.264, 25 fps, a keyframe every second."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.making.picture import Picture
from kiosk.video import LOOP_FPS, LoopReader
from kiosk.video.faces import Boxes, Detector, Face, find_boxes

KEYFRAME_EVERY = LOOP_FPS  # a seek decodes half a second at most on average
MOST_BYTES = 10 * 2**20
# Lips models were trained on boxes that reach a little below the chin.
_BELOW_THE_CHIN = 0.03
_BT601, _LIMITED_RANGE = 6, 1  # as the kiosk reads loops, see kiosk.video.source


def write_loop(path: Path, frames: Iterable[Picture], size: tuple[int, int], seconds: float) -> int:
    """Encode a loop.

    Keyframes are hardly better than other frames (``ipratio``): where nothing moves, the picture
    would otherwise sharpen visibly once a second. The rate is limited so that the file stays
    within ``MOST_BYTES``.

    Args:
        path: MP4 file, written in place.
        frames: uint8, shape (height, width, 3), BGR; one at a time in memory.
        size: Width and height, pixels, even.
        seconds: Expected length, for the limit of the rate.

    Returns:
        Frames written.

    Raises:
        MediaError: The file cannot be written.
    """
    kilobits = int(0.9 * MOST_BYTES * 8 / 1000 / max(seconds, 1.0))
    options = {
        "preset": "fast",
        "crf": "18",
        "threads": "2",
        "maxrate": f"{kilobits}k",
        "bufsize": f"{2 * kilobits}k",
        "x264-params": f"keyint={KEYFRAME_EVERY}:min-keyint={KEYFRAME_EVERY}:scenecut=0"
        ":open-gop=0:ipratio=1.1:pbratio=1.1:mbtree=0",
    }
    count = 0
    try:
        with av.open(
            f"file:{path}", "w", format="mp4", options={"movflags": "+faststart"}
        ) as container:
            stream: Any = container.add_stream("libx264", rate=LOOP_FPS, options=options)
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            stream.codec_context.colorspace = _BT601
            stream.codec_context.color_range = _LIMITED_RANGE
            for frame in frames:
                picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="bgr24")
                picture = picture.reformat(format="yuv420p", dst_colorspace=_BT601)
                picture.pts = count
                picture.time_base = Fraction(1, LOOP_FPS)
                container.mux(stream.encode(picture))
                count += 1
            container.mux(stream.encode(None))
    except (av.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", "") or error
        raise MediaError(
            f"The loop cannot be written ({reason}).",
            where=path,
            remedy="Check that the folder may be written and has space.",
        ) from error
    return count


def find_boxes_at(loop: Path, place: NDArray[np.float64], detect: Detector) -> Boxes:
    """The face in every frame of a finished loop, of which it is known about where it is.

    Args:
        loop: Video file.
        place: About where the face is: x, y, width, height in pixels of the loop.
        detect: Finds faces.

    Raises:
        MediaError: The face is not found well enough for lips.
    """
    low, high = place[:2], place[:2] + place[2:]

    def only_this(bgr: Picture) -> list[Face]:
        # A detector also sees faces in folds and patterns; those are elsewhere.
        faces = [(face, face.box[:2] + face.box[2:] / 2) for face in detect(bgr)]
        return [face for face, at in faces if (low <= at).all() and (at <= high).all()][:1]

    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        return find_boxes(reader, loop, only_this)


def boxes_along(place: NDArray[np.float64], path: NDArray[np.float64]) -> Boxes:
    """A face's box in every frame of a loop whose motion is known exactly.

    Args:
        place: The face in the still picture: x, y, width, height, pixels.
        path: How far it has moved in each frame: right and down, pixels, shape (n, 2).
    """
    below_the_chin = np.array([0.0, 0.0, 0.0, _BELOW_THE_CHIN * place[3]])
    boxes: Boxes = np.hstack([path, np.zeros_like(path)]) + place + below_the_chin
    return boxes


def write_boxes(boxes_file: Path, boxes: Boxes, size: tuple[int, int]) -> None:
    """Write boxes in the form of ``kiosk.video.faces.load_boxes``.

    Args:
        boxes_file: JSON file.
        boxes: One for each frame.
        size: Width and height of the loop, pixels.
    """
    content = {
        "fps": LOOP_FPS,
        "size": list(size),
        "frames": len(boxes),
        "face_box_xywh": np.round(boxes, 2).tolist(),
    }
    boxes_file.write_text(json.dumps(content) + "\n", encoding="utf-8")


def focus_of(boxes: Boxes, size: tuple[int, int]) -> tuple[float, float]:
    """Middle of the face over the whole loop, in shares of width and height."""
    middle: NDArray[np.float64] = (boxes[:, :2] + boxes[:, 2:] / 2).mean(axis=0)
    return float(middle[0] / size[0]), float(middle[1] / size[1])
