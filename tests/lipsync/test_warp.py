"""The mouth without a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.lipsync import LipSync, load_lips
from kiosk.lipsync.mask import find_mouth
from kiosk.lipsync.warp import WarpMouth
from kiosk.paths import builtin_models_dir
from kiosk.video import LoopReader
from tests.lipsync.conftest import BOX, bursts, face_frame


@pytest.fixture(scope="module")
def warp(loop: Path) -> LipSync:
    return load_lips(None, loop, None, lead_ms=None, threads=1, cache_dir=None)


def _mouth(lips: LipSync) -> WarpMouth:
    assert isinstance(lips.mouth, WarpMouth)
    return lips.mouth


def test_the_mouth_of_a_drawn_face_is_found() -> None:
    x, y, width, height = BOX
    skin = face_frame(0)[y + height // 2 : y + height, x : x + width]
    place = find_mouth(np.ascontiguousarray(skin))
    assert place.x == pytest.approx(140 - x, abs=4)
    assert place.half_width == pytest.approx(24, abs=5)
    assert place.line[140 - x] == pytest.approx(140 - y - height // 2, abs=3)


def test_the_mouth_of_the_shipped_portrait_is_found() -> None:
    with LoopReader(builtin_models_dir() / "mary-anning" / "idle.mp4", out_format="bgr") as reader:
        frame = reader.next()[1]
    place = find_mouth(np.ascontiguousarray(frame[581:831, 674:1046]))
    # The renderer knows: corners of the lips at x = 797 and 930, the line between them at y = 645.
    assert place.x == pytest.approx(189, abs=11)
    assert place.half_width == pytest.approx(66, abs=11)
    assert place.line[189] == pytest.approx(64, abs=4.5)


def test_opening_moves_the_chin_and_not_the_borders(warp: LipSync) -> None:
    mouth = _mouth(warp)
    skin = np.asarray(mouth.loop.skin[0])
    patch = mouth.opened(skin, 1.0)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert np.array_equal(patch[edge], skin[edge])
    x, line = int(mouth.place.x), int(mouth.place.line[int(mouth.place.x)])
    inside = patch[line : line + 8, x - 4 : x + 5].mean()
    assert inside < 0.6 * skin[line - 20 : line - 10, x - 4 : x + 5].mean()  # dark in there
    below = np.abs(patch[line + 16 : line + 26].astype(int) - skin[line + 16 : line + 26])
    assert below.mean() > 1


def test_a_wider_opening_is_darker(warp: LipSync) -> None:
    mouth = _mouth(warp)
    skin = np.asarray(mouth.loop.skin[0])
    dark = [int((mouth.opened(skin, share).max(axis=2) < 70).sum()) for share in (0, 0.3, 0.6, 1)]
    assert dark == sorted(dark)
    assert dark[3] > dark[1] + 50
    assert np.array_equal(mouth.opened(skin, 0), skin)


def test_it_moves_with_the_voice_and_rests_without(warp: LipSync) -> None:
    track = warp.track(0)
    track.feed(bursts((0.4, 1.2), length_s=2))
    track.finish()
    loop = warp.mouth.loop
    moves = [
        np.abs(patch.bgr.astype(int) - loop.skin[patch.loop_index]).mean()
        for patch in track.patches()
    ]
    assert min(moves[12:28]) > 0.5
    assert moves[0] == 0
    assert max(moves[38:]) == 0
