"""A small idempotent generative network: f(f(z)) = f(z)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call

from landscape.baselines.gaussian import Gaussian, train_gaussian
from landscape.baselines.sampler import dense, descend

WIDTH, LATENT, STEPS = 256, 64, 1500
IDEMPOTENT, TIGHT, TIGHTEST = 1.0, 0.1, 1.5  # weights; tightening saturates at 1.5 times the reconstruction's loss


@dataclass(frozen=True, eq=False)
class Idempotent:
    """Shocher et al. (2023): data are fixed points of f, noise is mapped onto fixed points, and these are few.

    As there the noise has the data's second moments: theirs of Fourier coefficients, here of principal components. White
    noise is mapped onto a single point."""

    net: nn.Sequential
    noise: Gaussian

    @torch.no_grad()
    def sample(self, count: int, generator: torch.Generator) -> Float[Tensor, "count dim"]:
        """f at noise: (S, D)."""
        return self.reconstruct(self.noise.sample(count, generator))

    @torch.no_grad()
    def reconstruct(self, points: Float[Tensor, "points dim"]) -> Float[Tensor, "points dim"]:
        """f at the points."""
        mapped: Tensor = self.net(points)
        return mapped


def train_idempotent(
    points: Float[Tensor, "data dim"], generator: torch.Generator, steps: int | None = None
) -> Idempotent:
    """Three squared errors: f(x) = x on data; f(f(z)) = f(z) by moving the inner f alone; f(y) ≠ y at y = f(z) held fixed."""
    dim, noise = points.shape[1], train_gaussian(points, generator)
    net = nn.Sequential(*dense((dim, WIDTH, LATENT, WIDTH, dim), generator), nn.Tanh())

    def loss(some: Tensor) -> Tensor:
        made = net(noise.sample(len(some), generator))
        held = made.detach()
        frozen = {name: value.detach() for name, value in net.named_parameters()}
        data = (net(some) - some).square().mean()
        idempotent = (functional_call(net, frozen, (made,)) - made).square().mean()
        bound = TIGHTEST * data.detach()
        tight = bound * (-(net(held) - held).square().mean() / bound).tanh()
        total: Tensor = data + IDEMPOTENT * idempotent + TIGHT * tight
        return total

    descend(net.parameters(), loss, points, steps or STEPS, generator)
    return Idempotent(net, noise)
