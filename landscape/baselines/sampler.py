"""The protocol of trained baselines, and the small networks that some of them consist of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from landscape.ensemble.optimisers import Adam


@runtime_checkable
class Sampler(Protocol):
    """A trained baseline. A new baseline supplies these two methods, for data in [−1, 1], and an entry in TRAINERS."""

    def sample(self, count: int, generator: torch.Generator) -> Float[Tensor, "count dim"]:
        """New points (S, D), not clipped."""

    def reconstruct(self, points: Float[Tensor, "points dim"]) -> Float[Tensor, "points dim"]:
        """The model's reconstruction of each point, from which its training loss is computed."""


def dense(sizes: Sequence[int], generator: torch.Generator) -> nn.Sequential:
    """A ReLU network with layers of these sizes and a linear output. It has torch's initialisation, drawn from `generator`."""
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layer = nn.Linear(before, after, device="meta")  # without a draw from the global generator
        layer.weight, layer.bias = nn.Parameter(torch.empty(after, before)), nn.Parameter(torch.empty(after))
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
    """Minimise `loss` by Adam, on minibatches drawn with replacement. The learning rate falls linearly to 0."""
    adam = Adam(parameters, lr)
    for step in range(steps):
        minibatch = points[torch.randint(len(points), (min(batch, len(points)),), generator=generator)]
        adam.descend(loss(minibatch), 1 - step / steps)
