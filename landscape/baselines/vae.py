"""A small variational autoencoder."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from landscape.baselines.sampler import dense, descend

WIDTH, LATENT, STEPS = 256, 16, 1500


@dataclass(frozen=True, eq=False)
class Vae:
    """A variational autoencoder (Kingma and Welling 2014).

    The encoder gives the mean and log variance of the latent; the decoder ends in tanh."""

    encoder: nn.Sequential
    decoder: nn.Sequential

    @torch.no_grad()
    def sample(self, count: int, generator: torch.Generator) -> Float[Tensor, "count dim"]:
        """The decoder's means at latents drawn from N(0, I): (S, D)."""
        return self.decode(torch.randn(count, LATENT, generator=generator))

    @torch.no_grad()
    def reconstruct(self, points: Float[Tensor, "points dim"]) -> Float[Tensor, "points dim"]:
        """The decoder's means at the encoder's means."""
        return self.decode(self.encoder(points).chunk(2, -1)[0])

    def decode(self, latent: Float[Tensor, "points latent"]) -> Float[Tensor, "points dim"]:
        """The mean of the points given each latent."""
        means: Tensor = self.decoder(latent).tanh()
        return means


def train_vae(points: Float[Tensor, "data dim"], generator: torch.Generator, steps: int | None = None) -> Vae:
    """Maximise the evidence lower bound, with the decoder's variance at its optimum, the mean squared error.

    The source of that choice is Rybkin et al. (2021)."""
    dim = points.shape[1]
    vae = Vae(
        dense((dim, WIDTH, WIDTH, 2 * LATENT), generator),
        dense((LATENT, WIDTH, WIDTH, dim), generator),
    )

    def loss(batch: Tensor) -> Tensor:
        mean, log_variance = vae.encoder(batch).chunk(2, -1)
        noise = torch.randn(mean.shape, generator=generator)
        error = (vae.decode(mean + noise * (log_variance / 2).exp()) - batch).square().mean()
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum(-1).mean() / 2
        bound: Tensor = dim / 2 * error.log() + divergence
        return bound

    descend(nn.ModuleList([vae.encoder, vae.decoder]).parameters(), loss, points, steps or STEPS, generator)
    return vae
