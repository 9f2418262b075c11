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
IDEMPOTENCE_WEIGHT, TIGHTNESS_WEIGHT = 1.0, 0.1  # of the two losses beside the reconstruction loss
TIGHTNESS_BOUND = 1.5  # the tightness loss saturates at this multiple of the reconstruction loss


@dataclass(frozen=True, eq=False)
class Idempotent:
    """An idempotent generative network (Shocher et al. 2023): data are fixed points of f, and noise is mapped to fixed points.

    The noise has the data's second moments: those of Fourier coefficients in the paper, of principal components here. A
    network that is trained on white noise maps it to a single point."""

    net: nn.Sequential
    noise: Gaussian

    @torch.no_grad()
    def sample(self, count: int, generator: torch.Generator) -> Float[Tensor, "count dim"]:
        """f applied to noise: (S, D)."""
        return self.reconstruct(self.noise.sample(count, generator))

    @torch.no_grad()
    def reconstruct(self, points: Float[Tensor, "points dim"]) -> Float[Tensor, "points dim"]:
        """f applied to the points."""
        mapped: Tensor = self.net(points)
        return mapped


def train_idempotent(
    points: Float[Tensor, "data dim"], generator: torch.Generator, steps: int | None = None
) -> Idempotent:
    """Minimise the sum of three losses.

    1. Reconstruction: ‖f(x) − x‖² on data.
    2. Idempotence: ‖f(f(z)) − f(z)‖² on noise z; its gradient reaches the inner f alone.
    3. Tightness: −‖f(y) − y‖² at y = f(z), which is held fixed; it saturates. It keeps the set of fixed points small."""
    dim, noise = points.shape[1], train_gaussian(points, generator)
    net = nn.Sequential(*dense((dim, WIDTH, LATENT, WIDTH, dim), generator), nn.Tanh())

    def loss(batch: Tensor) -> Tensor:
        samples = net(noise.sample(len(batch), generator))
        fixed = samples.detach()
        frozen = {name: value.detach() for name, value in net.named_parameters()}
        data = (net(batch) - batch).square().mean()
        idempotent = (functional_call(net, frozen, (samples,)) - samples).square().mean()
        bound = TIGHTNESS_BOUND * data.detach()
        tight = bound * (-(net(fixed) - fixed).square().mean() / bound).tanh()
        total: Tensor = data + IDEMPOTENCE_WEIGHT * idempotent + TIGHTNESS_WEIGHT * tight
        return total

    descend(net.parameters(), loss, points, steps or STEPS, generator)
    return Idempotent(net, noise)
