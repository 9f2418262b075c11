"""The baselines by name: what a network's samples are compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from landscape.baselines.gaussian import train_gaussian
from landscape.baselines.idempotent import train_idempotent
from landscape.baselines.sampler import Sampler
from landscape.baselines.vae import train_vae
from landscape.ensemble import one_thread
from landscape.names import unknown

TRAINERS: dict[str, Callable[[Tensor, torch.Generator, int | None], Sampler]] = {
    "gaussian": train_gaussian,
    "vae": train_vae,
    "idempotent": train_idempotent,
}
BASELINES = tuple(TRAINERS)


@dataclass(frozen=True, eq=False)
class Baseline:
    """A trained baseline in the data's own range. `training_loss`: mean squared error of its reconstructions."""

    sampler: Sampler
    low: float
    high: float
    training_loss: float

    def sample(self, count: int, generator: torch.Generator) -> Float[Tensor, "count dim"]:
        """New points, clipped to the range: (S, D)."""
        unit = self.sampler.sample(count, generator).clamp(-1, 1)
        return self.low + (self.high - self.low) * (unit + 1) / 2


def baseline(
    kind: str,
    training: Float[Tensor, "data dim"],
    count: int,
    generator: torch.Generator,
    *,
    low: float = 0.0,
    high: float = 1.0,
    steps: int | None = None,
) -> Float[Tensor, "count dim"]:
    """Samples (S, D) of the baseline `kind` trained on the points (N, D), clipped to [low, high]; as `train_baseline`."""
    return train_baseline(kind, training, generator, low=low, high=high, steps=steps).sample(count, generator)


def train_baseline(
    kind: str,
    training: Float[Tensor, "data dim"],
    generator: torch.Generator,
    *,
    low: float = 0.0,
    high: float = 1.0,
    steps: int | None = None,
) -> Baseline:
    """'gaussian': normal scores on principal components; 'vae': a small variational autoencoder; 'idempotent': a small
    network trained to f(f(z)) = f(z).

    On the CPU, one thread; the same generator state gives the same baseline. `steps` of Adam, the kind's own number by
    default. Raises ValueError for another kind, or fewer than two points."""
    if kind not in TRAINERS:
        raise ValueError(unknown("baseline", kind, BASELINES))
    if len(training) < 2:
        raise ValueError(f"`training` must be two points at least for a baseline; got {len(training)}")
    unit = 2 * (training.detach().cpu().float() - low) / (high - low) - 1
    with one_thread(), torch.enable_grad():
        sampler = TRAINERS[kind](unit, generator, steps)
    error = (sampler.reconstruct(unit) - unit).square().mean()
    return Baseline(sampler, low, high, float(error) * ((high - low) / 2) ** 2)
