"""Ray-marches the bust: a shaded picture, what every pixel is made of, and its normals.

Each part (head, bonnet, dress, prop) is a program of its own with its own bounding sphere: a
software rasteriser runs both sides of every branch, so one big distance field would be paid for at
every pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from studio.portrait.camera import Camera
from studio.portrait.parameters import Frame
from studio.portrait.programs import give, give_camera, give_frame, screen_program


@dataclass(frozen=True)
class Part:
    """One distance field: its files, and a sphere (world xyz, radius) round it in every pose."""

    name: str
    files: tuple[str, ...]
    bounds: tuple[float, float, float, float]
    soft_normals: bool = False
    ambient_taps: int = 5
    """How far the part darkens what is near it; further, lace would stripe the brow."""


HEAD_FILES = ("mouth.glsl", "eyes.glsl", "head.glsl")
LEDGE = Part("prop", ("prop.glsl",), (0.0, -3.2, 1.0, 2.3))
PARTS = (
    Part("head", HEAD_FILES, (0.0, -0.48, 0.0, 1.72), soft_normals=True),
    Part("bonnet", ("bonnet.glsl",), (0.0, -0.10, -0.05, 1.50), ambient_taps=3),
    Part("dress", ("dress.glsl",), (0.0, -3.30, -0.25, 2.40)),
)


class Sculpture:
    """Draws the bust on one GL context, at one size.

    After `draw`, `shaded` holds colour (sRGB-like) and material, `normals` the sharp normal.
    """

    def __init__(self, context: moderngl.Context, camera: Camera, supersample: float) -> None:
        self.camera = camera
        self.size = (round(camera.width_px * supersample), round(camera.height_px * supersample))
        self._context = context
        self._scale = supersample
        self.positions = context.texture(self.size, 4, dtype="f4")
        self.normals = context.texture(self.size, 4, dtype="f2")
        self._soft = context.texture(self.size, 4, dtype="f2")
        self._occlusion = context.texture(self.size, 4, dtype="f2")
        self.shaded = context.texture(self.size, 4, dtype="f2")
        depth = context.depth_renderbuffer(self.size)
        self._geometry = context.framebuffer([self.positions, self.normals, self._soft], depth)
        self._blocked = context.framebuffer([self._occlusion])
        self._lit = context.framebuffer([self.shaded])
        parts = (*PARTS, LEDGE) if camera.ledge else PARTS
        self._march = [self._part_pass(part, "march.frag") for part in parts]
        self._occlude = [self._part_pass(part, "occlusion.frag") for part in parts]
        self._shade = self._pass(
            "common.glsl", "pose.glsl", *HEAD_FILES, "bonnet.glsl", "dress.glsl",
            "skin.glsl", "materials.glsl", "prop.glsl", "prop_look.glsl", "shade.frag",
        )  # fmt: skip

    def _part_pass(self, part: Part, shader: str) -> moderngl.VertexArray:
        defines = {"part": f"{part.name}_part", "AMBIENT_TAPS": str(part.ambient_taps)}
        if part.soft_normals:
            defines["SOFT_NORMALS"] = "1"
        made = self._pass("common.glsl", "pose.glsl", *part.files, shader, defines=defines)
        give(made.program, part_bounds=part.bounds, positions=0, normals=1)
        return made

    def _pass(self, *files: str, defines: dict[str, str] | None = None) -> moderngl.VertexArray:
        program = screen_program(self._context, *files, defines=defines)
        give_camera(program, self.camera, self._scale)
        give(program, positions=0, normals=1, soft=2, occlusion=3)
        return self._context.vertex_array(program, [])

    def draw(self, frame: Frame) -> None:
        """Render one frame into the textures."""
        context = self._context
        for drawn in (*self._march, *self._occlude, self._shade):
            give_frame(drawn.program, frame)
        self._geometry.use()
        self._geometry.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        context.enable_only(moderngl.DEPTH_TEST)
        for drawn in self._march:
            drawn.render(moderngl.TRIANGLES, vertices=3)
        self.positions.use(0)
        self.normals.use(1)
        self._soft.use(2)
        self._blocked.use()
        self._blocked.clear(1.0, 1.0, 1.0, 1.0)
        context.enable_only(moderngl.BLEND)
        context.blend_func = (moderngl.ZERO, moderngl.SRC_COLOR)
        for drawn in self._occlude:
            drawn.render(moderngl.TRIANGLES, vertices=3)
        context.enable_only(moderngl.NOTHING)
        self._occlusion.use(3)
        self._lit.use()
        self._shade.render(moderngl.TRIANGLES, vertices=3)

    def read(self, texture: moderngl.Texture) -> NDArray[np.float32]:
        """A texture as [height, width, 4], first row on top."""
        kind = "f2" if texture.dtype == "f2" else "f4"
        flat = np.frombuffer(texture.read(), dtype=kind)
        return np.flipud(flat.reshape(self.size[1], self.size[0], 4)).astype(np.float32)
