"""The painter's filters: blurs on halved copies of a picture, and a generalised Kuwahara filter.

What a broad blur leaves over varies slowly, so it is worked out on a copy halved once or twice and
read back between its pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import moderngl

from studio.portrait.camera import Camera
from studio.portrait.programs import give, give_camera, screen_program

COARSEST = 2  # halvings
LEAST_SIGMA = 1.2  # px of the halved copy; a narrower blur is worked out on a finer one
REACH = 2.6  # sigmas after which a blur's weights are left out

Box = tuple[int, int, int, int]
"""Left, bottom, width, height in px, origin at the lower left."""


class Target:
    """A texture (or several) that can be drawn into; `level` halvings of the painting's size."""

    def __init__(
        self, context: moderngl.Context, camera: Camera, count: int = 1, level: int = 0
    ) -> None:
        size = (-(-camera.width_px // 2**level), -(-camera.height_px // 2**level))
        self.level = level
        self.textures = [context.texture(size, 4, dtype="f4") for _ in range(count)]
        for texture in self.textures:
            texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
            texture.repeat_x = texture.repeat_y = False
        self.buffer = context.framebuffer(self.textures)

    @property
    def texture(self) -> moderngl.Texture:
        return self.textures[0]


@dataclass(frozen=True)
class Kept:
    """Which target a result lies in: a name and its halvings."""

    name: str
    level: int


class Filters:
    """Draws filters within a box of the painting; results lie in targets of its own, by name."""

    def __init__(self, context: moderngl.Context, camera: Camera) -> None:
        self.box: Box = (0, 0, camera.width_px, camera.height_px)
        self._context = context
        self._camera = camera
        self._targets: dict[Kept, Target] = {}
        self._passes: dict[object, moderngl.VertexArray] = {}
        self._halved: set[Kept] = set()

    def target(self, name: str, level: int = 0, count: int = 1) -> Target:
        """The target of a name, made when it is first asked for."""
        kept = Kept(name, level)
        if kept not in self._targets:
            self._targets[kept] = Target(self._context, self._camera, count, level)
        return self._targets[kept]

    def halved(self, name: str, level: int) -> Target:
        """A result on a copy halved `level` times, drawn once after each `restart`."""
        target = self.target(name, self._level(name))
        while target.level < level:
            kept = Kept(f"{name} halved", target.level + 1)
            finer, target = target, self.target(kept.name, kept.level)
            if kept not in self._halved:
                self.draw(target, ("halve.frag",), {"source": finer.texture})
                self._halved.add(kept)
        return target

    def restart(self, box: Box) -> None:
        """Forget what was halved: another picture comes, and only this box of it matters."""
        self.box = box
        self._halved.clear()

    def blurred(
        self, name: str, sigma: float, into: str, least_sigma: float = LEAST_SIGMA
    ) -> Target:
        """A Gaussian blur of a result; sigma in px of the painting."""
        source = self.halved(name, level_of(sigma, least_sigma))
        sigma /= 2**source.level
        radius = math.ceil(REACH * sigma)
        weights = [math.exp(-i * i / (2.0 * sigma * sigma)) for i in range(radius + 1)]
        total = weights[0] + 2.0 * sum(weights[1:])
        files, defines = ("blur.frag",), {"WEIGHTS": ", ".join(f"{w / total:.9f}" for w in weights),
                                          "RADIUS": str(radius)}  # fmt: skip
        between, target = self.target("between", source.level), self.target(into, source.level)
        for read, onto, along in ((source, between, (1, 0)), (between, target, (0, 1))):
            self.draw(onto, files, {"source": read.texture}, defines=defines, direction=along)
        return target

    def flattened(self, name: str, radius: int, into: str) -> Target:
        """The Kuwahara filter of a result; radius in px of the painting, broad ones halved."""
        level = 1 if radius >= 4 else 0
        source, target = self.halved(name, level), self.target(into, level)
        files = ("common.glsl", "kuwahara.frag")
        defines = {"TAPS": kuwahara_taps(round(radius / 2**level))}
        self.draw(target, files, {"source": source.texture}, defines=defines)
        return target

    def draw(
        self,
        onto: Target,
        files: tuple[str, ...],
        textures: dict[str, moderngl.Texture],
        *,
        defines: dict[str, str] | None = None,
        **values: object,
    ) -> None:
        """Draw shader files over the box of a target."""
        key = (files, tuple((defines or {}).items()))
        if key not in self._passes:
            program = screen_program(self._context, *files, defines=defines)
            give_camera(program, self._camera)
            self._passes[key] = self._context.vertex_array(program, [])
        drawn = self._passes[key]
        bind(drawn.program, textures)
        give(drawn.program, **values)
        onto.buffer.use()
        onto.buffer.scissor = shrunk(self.box, onto.level)
        self._context.enable_only(moderngl.NOTHING)
        drawn.render(moderngl.TRIANGLES, vertices=3)
        onto.buffer.scissor = None

    def _level(self, name: str) -> int:
        return next(kept.level for kept in self._targets if kept.name == name)


def bind(program: moderngl.Program, textures: dict[str, moderngl.Texture]) -> None:
    """Put textures on units and tell the program which."""
    for unit, (name, texture) in enumerate(textures.items()):
        texture.use(unit)
        give(program, **{name: unit})


def level_of(sigma: float, least: float) -> int:
    """How often a picture may be halved for a blur of this width."""
    level = 0
    while level < COARSEST and sigma / 2 ** (level + 1) >= least:
        level += 1
    return level


def shrunk(box: Box, level: int) -> Box:
    """The box on a picture halved so often, whole pixels outwards."""
    left, bottom, width, height = box
    size = 2**level
    right, top = -(-(left + width) // size), -(-(bottom + height) // size)
    return left // size, bottom // size, right - left // size, top - bottom // size


@cache
def kuwahara_taps(radius: int) -> str:
    """What kuwahara.frag adds up, as GLSL: weights and sectors of all pixels within the radius.

    Written out, the sums stay in registers and no pixel works out an angle.
    """
    spread = 2.0 * (0.57 * radius) ** 2
    lines = []
    for y in range(-radius, radius + 1):
        for x in range(-radius, radius + 1):
            if 0 < x * x + y * y <= radius * radius + 0.5:
                weight = math.exp(-(x * x + y * y) / spread)
                sector = (math.atan2(y, x) / (math.pi / 4)) % 8
                first, share = int(sector) % 8, sector - int(sector)
                lines.append(
                    f"tap(ivec2({x}, {y}), {weight:.9f});"
                    f" add({first}, {1.0 - share:.9f}); add({(first + 1) % 8}, {share:.9f});"
                )
    return " ".join(lines)
