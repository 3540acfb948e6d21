"""The training loop: stage by stage, with checkpoints, and never worse than the best so far."""

from __future__ import annotations

import copy
import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kiosk.errors import BadInput
from kiosk.training.checkpoint import Checkpoints
from kiosk.training.settings import TrainSettings

log = logging.getLogger(__name__)

Progress = Callable[[float, float], None]

_WARM_UP_STEPS = 50
_EMA = 0.998
_MOST_RECOVERIES = 3
_LAST_RATE = 0.02  # of the stage's own rate, at its end


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the training.

    Attributes:
        name: For the log and the checkpoint.
        share: Of the whole budget, 0..1.
        rate: Highest learning rate.
        trained: Names of the networks that learn in it; the others stand still.
        loss: Of one random batch.
        validate: Mean loss on held-back frames; lower is better.
        begin: Called before the first step, and again when the stage is resumed.
    """

    name: str
    share: float
    rate: float
    trained: tuple[str, ...]
    loss: Callable[[nn.ModuleDict], Tensor]
    validate: Callable[[nn.ModuleDict], float]
    begin: Callable[[nn.ModuleDict], None] | None = None


@dataclass(slots=True)
class Progressing:
    """Where the training is; kept in the checkpoint.

    Attributes:
        stage: Index of the stage.
        step: Steps done in it.
        spent_s: Time spent in it.
        best: Lowest held-back loss of the stage.
        stale: Evaluations since then.
        recoveries: Times the loss ran away.
        losses: Of the steps since the last evaluation.
        history: One record for each evaluation.
    """

    stage: int = 0
    step: int = 0
    spent_s: float = 0.0
    best: float = math.inf
    stale: int = 0
    recoveries: int = 0
    losses: list[float] = field(default_factory=list)
    history: list[dict[str, float | str]] = field(default_factory=list)


class Trainer:
    """Runs stages over a set of networks.

    Kept are an exponential moving average of the weights (steadier than the weights themselves) and
    of these averages the best one on held-back frames, with which each stage ends.

    Args:
        networks: By name.
        settings: Budget, patience, seed.
        checkpoints: Where the state is kept.
        random: Chance of the batches; part of the checkpoint.
        now_s: Clock; tests bring their own.
    """

    def __init__(
        self,
        networks: nn.ModuleDict,
        settings: TrainSettings,
        checkpoints: Checkpoints,
        random: np.random.Generator,
        torch_random: torch.Generator,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.networks = networks
        self.at = Progressing()
        self._settings = settings
        self._checkpoints = checkpoints
        self._random = random
        self._torch_random = torch_random
        self._now_s = now_s
        self._average = copy.deepcopy(networks).requires_grad_(False).eval()
        self._best = _weights(networks)
        self._optimiser: torch.optim.Optimizer | None = None
        self._optimiser_state: dict[str, Any] | None = None  # of a checkpoint, until it is needed

    def resume(self) -> bool:
        """Go on where the last checkpoint was written; False if there is none."""
        state = self._checkpoints.load()
        if state is None:
            return False
        self._restore(state)
        return True

    def run(self, stages: Sequence[Stage], progress: Progress) -> list[dict[str, float | str]]:
        """Train all stages; a resumed run that was finished does its last stage once more.

        Args:
            stages: In order.
            progress: Told (share of the budget done, 1).

        Returns:
            One record for each evaluation: stage, step, training loss, held-back loss.

        Raises:
            BadInput: The loss ran away again and again; or a checkpoint cannot be written.
        """
        if self.at.stage >= len(stages):
            self.at = Progressing(stage=len(stages) - 1, history=self.at.history)
        done = sum(stage.share for stage in stages[: self.at.stage])
        while self.at.stage < len(stages):
            stage = stages[self.at.stage]
            self._run_stage(stage, lambda share, s=stage, d=done: progress(d + s.share * share, 1))  # type: ignore[misc]
            done += stage.share
            self._load_best()
            history, recoveries = self.at.history, self.at.recoveries
            self.at = Progressing(stage=self.at.stage + 1, history=history, recoveries=recoveries)
            self._optimiser = None
            self._save()
        return self.at.history

    def _run_stage(self, stage: Stage, progress: Callable[[float], None]) -> None:
        if stage.begin is not None:
            stage.begin(self.networks)
        self._prepare(stage)
        saved_s = begun_s = self._now_s()
        before_s = self.at.spent_s
        while (share := self._share(stage)) < 1 and self.at.stale < self._settings.patience:
            loss = self._step(stage, share)
            if not math.isfinite(loss):
                self._recover(stage)
                before_s, begun_s = self.at.spent_s, self._now_s()
                continue
            self.at.losses.append(loss)
            now_s = self._now_s()
            self.at.step += 1
            self.at.spent_s = before_s + now_s - begun_s
            progress(share)
            if self.at.step % self._settings.evaluate_every == 0:
                self._evaluate(stage)
            if now_s - saved_s >= self._settings.checkpoint_s:
                self._save()
                saved_s = now_s
        if self.at.step % self._settings.evaluate_every:
            self._evaluate(stage)

    def _prepare(self, stage: Stage) -> None:
        for name, network in self.networks.items():
            network.requires_grad_(name in stage.trained)
            network.train(name in stage.trained)
        if self._optimiser is None:
            self._optimiser = self._new_optimiser(stage)
            if self._optimiser_state is not None:
                self._optimiser.load_state_dict(self._optimiser_state)
                self._optimiser_state = None

    def _new_optimiser(self, stage: Stage) -> torch.optim.Optimizer:
        parameters = [p for name in stage.trained for p in self.networks[name].parameters()]
        return torch.optim.AdamW(parameters, stage.rate, betas=(0.9, 0.99), weight_decay=1e-3)

    def _share(self, stage: Stage) -> float:
        """How much of the stage's budget is spent."""
        if self._settings.steps:
            return self.at.step / max(1, round(self._settings.steps * stage.share))
        return self.at.spent_s / (self._settings.minutes * 60 * stage.share)

    def _step(self, stage: Stage, share: float) -> float:
        assert self._optimiser is not None
        warm = min(1.0, (self.at.step + 1) / _WARM_UP_STEPS)
        cosine = 0.5 + 0.5 * math.cos(math.pi * min(1.0, share))
        rate = stage.rate * warm * max(_LAST_RATE, cosine) * 0.5**self.at.recoveries
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        loss = stage.loss(self.networks)
        value = float(loss.detach())
        if not math.isfinite(value):
            return value
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        trained = [p for name in stage.trained for p in self.networks[name].parameters()]
        norm = float(torch.nn.utils.clip_grad_norm_(trained, 1.0))
        if not math.isfinite(norm):
            return norm
        self._optimiser.step()
        self._follow()
        return value

    def _follow(self) -> None:
        """Move the average towards the weights; quickly at the beginning of a stage."""
        keep = min(_EMA, (self.at.step + 1) / (self.at.step + 10))
        with torch.no_grad():
            new = self.networks.state_dict()
            for name, mean in self._average.state_dict().items():
                if mean.is_floating_point():
                    mean.lerp_(new[name], 1 - keep)
                else:
                    mean.copy_(new[name])

    def _evaluate(self, stage: Stage) -> None:
        with torch.no_grad():
            value = stage.validate(self._average)
        record: dict[str, float | str] = {
            "stage": stage.name,
            "step": self.at.step,
            "loss": float(np.mean(self.at.losses)) if self.at.losses else math.nan,
            "held_back": value,
        }
        self.at.history.append(record)
        self.at.losses = []
        log.info("%s", record)
        if value < self.at.best:
            self.at.best, self.at.stale = value, 0
            self._best = _weights(self._average)
        else:
            self.at.stale += 1

    def _load_best(self) -> None:
        self.networks.load_state_dict(self._best)
        self._average.load_state_dict(self._best)

    def _recover(self, stage: Stage) -> None:
        """Back to the last checkpoint, or the best weights, at half the rate."""
        recoveries = self.at.recoveries + 1
        if recoveries > _MOST_RECOVERIES:
            raise BadInput(
                "The training does not settle: its loss stopped being a number "
                f"{recoveries} times.",
                remedy="Check the footage for broken pictures or noise, or try another --seed.",
            )
        state = self._checkpoints.load()
        if state is not None:
            self._restore(state)
        else:
            self._load_best()
            self._optimiser = None
        self.at.recoveries = recoveries
        log.warning("the loss is not a number: going back, at half the rate")
        self._prepare(stage)

    def _save(self) -> None:
        self._checkpoints.save(
            {
                "at": {name: getattr(self.at, name) for name in Progressing.__slots__},
                "networks": self.networks.state_dict(),
                "average": self._average.state_dict(),
                "best": self._best,
                "optimiser": self._optimiser.state_dict() if self._optimiser else None,
                "random": self._random.bit_generator.state,
                "torch_random": self._torch_random.get_state(),
                "torch_default_random": torch.get_rng_state(),
            }
        )

    def _restore(self, state: dict[str, Any]) -> None:
        self.at = Progressing(**state["at"])
        self.networks.load_state_dict(state["networks"])
        self._average.load_state_dict(state["average"])
        self._best = state["best"]
        self._random.bit_generator.state = state["random"]
        self._torch_random.set_state(state["torch_random"])
        torch.set_rng_state(state["torch_default_random"])
        self._optimiser = None
        self._optimiser_state = state["optimiser"]


def _weights(networks: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in networks.state_dict().items()}
