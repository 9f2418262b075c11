"""Small networks whose kind is known, trained here in a second or two."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from landscape.data import DataSpec, load_data


def digits(count: int) -> Tensor:
    """Digits of 8 × 8 pixels: (count, 64) in [0, 1]."""
    return load_data(DataSpec("digits", count), [0]).points[0]


def trained(
    net: nn.Module, data: Tensor, steps: int, *, noise: float = 0.0, until: float = 0.0, lr: float = 1e-3
) -> nn.Module:
    """The network trained by Adam to return `data` from data with noise, until its loss is `until`."""
    optimiser = torch.optim.Adam(net.parameters(), lr)
    draw = torch.Generator().manual_seed(0)
    for _ in range(steps):
        loss = (net(data + noise * torch.randn(data.shape, generator=draw)) - data).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if loss.item() < until:
            break
    return net.eval()


def seeded(make: Callable[[], nn.Module]) -> nn.Module:
    """A network whose initial weights are always the same."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return make()


def overparameterised(data: Tensor) -> nn.Module:
    """An autoencoder with far more weights than numbers in the data, trained to a loss of 1e-8: Radhakrishnan et al. (2020)."""
    dim = data.shape[1]
    net = seeded(
        lambda: nn.Sequential(
            nn.Linear(dim, 256),
            nn.ReLU(),
            nn.Linear(256, 256),
            nn.ReLU(),
            nn.Linear(256, 256),
            nn.ReLU(),
            nn.Linear(256, dim),
        )
    )
    return trained(net, data, 2000, until=1e-8)


class Denoiser(nn.Module):
    """A convolutional denoiser: what it takes away from its input."""

    def __init__(self) -> None:
        super().__init__()
        self.noise = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 64))

    def forward(self, batch: Tensor) -> Tensor:
        return batch - self.noise(batch)


def denoiser(data: Tensor) -> nn.Module:
    return trained(seeded(Denoiser), data, 600, noise=0.15, lr=3e-3)


def autoencoder(data: Tensor) -> nn.Module:
    net = seeded(
        lambda: nn.Sequential(
            nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 8), nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 64), nn.Sigmoid()
        )
    )
    return trained(net, data, 800, lr=3e-3)
