"""How an ensemble is trained, as a value that a recipe can hold."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from landscape.choices import KEPT_WEIGHTS, OBJECTIVES, PRECISIONS, RATE_SCHEDULES
from landscape.ensemble.status import TOL

# In every key; other fields only where they differ from their default, so that keys stay as they were.
ALWAYS = ("steps", "lr", "batch", "tol", "stop")


@dataclass(frozen=True)
class FitSpec:
    """Adam's steps and rate, minibatch size (None: all points), tolerance, and whether a member stops there.

    `schedule`: the rate stays 'constant', or falls to zero after the last step, 'linear' or by half a 'cosine'. `objective`, of
    weight or noise `strength` s, with x the data, ν standard normal and z uniform in the data's range: 'plain' ‖f(x) − x‖²
    (Eq. 1); 'denoising' ‖f(x + sν) − x‖² (Vincent et al. 2008); 'contractive' ‖f(x) − x‖² + s‖J(x)‖² (Rifai et al. 2011);
    'idempotent' ‖f(x) − x‖² + s‖f(f(z)) − f(z)‖² (after Shocher et al. 2023); means over points and coordinates.
    `precision` 'bfloat16' multiplies matrices in it; weights stay float32. `keep` 'best' keeps the weights of the lowest
    reconstruction loss over all data (of ties the latest; `tells_loss` says how often that loss is computed), 'last' those
    after the last step. Raises ValueError for values outside these."""

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

    def __post_init__(self) -> None:
        if self.steps < 1 or (self.batch is not None and self.batch < 1):
            raise ValueError(f"`steps` and `batch` must be at least 1; got steps {self.steps}, batch {self.batch}")
        choices = {"schedule": RATE_SCHEDULES, "objective": OBJECTIVES, "precision": PRECISIONS, "keep": KEPT_WEIGHTS}
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise ValueError(f"`{name}` must be one of {', '.join(map(repr, known))}; got {getattr(self, name)!r}")
        if not (math.isfinite(self.strength) and self.strength >= 0):
            raise ValueError(f"`strength` must be a number from zero up; got {self.strength}")

    def spec(self) -> dict[str, Any]:
        """The JSON form."""
        own, usual = asdict(self), asdict(FitSpec())
        if self.objective == "plain":
            own["strength"] = usual["strength"]
        return {name: value for name, value in own.items() if name in ALWAYS or value != usual[name]}

    @property
    def tells_loss(self) -> bool:
        """Whether every step computes the reconstruction loss over all data: plain full-batch steps in float32 do.

        Otherwise it takes another pass over the data, every hundredth step and after the last."""
        return self.batch is None and self.objective == "plain" and self.precision == "float32"

    def rate(self, step: int) -> float:
        """Adam's rate at a step, counted from 0."""
        left = 1 - step / self.steps
        if self.schedule == "linear":
            return self.lr * left
        return self.lr * (1 - math.cos(math.pi * left)) / 2 if self.schedule == "cosine" else self.lr
