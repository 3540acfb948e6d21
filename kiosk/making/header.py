"""What a picture file says about itself, read before a single pixel is decoded.

A picture of 50 kB may unfold to gigabytes. OpenCV decodes first and asks later, so size and number
of pictures are taken from the header here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADER_BYTES = 4 * 2**20  # a JPEG may carry megabytes of camera notes before its size


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """Attributes:
    kind: JPEG, PNG, WebP or TIFF.
    width: Pixels as stored, before any rotation.
    height: Pixels.
    pictures: 1, or more for an animation or a file of several pages.
    """

    kind: str
    width: int
    height: int
    pictures: int = 1


def read_header(path: Path) -> PictureHeader | None:
    """The header of a picture; None if the file is none of the four kinds, or is cut short.

    Source: ISO/IEC 10918-1 (JPEG), the PNG specification, RFC 9649 (WebP), TIFF 6.0.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(_HEADER_BYTES)
    for magic, read in _READERS:
        if data.startswith(magic):
            try:
                return read(data)
            except (struct.error, IndexError):
                return None
    return None


def _jpeg(data: bytes) -> PictureHeader | None:
    at = 2
    while True:
        while data[at] != 0xFF:
            at += 1
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # start of frame
            height, width = struct.unpack_from(">HH", data, at + 3)
            return PictureHeader("JPEG", width, height)
        if marker == 0xDA:  # the pixels begin, and no size was given
            return None
        at += struct.unpack_from(">H", data, at)[0]


def _png(data: bytes) -> PictureHeader:
    width, height = struct.unpack_from(">II", data, 16)
    at, pictures = 8, 1
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"acTL":
            pictures = struct.unpack_from(">I", data, at + 8)[0]
        if kind == b"IDAT":
            break
        at += 12 + length
    return PictureHeader("PNG", width, height, max(1, pictures))


def _webp(data: bytes) -> PictureHeader | None:
    if data[8:12] != b"WEBP":
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
        animated = bool(data[20] & 0x02)
        return PictureHeader("WebP", width, height, 2 if animated else 1)
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return PictureHeader("WebP", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    width, height = struct.unpack_from("<HH", data, 26)
    return PictureHeader("WebP", width & 0x3FFF, height & 0x3FFF)


_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_SUBFILE = 256, 257, 254
_TIFF_REDUCED = 1  # a preview of another picture in the same file


def _tiff(data: bytes) -> PictureHeader | None:
    order = "<" if data[:2] == b"II" else ">"
    pages = list(_tiff_pages(data, order))
    if not pages or not pages[0].get(_TIFF_WIDTH) or not pages[0].get(_TIFF_HEIGHT):
        return None
    whole = [page for page in pages if not page.get(_TIFF_SUBFILE, 0) & _TIFF_REDUCED]
    return PictureHeader("TIFF", pages[0][_TIFF_WIDTH], pages[0][_TIFF_HEIGHT], max(1, len(whole)))


def _tiff_pages(data: bytes, order: str) -> Iterator[dict[int, int]]:
    """Whole-number fields of each page; pages behind the part that was read are left out."""
    seen: set[int] = set()
    at = struct.unpack_from(order + "I", data, 4)[0]
    while at and at not in seen and at + 2 <= len(data):
        seen.add(at)
        count = struct.unpack_from(order + "H", data, at)[0]
        fields: dict[int, int] = {}
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(order + "HH", data, entry)
            if kind in (3, 4):  # short, long
                fields[tag] = struct.unpack_from(
                    order + ("H" if kind == 3 else "I"), data, entry + 8
                )[0]
        yield fields
        at = struct.unpack_from(order + "I", data, at + 2 + 12 * count)[0]


_READERS: tuple[tuple[bytes, Callable[[bytes], PictureHeader | None]], ...] = (
    (b"\xff\xd8", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"RIFF", _webp),
    (b"II*\x00", _tiff),
    (b"MM\x00*", _tiff),
)
