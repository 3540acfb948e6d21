"""Ray-marches the bust: a shaded picture, what every pixel is made of, and its normals.

Each part (head, bonnet, dress, prop) is a program of its own with its own bounding sphere: a
software rasteriser runs both sides of every branch, so one big distance field would be paid for at
every pixel. For the same reason each group of materials is shaded by a program of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from studio.portrait.camera import Camera
from studio.portrait.parameters import Frame
from studio.portrait.programs import give, give_camera, give_frame, screen_program, tile_program
from studio.portrait.tiles import TILE_PX, Box, Region, TilePass, listed


@dataclass(frozen=True)
class Part:
    """One distance field: its files, and a sphere (world xyz, radius) round it in every pose."""

    name: str
    files: tuple[str, ...]
    bounds: tuple[float, float, float, float]
    shades: tuple[tuple[int, str], ...]
    """Its groups of materials: number as in group.glsl, name as in shade.frag."""
    ambient_taps: int = 5
    """How far the part darkens what is near it; further, lace would stripe the brow."""


HEAD_FILES = ("mouth.glsl", "eyes.glsl", "head.glsl")
LEDGE = Part("prop", ("prop.glsl",), (0.0, -3.2, 1.0, 2.3), ((5, "PROP"),))
HEAD = Part("head", HEAD_FILES, (0.0, -0.48, 0.0, 1.72), ((1, "SKIN"), (2, "HEAD")))
PARTS = (  # what is drawn first hides squares of what comes later
    HEAD,
    Part("bonnet", ("bonnet.glsl",), (0.0, 0.06, -0.02, 1.80), ((3, "BONNET"),), ambient_taps=3),
    Part("dress", ("dress.glsl",), (0.0, -3.30, -0.25, 2.40), ((4, "DRESS"),)),
)
CONE_PX = 3  # squares of a tile whose rays begin at one distance
GROUPS = 8  # depth of a group is its number over this, as in group.frag
COARSE = 3  # light that other parts keep off, and blurred normals, are found at every second pixel
ALL_FILES = (
    "common.glsl", "pose.glsl", *HEAD_FILES, "bonnet.glsl", "dress.glsl",
    "skin.glsl", "materials.glsl", "prop.glsl", "prop_look.glsl",
)  # fmt: skip


class Sculpture:
    """Draws the bust on one GL context, at one size.

    After `draw`, `shaded` holds colour (sRGB-like) and material, `normals` the sharp normal, and
    `covered` which tiles the figure may touch, [rows, columns] from below. The textures are whole
    tiles large; the picture, `size`, fills them from the lower left.
    """

    def __init__(self, context: moderngl.Context, camera: Camera, supersample: float) -> None:
        self.camera = camera
        self.size = (round(camera.width_px * supersample), round(camera.height_px * supersample))
        self._context = context
        self._scale = supersample
        self._grid = (-(-self.size[0] // TILE_PX), -(-self.size[1] // TILE_PX))
        padded = (self._grid[0] * TILE_PX, self._grid[1] * TILE_PX)
        coarse = (padded[0] // COARSE, padded[1] // COARSE)
        self.positions = context.texture(padded, 4, dtype="f4")
        self.normals = context.texture(padded, 4, dtype="f2")
        self.shaded = context.texture(padded, 4, dtype="f2")
        self._soft = context.texture(coarse, 4, dtype="f4")
        self._occlusion = context.texture(coarse, 4, dtype="f4")
        self._starts = context.texture(self._grid, 1, dtype="f4")
        squares = (padded[0] // CONE_PX, padded[1] // CONE_PX)
        self._fine_starts = context.texture(squares, 1, dtype="f4")
        self._fine_cone = context.framebuffer([self._fine_starts])
        self._cone = context.framebuffer([self._starts])
        depth = context.depth_renderbuffer(padded)
        self._geometry = context.framebuffer([self.positions, self.normals], depth)
        self._softened = context.framebuffer([self._soft])
        self._blocked = context.framebuffer([self._occlusion])
        groups = context.depth_renderbuffer(padded)
        self._lit = context.framebuffer([self.shaded], groups)
        self.covered = np.zeros(self._grid[::-1], dtype=bool)

        parts = (LEDGE, *PARTS) if camera.ledge else PARTS
        self._head = parts.index(HEAD)
        self._cones = [self._cone_pass(part) for part in parts]
        self._fine_cones = [self._fine_cone_pass(part) for part in parts]
        self._march = [self._part_pass(part, "camera.glsl", "march.frag") for part in parts]
        self._occlude = [self._part_pass(part, "occlusion.frag", coarse=coarse) for part in parts]
        self._soften = self._part_pass(HEAD, "soft.frag", coarse=coarse)
        self._sort = self._tile_pass("common.glsl", "pose.glsl", "group.glsl", "group.frag")
        self._shade = [
            (index, self._shade_pass(number, name))
            for index, part in enumerate(parts)
            for number, name in part.shades
        ]

    def _cone_pass(self, part: Part) -> moderngl.VertexArray:
        program = screen_program(
            self._context, "common.glsl", "pose.glsl", *part.files, "camera.glsl", "cone.frag",
            defines={"part": f"{part.name}_part"},
        )  # fmt: skip
        give_camera(program, self.camera, self._scale)
        give(program, part_bounds=part.bounds, cone_px=float(TILE_PX))
        return self._context.vertex_array(program, [])

    def _fine_cone_pass(self, part: Part) -> TilePass:
        program = tile_program(
            self._context, "common.glsl", "pose.glsl", *part.files, "camera.glsl", "cone.frag",
            defines={"part": f"{part.name}_part", "INSIDE_TILES": "1", "CONE_PX": str(CONE_PX)},
        )  # fmt: skip
        give_camera(program, self.camera, self._scale)
        give(program, part_bounds=part.bounds, cone_px=float(CONE_PX))
        give(program, normals=1)
        return TilePass(self._context, program, self._fine_starts.size, TILE_PX / CONE_PX)

    def _part_pass(
        self, part: Part, *files: str, coarse: tuple[int, int] | None = None
    ) -> TilePass:
        defines = {
            "part": f"{part.name}_part",
            "AMBIENT_TAPS": str(part.ambient_taps),
            "COARSE": str(COARSE),
            "CONE_PX": str(CONE_PX),
        }
        made = self._tile_pass(
            "common.glsl", "pose.glsl", *part.files, *files, defines=defines, coarse=coarse
        )
        give(made.program, part_bounds=part.bounds)
        return made

    def _shade_pass(self, number: int, name: str) -> TilePass:
        defines = {f"SHADES_{name}": "1", "COARSE": str(COARSE)}
        return self._tile_pass(
            *ALL_FILES, "coarse.glsl", "shade.frag", defines=defines, depth=number / GROUPS
        )

    def _tile_pass(
        self,
        *files: str,
        defines: dict[str, str] | None = None,
        coarse: tuple[int, int] | None = None,
        depth: float = 0.0,
    ) -> TilePass:
        program = tile_program(self._context, *files, defines=defines)
        give_camera(program, self.camera, self._scale)
        give(program, starts=0, positions=0, normals=1, soft=2, occlusion=3)
        if coarse:
            return TilePass(self._context, program, coarse, TILE_PX / COARSE)
        return TilePass(self._context, program, self.positions.size, TILE_PX, depth)

    def draw(self, frame: Frame, box: Box | None = None) -> None:
        """Render one frame into the textures.

        Args:
            frame: What she does.
            box: The part of the picture that is wanted, px of `size`; all of it if None.
        """
        context = self._context
        for drawn in (
            *self._fine_cones,
            *self._march,
            *self._occlude,
            self._soften,
            *(p for _, p in self._shade),
        ):
            give_frame(drawn.program, frame)
        region = Region.around(box or (0, 0, *self.size))
        context.enable_only(moderngl.PROGRAM_POINT_SIZE)
        tiles = [region.keep(self._tile_starts(cone, frame, region)) for cone in self._cones]
        self.covered = np.any([starts >= 0.0 for starts in tiles], axis=0)
        figure = listed(np.where(self.covered, 0.0, -1.0).astype(np.float32))
        lists = [listed(starts) for starts in tiles]

        self._geometry.use()
        self._geometry.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        self._fine_starts.use(0)
        self.normals.use(1)
        for fine, march, where in zip(self._fine_cones, self._march, lists, strict=True):
            context.enable_only(moderngl.PROGRAM_POINT_SIZE)
            self._fine_cone.use()
            fine.draw(where)
            context.enable_only(moderngl.DEPTH_TEST | moderngl.PROGRAM_POINT_SIZE)
            self._geometry.use()
            march.draw(where)

        for unit, texture in enumerate((self.positions, self.normals, self._soft, self._occlusion)):
            texture.use(unit)
        context.enable_only(moderngl.PROGRAM_POINT_SIZE)
        self._softened.use()
        self._soften.draw(lists[self._head])
        self._blocked.use()
        self._blocked.clear(1.0, 1.0, 1.0, 1.0)
        context.enable_only(moderngl.BLEND | moderngl.PROGRAM_POINT_SIZE)
        context.blend_func = (moderngl.ZERO, moderngl.SRC_COLOR)
        for drawn in self._occlude:
            drawn.draw(figure)

        self._lit.use()
        self._lit.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        context.enable_only(moderngl.DEPTH_TEST | moderngl.PROGRAM_POINT_SIZE)
        context.depth_func = "1"
        self._sort.draw(figure)
        context.depth_func = "=="
        for index, drawn in self._shade:
            drawn.draw(lists[index])
        context.depth_func = "<"
        context.enable_only(moderngl.NOTHING)

    def _tile_starts(
        self, cone: moderngl.VertexArray, frame: Frame, region: Region
    ) -> NDArray[np.float32]:
        """Where the rays of every tile start, [rows, columns] from below; -1: nothing there."""
        give_frame(cone.program, frame)
        self._cone.use()
        columns, rows = region.columns, region.rows
        self._cone.scissor = (
            columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start,
        )  # fmt: skip
        cone.render(moderngl.TRIANGLES, vertices=3)
        flat = np.frombuffer(self._starts.read(), dtype=np.float32)
        return flat.reshape(self._grid[::-1])

    def read(self, texture: moderngl.Texture) -> NDArray[np.float32]:
        """A texture as [height, width, 4], first row on top."""
        kind = "f2" if texture.dtype == "f2" else "f4"
        width, height = texture.size
        picture = np.frombuffer(texture.read(), dtype=kind).reshape(height, width, 4)
        return np.flipud(picture[: self.size[1], : self.size[0]]).astype(np.float32)
