"""What a baseline is once trained, and the small networks that some are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn


@runtime_checkable
class Sampler(Protocol):
    """A trained baseline; a new one supplies these two, takes its data in [−1, 1], and an entry in BASELINES."""

    def sample(self, count: int, generator: torch.Generator) -> Float[Tensor, "count dim"]:
        """New points (S, D), not clipped."""

    def reconstruct(self, points: Float[Tensor, "points dim"]) -> Float[Tensor, "points dim"]:
        """The nearest that the model has to these points, for its training loss."""


def dense(sizes: Sequence[int], generator: torch.Generator) -> nn.Sequential:
    """A ReLU network with layers of these sizes and a linear end, initialised as torch does but from `generator`."""
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layer = nn.Linear(before, after, device="meta").to_empty(
            device="cpu"
        )  # without a draw from the global generator
        for parameter in (layer.weight, layer.bias):
            nn.init.uniform_(parameter, -(before**-0.5), before**-0.5, generator=generator)
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def descend(
    parameters: Iterator[nn.Parameter],
    loss: Callable[[Tensor], Tensor],
    points: Tensor,
    steps: int,
    generator: torch.Generator,
    *,
    batch: int = 128,
    lr: float = 1e-3,
) -> None:
    """Adam on minibatches drawn with replacement; the learning rate falls linearly to 0."""
    optimiser = torch.optim.Adam(parameters, lr=lr, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    for _ in range(steps):
        some = points[torch.randint(len(points), (min(batch, len(points)),), generator=generator)]
        optimiser.zero_grad()
        torch.autograd.backward(loss(some))
        optimiser.step()
        schedule.step()
