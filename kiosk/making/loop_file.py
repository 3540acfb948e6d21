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
from kiosk.video.faces import Boxes, find_boxes

KEYFRAME_EVERY = LOOP_FPS  # a seek decodes half a second at most on average
MOST_BYTES = 10 * 2**20
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


def write_boxes(loop: Path, boxes_file: Path, path: NDArray[np.float64] | None = None) -> Boxes:
    """Find the face in every frame of a finished loop and write its boxes beside it.

    Args:
        loop: Video file.
        boxes_file: The JSON file to write.
        path: How the face moves, if that is known exactly: pixels right and down in each frame,
            shape (n, 2). Only its mean place and size are then looked for.

    Raises:
        MediaError: The face is not found well enough for lips.
    """
    with LoopReader(loop, out_format="bgr", keep_mib=0) as reader:
        boxes = find_boxes(reader, loop)
        info = reader.info
    if path is not None:
        moves = np.hstack([path, np.zeros_like(path)])
        boxes = (boxes - moves).mean(axis=0) + moves
    content = {
        "fps": info.fps,
        "size": [info.width, info.height],
        "frames": info.frame_count,
        "face_box_xywh": np.round(boxes, 2).tolist(),
    }
    boxes_file.write_text(json.dumps(content) + "\n", encoding="utf-8")
    return boxes


def focus_of(boxes: Boxes, size: tuple[int, int]) -> tuple[float, float]:
    """Middle of the face over the whole loop, in shares of width and height."""
    middle: NDArray[np.float64] = (boxes[:, :2] + boxes[:, 2:] / 2).mean(axis=0)
    return float(middle[0] / size[0]), float(middle[1] / size[1])
