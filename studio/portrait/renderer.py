"""Sculpture and paint together: parameters in, a painted frame out."""

from __future__ import annotations

import math

import moderngl
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import Missing
from studio.portrait.camera import Camera
from studio.portrait.inbetween import HEAD, TORSO, Key
from studio.portrait.painter import Painter
from studio.portrait.parameters import Frame
from studio.portrait.sculpture import Sculpture
from studio.portrait.tiles import Box

TORSO_FROM, LEDGE_FROM = 9, 14  # materials, as in pose.glsl: her cape is the first of the torso's
SUPERSAMPLE = 1.25  # below this, outlines crawl when the head moves


class Renderer:
    """Renders frames of one camera. Not to be shared between threads.

    Args:
        camera: Format and size.
        supersample: Size of the sculpture's picture over that of the painting.
    """

    def __init__(self, camera: Camera, *, supersample: float = SUPERSAMPLE) -> None:
        self.camera = camera
        self._context = _open_context()
        with self._context:  # a process may hold several; each call makes its own current
            self._sculpture = Sculpture(self._context, camera, supersample)
            self._painter = Painter(self._context, camera)

    @property
    def device(self) -> str:
        """Who draws: a GPU's name, or llvmpipe for the processor."""
        with self._context:
            return str(self._context.info["GL_RENDERER"])

    def frame(
        self, frame: Frame, window: tuple[int, int, int, int] | None = None
    ) -> NDArray[np.uint8]:
        """One painted frame, or a window of it at the cost of little more than the window.

        Args:
            frame: What she does.
            window: Left, top, width and height of the wanted part, px of the picture, origin at
                the upper left. None: the whole picture.

        Returns:
            BGR [height, width, 3], the size of the window. A window shows what the same part of the
            whole picture shows, to a difference of 1 of 255.

        Raises:
            ValueError: The window is empty or reaches out of the picture.
        """
        camera = self.camera
        if window is None:
            window = (0, 0, camera.width_px, camera.height_px)
        left, top, width, height = window
        bottom = camera.height_px - top - height
        if min(left, top, bottom, width - 1, height - 1) < 0 or left + width > camera.width_px:
            raise ValueError(f"no such window of {camera.width_px} x {camera.height_px}: {window}")
        painted = (left, bottom, width, height)
        with self._context:
            self._sculpture.draw(frame, self._sculpted(painted))
            return self._painter.paint(self._sculpture, frame, painted)

    def _sculpted(self, painted: Box) -> Box:
        """The box of the sculpture's picture that a box of the painting needs."""
        reach = self._painter.reach_px()
        scale = [
            s / p
            for s, p in zip(
                self._sculpture.size, (self.camera.width_px, self.camera.height_px), strict=True
            )
        ]
        low = [
            max(0, math.floor((at - reach) * s)) for at, s in zip(painted[:2], scale, strict=True)
        ]
        high = [
            min(size, math.ceil((at + long + reach) * s))
            for at, long, s, size in zip(
                painted[:2], painted[2:], scale, self._sculpture.size, strict=True
            )
        ]
        return low[0], low[1], high[0] - low[0], high[1] - low[1]

    def key(self, frame: Frame) -> Key:
        """A frame before canvas and varnish, with what is needed to morph it."""
        with self._context:
            self._sculpture.draw(frame)
            paint, surface = self._painter.composed(self._sculpture, frame)
            positions = self._sculpture.read(self._sculpture.positions)
        rows, columns = (
            np.minimum(((np.arange(n) + 0.5) * most / n).astype(int), most - 1)
            for n, most in zip(paint.shape[:2], positions.shape[:2], strict=True)
        )
        seen = positions[rows[:, None], columns[None, :]]
        material = seen[..., 3]
        sheet = np.where(material < TORSO_FROM, HEAD, np.where(material < LEDGE_FROM, TORSO, 0))
        sheet[material == 0] = 0
        return Key(frame, paint, surface[..., :2].copy(), seen[..., :3], sheet.astype(np.uint8))

    def finished(self, key: Key) -> NDArray[np.uint8]:
        """Canvas and varnish over a key or a morph of keys, BGR [height, width, 3]."""
        with self._context:
            return self._painter.finish([key.paint, key.surface])

    def background(self) -> NDArray[np.uint8]:
        """The painting without the sitter, BGR [height, width, 3]."""
        with self._context:
            return self._painter.background()

    def materials(self, frame: Frame) -> NDArray[np.float32]:
        """The material of every pixel of the sculpture's picture, numbers as in pose.glsl."""
        with self._context:
            self._sculpture.draw(frame)
            return self._sculpture.read(self._sculpture.positions)[..., 3]

    def close(self) -> None:
        """Give the GL context back."""
        self._context.release()


def _open_context() -> moderngl.Context:
    try:
        return moderngl.create_standalone_context(require=430, backend="egl")
    except Exception as error:  # glcontext raises plain Exception, whatever EGL refused
        raise Missing(
            f"No OpenGL 4.3 without a screen (EGL): {error}.",
            remedy="On Debian: apt install libegl1 libgl1-mesa-dri.",
        ) from error
