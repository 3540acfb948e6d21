"""A photograph or a painting, read from a file of the kinds that museums have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import MediaError
from kiosk.making.header import PictureHeader, read_header

Picture = NDArray[np.uint8]
"""Shape (height, width, 3), BGR."""

MOST_PIXELS = 40_000_000
SMALLEST_SIDE_PX = 120
_KINDS = "JPEG, PNG, WebP or TIFF"
_BEGINS = (b"\xff\xd8\xff", b"\x89PNG", b"II*\x00", b"MM\x00*")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff")
_OTHERS = (
    (4, b"ftyphei", "HEIC"),
    (4, b"ftypmif1", "HEIF"),
    (4, b"ftypavif", "AVIF"),
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"8BPS", "Photoshop"),
    (0, b"%PDF", "PDF"),
)
_TRANSPARENT_GREY = 118  # mid grey in sRGB: what stands behind a cut-out figure


def is_picture(path: Path) -> bool:
    """Whether a source is a picture, told by how it begins; False for what may be a film.

    Raises:
        MediaError: There is no such file, it is empty, or it is a picture of a kind that cannot be
            read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise MediaError("There is no such file.", where=path, remedy="Check the name.") from error
    if not head:
        raise MediaError("The file is empty.", where=path, remedy="Copy it again from its source.")
    for place, begins, kind in _OTHERS:
        if head[place:].startswith(begins):
            raise MediaError(
                f"{kind} pictures cannot be read.", where=path, remedy="Save it as JPEG or PNG."
            )
    if head.startswith(_BEGINS) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return True
    if path.suffix.lower() in _SUFFIXES:
        raise MediaError(
            "The file holds no picture, whatever its name says.",
            where=path,
            remedy=f"Use {_KINDS}, or a film.",
        )
    return False


def read_picture(path: Path) -> Picture:
    """Read a picture, turned upright as its camera noted (EXIF), grey ones as grey colours.

    Transparent parts become a neutral grey. 16-bit pictures are reduced to 8 bit.

    Raises:
        MediaError: The file is missing, damaged, animated, too large or too small.
    """
    header = _checked(path)
    data = np.fromfile(path, dtype=np.uint8)
    # libpng writes to the terminal about files without an end; they are not handed to it.
    cut_short = header.kind == "PNG" and b"IEND" not in data.tobytes()
    pixels: Any = None if cut_short else _decoded(data, cv2.IMREAD_COLOR)
    if pixels is None:
        raise MediaError(
            f"The file begins as {header.kind}, but cannot be decoded: it is damaged or cut short.",
            where=path,
            remedy="Copy it again from its source, or save it anew as JPEG or PNG.",
        )
    if header.kind != "JPEG":
        pixels = _over_grey(data, pixels)
    return np.ascontiguousarray(pixels, dtype=np.uint8)


def _checked(path: Path) -> PictureHeader:
    try:
        header = read_header(path)
    except FileNotFoundError as error:
        raise MediaError("There is no such file.", where=path, remedy="Check the name.") from error
    if header is None:
        raise MediaError(
            "The picture's header is damaged.",
            where=path,
            remedy=f"Copy it again from its source, or save it anew as {_KINDS}.",
        )
    if header.pictures > 1:
        raise MediaError(
            f"The {header.kind} file holds several pictures (an animation or several pages).",
            where=path,
            remedy="Save the one picture that you want as JPEG or PNG, or use a video.",
        )
    if header.width * header.height > MOST_PIXELS:
        raise MediaError(
            f"The picture has {header.width} x {header.height} pixels "
            f"({header.width * header.height / 1e6:.0f} million), and at most "
            f"{MOST_PIXELS // 10**6} million are taken.",
            where=path,
            remedy="Reduce it; 4000 pixels along the longer side are more than enough.",
        )
    if min(header.width, header.height) < SMALLEST_SIDE_PX:
        raise MediaError(
            f"The picture has only {header.width} x {header.height} pixels.",
            where=path,
            remedy="Scan or export it larger: the face alone needs 64 pixels, better 300.",
        )
    return header


def _decoded(data: NDArray[np.uint8], flags: int) -> Any:
    try:
        return cv2.imdecode(data, flags)
    except cv2.error:
        return None


def _over_grey(data: NDArray[np.uint8], pixels: Any) -> Any:
    """Lay a picture with transparency over grey; without, return it as it is."""
    raw = _decoded(data, cv2.IMREAD_UNCHANGED)
    if raw is None or raw.ndim != 3 or raw.shape[2] != 4 or raw.shape[:2] != pixels.shape[:2]:
        return pixels
    alpha = raw[..., 3:].astype(np.float32) / np.iinfo(raw.dtype).max
    if float(alpha.min()) == 1.0:
        return pixels
    return np.rint(pixels * alpha + _TRANSPARENT_GREY * (1 - alpha)).astype(np.uint8)
