"""Puts shader files together and hands parameters to them."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import moderngl
import numpy as np

from studio.portrait.camera import Camera, head_to_world, torso_to_world
from studio.portrait.parameters import Frame

SHADERS = Path(__file__).parent / "shaders"
VERSION = "#version 430\n"
KEY_DIRECTION = np.array([-0.76, 0.56, 0.54]) / np.linalg.norm([-0.76, 0.56, 0.54])


def read(*names: str, defines: dict[str, str] | None = None) -> str:
    """One shader source made of several files, in order; messages keep the files' line numbers."""
    parts = [VERSION]
    parts += [f"#define {key} {value}\n" for key, value in (defines or {}).items()]
    for number, name in enumerate(names):
        parts.append(f"#line 1 {number}\n" + (SHADERS / name).read_text(encoding="utf-8"))
    return "\n".join(parts)


def screen_program(
    context: moderngl.Context, *names: str, defines: dict[str, str] | None = None
) -> moderngl.Program:
    """A program that draws one triangle over the whole target with the given fragment files."""
    return context.program(
        vertex_shader=read("screen.vert"), fragment_shader=read(*names, defines=defines)
    )


def tile_program(
    context: moderngl.Context, *names: str, defines: dict[str, str] | None = None
) -> moderngl.Program:
    """A program that is drawn over a list of tiles, see `tiles.TilePass`."""
    return context.program(
        vertex_shader=read("tile.vert"), fragment_shader=read(*names, defines=defines)
    )


def give(program: moderngl.Program, **values: Any) -> None:
    """Set uniforms; those the compiler found unused and dropped are passed over."""
    for name, value in values.items():
        if name in program:
            program[name] = value


def give_camera(program: moderngl.Program, camera: Camera, scale: float = 1.0) -> None:
    give(
        program,
        view_size=(round(camera.width_px * scale), round(camera.height_px * scale)),
        view_centre=(camera.centre_x, camera.centre_y),
        view_half=camera.half_height,
        horizon=camera.horizon,
        key_direction=tuple(KEY_DIRECTION),
    )


def give_frame(program: moderngl.Program, frame: Frame) -> None:
    """Hand over every parameter of a frame, by the names that pose.glsl lists."""
    # GLSL stores columns, and the columns of the inverse are the rows of the rotation itself.
    give(
        program,
        head_from_world=tuple(head_to_world(frame.pose).ravel()),
        torso_from_world=tuple(torso_to_world(frame.pose).ravel()),
        pose_breath=frame.pose.breath,
        face_gaze=(frame.face.gaze_x, frame.face.gaze_y),
    )
    for group, values in (("face", frame.face), ("mouth", frame.mouth)):
        for field in fields(values):
            give(program, **{f"{group}_{field.name}": getattr(values, field.name)})
