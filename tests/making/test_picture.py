"""Reading pictures: what they say of themselves, which way is up, and what is refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import MediaError
from kiosk.making.header import PictureHeader, read_header
from kiosk.making.picture import is_picture, read_picture
from tests.making.material import astronaut, save

KINDS = {".jpg": "JPEG", ".png": "PNG", ".webp": "WebP", ".tiff": "TIFF"}


@pytest.mark.parametrize("suffix", KINDS)
def test_size_is_known_before_decoding(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"a{suffix}", astronaut()[:300, :200])
    header = read_header(path)
    assert header == PictureHeader(KINDS[suffix], 200, 300, 1)
    assert is_picture(path)
    assert read_picture(path).shape == (300, 200, 3)


BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"RIFF1234WEBPVP8X")


@given(st.binary(max_size=300), st.sampled_from(BEGINNINGS))
def test_no_header_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, rest: bytes, begins: bytes
) -> None:
    path = tmp_path_factory.mktemp("h") / "a"
    path.write_bytes(begins + rest)
    header = read_header(path)
    assert header is None or header.width >= 0


def _exif(orientation: int) -> bytes:
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)
    payload = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [(6, cv2.ROTATE_90_COUNTERCLOCKWISE), (3, cv2.ROTATE_180), (8, cv2.ROTATE_90_CLOCKWISE)],
)
def test_the_camera_knows_which_way_is_up(tmp_path: Path, orientation: int, turn: int) -> None:
    upright = astronaut()[:400, :300]
    _, encoded = cv2.imencode(".jpg", cv2.rotate(upright, turn), [cv2.IMWRITE_JPEG_QUALITY, 98])
    data = encoded.tobytes()
    path = tmp_path / "turned.jpg"
    path.write_bytes(data[:2] + _exif(orientation) + data[2:])
    read = read_picture(path)
    assert read.shape == upright.shape
    assert np.abs(read.astype(int) - upright).mean() < 4


def test_grey_becomes_grey_colours(tmp_path: Path) -> None:
    grey = cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY)
    read = read_picture(save(tmp_path / "grey.png", grey))
    assert np.array_equal(read, np.repeat(grey[..., None], 3, axis=2))


def test_what_is_transparent_becomes_neutral(tmp_path: Path) -> None:
    alpha = np.full((512, 512, 1), 255, np.uint8)
    alpha[:, :100] = 0
    read = read_picture(save(tmp_path / "cut.png", np.concatenate([astronaut(), alpha], axis=2)))
    assert (read[:, :100] == read[0, 0]).all()
    assert len(set(read[0, 0].tolist())) == 1
    assert np.array_equal(read[:, 100:], astronaut()[:, 100:])


def _png_of(width: int, height: int, *chunks: bytes) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in (head, *chunks)
    )


def test_a_bomb_is_not_unfolded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(_png_of(60000, 60000))
    with pytest.raises(MediaError, match=r"3600 million.*at most 40 million"):
        read_picture(path)


def test_an_animation_is_no_portrait(tmp_path: Path) -> None:
    path = tmp_path / "moving.png"
    path.write_bytes(_png_of(640, 480, b"acTL" + struct.pack(">II", 7, 0)))
    with pytest.raises(MediaError, match="several pictures"):
        read_picture(path)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_cut_short(tmp_path: Path, suffix: str, capfd: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / f"a{suffix}", astronaut())
    path.write_bytes(path.read_bytes()[:8000])
    with pytest.raises(MediaError, match="damaged or cut short"):
        read_picture(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jpg", b"", "empty"),
        ("a.jpg", b"hello, this is text", "no picture, whatever its name says"),
        ("a.heic", b"\0\0\0\x18ftypheic" + bytes(100), "HEIC pictures cannot be read"),
        ("a.gif", b"GIF89a" + bytes(100), "GIF pictures cannot be read"),
        ("a.pdf", b"%PDF-1.7", "PDF pictures cannot be read"),
    ],
)
def test_other_files_are_told_by_their_kind(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MediaError, match=says) as caught:
        is_picture(path)
    assert caught.value.where == str(path)
    assert caught.value.remedy


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no such file"):
        is_picture(tmp_path / "none.jpg")


def test_too_few_pixels(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="only 100 x 90 pixels"):
        read_picture(save(tmp_path / "a.png", astronaut()[:90, :100]))
