"""An X server of our own, whose picture is read straight from its memory.

Xvfb keeps its screen in a file (``-fbdir``) in the XWD format of the X Window System, so a
screenshot needs no further program and takes no time from the window under test.
"""

from __future__ import annotations

import os
import select
import struct
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import DeviceMissing
from kiosk.room.process import START_TIMEOUT_S, missing, require, start
from kiosk.room.server import RoomServer

PROGRAMS = {"Xvfb": "xvfb"}
"""Program to Debian package."""

_XWD_HEADER = struct.Struct(">25I")
_XWD_COLOUR_BYTES = 12


def missing_programs() -> tuple[str, ...]:
    """Debian packages that the screen needs and this machine lacks."""
    return missing(PROGRAMS)


class Screen(RoomServer):
    """Context manager: a private X server on a free display.

    Args:
        width: Pixels.
        height: Pixels.
        env: Environment to build on; the process's own if None. Pass ``SoundRoom.env`` for both.

    Attributes:
        display: Such as ":7".
    """

    PREFIX = "kiosk-screen-"

    def __init__(
        self, width: int = 1920, height: int = 1080, *, env: dict[str, str] | None = None
    ) -> None:
        super().__init__()
        self.width = width
        self.height = height
        self.display = ""
        self._base_env = env

    def _require(self) -> None:
        require(PROGRAMS, where="virtual screen")

    def picture(self) -> NDArray[np.uint8]:
        """What is on the screen now: BGR, uint8, shape (height, width, 3)."""
        return read_xwd((self.folder / "Xvfb_screen0").read_bytes())

    def screenshot(self, path: Path) -> None:
        """Write what is on the screen now as a PNG file."""
        fine, encoded = cv2.imencode(".png", self.picture())
        if not fine:
            raise RuntimeError("the picture could not be encoded as PNG")
        path.write_bytes(encoded.tobytes())

    def _start(self, folder: Path) -> None:
        base = dict(os.environ) if self._base_env is None else dict(self._base_env)
        base.pop("WAYLAND_DISPLAY", None)
        log = folder / "xvfb.log"
        reading, writing = os.pipe()
        try:
            command = (
                "Xvfb",
                "-displayfd",
                str(writing),
                "-screen",
                "0",
                f"{self.width}x{self.height}x24",
                "-fbdir",
                str(folder),
                "-nolisten",
                "tcp",
                "-noreset",
            )
            self._server = start(command, env=base, log=log, pass_fds=(writing,))
        finally:
            os.close(writing)
        try:
            self.display = f":{_read_display(reading, log)}"
        finally:
            os.close(reading)
        self.env = base | {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}


def read_xwd(data: bytes) -> NDArray[np.uint8]:
    """Decode an XWD picture of 32 bits a pixel (X11's XWDFile.h) into BGR, (height, width, 3)."""
    header = _XWD_HEADER.unpack_from(data)
    header_bytes, version, _, _, width, height = header[:6]
    big_endian, bits, line_bytes, colours = header[7], header[11], header[12], header[19]
    if version != 7 or bits != 32:
        raise ValueError(f"XWD version {version} with {bits} bits a pixel is not supported")
    start_at = header_bytes + colours * _XWD_COLOUR_BYTES
    rows = np.frombuffer(data, np.uint8, height * line_bytes, start_at).reshape(height, line_bytes)
    pixels = rows[:, : width * 4].reshape(height, width, 4)
    return pixels[..., 3:0:-1].copy() if big_endian else pixels[..., :3].copy()


def _read_display(pipe: int, log: Path) -> int:
    """The display's number, which Xvfb writes once it is ready."""
    said = b""
    while not said.endswith(b"\n"):
        ready, _, _ = select.select([pipe], [], [], START_TIMEOUT_S)
        part = os.read(pipe, 16) if ready else b""
        if not part:
            raise DeviceMissing(
                f"Xvfb did not start ({log.read_text(errors='replace').strip()[-200:]}).",
                where="virtual screen",
                remedy="Run the kiosk on a machine with a display.",
            )
        said += part
    return int(said)
