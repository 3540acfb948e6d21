"""Teaching the network, step by step, with checkpoints.

The learning rate stays high and falls to zero over the last third, so the number of steps can be
changed while the training runs: stop it, and call it again with another number.
"""

from __future__ import annotations

import itertools
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from kiosk.errors import BadInput
from studio.voice.acoustic import Acoustic
from studio.voice.objective import Errors, Scale, losses
from studio.voice.settings import CEPSTRA, HOP_FRAMES, Work
from studio.voice.targets import Target

WARM_UP_STEPS = 150
DECAY_SHARE = 0.35
LAST_RATE_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """What a training depends on.

    Attributes:
        steps: How many in all.
        batch_hops: Hops (10 ms) in a batch, about.
        rate: Highest learning rate.
        average: Share of the old weights that each step keeps in their running average. The
            average and the weights themselves are judged, and the better ones exported.
        check_every: Steps between two looks at the held-back sentences; a checkpoint each.
        seed: Of everything random.
        half: Whether the decoder computes in bfloat16, which is twice as fast on processors with
            instructions for it.
        longest_hops: Longer sentences are left out.
        questions: How often each question comes in a round. Their melody hangs on one mark at the
            end and some words at the beginning: it is learnt late.
    """

    steps: int = 4000
    batch_hops: int = 4500
    rate: float = 1.5e-3
    average: float = 0.99
    check_every: int = 250
    seed: int = 0
    half: bool = True
    longest_hops: int = 1000
    questions: int = 1


class Batch(NamedTuple):
    """Sentences, padded to the longest.

    Attributes:
        ids: [sentences, symbols].
        counts: [sentences] symbols.
        lengths: [sentences, symbols] log(1 + hops).
        spoken: [sentences, hops] which symbol each hop belongs to.
        starts: [sentences, hops] see :meth:`Acoustic.decode`.
        symbol_hops: [sentences, hops].
        hops: [sentences].
        frames: [sentences, 2 * hops, 47] cepstra, log F0, voiced.
    """

    ids: Tensor
    counts: Tensor
    lengths: Tensor
    spoken: Tensor
    starts: Tensor
    symbol_hops: Tensor
    hops: Tensor
    frames: Tensor


class Example(NamedTuple):
    """One sentence as tensors; the fields are those of :class:`Batch`."""

    ids: Tensor
    lengths: Tensor
    spoken: Tensor
    starts: Tensor
    symbol_hops: Tensor
    frames: Tensor


def example_of(target: Target) -> Example:
    """A target in whole hops."""
    lengths = torch.from_numpy(target.lengths)
    ends = torch.floor(torch.cumsum(lengths.double(), 0) / HOP_FRAMES + 0.5).long()
    begins = torch.cat([torch.zeros(1, dtype=torch.long), ends[:-1]])
    spoken = torch.repeat_interleave(torch.arange(len(lengths)), ends - begins)
    frames = torch.cat(
        [
            torch.from_numpy(target.cepstra),
            torch.from_numpy(target.log_f0)[:, None],
            torch.from_numpy(target.voiced)[:, None],
        ],
        1,
    )
    wanted = len(spoken) * HOP_FRAMES
    frames = torch.cat([frames, frames[-1:].expand(max(0, wanted - len(frames)), -1)])[:wanted]
    return Example(
        ids=torch.from_numpy(target.ids),
        lengths=torch.log1p(lengths / HOP_FRAMES),
        spoken=spoken,
        starts=begins[spoken].float(),
        symbol_hops=(ends - begins)[spoken].float(),
        frames=frames.half(),
    )


def batch_of(examples: Sequence[Example]) -> Batch:
    """Examples padded to the longest."""

    def pad(field: str, value: float = 0.0) -> Tensor:
        rows = [getattr(example, field) for example in examples]
        return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)

    return Batch(
        ids=pad("ids"),
        counts=torch.tensor([len(example.ids) for example in examples]),
        lengths=pad("lengths"),
        spoken=pad("spoken"),
        starts=pad("starts"),
        symbol_hops=pad("symbol_hops", 1.0),
        hops=torch.tensor([len(example.spoken) for example in examples]),
        frames=pad("frames").float(),
    )


def load_examples(folder: Path, report: Callable[[float, float], None]) -> list[Example]:
    """Every target of a set, in order.

    Raises:
        BadInput: There are none.
    """
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        raise BadInput("There is nothing to learn from.", where=folder, remedy="Run `teach` first.")
    examples = []
    for done, path in enumerate(paths):
        examples.append(example_of(Target.load(path)))
        report(done + 1, len(paths))
    return examples


def batches(examples: Sequence[Example], batch_hops: int, seed: int) -> Iterator[list[Example]]:
    """Batches without end, every example once a round; sentences of like length together."""
    for round_number in itertools.count():
        chance = random.Random(f"{seed}/{round_number}")
        order = sorted(examples, key=lambda example: len(example.spoken) + 60 * chance.random())
        groups: list[list[Example]] = [[]]
        for example in order:
            if groups[-1] and (len(groups[-1]) + 1) * len(example.spoken) > batch_hops:
                groups.append([])
            groups[-1].append(example)
        chance.shuffle(groups)
        yield from groups


def learning_rate(step: int, settings: TrainSettings) -> float:
    """Rises over the first steps, stays, and falls as a cosine over the last third."""
    decay_from = settings.steps * (1 - DECAY_SHARE)
    along = max(0.0, (step - decay_from) / max(settings.steps - decay_from, 1))
    share = LAST_RATE_SHARE + (1 - LAST_RATE_SHARE) * (1 + math.cos(math.pi * along)) / 2
    return settings.rate * min(1.0, (step + 1) / WARM_UP_STEPS) * share


class Trainer:
    """A training that can be stopped and goes on where its last checkpoint is.

    Args:
        learn: Examples to learn from.
        check: Examples to judge by.
        settings: See there.
        work: Where state and best weights are kept.
        start: Weights to begin with; None for random ones.
    """

    def __init__(
        self,
        learn: Sequence[Example],
        check: Sequence[Example],
        settings: TrainSettings,
        work: Work,
        start: dict[str, Tensor] | None = None,
    ) -> None:
        torch.manual_seed(settings.seed)
        self._settings = settings
        self._work = work
        short = [item for item in learn if len(item.spoken) <= settings.longest_hops]
        asked = [item for item in short if _is_question(item)]
        self._learn = short + asked * (settings.questions - 1)
        self._check = check
        self._network = Acoustic()
        if start is None:
            _take_statistics(self._network, self._learn)
        else:
            self._network.load_state_dict(start)
        self._scale = Scale()
        self._averaged = torch.optim.swa_utils.AveragedModel(
            self._network,
            multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(settings.average),
        )
        self._optimiser = torch.optim.AdamW(
            self._network.parameters(), lr=settings.rate, betas=(0.9, 0.98), weight_decay=1e-4
        )
        self._step = 0
        self._history: list[dict[str, float]] = []
        self._resume()

    def run(self, report: Callable[[float, float], None], say: Callable[[str], None]) -> Errors:
        """Train to the last step; the best state lies in ``work.best`` afterwards.

        Args:
            report: Shows progress.
            say: Told one line at every look at the held-back sentences.

        Returns:
            The errors of the best state.
        """
        settings = self._settings
        feed = batches(self._learn, settings.batch_hops, settings.seed)
        feed = itertools.islice(feed, self._step, None)
        began_s, began_step = time.monotonic(), self._step
        while self._step < settings.steps:
            self._one_step(next(feed))
            report(self._step, settings.steps)
            if self._step % settings.check_every == 0 or self._step == settings.steps:
                errors = self._look()
                pace = (time.monotonic() - began_s) / (self._step - began_step)
                say(f"step {self._step}, {pace:.2f} s a step: {errors}")
                self._save()
        best = min(self._history, key=lambda entry: entry["loss"])
        return Errors(**{key: value for key, value in best.items() if key != "step"})

    def _one_step(self, examples: Sequence[Example]) -> None:
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate(self._step, self._settings)
        # The dropout of a step depends on its number alone: a resumed training takes the same way.
        torch.manual_seed(self._settings.seed * 1_000_003 + self._step)
        self._network.train()
        loss, _ = losses(self._network, batch_of(examples), self._scale, half=self._settings.half)
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimiser.step()
        self._averaged.update_parameters(self._network)
        self._step += 1

    def _look(self) -> Errors:
        """Judge the weights and their average; keep the better ones if they are the best yet."""
        judged = [
            (judge(network, self._check, self._scale), network)
            for network in (self._network, self._averaged.module)
        ]
        errors, network = min(judged, key=lambda pair: pair[0].loss)
        self._history.append({"step": self._step, **asdict(errors)})
        if errors.loss <= min(entry["loss"] for entry in self._history):
            _write(self._work.best, network.state_dict())
        return errors

    def _save(self) -> None:
        state = {
            "network": self._network.state_dict(),
            "averaged": self._averaged.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "step": self._step,
            "history": self._history,
        }
        _write(self._work.state, state)

    def _resume(self) -> None:
        if not self._work.state.is_file():
            return
        state: dict[str, Any] = torch.load(self._work.state, weights_only=True)
        self._network.load_state_dict(state["network"])
        self._averaged.load_state_dict(state["averaged"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._step = state["step"]
        self._history = state["history"]


def judge(network: nn.Module, examples: Sequence[Example], scale: Scale) -> Errors:
    """The errors of a network on some sentences, each with its share of hops."""
    network.eval()
    total, found = 0, []
    with torch.no_grad():
        for start in range(0, len(examples), 8):
            batch = batch_of(examples[start : start + 8])
            found.append((int(batch.hops.sum()), losses(network, batch, scale)[1]))
            total += found[-1][0]
    return Errors(
        **{
            key: sum(hops * getattr(errors, key) for hops, errors in found) / total
            for key in asdict(found[0][1])
        }
    )


def _take_statistics(network: Acoustic, examples: Sequence[Example]) -> None:
    """Mean and deviation of every parameter, from some hundred sentences."""
    some = torch.cat([example.frames[:, : CEPSTRA + 1].float() for example in examples[:500]])
    network.mean.copy_(some.mean(0))
    network.deviation.copy_(some.std(0))


def _is_question(example: Example) -> bool:
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP as ID_MAP

    return bool(example.ids[-2] == ID_MAP["?"][0])


def _write(path: Path, content: Any) -> None:
    """Whole or not at all: a training may be killed at any time."""
    temporary = path.with_suffix(".part")
    torch.save(content, temporary)
    temporary.replace(path)
