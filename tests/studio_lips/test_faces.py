"""Which faces are rendered, and that a face is cut out as the kiosk does it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import BadInput
from studio.lips.faces import MOUTHS, SIZE, TOP, face_of, read_faces, sittings
from studio.lips.mouths import JAW, PRESS, SHAPES
from studio.portrait.camera import CAMERAS
from studio.portrait.motion import LOOPS, SEAM

POOL = np.stack([SHAPES["AA"], SHAPES["EE"]])


def test_sittings_are_the_same_for_the_same_seed() -> None:
    one, other = (list(sittings(6, POOL, 1)) for _ in range(2))
    assert [sitting.frame for sitting in one] == [sitting.frame for sitting in other]
    assert all(np.array_equal(a.codes, b.codes) for a, b in zip(one, other, strict=True))
    assert next(sittings(1, POOL, 2)).frame != one[0].frame


def test_sittings_are_of_both_formats_and_inside_their_loops() -> None:
    every = list(sittings(60, POOL, 1))
    assert {sitting.camera for sitting in every} == set(CAMERAS)
    assert {sitting.loop for sitting in every} == set(LOOPS)
    assert all(sitting.frame < LOOPS[sitting.loop].frame_count for sitting in every)


def test_no_mouth_is_shut_and_open() -> None:
    codes = np.concatenate([sitting.codes for sitting in sittings(60, POOL, 1)])
    assert codes.min() >= 0
    assert codes.max() <= 1
    assert (codes[:, JAW] <= 1 - codes[:, PRESS] + 1e-6).all()


def test_faces_that_are_there_are_read_and_told_apart(tmp_path: Path) -> None:
    for number in (3, 5):
        np.savez(
            tmp_path / f"{number:05d}.npz",
            reference=np.full((SIZE - TOP, SIZE, 3), number, np.uint8),
            targets=np.zeros((MOUTHS, SIZE // 2, SIZE, 3), np.uint8),
            codes=np.zeros((MOUTHS, 8), np.float32),
        )
    faces = read_faces(tmp_path)
    assert len(faces) == 2 * MOUTHS
    assert faces.references[faces.sitting[-1], 0, 0, 0] == 5
    assert len(read_faces(tmp_path, lambda number: number == 3)) == MOUTHS
    with pytest.raises(BadInput, match="faces"):
        read_faces(tmp_path, lambda number: number == 4)


def test_a_face_is_its_own_size_and_opens() -> None:
    pytest.importorskip("moderngl", reason="moderngl (the extra 'studio') is not installed")
    from kiosk.errors import Missing
    from studio.lips.mouths import pose
    from studio.portrait.renderer import Renderer

    try:
        renderer = Renderer(CAMERAS["landscape"].scaled(216), supersample=1.0)
    except Missing as error:
        pytest.skip(str(error))
    resting = face_of(renderer, SEAM)
    opened = face_of(renderer, pose(SEAM, SHAPES["AA"]))
    renderer.close()
    assert resting.shape == (SIZE - TOP, SIZE, 3)
    moved = np.abs(resting.astype(int) - opened).max(axis=2) > 20
    assert moved[SIZE // 2 - TOP :].mean() > 0.03
    assert moved[:6].mean() < 0.02  # what is above hardly moves with the jaw
