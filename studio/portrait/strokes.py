"""Brush strokes: where they grow, and how they are drawn.

Strokes grow from seeds on sheets: the canvas (background, painted once), a bowl that turns with the
head, a plane that breathes with the torso, the ledge. So no stroke crawls over the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

import moderngl
import numpy as np
from numpy.typing import NDArray

from studio.portrait.camera import BREATH_LIFT, Camera, place_head
from studio.portrait.filters import Box, bind
from studio.portrait.parameters import Frame
from studio.portrait.programs import give, give_camera, give_frame, read

PX = 1.0 / 182.0  # head units: one pixel of the 720-line picture the brushes were chosen at


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
    drawn: float = 1.0
    """Share of the strokes that is drawn, the last ones: the others would be painted over."""
    detail: float = -1.0
    """Only where the picture differs by this much from its blur; below 0: everywhere."""


BRUSHES = (
    Brush(56, 17, 8.5, 0.92, 0.050, drawn=0.3),
    Brush(34, 8.5, 4.6, 0.85, 0.040, drawn=0.6),
    Brush(17, 4.2, 2.7, 0.85, 0.028, detail=0.010),
    Brush(8.5, 2.1, 1.6, 0.90, 0.014, detail=0.022),
)


# How far from its seed a stroke may leave paint, 720-line px: limits of seed.vert and stroke.vert.
STROKE_REACH = max(
    math.hypot(0.625 * b.length, 0.75 * b.width + 0.0625 * b.length) for b in BRUSHES
)

_VARYINGS = ("stroke_place", "stroke_shape", "stroke_colour", "stroke_bristle")
_INPUTS = ("in_place", "in_shape", "in_colour", "in_bristle")
_STROKE = np.dtype(
    [("place", "f4", 4), ("shape", "f4", 4), ("colour", "f4", 3), ("bristle", "f4", 3)]
)
_SEED = np.dtype([("seed", "f4", 2), ("hash", "u4")])


@dataclass(frozen=True)
class Bed:
    """The seeds of one layer on one sheet, and the buffers they grow in."""

    seeds: NDArray[np.void]
    buffer: moderngl.Buffer
    grown: moderngl.Buffer
    grow: moderngl.VertexArray


class Strokes:
    """Draws the strokes of one camera on one GL context."""

    def __init__(self, context: moderngl.Context, camera: Camera) -> None:
        self._context = context
        self._camera = camera
        together = ("common.glsl", "pose.glsl", "groups.glsl")
        self._grow = context.program(
            vertex_shader=read(*together, "seed.vert"), varyings=list(_VARYINGS)
        )
        self._program = context.program(
            vertex_shader=read("stroke.vert"), fragment_shader=read(*together, "stroke.frag")
        )
        for program in (self._grow, self._program):
            give_camera(program, camera)
        self._beds: dict[tuple[Sheet, int], Bed] = {}
        self._frame = Frame()
        self._box: Box = (0, 0, camera.width_px, camera.height_px)

    def begin(self, frame: Frame, box: Box) -> None:
        """A new picture, whose seeds matter within a box (px, from the lower left) only."""
        self._frame, self._box = frame, box
        give_frame(self._grow, frame)

    def draw(
        self,
        onto: moderngl.Framebuffer,
        sheet: Sheet,
        layer: int,
        textures: dict[str, moderngl.Texture],
    ) -> None:
        """Draw the strokes of one layer, 0 to 3, that grow on one sheet."""
        strokes = self._grown(sheet, layer, textures)
        if not len(strokes):
            return
        content = self._context.buffer(strokes.tobytes())
        quads = self._context.vertex_array(self._program, [(content, "4f 4f 3f 3f/i", *_INPUTS)])
        bind(self._program, {"guide": textures["guide"]})
        give(self._program, layer=float(layer))
        onto.use()
        self._context.enable_only(moderngl.BLEND)
        self._context.blend_func = (moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA)
        quads.render(moderngl.TRIANGLE_STRIP, vertices=4, instances=len(strokes))
        self._context.enable_only(moderngl.NOTHING)
        quads.release()
        content.release()

    def _grown(
        self, sheet: Sheet, layer: int, textures: dict[str, moderngl.Texture]
    ) -> NDArray[np.void]:
        """The strokes that come of a bed's seeds, in the order of the seeds."""
        brush = BRUSHES[layer]
        if (sheet, layer) not in self._beds:
            self._beds[sheet, layer] = self._sow(sheet, layer, brush.spacing * PX)
        bed = self._beds[sheet, layer]
        wanted = bed.seeds[self._in_box(sheet, bed.seeds["seed"])]
        if not len(wanted):
            return np.zeros(0, dtype=_STROKE)
        bed.buffer.write(wanted.tobytes())
        bind(self._grow, textures)
        give(
            self._grow,
            sheet=int(sheet),
            brush=(brush.length * PX, brush.width * PX),
            threshold=brush.detail,
            opacity=brush.opacity,
            jitter=brush.jitter,
            layer=float(layer),
        )
        bed.grow.transform(bed.grown, moderngl.POINTS, vertices=len(wanted))
        size = len(wanted) * _STROKE.itemsize
        strokes = np.frombuffer(bed.grown.read(size), dtype=_STROKE)
        return strokes[strokes["shape"][:, 0] > 0.0]

    def _in_box(self, sheet: Sheet, seeds: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which seeds lie in the box; as seed.vert places them, with a pixel to spare."""
        left, bottom, width, height = self._box
        if (width, height) == (self._camera.width_px, self._camera.height_px):
            return np.ones(len(seeds), dtype=bool)
        world = np.zeros((len(seeds), 3))
        world[:, :2] = seeds
        if sheet is Sheet.TORSO:
            world[:, 1] += BREATH_LIFT * self._frame.pose.breath
        if sheet is Sheet.HEAD:
            world[:, 2] = 0.72 - 0.62 * (world[:, :2] ** 2).sum(axis=1)
            world = place_head(self._frame.pose, world)
        x, y = self._camera.project(world).T
        y = self._camera.height_px - y
        inside: NDArray[np.bool_] = (
            (x > left - 1) & (x < left + width + 1) & (y > bottom - 1) & (y < bottom + height + 1)
        )
        return inside

    def _sow(self, sheet: Sheet, layer: int, spacing: float) -> Bed:
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
        seeds = np.zeros(len(grid), dtype=_SEED)
        seeds["seed"] = ((grid + jitter) * spacing)[order]
        seeds["hash"] = hashed[order]
        seeds = seeds[round((1.0 - BRUSHES[layer].drawn) * len(seeds)) :]
        buffer = self._context.buffer(seeds.tobytes())
        grow = self._context.vertex_array(self._grow, [(buffer, "2f 1u", "in_seed", "in_hash")])
        grown = self._context.buffer(reserve=len(grid) * _STROKE.itemsize)
        return Bed(seeds, buffer, grown, grow)

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
