"""The virtual screen: its picture is read from memory, as it is."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.errors import DeviceMissing
from kiosk.room.process import end
from kiosk.room.screen import Screen, missing_programs, read_xwd

needs_xvfb = pytest.mark.skipif(bool(missing_programs()), reason="needs Xvfb (Debian: xvfb)")

RED_WINDOW = """
import sys
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication(sys.argv)
window = QWidget()
window.setStyleSheet("background: #ff2010")
window.setGeometry(0, 0, 100, 80)
window.show()
app.exec()
"""
RED_BGR = (0x10, 0x20, 0xFF)
PATIENCE_S = 30.0


@pytest.mark.room
@needs_xvfb
def test_a_window_is_seen(tmp_path: Path) -> None:
    with Screen(320, 240) as screen:
        assert screen.picture().shape == (240, 320, 3)
        window = subprocess.Popen(
            [sys.executable, "-c", RED_WINDOW],
            env=screen.env,
            stderr=subprocess.DEVNULL,
        )
        try:
            until_s = time.monotonic() + PATIENCE_S
            while tuple(screen.picture()[40, 50]) != RED_BGR:
                assert time.monotonic() < until_s, "the window never showed"
                time.sleep(0.05)
            screen.screenshot(tmp_path / "shot.png")
        finally:
            end(window)
        shot = cv2.imread(str(tmp_path / "shot.png"))
        assert tuple(shot[40, 50]) == RED_BGR
        assert not shot[200, 300].any()


@pytest.mark.room
@needs_xvfb
def test_two_screens_stand_side_by_side() -> None:
    with Screen(64, 48) as one, Screen(48, 64) as two:
        assert one.display != two.display
        assert two.picture().shape == (64, 48, 3)
        assert one.env["DISPLAY"] == one.display


def test_without_xvfb_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DeviceMissing, match="apt install xvfb"):
        Screen().__enter__()


def xwd(pixels: np.ndarray, *, big_endian: bool, padding: int = 8) -> bytes:
    """An XWD picture of BGRX pixels, with two colours and padded lines."""
    height, width = pixels.shape[:2]
    line_bytes = width * 4 + padding
    header = [100, 7, 2, 24, width, height, 0, int(big_endian), 32, 0, 32, 32, line_bytes]
    header += [4, 0xFF0000, 0xFF00, 0xFF, 8, 256, 2, width, height, 0, 0, 0]
    rows = np.zeros((height, line_bytes), np.uint8)
    ordered = pixels[..., ::-1] if big_endian else pixels
    rows[:, : width * 4] = ordered.reshape(height, -1)
    return struct.pack(">25I", *header) + bytes(24) + rows.tobytes()


@pytest.mark.parametrize("big_endian", [False, True])
def test_xwd_is_decoded(big_endian: bool) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (5, 7, 4), np.uint8)
    decoded = read_xwd(xwd(pixels, big_endian=big_endian))
    np.testing.assert_array_equal(decoded, pixels[..., :3])


def test_other_xwd_is_refused() -> None:
    data = bytearray(xwd(np.zeros((2, 2, 4), np.uint8), big_endian=False))
    data[44:48] = struct.pack(">I", 16)
    with pytest.raises(ValueError, match="16 bits"):
        read_xwd(bytes(data))
