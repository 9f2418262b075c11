"""The settings of a training, as a value that is part of a recipe."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from landscape.choices import (
    KEPT_WEIGHTS,
    LOSSES,
    MOMENTUM,
    OBJECTIVES,
    OPTIMIZERS,
    PRECISIONS,
    RATE_SCHEDULES,
    check_optimizer,
)
from landscape.ensemble.status import TOL

# Part of every key. Other fields are part of it only if they differ from their default, so that older keys stay valid.
ALWAYS_IN_KEY = ("steps", "lr", "batch", "tol", "stop")

CHOICES = {
    "schedule": RATE_SCHEDULES, "objective": OBJECTIVES, "precision": PRECISIONS, "keep": KEPT_WEIGHTS, "loss": LOSSES,
    "optimizer": OPTIMIZERS,
}  # fmt: skip


@dataclass(frozen=True)
class FitSpec:
    """The settings of a training. Raises ValueError for values that are not listed here.

    - `steps`, `lr`: the number of steps and the learning rate. `batch`: points per minibatch; None means all points.
    - `tol`, `stop`: a member has converged at a loss of at most `tol`; with `stop` its training ends there.
    - `schedule`: the learning rate is 'constant', or falls to zero after the last step, 'linear' or along half a 'cosine'.
    - `objective`, with `strength` s, data x, noise ν ~ N(0, I) and z uniform in the data's range; the squares are means over
      points and coordinates:
      'plain' ‖f(x) − x‖² (Shrivastava 2024, Eq. 1);
      'denoising' ‖f(x + sν) − x‖² (Vincent et al. 2008);
      'contractive' ‖f(x) − x‖² + s‖J(x)‖² (Rifai et al. 2011);
      'idempotent' ‖f(x) − x‖² + s‖f(f(z)) − f(z)‖² (after Shocher et al. 2023).
    - `loss`: what stands for the square ‖f(·) − x‖² above: 'mse', the square; 'l1', the absolute error; 'bce', the
      cross entropy of outputs between 0 and 1. It gives the gradient. Losses that are reported, compared with `tol` or kept by
      are the mean squared error whatever it is.
    - `optimizer`: 'adam', 'adamw' or 'sgd', torch's, with `weight_decay`; `momentum` is that of SGD.
    - `precision`: 'float32', or 'bfloat16' for matrix products alone; weights stay float32.
    - `keep`: 'best' keeps the weights of the lowest reconstruction loss over all data (of equal losses the latest), 'last'
      those after the last step. `tells_loss` says how often that loss is computed.
    - `snapshots`: the steps after which a copy of the weights is kept, ascending, from 0 (untrained) to `steps`."""

    steps: int = 10_000
    lr: float = 1e-3
    batch: int | None = None
    tol: float = TOL
    stop: bool = True
    schedule: str = "constant"
    objective: str = "plain"
    strength: float = 0.1
    precision: str = "float32"
    keep: str = "best"
    snapshots: tuple[int, ...] = ()
    loss: str = "mse"
    optimizer: str = "adam"
    momentum: float = MOMENTUM
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        if self.steps < 1 or (self.batch is not None and self.batch < 1):
            raise ValueError(f"`steps` and `batch` must be at least 1; got steps {self.steps}, batch {self.batch}")
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"`{name}` must be one of {', '.join(map(repr, allowed))}; got {getattr(self, name)!r}"
                )
        for name in ("strength", "weight_decay"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise ValueError(f"`{name}` must be a number from zero up; got {getattr(self, name)}")
        check_optimizer(self.optimizer, self.momentum, self.weight_decay)
        if list(self.snapshots) != sorted({step for step in self.snapshots if 0 <= step <= self.steps}):
            given = ", ".join(map(str, self.snapshots))
            raise ValueError(f"`snapshots` must be different steps from 0 to {self.steps:,}, ascending; got {given}")

    def spec(self) -> dict[str, Any]:
        """The JSON form."""
        values, defaults = asdict(self), asdict(FitSpec())
        values["snapshots"], defaults["snapshots"] = list(self.snapshots), []
        if self.objective == "plain":
            values["strength"] = defaults["strength"]
        if self.optimizer != "sgd":
            values["momentum"] = defaults["momentum"]
        return {name: value for name, value in values.items() if name in ALWAYS_IN_KEY or value != defaults[name]}

    @property
    def tells_loss(self) -> bool:
        """Whether every step computes the reconstruction loss over all data. Plain full-batch steps in float32 do.

        Otherwise the loss takes an extra pass over the data, at every hundredth step and after the last."""
        return self.batch is None and self.objective == "plain" and self.precision == "float32"

    def rate(self, step: int) -> float:
        """The learning rate at a step, counted from 0."""
        left = 1 - step / self.steps
        if self.schedule == "linear":
            return self.lr * left
        return self.lr * (1 - math.cos(math.pi * left)) / 2 if self.schedule == "cosine" else self.lr
