"""From footage to a model that the kiosk loads, in small."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.errors import BadInput, MediaError
from kiosk.lipsync.lips import recorded_lead_ms
from kiosk.lipsync.model import LipsModel
from kiosk.training.settings import LEADS_MS, TrainSettings, work_folder
from tests.training.conftest import MakeFilm

torch = pytest.importorskip("torch", reason="PyTorch is not installed (the extra 'train')")

from kiosk.training import loop as training_loop  # noqa: E402  (only with PyTorch)
from kiosk.training.train import train  # noqa: E402

SETTINGS = TrainSettings(
    size=64,
    steps=12,
    batch=4,
    precision="full",  # a trial may end either way
    threads=1,
    evaluate_every=3,
    shortest_s=10,
    checkpoint_s=0,
)


@contextmanager
def silent(_title: str) -> Iterator[training_loop.Progress]:
    yield lambda _done, _of: None


def test_footage_becomes_a_model(make_film: MakeFilm, tmp_path: Path) -> None:
    out = tmp_path / "ours.onnx"
    films = [make_film(seconds=16), make_film("more.mp4", 13, seed=2)]
    record = train(films, out, SETTINGS, silent)
    model = LipsModel(out, threads=1)
    assert model.contract.size == 64
    assert not model.contract.fixed_batch
    assert record["network"]["largest_difference_onnx"] < 1e-4
    assert record["network"]["million_multiplications"] < 500
    written = json.loads(out.with_suffix(".json").read_text())
    assert written == json.loads(json.dumps(record))
    assert written["trained_on"]["footage"] == ["reading.mp4", "more.mp4"]
    assert recorded_lead_ms(out) == written["lead_ms"]
    assert written["lead_ms"] in LEADS_MS
    assert {entry["stage"] for entry in written["trained"]["history"]} == {"see", "hear", "speak"}
    strip = cv2.imread(str(out.with_suffix(".png")))
    assert strip is not None
    assert not work_folder(out).exists()
    hidden = [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert hidden == []


def test_the_idle_loop_gives_the_references(make_film: MakeFilm, tmp_path: Path) -> None:
    loop = make_film("idle.mp4", 2, speaks=False)
    out = tmp_path / "ours.onnx"
    record = train([make_film(seconds=13)], out, SETTINGS, silent, loop=loop)
    assert record["trained_on"]["idle_loop"] == "idle.mp4"


def test_end_to_end_without_a_code_of_its_own(make_film: MakeFilm, tmp_path: Path) -> None:
    settings = TrainSettings(
        size=64, steps=6, batch=4, threads=1, evaluate_every=3, shortest_s=10, learn_code=False
    )
    record = train([make_film(seconds=13)], tmp_path / "ours.onnx", settings, silent)
    assert {entry["stage"] for entry in record["trained"]["history"]} == {"speak"}


def test_interrupted_and_resumed(
    make_film: MakeFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = make_film(seconds=13)
    whole = train([film], tmp_path / "whole.onnx", SETTINGS, silent)
    steps = 0
    step = training_loop.Trainer._step

    def interrupted(*arguments: object) -> float:
        nonlocal steps
        steps += 1
        if steps > 7:
            raise KeyboardInterrupt
        return step(*arguments)  # type: ignore[arg-type]

    out = tmp_path / "killed.onnx"
    with monkeypatch.context() as patch:
        patch.setattr(training_loop.Trainer, "_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train([film], out, SETTINGS, silent)
    assert not out.exists()
    resumed = train([film], out, SETTINGS, silent, resume=True)
    ours, theirs = (
        [entry["held_back"] for entry in record["trained"]["history"]]
        for record in (resumed, whole)
    )
    assert ours == pytest.approx(theirs, rel=1e-4)


def test_too_little_footage(make_film: MakeFilm, tmp_path: Path) -> None:
    out = tmp_path / "ours.onnx"
    with pytest.raises(MediaError, match=r"only 8 s of footage, and at least 10 s"):
        train([make_film(seconds=8)], out, SETTINGS, silent)
    assert not work_folder(out).exists()


def test_films_too_short_to_hold_anything_back(make_film: MakeFilm, tmp_path: Path) -> None:
    films = [make_film("a.mp4", 6), make_film("b.mp4", 6, seed=2)]
    with pytest.raises(BadInput, match="15 seconds or more"):
        train(films, tmp_path / "ours.onnx", SETTINGS, silent)


def test_a_model_that_cannot_be_written_leaves_nothing(
    make_film: MakeFilm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kiosk.training.export.onnx.save", full)
    out = tmp_path / "ours.onnx"
    with pytest.raises(BadInput, match=r"cannot be written .*No space left"):
        train([make_film(seconds=13)], out, SETTINGS, silent)
    assert not out.exists()
    assert (work_folder(out) / "state.pt").exists()  # nothing learnt is lost


@pytest.mark.timeout(600)
def test_it_learns_the_mouth(make_film: MakeFilm, tmp_path: Path) -> None:
    """On seconds it has never seen, the drawn mouth opens with the sound."""
    settings = TrainSettings(
        size=64, steps=280, batch=8, threads=1, evaluate_every=60, shortest_s=10, patience=99
    )
    record = train([make_film(seconds=40)], tmp_path / "ours.onnx", settings, silent)
    measured = record["measured"]
    assert measured["opening_correlation"] > 0.6
    assert measured["mouth_psnr_db"] > measured["rest_psnr_db"] + 1
    assert abs(measured["lag_ms"]) <= 40
    assert np.isfinite(measured["mouth_ssim"])
