"""How Qt puts pixels on this machine's screen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_RENDER_NODES = Path("/dev/dri")


def prepare_environment() -> None:
    """Settings that Qt reads once, before the application object exists; an operator's own win.

    Without a graphics card Qt would put every video frame through a software OpenGL, at seven times
    the cost of its raster path.
    """
    if sys.platform == "linux" and not any(_RENDER_NODES.glob("renderD*")):
        os.environ.setdefault("QT_XCB_GL_INTEGRATION", "none")


def scales_roughly(platform: str) -> bool:
    """Whether Qt enlarges video frames without smoothing: its raster path does.

    Args:
        platform: Qt's platform name.
    """
    return platform == "offscreen" or os.environ.get("QT_XCB_GL_INTEGRATION") == "none"
