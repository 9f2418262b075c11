"""The baselines by name: generative models with whose samples a network's samples are compared."""

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
    """A trained baseline in the data's range. `training_loss` is the mean squared error of its reconstructions."""

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
    """Samples (S, D), clipped to [low, high], of the baseline `kind` trained on the points (N, D). See `train_baseline`."""
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
    """Train a baseline on the points (N, D): a Gaussian in principal components ('gaussian'), a small variational autoencoder
    ('vae'), or a small idempotent network with f(f(z)) = f(z) ('idempotent').

    Training takes one CPU thread; the same generator state gives the same baseline. `steps` is the number of Adam's steps,
    with a default for each kind. Raises ValueError for an unknown kind, or fewer than two points."""
    if kind not in TRAINERS:
        raise ValueError(unknown("baseline", kind, BASELINES))
    if len(training) < 2:
        raise ValueError(f"`training` must be two points at least for a baseline; got {len(training)}")
    unit = 2 * (training.detach().cpu().float() - low) / (high - low) - 1
    with one_thread(), torch.enable_grad():
        sampler = TRAINERS[kind](unit, generator, steps)
    error = (sampler.reconstruct(unit) - unit).square().mean()
    return Baseline(sampler, low, high, float(error) * ((high - low) / 2) ** 2)
