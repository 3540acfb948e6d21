"""Paints a picture over with brush strokes, the same strokes in every frame.

Strokes grow from seeds on sheets: the canvas (background, painted once), a bowl that turns with the
head, a plane that breathes with the torso, the ledge. So no stroke crawls over the picture.
The order of work follows Haeberli's "Paint by numbers" (1990) and Hertzmann's coarse-to-fine layers
(1998): broad strokes everywhere, finer ones only where the broad ones lose something.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import moderngl
import numpy as np
from numpy.typing import NDArray

from studio.portrait.camera import Camera
from studio.portrait.parameters import Frame
from studio.portrait.programs import give, give_camera, give_frame, read, screen_program
from studio.portrait.sculpture import Sculpture

PX = 1.0 / 182.0  # head units: one pixel of the 720-line picture the brushes were chosen at
LARGEST_RADIUS_PX = 6  # of the Kuwahara filter, whose cost grows with its square
FIGURE_HALF_WIDTH = 1.9  # head units from the middle of the picture
SMOOTH_SHARE = 0.60  # of the brush strokes taken back on skin


class Sheet(IntEnum):
    """What a stroke's seed is fixed to; numbers as in stroke.vert."""

    CANVAS = 0
    HEAD = 1
    TORSO = 2
    LEDGE = 3


@dataclass(frozen=True)
class Brush:
    """One layer of strokes; lengths in pixels of the 720-line picture."""

    length: float
    width: float
    spacing: float
    opacity: float
    jitter: float
    detail: float = -1.0
    """Only where the picture differs by this much from its blur; below 0: everywhere."""


BRUSHES = (
    Brush(56, 17, 8.5, 0.92, 0.050),
    Brush(34, 8.5, 4.6, 0.85, 0.040),
    Brush(17, 4.2, 2.7, 0.85, 0.028, detail=0.010),
    Brush(8.5, 2.1, 1.6, 0.90, 0.014, detail=0.022),
)


class Target:
    """A texture (or several) that can be drawn into."""

    def __init__(self, context: moderngl.Context, camera: Camera, count: int = 1) -> None:
        size = (camera.width_px, camera.height_px)
        self.textures = [context.texture(size, 4, dtype="f4") for _ in range(count)]
        for texture in self.textures:
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.buffer = context.framebuffer(self.textures)

    @property
    def texture(self) -> moderngl.Texture:
        return self.textures[0]


class Painter:
    """Paints the frames of one camera on one GL context."""

    def __init__(self, context: moderngl.Context, camera: Camera) -> None:
        self._context = context
        self._camera = camera
        self._scale = camera.px_per_unit * PX  # this picture's px per 720-line px
        self._passes: dict[str, moderngl.VertexArray] = {}
        self._resolved = Target(context, camera, 2)
        self._flat = Target(context, camera)
        self._broad = Target(context, camera)
        self._tensor = Target(context, camera)
        self._detail = Target(context, camera)
        self._spare = [Target(context, camera) for _ in range(2)]
        self._painted = Target(context, camera, 2)
        self._ground = Target(context, camera, 2)
        self._final = Target(context, camera)
        self._stroke_program = context.program(
            vertex_shader=read("common.glsl", "pose.glsl", "groups.glsl", "stroke.vert"),
            fragment_shader=read("common.glsl", "pose.glsl", "groups.glsl", "stroke.frag"),
        )
        give_camera(self._stroke_program, camera)
        self._seeds: dict[tuple[Sheet, int], tuple[moderngl.VertexArray, int]] = {}
        self._window: tuple[int, int, int, int] | None = None  # x, y, width, height of the work
        self._paint_ground()
        self._resolved.buffer.clear(0.0, 0.0, 0.0, 0.0)  # nothing of the sky beside the window
        self._window = self._figure_window()

    def paint(self, sculpture: Sculpture, frame: Frame) -> NDArray[np.uint8]:
        """The painted frame, BGR [height, width, 3]."""
        sculpture.shaded.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._draw(
            self._resolved,
            ("resolve.frag",),
            {
                "shaded": sculpture.shaded,
                "positions": sculpture.positions,
                "normals": sculpture.normals,
            },
        )
        sheets = (Sheet.TORSO, Sheet.HEAD, *((Sheet.LEDGE,) if self._camera.ledge else ()))
        self._paint_layers(self._painted, sheets, frame)
        return self._finish(bare=False)

    def background(self) -> NDArray[np.uint8]:
        """The picture without her, BGR [height, width, 3]."""
        return self._finish(bare=True)

    def _paint_ground(self) -> None:
        self._draw(self._resolved, ("common.glsl", "pose.glsl", "background.frag"), {})
        self._paint_layers(self._ground, (Sheet.CANVAS,), Frame())

    def _paint_layers(self, onto: Target, sheets: tuple[Sheet, ...], frame: Frame) -> None:
        source, guide = self._resolved.textures
        scale = self._scale
        self._draw(
            self._flat,
            ("common.glsl", "kuwahara.frag"),
            {"source": source},
            radius=min(max(1, round(4 * scale)), LARGEST_RADIUS_PX),
        )
        self._blur(self._flat.texture, self._broad, 7 * scale)
        self._blur(source, self._spare[1], 1.2 * scale)
        self._draw(self._detail, ("tensor.frag",), {"source": self._spare[1].texture})
        self._blur(self._detail.texture, self._tensor, 4 * scale)
        onto.buffer.clear(0.0, 0.0, 0.0, 0.0)
        self._draw(onto, ("underpaint.frag",), {"source": self._broad.texture})
        give_frame(self._stroke_program, frame)
        for number, brush in enumerate(BRUSHES):
            if brush.detail > 0:
                self._blur(source, self._spare[1], 0.9 * brush.width * scale)
                self._draw(
                    self._detail,
                    ("detail.frag",),
                    {"source": source, "blurred": self._spare[1].texture},
                )
                self._blur(self._detail.texture, self._detail, 0.8 * brush.width * scale)
            palette = (self._broad.texture, self._flat.texture, self._flat.texture, source)[number]
            textures = {
                "guide": guide,
                "tensor": self._tensor.texture,
                "detail": self._detail.texture,
                "palette": palette,
            }
            for sheet in sheets:
                self._strokes(onto, sheet, number, brush, textures)

    def _strokes(
        self,
        onto: Target,
        sheet: Sheet,
        number: int,
        brush: Brush,
        textures: dict[str, moderngl.Texture],
    ) -> None:
        if (sheet, number) not in self._seeds:
            self._seeds[sheet, number] = self._sow(sheet, number, brush.spacing * PX)
        strokes, count = self._seeds[sheet, number]
        self._bind(self._stroke_program, textures)
        give(
            self._stroke_program,
            sheet=int(sheet),
            brush=(brush.length * PX, brush.width * PX),
            threshold=brush.detail,
            opacity=brush.opacity,
            jitter=brush.jitter,
            layer=float(number),
        )
        onto.buffer.use()
        self._context.enable_only(moderngl.BLEND)
        self._context.blend_func = (moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA)
        strokes.render(moderngl.TRIANGLE_STRIP, vertices=4, instances=count)
        self._context.enable_only(moderngl.NOTHING)

    def _sow(self, sheet: Sheet, layer: int, spacing: float) -> tuple[moderngl.VertexArray, int]:
        """Seeds of one layer on one sheet: a jittered grid in a shuffled, ever equal order."""
        left, right, bottom, top = self._extent(sheet)
        across = np.arange(np.floor(left / spacing), np.ceil(right / spacing) + 1)
        up = np.arange(np.floor(bottom / spacing), np.ceil(top / spacing) + 1)
        grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
        hashed = np.random.default_rng([int(sheet), layer]).integers(
            1, 2**31, len(grid), dtype=np.uint32
        )
        order = np.argsort(hashed, kind="stable")
        jitter = np.random.default_rng([int(sheet), layer, 1]).random((len(grid), 2)) - 0.5
        record = np.zeros(len(grid), dtype=[("seed", "f4", 2), ("hash", "u4")])
        record["seed"] = ((grid + jitter) * spacing)[order]
        record["hash"] = hashed[order]
        content = (self._context.buffer(record.tobytes()), "2f 1u/i", "in_seed", "in_hash")
        return self._context.vertex_array(self._stroke_program, [content]), len(grid)

    def _extent(self, sheet: Sheet) -> tuple[float, float, float, float]:
        """Left, right, bottom, top of a sheet, head units, with a margin for moving."""
        camera = self._camera
        half_width = camera.half_height * camera.width_px / camera.height_px
        left, right = camera.centre_x - half_width - 0.1, camera.centre_x + half_width + 0.1
        bottom = camera.centre_y - camera.half_height - 0.1
        top = camera.centre_y + camera.half_height + 0.1
        if sheet is Sheet.HEAD:
            return -1.35, 1.35, -1.75, 1.35
        if sheet is Sheet.TORSO:
            return max(left, -2.2), min(right, 2.2), bottom, -1.0
        if sheet is Sheet.LEDGE:
            return left, right, bottom, -1.9
        return left, right, bottom, top

    def _figure_window(self) -> tuple[int, int, int, int]:
        """The upright strip that holds the figure in every pose; the filters leave out the rest."""
        camera = self._camera
        middle = camera.width_px / 2 - camera.centre_x * camera.px_per_unit
        reach = FIGURE_HALF_WIDTH * camera.px_per_unit
        left = max(0, int(middle - reach))
        right = min(camera.width_px, int(middle + reach))
        return left, 0, right - left, camera.height_px

    def _finish(self, *, bare: bool) -> NDArray[np.uint8]:
        window, self._window = self._window, None  # the background outside it is finished too
        self._draw(
            self._final,
            ("common.glsl", "pose.glsl", "finish.frag"),
            {
                "figure": self._painted.textures[0],
                "figure_relief": self._painted.textures[1],
                "flat_figure": self._flat.texture,
                "source": self._resolved.textures[0],
                "guide": self._resolved.textures[1],
                "ground": self._ground.textures[0],
                "ground_relief": self._ground.textures[1],
            },
            smooth_share=SMOOTH_SHARE,
            bare=int(bare),
        )
        self._window = window
        size = (self._camera.height_px, self._camera.width_px, 4)
        picture = np.frombuffer(self._final.texture.read(), dtype="f4").reshape(size)
        rounded = np.clip(np.flipud(picture)[..., 2::-1] * 255.0 + 0.5, 0.0, 255.0)
        return rounded.astype(np.uint8)

    def _blur(self, source: moderngl.Texture, into: Target, sigma: float) -> None:
        self._draw(
            self._spare[0], ("blur.frag",), {"source": source}, direction=(1.0, 0.0), sigma=sigma
        )
        self._draw(
            into,
            ("blur.frag",),
            {"source": self._spare[0].texture},
            direction=(0.0, 1.0),
            sigma=sigma,
        )

    def _draw(
        self,
        onto: Target,
        files: tuple[str, ...],
        textures: dict[str, moderngl.Texture],
        **values: float | tuple[float, float],
    ) -> None:
        name = files[-1]
        if name not in self._passes:
            program = screen_program(self._context, *files)
            give_camera(program, self._camera)
            self._passes[name] = self._context.vertex_array(program, [])
        drawn = self._passes[name]
        self._bind(drawn.program, textures)
        give(drawn.program, **values)
        onto.buffer.use()
        onto.buffer.scissor = self._window
        self._context.enable_only(moderngl.NOTHING)
        drawn.render(moderngl.TRIANGLES, vertices=3)
        onto.buffer.scissor = None

    @staticmethod
    def _bind(program: moderngl.Program, textures: dict[str, moderngl.Texture]) -> None:
        for unit, (name, texture) in enumerate(textures.items()):
            texture.use(unit)
            give(program, **{name: unit})
