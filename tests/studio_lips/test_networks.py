"""The two networks, their trainings and the joined file; only where PyTorch is."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (the extra 'train')")

from kiosk.lipsync.lips import recorded_lead_ms  # noqa: E402  (only with PyTorch)
from kiosk.lipsync.model import LipsModel  # noqa: E402
from kiosk.training.checkpoint import Checkpoints  # noqa: E402
from kiosk.training.export import export_onnx  # noqa: E402
from studio.lips.drawing import ROWS, Drawing  # noqa: E402
from studio.lips.faces import MOUTHS, SIZE, TOP  # noqa: E402
from studio.lips.hearing import RECORDED_LEAD_MS, Hearing, Lessons, heard_every, train  # noqa: E402
from studio.lips.join import Lips, decided, write_description  # noqa: E402
from studio.lips.mouths import SHAPES  # noqa: E402
from studio.lips.rounds import Rounds, averaged  # noqa: E402
from studio.lips.seeing import Pictures, likeness_db  # noqa: E402
from studio.lips.vary import vary  # noqa: E402
from tests.studio_lips.test_speech import written  # noqa: E402


def test_what_is_varied_stays_in_the_contract() -> None:
    random = torch.Generator().manual_seed(1)
    mel = torch.rand(200, 80, 79, generator=random) * 6 - 5
    varied, alone = vary(mel, random)
    assert varied.shape == (200, 1, 80, 79)
    assert varied.min() >= -4
    assert varied.max() <= 4
    assert 0 < alone.sum() < 40


def test_hearing_has_exactly_the_contracts_field() -> None:
    network = Hearing().eval()
    mel = np.random.default_rng(0).normal(-1, 1, (80, 40)).astype(np.float32)
    every = heard_every(network, mel)
    assert every.shape == (25, 8)
    alone = heard_every(network, mel[:, 7:23])
    assert np.allclose(alone[0], every[7], atol=1e-5)


def test_hearing_learns_and_goes_on_where_it_was(tmp_path: Path) -> None:
    written(tmp_path / "speech", keep_sound=False)
    torch.manual_seed(0)
    lessons = Lessons([tmp_path / "speech"], seed=1)
    checkpoints = Checkpoints(tmp_path / "hear.pt", "hearing")

    def rounds(seconds: int) -> Rounds:
        """A second a step."""
        return Rounds(checkpoints, seconds / 60, lambda *_: None, itertools.count().__next__)

    first = rounds(3)
    train(Hearing(), lessons, first)
    again = rounds(5)
    network = Hearing()
    train(network, lessons, again)
    assert (first.step, again.step) == (3, 5)
    fresh = Hearing()
    assert averaged(checkpoints, fresh)
    mel = np.zeros((80, 16), np.float32)
    assert np.allclose(heard_every(fresh, mel), heard_every(network, mel), atol=1e-6)


def test_doubt_is_decided_and_certainty_kept() -> None:
    codes = torch.zeros(3, 8)
    codes[:, 0] = torch.tensor([0.5, 0.5, 1.0])
    codes[:, 3] = torch.tensor([0.0, 0.6, 1.0])
    sure = decided(codes)
    assert sure[:, 3].tolist() == pytest.approx([0.0, 0.79, 1.0], abs=0.01)
    assert sure[0, 0] > 0.5 > sure[1, 0]
    assert sure.max() <= 1
    assert torch.equal(sure[:, 4:], codes[:, 4:])


def test_drawing_leaves_the_border_alone() -> None:
    reference = torch.rand(2, 3, ROWS, SIZE)
    with torch.no_grad():
        drawn = Drawing().eval()(reference, torch.rand(2, 8))
    before = reference[:, :, SIZE // 2 - TOP :]
    assert drawn.shape == (2, 3, SIZE // 2, SIZE)
    assert (drawn - before)[:, :, 0].abs().max() < 0.02
    assert (drawn - before)[:, :, :, -1].abs().max() < 0.02


def test_pictures_take_in_what_is_rendered_meanwhile(tmp_path: Path) -> None:
    def render(number: int) -> None:
        chance = np.random.default_rng(number)
        np.savez(
            tmp_path / f"{number:05d}.npz",
            reference=chance.integers(0, 255, (SIZE - TOP, SIZE, 3), dtype=np.uint8),
            targets=chance.integers(0, 255, (MOUTHS, SIZE // 2, SIZE, 3), dtype=np.uint8),
            codes=np.tile(SHAPES["AA"], (MOUTHS, 1)),
        )

    render(0)
    pictures = Pictures(tmp_path, lambda _: True, seed=1)
    render(1)
    pictures.refresh()
    assert len(pictures.faces) == 2 * MOUTHS
    references, codes, targets = pictures.draw(50)
    resting = (codes[:, :7].amax(dim=1) < 0.2).nonzero()[:, 0]
    assert len(resting) > 0
    row = int(resting[0])
    assert torch.equal(targets[row], references[row, :, SIZE // 2 - TOP :])
    drawn_db, resting_db = likeness_db(Drawing(), pictures.faces, count=2)
    assert drawn_db == pytest.approx(resting_db, abs=1.0)  # untrained: as it was


def test_the_joined_file_keeps_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "lips.onnx"
    export_onnx(Lips(Hearing(), Drawing()), SIZE, path)
    write_description(path, {"voices": {}})
    model = LipsModel(path, threads=1)
    assert model.contract.size == SIZE
    assert path.stat().st_size < 16e6
    assert recorded_lead_ms(path) == RECORDED_LEAD_MS
    assert json.loads(path.with_suffix(".json").read_text())["name"] == "lips"
    face = np.random.default_rng(0).random((1, 6, SIZE, SIZE)).astype(np.float32)
    face[:, :3] = face[:, 3:]
    face[:, :3, SIZE // 2 :] = 0
    drawn = model.run(np.zeros((1, 80, 16), np.float32), face)
    assert np.array_equal(drawn[0, :, : SIZE // 2], face[0, :3, : SIZE // 2])
