"""The loop: resumed as if it had not stopped, stopped early, and never left with a broken model."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import BadInput
from kiosk.training.settings import TrainSettings

torch = pytest.importorskip("torch", reason="PyTorch is not installed (the extra 'train')")

from kiosk.training.checkpoint import Checkpoints  # noqa: E402  (only with PyTorch)
from kiosk.training.loop import Stage, Trainer  # noqa: E402

SETTINGS = TrainSettings(steps=40, evaluate_every=10, checkpoint_s=0.0)


class Line:
    """A network of one weight that shall become 3, from noisy examples."""

    def __init__(self, folder: Path, settings: TrainSettings = SETTINGS) -> None:
        self.random = np.random.default_rng(5)
        self.networks = torch.nn.ModuleDict({"line": torch.nn.Linear(1, 1, bias=False)})
        torch.nn.init.zeros_(self.networks["line"].weight)
        self.trainer = Trainer(
            self.networks,
            settings,
            Checkpoints(folder / "state.pt", "line"),
            self.random,
            torch.Generator().manual_seed(5),
        )
        self.faults: set[int] = set()
        self.validate: Callable[[torch.nn.ModuleDict], float] = lambda nets: float(
            (nets["line"].weight - 3).abs()
        )
        self.calls = 0

    def loss(self, networks: torch.nn.ModuleDict) -> torch.Tensor:
        self.calls += 1
        x = torch.from_numpy(self.random.normal(size=(8, 1)).astype(np.float32))
        broken = math.nan if self.calls in self.faults else 1.0
        return ((networks["line"](x) - 3 * x) ** 2).mean() * broken

    def stages(self, *, share: float = 1.0) -> tuple[Stage, ...]:
        stage = Stage("line", share / 2, 0.1, ("line",), self.loss, lambda n: self.validate(n))
        return stage, replace(stage, name="again")

    @property
    def weight(self) -> float:
        return float(self.networks["line"].weight.detach())


def nowhere(_done: float, _of: float) -> None:
    """Progress that nobody watches."""


class Killed(Exception):
    """Stands for a power cut."""


@pytest.mark.parametrize("killed_after", [5, 17, 20, 33])
def test_resumed_it_ends_where_it_would_have_ended(tmp_path: Path, killed_after: int) -> None:
    whole = Line(tmp_path / "whole")
    history = whole.trainer.run(whole.stages(), nowhere)

    first = Line(tmp_path / "killed")
    count = 0

    def kill(_done: float, _of: float) -> None:
        nonlocal count
        count += 1
        if count > killed_after:
            raise Killed

    with pytest.raises(Killed):
        first.trainer.run(first.stages(), kill)
    second = Line(tmp_path / "killed")
    assert second.trainer.resume()
    assert second.trainer.run(second.stages(), nowhere) == history
    assert second.weight == whole.weight


def test_without_a_checkpoint_there_is_nothing_to_resume(tmp_path: Path) -> None:
    assert not Line(tmp_path).trainer.resume()


def test_a_finished_run_goes_on_with_its_last_stage(tmp_path: Path) -> None:
    first = Line(tmp_path)
    before = first.trainer.run(first.stages(), nowhere)
    second = Line(tmp_path)
    assert second.trainer.resume()
    history = second.trainer.run(second.stages(), nowhere)
    assert history[: len(before)] == before
    assert [record["stage"] for record in history[len(before) :]] == ["again"] * 2
    assert abs(second.weight - 3) < abs(first.weight - 3)


def test_it_learns_and_reports_its_way(tmp_path: Path) -> None:
    line = Line(tmp_path, replace(SETTINGS, steps=400, evaluate_every=100, checkpoint_s=1e9))
    told: list[float] = []
    history = line.trainer.run(line.stages(), lambda done, _: told.append(done))
    assert line.weight == pytest.approx(3, abs=0.5)
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] <= 1
    assert [record["stage"] for record in history] == ["line"] * 2 + ["again"] * 2
    assert history[-1]["held_back"] < history[0]["held_back"]


def test_it_stops_early_and_keeps_the_best(tmp_path: Path) -> None:
    line = Line(tmp_path, replace(SETTINGS, steps=4000, patience=2))
    values = iter([5.0, 1.0, 2.0, 3.0, 9.0, 9.0, 9.0])
    kept: list[float] = []

    def validate(networks: torch.nn.ModuleDict) -> float:
        kept.append(float(networks["line"].weight.detach()))
        return next(values)

    line.validate = validate
    line.trainer.run(line.stages()[:1], nowhere)
    assert len(kept) == 4  # the best one, and two without any gain
    assert line.weight == pytest.approx(kept[1])


def test_a_loss_that_runs_away_goes_back_and_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line(tmp_path)
    line.faults = {12, 13}
    line.trainer.run(line.stages(), nowhere)
    assert caplog.text.count("half the rate") == 2
    assert math.isfinite(line.weight)
    assert abs(line.weight - 3) < 3


def test_before_the_first_checkpoint_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    line = Line(tmp_path, replace(SETTINGS, checkpoint_s=1e9))
    line.faults = {3}
    line.trainer.run(line.stages(), nowhere)
    assert "half the rate" in caplog.text
    assert math.isfinite(line.weight)


def test_a_loss_that_always_runs_away_is_given_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line(tmp_path)
    line.faults = set(range(10, 1000))
    with pytest.raises(BadInput, match="does not settle") as caught:
        line.trainer.run(line.stages(), nowhere)
    assert caught.value.exit_code == 2
    assert "half the rate" in caplog.text


def test_a_budget_in_minutes_is_kept(tmp_path: Path) -> None:
    line = Line(tmp_path, replace(SETTINGS, steps=0, minutes=2.0, checkpoint_s=30.0, patience=999))
    now_s = 0.0

    def tick() -> float:
        nonlocal now_s
        now_s += 0.25
        return now_s

    line.trainer._now_s = tick
    line.trainer.run(line.stages(), nowhere)
    assert 120 <= now_s <= 122


def test_a_damaged_or_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    Checkpoints(path, "one").save({"step": 1})
    assert Checkpoints(path, "one").load() == {"step": 1}
    with pytest.raises(BadInput, match="other footage or other settings"):
        Checkpoints(path, "two").load()
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(BadInput, match="damaged"):
        Checkpoints(path, "one").load()


def test_a_full_disk_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Checkpoints(tmp_path / "state.pt", "one")
    kept.save({"step": 1})

    def full(*_: object, **__: object) -> None:
        raise RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(BadInput, match=r"cannot be written .*--resume"):
        kept.save({"step": 2})
    assert kept.load() == {"step": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["state.pt"]
