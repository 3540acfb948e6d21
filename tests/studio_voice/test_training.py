"""The training: batches, rate, checkpoints."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (the extra 'train')")

from kiosk.errors import BadInput  # noqa: E402  (only with PyTorch)
from studio.voice.settings import CEPSTRA, HOP_FRAMES, Work  # noqa: E402
from studio.voice.targets import Target  # noqa: E402
from studio.voice.training import (  # noqa: E402
    Example,
    Trainer,
    TrainSettings,
    batch_of,
    batches,
    example_of,
    learning_rate,
    load_examples,
)

SETTINGS = TrainSettings(steps=8, batch_hops=120, check_every=4, half=False)


def target(seed: int) -> Target:
    """A sentence whose parameters follow from its symbols, so that there is something to learn."""
    random = np.random.default_rng(seed)
    ids = np.array([1, *random.integers(14, 30, 6), 2])
    lengths = random.uniform(2, 9, len(ids)).astype(np.float32)
    frames = int(lengths.sum())
    spoken = np.repeat(ids, np.diff(np.floor(np.cumsum(lengths)), prepend=0).astype(int))
    cepstra = np.tile(np.linspace(3, 0, CEPSTRA, dtype=np.float32), (frames, 1))
    cepstra[:, 1] += spoken / 10
    voiced = (spoken % 3 > 0).astype(np.float32)
    return Target(ids, lengths, cepstra, np.full(frames, 5.2, np.float32), voiced)


def examples(count: int = 12) -> list[Example]:
    return [example_of(target(seed)) for seed in range(count)]


def trainer(folder: Path, **changes: int) -> Trainer:
    folder.mkdir(exist_ok=True)
    learn = examples()
    return Trainer(learn[:10], learn[10:], replace(SETTINGS, **changes), Work(folder))


def run(of: Trainer) -> list[str]:
    said: list[str] = []
    of.run(lambda *_: None, said.append)
    return said


def test_an_example_has_two_frames_a_hop_and_loses_no_time() -> None:
    of = target(4)
    example = example_of(of)
    hops = len(example.spoken)
    assert len(example.frames) == hops * HOP_FRAMES
    assert abs(hops * HOP_FRAMES - of.lengths.sum()) <= HOP_FRAMES
    assert (example.spoken.diff() >= 0).all()
    begins = torch.arange(hops).float() - example.starts
    assert (begins >= 0).all()
    assert (begins < example.symbol_hops).all()


def test_a_round_has_every_example_once() -> None:
    every = examples(30)
    seen: list[int] = []
    for batch in batches(every, 100, seed=1):
        assert len(batch) == 1 or len(batch) * max(len(item.spoken) for item in batch) <= 160
        seen += [id(item) for item in batch]
        if len(seen) >= 30:
            break
    assert sorted(seen) == sorted(map(id, every))


def test_a_batch_is_padded_behind() -> None:
    some = examples(3)
    batch = batch_of(some)
    assert batch.hops.tolist() == [len(item.spoken) for item in some]
    assert batch.frames.shape == (3, HOP_FRAMES * int(batch.hops.max()), CEPSTRA + 2)
    shortest = int(batch.hops.argmin())
    assert (batch.symbol_hops[shortest, batch.hops[shortest] :] == 1).all()


def test_the_rate_rises_stays_and_falls() -> None:
    settings = replace(SETTINGS, steps=1000, rate=1.0)
    rates = [learning_rate(step, settings) for step in range(1000)]
    assert rates[0] < 0.01
    assert rates[200] == rates[600] == 1.0
    assert 0.01 < rates[-1] < 0.05
    assert all(now >= then for now, then in pairwise(rates[640:]))


def test_it_learns(tmp_path: Path) -> None:
    of = trainer(tmp_path, steps=40, check_every=20)
    said = run(of)
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in said]
    assert losses[1] < losses[0]
    assert Work(tmp_path).best.is_file()


def test_an_interrupted_training_takes_the_same_way(tmp_path: Path) -> None:
    whole = run(trainer(tmp_path / "whole"))
    of = trainer(tmp_path / "parts")

    def stop(done: float, _: float) -> None:
        if done == 6:  # after the checkpoint at 4
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        of.run(stop, lambda _: None)
    rest = run(trainer(tmp_path / "parts"))
    assert rest[-1].split(": ")[1] == whole[-1].split(": ")[1]
    states = [
        torch.load(Work(tmp_path / name).best, weights_only=True) for name in ("whole", "parts")
    ]
    for one, other in zip(*(state.values() for state in states), strict=True):
        assert torch.equal(one, other)


def test_nothing_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="teach"):
        load_examples(tmp_path, lambda *_: None)
