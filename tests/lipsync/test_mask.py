"""The mask lies round mouth and chin, and nobody finds its edge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.lipsync import LipSync, load_lips
from kiosk.lipsync.mask import MouthPlace, find_mouth, mouth_mask, support
from kiosk.lipsync.quality import edge_energy_ratio
from kiosk.paths import builtin_models_dir
from kiosk.persona.assets import BUILTIN_LIPS
from kiosk.video import FilmWriter
from scripts.make_lips_standin import wav2lip_shaped

SHIPPED = builtin_models_dir() / "mary-anning" / "idle.mp4"


def _place(width: int, x: float, y: float, half_width: float) -> MouthPlace:
    return MouthPlace(x * width, half_width * width, np.full(width, y * width, dtype=np.float32))


# Whatever is taken for lips: find_mouth keeps within these shares.
places = st.tuples(st.floats(0.32, 0.68), st.floats(0.15, 0.75), st.floats(0.09, 0.21))


@settings(max_examples=60, deadline=None)
@given(place=places, width=st.integers(64, 400), squareness=st.floats(0.8, 1.4))
def test_any_mask_is_soft_and_never_reaches_the_border(
    place: tuple[float, float, float], width: int, squareness: float
) -> None:
    x, y, half_width = place
    height = int(width * squareness / 2)
    mask = mouth_mask(_place(width, x, y * height / width, half_width), height)
    assert mask.shape == (height, width)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert mask[edge].max() == 0
    assert mask.max() == 1
    steepest = 15 / 8 / max(4.0, 0.065 * width)
    steps = [np.abs(np.diff(mask, axis=axis))[1:-1, 1:-1].max() for axis in (0, 1)]
    assert max(steps) < 1.1 * steepest
    # One piece without holes: the egg.
    count, _ = cv2.connectedComponents((mask > 0).astype(np.uint8))
    assert count == 2


def test_the_mask_covers_lips_and_chin_and_leaves_the_nose() -> None:
    mask = mouth_mask(_place(352, 0.5, 0.12, 0.135), 176)
    assert mask[42 - 15 : 42 + 60, 176 - 47 : 176 + 47].min() > 0.85  # from lip to lip
    assert mask[42:100, 176 - 47 : 176 + 47].min() == 1
    assert mask[140, 176] == 1  # the chin
    assert mask[0:3].max() == 0  # the nose
    assert mask[150:, :60].max() == mask[150:, -60:].max() == 0  # the collar


def test_support_keeps_a_border_of_unchanged_pixels() -> None:
    mask = mouth_mask(_place(200, 0.5, 0.12, 0.14), 100)
    rows, columns = support(mask)
    inside = mask[rows, columns]
    assert (mask > 0).sum() == (inside > 0).sum()
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert inside[edge].max() == 0
    assert min(inside[1].max(), inside[:, 1].max(), inside[:, -2].max()) > 0


def test_a_face_without_a_mouth_gets_one_where_mouths_are() -> None:
    place = find_mouth(np.full((80, 160, 3), 128, dtype=np.uint8))
    assert 0.3 * 160 < place.x < 0.7 * 160
    assert 0.15 * 80 <= place.y <= 0.75 * 80
    assert 0.09 * 160 <= place.half_width <= 0.21 * 160


# --- nobody finds the edge --------------------------------------------------------------------


@pytest.fixture(scope="session")
def wav2lip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wav2Lip's own shape with random weights: it paints the face in colours of nonsense."""
    path = tmp_path_factory.mktemp("wav2lip") / "standin.onnx"
    onnx.save(wav2lip_shaped(), path)
    return path


@pytest.fixture(scope="session")
def astronaut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph that sways by fractions of a pixel."""
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed")
    picture = np.ascontiguousarray(data.astronaut()[..., ::-1])
    loop = tmp_path_factory.mktemp("astronaut") / "loop.mp4"
    with FilmWriter(loop, 480, 480, 25, None) as film:
        for turn in 2 * np.pi * np.arange(30) / 30:
            shift = np.array([[-95 - 4 * np.sin(turn)], [-8 - 2 * np.cos(turn)]])
            onto_film = 2 * np.hstack([np.eye(2), shift])
            frame = cv2.warpAffine(picture, onto_film, (480, 480), flags=cv2.INTER_CUBIC)
            film.add_frame(np.asarray(frame, dtype=np.uint8))
    return loop


Ratios = Callable[[Path, Path], list[float]]


@pytest.fixture(scope="module")
def ratios(speech: NDArray[np.float32]) -> Ratios:
    """Edge energies of every frame that a model changed, over the loop's own."""

    def measure(model: Path, loop: Path) -> list[float]:
        lips: LipSync = load_lips(model, loop, None, lead_ms=None, threads=2, cache_dir=None)
        track = lips.track(0)
        track.feed(speech[: int(0.8 * 16000)])
        track.finish()
        prepared, found = lips.mouth.loop, []
        outside = prepared.mask == 0
        for patch in track.patches():
            skin = np.asarray(prepared.skin[patch.loop_index])
            assert np.array_equal(patch.bgr[outside], skin[outside])
            if not np.array_equal(patch.bgr, skin):
                found.append(edge_energy_ratio(patch.bgr, skin, prepared.mask))
        assert len(found) > 10
        return found

    return measure


def test_no_edge_on_the_shipped_portrait(ratios: Ratios) -> None:
    found = ratios(builtin_models_dir() / BUILTIN_LIPS, SHIPPED)
    assert found == pytest.approx([1.0] * len(found), abs=0.1)


def test_no_edge_even_where_a_model_s_colours_are_nonsense(ratios: Ratios, wav2lip: Path) -> None:
    found = ratios(wav2lip, SHIPPED)
    assert found == pytest.approx([1.0] * len(found), abs=0.1)


def test_no_edge_on_a_photograph(ratios: Ratios, wav2lip: Path, astronaut: Path) -> None:
    for model in (wav2lip, builtin_models_dir() / BUILTIN_LIPS):
        found = ratios(model, astronaut)
        assert found == pytest.approx([1.0] * len(found), abs=0.1)
