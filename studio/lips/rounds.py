"""What both trainings have in common: a budget of minutes, checkpoints, averaged weights."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from kiosk.training.checkpoint import Checkpoints

CHECKPOINT_S = 60.0
WARM_UP_STEPS = 60
LAST_RATE = 0.008  # of the first
DECAY = 0.998  # of the averaged weights, from step to step
LONGEST_GRADIENT = 1.0


class Rounds:
    """Counts the steps of one training, which may be interrupted at any of them.

    Args:
        checkpoints: Where its state is kept.
        minutes: How long to train in all, over every run.
        report: Told (minutes done, minutes, mean loss of late).
        clock: Tells seconds.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        minutes: float,
        report: Callable[[float, float, float], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checkpoints = checkpoints
        self._minutes = minutes
        self._report = report
        self._clock = clock
        self.step = 0
        self.loss = math.nan
        self._spent_s = 0.0

    @property
    def share(self) -> float:
        """0 at the beginning, 1 at the end."""
        return min(1.0, self._spent_s / 60 / self._minutes)

    def of(self, network: nn.Module, rate: float) -> Iterator[int]:
        """Steps until the minutes are over; call `learn` in each.

        Args:
            network: Trained in place; afterwards it holds the averaged weights.
            rate: Highest learning rate.
        """
        self._network = network.train()
        self._averaged = copy.deepcopy(network).eval()
        for parameter in self._averaged.parameters():
            parameter.requires_grad_(False)
        self._optimiser = torch.optim.AdamW(
            network.parameters(), rate, weight_decay=1e-3, betas=(0.9, 0.98)
        )
        self._resume()
        begun_s, before_s = self._clock(), self._spent_s
        saved_s = begun_s
        while self.share < 1:
            for group in self._optimiser.param_groups:
                group["lr"] = rate * self._rate()
            yield self.step
            now_s = self._clock()
            self._spent_s = before_s + now_s - begun_s
            if now_s - saved_s > CHECKPOINT_S:
                self._save()
                saved_s = now_s
            self._report(self._spent_s / 60, self._minutes, self.loss)
        self._save()
        network.load_state_dict(self._averaged.state_dict())
        network.eval()

    def learn(self, loss: Tensor) -> None:
        """One step down the gradient."""
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), LONGEST_GRADIENT)
        self._optimiser.step()
        self.step += 1
        self._average()
        value = float(loss.detach())
        self.loss = value if math.isnan(self.loss) else 0.99 * self.loss + 0.01 * value

    def _rate(self) -> float:
        warm = min(1.0, (self.step + 1) / WARM_UP_STEPS)
        return warm * (LAST_RATE + (1 - LAST_RATE) * (0.5 + 0.5 * math.cos(math.pi * self.share)))

    def _average(self) -> None:
        decay = min(DECAY, (self.step + 1) / (self.step + 20))
        pairs = zip(
            self._averaged.state_dict().values(), self._network.state_dict().values(), strict=True
        )
        for kept, new in pairs:
            if kept.is_floating_point():
                kept.lerp_(new, 1 - decay)
            else:
                kept.copy_(new)

    def _save(self) -> None:
        self._checkpoints.save(
            {
                "network": self._network.state_dict(),
                "averaged": self._averaged.state_dict(),
                "optimiser": self._optimiser.state_dict(),
                "step": self.step,
                "spent_s": self._spent_s,
                "loss": self.loss,
            }
        )

    def _resume(self) -> None:
        state = self._checkpoints.load()
        if state is None:
            return
        self._network.load_state_dict(state["network"])
        self._averaged.load_state_dict(state["averaged"])
        self._optimiser.load_state_dict(state["optimiser"])
        self.step, self._spent_s, self.loss = state["step"], state["spent_s"], state["loss"]


def averaged(checkpoints: Checkpoints, network: nn.Module) -> bool:
    """Load a training's averaged weights as they are now; False if there are none yet."""
    state = checkpoints.load()
    if state is None:
        return False
    network.load_state_dict(state["averaged"])
    network.eval()
    return True
