"""Paints a picture over with brush strokes, the same strokes in every frame.

Strokes grow from seeds on sheets: the canvas (background, painted once), a bowl that turns with the
head, a plane that breathes with the torso, the ledge. So no stroke crawls over the picture.
The order of work follows Haeberli's "Paint by numbers" (1990) and Hertzmann's coarse-to-fine layers
(1998): broad strokes everywhere, finer ones only where the broad ones lose something.
"""

from __future__ import annotations

import math

import cv2
import moderngl
import numpy as np
from numpy.typing import NDArray

from studio.portrait.camera import Camera
from studio.portrait.filters import Box, Filters, Target, bind
from studio.portrait.parameters import Frame
from studio.portrait.programs import give, give_camera, tile_program
from studio.portrait.sculpture import Sculpture
from studio.portrait.strokes import BRUSHES, PX, STROKE_REACH, Brush, Sheet, Strokes
from studio.portrait.tiles import TILE_PX, TilePass, listed

LARGEST_RADIUS_PX = 6  # of the Kuwahara filter, whose cost grows with its square
FILTER_REACH = 36.0  # 720-line px that a filter, or a chain of them, looks round a pixel
PAINT_TILE_PX = 32
SMOOTH_SHARE = 0.60  # of the brush strokes taken back on skin


class Painter:
    """Paints the frames of one camera on one GL context."""

    def __init__(self, context: moderngl.Context, camera: Camera) -> None:
        self._context = context
        self._camera = camera
        self._scale = camera.px_per_unit * PX  # this picture's px per 720-line px
        self._size = (camera.width_px, camera.height_px)
        self._filters = Filters(context, camera)
        self._resolved = self._filters.target("source", count=2)
        self._painted = self._filters.target("painted", count=2)
        self._ground = self._filters.target("ground", count=2)
        self._composed = self._filters.target("composed", count=2)
        self._final = context.framebuffer([context.texture(self._size, 4, dtype="f1")])
        self._bare = context.framebuffer([context.texture(self._size, 4, dtype="f1")])
        self._strokes = Strokes(context, camera)
        self._resolve = self._tile_pass("common.glsl", "pose.glsl", "groups.glsl", "resolve.frag")
        self._compose = self._tile_pass("common.glsl", "pose.glsl", "slope.glsl", "compose.frag")
        self._finish = self._tile_pass("common.glsl", "slope.glsl", "finish.frag")
        self._paint_ground()

    def _tile_pass(self, *files: str) -> TilePass:
        program = tile_program(self._context, *files)
        give_camera(program, self._camera)
        return TilePass(self._context, program, self._size, PAINT_TILE_PX)

    def reach_px(self) -> int:
        """How far round a pixel the picture must be known, so that its paint is as it should be."""
        return math.ceil((STROKE_REACH + FILTER_REACH) * self._scale) + 2

    def paint(
        self, sculpture: Sculpture, frame: Frame, window: Box | None = None
    ) -> NDArray[np.uint8]:
        """The painted frame or a window of it (px from the lower left), BGR [height, width, 3]."""
        tiles = self._paint_figure(sculpture, frame)
        return self._finished(tiles, window or (0, 0, *self._size))

    def composed(self, sculpture: Sculpture, frame: Frame) -> list[NDArray[np.float32]]:
        """The figure's paint and surface before canvas and varnish, as compose.frag tells them.

        Returns:
            Two pictures [height, width, 4], first row on top.
        """
        self._paint_figure(sculpture, frame)
        width, height = self._size
        return [
            np.flipud(np.frombuffer(texture.read(), dtype=np.float32).reshape(height, width, 4))
            for texture in self._composed.textures
        ]

    def finish(self, pictures: list[NDArray[np.float32]]) -> NDArray[np.uint8]:
        """Lay canvas and varnish over what `composed` gave, or over something like it.

        Channels that are left out are 0.
        """
        for texture, picture in zip(self._composed.textures, pictures, strict=True):
            picture = np.pad(picture, ((0, 0), (0, 0), (0, 4 - picture.shape[2])))
            texture.write(np.ascontiguousarray(np.flipud(picture), dtype=np.float32).tobytes())
        shown = np.flipud(pictures[0][..., 3] > 0.0)
        rows, columns = (-(-px // PAINT_TILE_PX) for px in shown.shape)
        padded = np.zeros((rows * PAINT_TILE_PX, columns * PAINT_TILE_PX), dtype=bool)
        padded[: shown.shape[0], : shown.shape[1]] = shown
        blocks = padded.reshape(rows, PAINT_TILE_PX, columns, PAINT_TILE_PX).any(axis=(1, 3))
        tiles = listed(np.where(blocks, 0.0, -1.0).astype(np.float32))
        return self._finished(tiles, (0, 0, *self._size))

    def _paint_figure(self, sculpture: Sculpture, frame: Frame) -> NDArray[np.float32]:
        """Paint her into the composed textures; returns the tiles that she may touch."""
        tiles = self._tiles_of(sculpture)
        self._resolved.buffer.clear(0.0, 0.0, 0.0, 0.0)
        self._composed.buffer.clear(0.0, 0.0, 0.0, 0.0)
        if not len(tiles):
            return tiles
        sculpture.shaded.filter = (moderngl.LINEAR, moderngl.LINEAR)
        textures = {
            "shaded": sculpture.shaded,
            "positions": sculpture.positions,
            "normals": sculpture.normals,
        }
        give(self._resolve.program, shaded_size=sculpture.size)
        self._draw_tiles(self._resolve, self._resolved.buffer, textures, tiles)
        self._filters.restart(self._box_round(tiles))
        sheets = (Sheet.TORSO, Sheet.HEAD, *((Sheet.LEDGE,) if self._camera.ledge else ()))
        flat = self._paint_layers(self._painted, sheets, frame)
        textures = {
            "figure": self._painted.textures[0],
            "figure_relief": self._painted.textures[1],
            "flat_figure": flat.texture,
            "source": self._resolved.textures[0],
            "guide": self._resolved.textures[1],
        }
        give(self._compose.program, smooth_share=SMOOTH_SHARE)
        self._draw_tiles(self._compose, self._composed.buffer, textures, tiles)
        return tiles

    def _finished(self, tiles: NDArray[np.float32], window: Box) -> NDArray[np.uint8]:
        self._context.copy_framebuffer(self._final, self._bare)
        self._finish_tiles(self._final, tiles, bare=False)
        return self._read(self._final, window)

    def background(self) -> NDArray[np.uint8]:
        """The picture without her, BGR [height, width, 3]."""
        return self._read(self._bare, (0, 0, *self._size))

    def _paint_ground(self) -> None:
        self._filters.restart((0, 0, *self._size))
        self._filters.draw(self._resolved, ("common.glsl", "pose.glsl", "background.frag"), {})
        self._paint_layers(self._ground, (Sheet.CANVAS,), Frame())
        columns, rows = (-(-px // PAINT_TILE_PX) for px in self._size)
        everywhere = listed(np.zeros((rows, columns), dtype=np.float32))
        self._finish_tiles(self._bare, everywhere, bare=True)

    def _paint_layers(self, onto: Target, sheets: tuple[Sheet, ...], frame: Frame) -> Target:
        """Filters and strokes of a whole picture; returns what the Kuwahara filter made of it."""
        filters, scale = self._filters, self._scale
        source, guide = self._resolved.textures
        radius = min(max(1, round(4 * scale)), LARGEST_RADIUS_PX)
        flat = filters.flattened("source", radius, "flat")
        broad = filters.blurred("source", 7 * scale, "broad")
        smooth = filters.blurred("source", 1.2 * scale, "smooth", least_sigma=0.8)
        gradient = filters.target("gradient", smooth.level)
        filters.draw(
            gradient, ("tensor.frag",), {"source": smooth.texture}, px=float(2**smooth.level)
        )
        tensor = filters.blurred("gradient", 4 * scale, "tensor")
        onto.buffer.clear(0.0, 0.0, 0.0, 0.0)
        filters.draw(onto, ("underpaint.frag",), {"source": broad.texture})
        self._strokes.begin(frame, self._filters.box)
        detail = tensor  # not looked at by the broad brushes
        for number, brush in enumerate(BRUSHES):
            if brush.detail > 0:
                detail = self._detail_for(number, brush)
            palette = (broad.texture, flat.texture, flat.texture, source)[number]
            textures = {
                "guide": guide,
                "tensor": tensor.texture,
                "detail": detail.texture,
                "palette": palette,
            }
            for sheet in sheets:
                self._strokes.draw(onto.buffer, sheet, number, textures)
        return flat

    def _detail_for(self, number: int, brush: Brush) -> Target:
        """Where a brush is too broad for what there is to paint."""
        filters, width = self._filters, brush.width * self._scale
        blurred = filters.blurred("source", 0.9 * width, f"left by {number}")
        lost = filters.target(f"lost by {number}", 1 if self._scale >= 1.0 else 0)
        filters.draw(
            lost,
            ("detail.frag",),
            {"source": self._resolved.texture, "blurred": blurred.texture},
            px=2**lost.level,
        )
        return filters.blurred(f"lost by {number}", 0.8 * width, f"detail for {number}")

    def _tiles_of(self, sculpture: Sculpture) -> NDArray[np.float32]:
        """The painting's tiles that the figure may touch."""
        ratio = [s / t for s, t in zip(sculpture.size, self._size, strict=True)]
        columns, rows = (-(-px // PAINT_TILE_PX) for px in self._size)
        touched = np.zeros((rows, columns), dtype=bool)
        below, left = np.nonzero(sculpture.covered)
        edges = [-1.0, TILE_PX + 1.0]  # resolving reads a pixel further
        for dx in edges:
            for dy in edges:
                x = ((left * TILE_PX + dx) / ratio[0] / PAINT_TILE_PX).astype(int)
                y = ((below * TILE_PX + dy) / ratio[1] / PAINT_TILE_PX).astype(int)
                touched[y.clip(0, rows - 1), x.clip(0, columns - 1)] = True
        return listed(np.where(touched, 0.0, -1.0).astype(np.float32))

    def _box_round(self, tiles: NDArray[np.float32]) -> Box:
        """The box that filters work in: the tiles and as far round them as a filter looks."""
        margin = math.ceil(FILTER_REACH * self._scale)
        low = tiles[:, :2].min(axis=0) * PAINT_TILE_PX - margin
        high = (tiles[:, :2].max(axis=0) + 1) * PAINT_TILE_PX + margin
        left, bottom = (max(0, int(v)) for v in low)
        right, top = (min(s, int(v)) for s, v in zip(self._size, high, strict=True))
        return left, bottom, right - left, top - bottom

    def _finish_tiles(
        self, onto: moderngl.Framebuffer, tiles: NDArray[np.float32], *, bare: bool
    ) -> None:
        textures = {
            "paint": self._composed.textures[0],
            "surface": self._composed.textures[1],
            "ground": self._ground.textures[0],
            "ground_relief": self._ground.textures[1],
        }
        give(self._finish.program, bare=int(bare))
        self._draw_tiles(self._finish, onto, textures, tiles)

    def _draw_tiles(
        self,
        drawn: TilePass,
        onto: moderngl.Framebuffer,
        textures: dict[str, moderngl.Texture],
        tiles: NDArray[np.float32],
    ) -> None:
        bind(drawn.program, textures)
        onto.use()
        self._context.enable_only(moderngl.PROGRAM_POINT_SIZE)
        drawn.draw(tiles)
        self._context.enable_only(moderngl.NOTHING)

    @staticmethod
    def _read(buffer: moderngl.Framebuffer, window: Box) -> NDArray[np.uint8]:
        pixels = np.frombuffer(buffer.read(viewport=window, components=4), dtype=np.uint8)
        picture = np.flipud(pixels.reshape(window[3], window[2], 4))
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGBA2BGR), dtype=np.uint8)
