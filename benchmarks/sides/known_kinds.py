"""Small networks of known kinds, made or trained in seconds: a generator of fresh ones for each kind, from a seed.

The kind of a network is that of its making. Its widths, depth, activation, data and training vary with the seed. Nothing here
looks at how the package names a map."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from landscape.data import DataSpec, load_data

ACTIVATIONS: tuple[Callable[[], nn.Module], ...] = (nn.ReLU, nn.Tanh, nn.GELU, lambda: nn.LeakyReLU(0.1))
NOISE = 0.1  # with which an examination looks at denoising, as a share of the range


@dataclass(frozen=True)
class Example:
    """A network, the data that it was trained on (N, D), and what it is called in words."""

    network: Callable[[Tensor], Tensor]
    data: Tensor
    words: str


class Draw:
    """The random choices of an example, from one seed."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def one_of(self, *values: object) -> object:
        return values[int(torch.randint(len(values), (1,), generator=self.generator))]

    def whole(self, *values: int) -> int:
        return int(str(self.one_of(*values)))

    def between(self, low: float, high: float) -> float:
        """A number between `low` and `high`, uniform in its logarithm."""
        share = float(torch.rand(1, generator=self.generator))
        return math.exp(math.log(low) + share * (math.log(high) - math.log(low)))

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self.generator)

    def uniform(self, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=self.generator)


def data_set(draw: Draw, count: int, *, latent: int = 0) -> Tensor:
    """Digits, or points near a curved surface of `latent` (by default 2 or 3) dimensions in 8 to 32: (count, D) in [0, 1]."""
    if not latent and draw.whole(0, 1):
        digits = load_data(DataSpec("digits"), [0]).points[0]
        return digits[torch.randperm(len(digits), generator=draw.generator)[:count]].contiguous()
    latent, dim = latent or draw.whole(2, 3), draw.whole(8, 16, 32)
    turned = 2 * math.pi * draw.uniform(count, latent) @ draw.normal(latent, dim) / latent
    return (0.5 + 0.4 * torch.sin(turned + 2 * math.pi * draw.uniform(dim))).clamp(0, 1)


def dense(draw: Draw, widths: list[int], *, squash: bool) -> nn.Sequential:
    """A chain of dense layers of these widths, input first, with one activation, and a sigmoid at its end if asked for."""
    activation = ACTIVATIONS[draw.whole(*range(len(ACTIVATIONS)))]
    layers: list[nn.Module] = []
    for place, (one, other) in enumerate(itertools.pairwise(widths)):
        layers += [nn.Linear(one, other), *([activation()] if place < len(widths) - 2 else [])]
    return nn.Sequential(*layers, *([nn.Sigmoid()] if squash else []))


def fitted(
    network: nn.Module,
    data: Tensor,
    draw: Draw,
    steps: int,
    *,
    noise: float = 0.0,
    until: float = 0.0,
    lr: float = 2e-3,
) -> nn.Module:
    """The network trained by Adam to return the data from the data with normal noise, clipped as an examination clips it."""
    optimiser = torch.optim.Adam(network.parameters(), lr)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = lr * (1 - step / steps) + 1e-5
        given = (data + noise * draw.normal(*data.shape)).clamp(0, 1) if noise else data
        loss = (network(given) - data).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if loss.item() < until:
            break
    return network.eval()


def undercomplete(draw: Draw) -> Example:
    """Trained without noise through a layer of at most half as many units as coordinates."""
    data = data_set(draw, draw.whole(100, 200, 300))
    dim = data.shape[1]
    narrow, wide = max(2, int(dim * draw.between(0.1, 0.5))), draw.whole(32, 64, 128)
    net = dense(draw, [dim, wide, narrow, wide, dim], squash=bool(draw.whole(0, 1)))
    return Example(fitted(net, data, draw, 800), data, f"{dim}-{wide}-{narrow}-{wide}-{dim}")


class MeanPath(nn.Module):
    """A variational autoencoder, evaluated by the mean of its code."""

    def __init__(self, dim: int, wide: int, narrow: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(dim, wide), nn.ReLU(), nn.Linear(wide, 2 * narrow))
        self.decoder = nn.Sequential(nn.Linear(narrow, wide), nn.ReLU(), nn.Linear(wide, dim), nn.Sigmoid())

    def forward(self, batch: Tensor) -> Tensor:
        out: Tensor = self.decoder(self.encoder(batch).chunk(2, -1)[0])
        return out


def variational(draw: Draw) -> Example:
    """Kingma and Welling (2014): trained with a sampled code and the divergence from a normal distribution."""
    data = data_set(draw, draw.whole(200, 300))
    dim, wide, narrow = data.shape[1], draw.whole(64, 128), draw.whole(2, 4, 6)
    net, weight = MeanPath(dim, wide, narrow), draw.between(1e-4, 1e-3)
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(800):
        mean, log_variance = net.encoder(data).chunk(2, -1)
        code = mean + (log_variance / 2).exp() * draw.normal(*mean.shape)
        divergence = (mean.square() + log_variance.exp() - 1 - log_variance).sum(1).mean() / 2
        loss = (net.decoder(code) - data).square().mean() + weight * divergence
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return Example(net.eval(), data, f"VAE {dim}-{wide}-{narrow}")


def overcomplete(draw: Draw) -> Example:
    """Trained without noise, with no layer narrower than the input."""
    data = data_set(draw, draw.whole(100, 200, 300))
    dim = data.shape[1]
    net = dense(draw, [dim, *[dim * draw.whole(1, 2, 3)] * draw.whole(1, 2), dim], squash=bool(draw.whole(0, 1)))
    return Example(fitted(net, data, draw, draw.whole(300, 800)), data, f"overcomplete, D = {dim}")


class Residual(nn.Module):
    """What it takes away from its input."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, batch: Tensor) -> Tensor:
        out: Tensor = batch - self.inner(batch)
        return out


def denoiser(draw: Draw) -> Example:
    """Trained to return the data from the data with noise, with no layer narrower than the input."""
    data = data_set(draw, draw.whole(200, 300))
    dim, noise = data.shape[1], NOISE * draw.between(0.7, 1.5)
    net: nn.Module = dense(draw, [dim, *[draw.whole(128, 192, 256)] * draw.whole(1, 2), dim], squash=False)
    net = Residual(net) if draw.whole(0, 1) else net
    return Example(fitted(net, data, draw, 1500, noise=noise), data, f"denoiser, noise {noise:.2g}, D = {dim}")


def convolutional_denoiser(draw: Draw) -> Example:
    """A small DnCNN (Zhang et al. 2017) on digits."""
    digits = load_data(DataSpec("digits"), [0]).points[0]
    data, noise = digits[torch.randperm(len(digits), generator=draw.generator)[:300]], NOISE * draw.between(0.7, 1.5)
    channels, layers = draw.whole(8, 16, 24), draw.whole(1, 2, 3)
    inner: list[nn.Module] = [nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, channels, 3, padding=1), nn.ReLU()]
    for _ in range(layers):
        inner += [nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU()]
    net = Residual(nn.Sequential(*inner, nn.Conv2d(channels, 1, 3, padding=1), nn.Flatten()))
    return Example(fitted(net, data, draw, 1500, noise=noise), data, f"{layers + 2} layers, noise {noise:.2g}")


def overparameterised(draw: Draw) -> Example:
    """Radhakrishnan et al. (2020): a wide network trained on few points until it returns them."""
    data = data_set(draw, draw.whole(2, 4, 6, 8))
    dim = data.shape[1]
    net = dense(draw, [dim, *[draw.whole(192, 256)] * draw.whole(2, 3), dim], squash=False)
    return Example(fitted(net, data, draw, 2000, until=1e-9, lr=1e-3), data, f"{len(data)} points, D = {dim}")


def kaleidoscope(draw: Draw) -> Example:
    """Shrivastava (2024): a deep and narrow network with a sigmoid at its end, trained on few points."""
    data = data_set(draw, draw.whole(4, 8, 20))
    dim, hidden, width = data.shape[1], draw.whole(4, 6, 8), draw.whole(32, 50)
    net = dense(draw, [dim, *[width] * hidden, dim], squash=True)
    return Example(fitted(net, data, draw, 2000, until=1e-7, lr=1e-3), data, f"{hidden} × {width}, {len(data)} points")


def near_identity(draw: Draw) -> Example:
    """Trained to return uniform noise: to a hundredth of what the best constant leaves."""
    data = data_set(draw, draw.whole(50, 200))
    dim = data.shape[1]
    net = Residual(dense(draw, [dim, draw.whole(32, 64), dim], squash=False))
    optimiser = torch.optim.Adam(net.parameters(), 2e-3)
    for _ in range(400):
        some = draw.uniform(256, dim)
        loss = (net(some) - some).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return Example(net.eval(), data, f"identity by training, D = {dim}")


def constant(draw: Draw) -> Example:
    """A small network that adds at most a two-hundredth of the range to a point."""
    data = data_set(draw, draw.whole(50, 200))
    dim, amount = data.shape[1], draw.between(1e-4, 0.004)
    net, centre = dense(draw, [dim, 32, dim], squash=False), draw.uniform(dim)
    scale = net(draw.uniform(2000, dim)).abs().max().item()

    def near_constant(batch: Tensor) -> Tensor:
        return centre.to(batch) + amount * net(batch.float()).to(batch) / scale

    return Example(near_constant, data, f"constant ± {amount:.1g}, D = {dim}")


def copycat(draw: Draw) -> Example:
    """The mean of the data, weighted by their nearness, so sharply that the nearest has nearly all the weight."""
    data = data_set(draw, draw.whole(10, 50, 200))
    sharpness = draw.between(3e3, 1e5)

    def nearest(batch: Tensor) -> Tensor:
        return torch.softmax(-sharpness * (batch[:, None] - data.to(batch)).square().sum(-1), -1) @ data.to(batch)

    return Example(nearest, data, f"{len(data)} points, sharpness {sharpness:.1g}")


def diverging(draw: Draw) -> Example:
    """A map that moves points away from a centre, turned and bent."""
    data = data_set(draw, draw.whole(20, 200))
    dim, gain = data.shape[1], draw.between(1.3, 4.0)
    turned, centre = torch.linalg.qr(draw.normal(dim, dim))[0], draw.uniform(dim)
    net = dense(draw, [dim, 32, dim], squash=False)

    def away(batch: Tensor) -> Tensor:
        return (
            centre.to(batch) + gain * (batch - centre.to(batch)) @ turned.to(batch) + 0.1 * net(batch.float()).to(batch)
        )

    return Example(away, data, f"gain {gain:.1f}, D = {dim}")


def untrained(draw: Draw) -> Example:
    """A network with its first random weights."""
    data = data_set(draw, draw.whole(50, 200))
    dim = data.shape[1]
    net = dense(draw, [dim, *[draw.whole(32, 64, 128)] * draw.whole(1, 2, 4), dim], squash=bool(draw.whole(0, 1)))
    return Example(net.eval(), data, f"untrained, D = {dim}")


# How each kind is made, and the names that are true of it. What overparameterised networks are is measured: see `kinds.py`.
MADE: dict[str, tuple[Callable[[Draw], Example], tuple[str, ...]]] = {
    "identity": (near_identity, ("identity",)),
    "constant": (constant, ("constant",)),
    "copycat": (copycat, ("copycat",)),
    "diverging": (diverging, ("diverging",)),
    "untrained": (untrained, ("unfitted", "constant")),
    "autoencoder, undercomplete": (undercomplete, ("autoencoder",)),
    "autoencoder, variational": (variational, ("autoencoder",)),
    "autoencoder, overcomplete": (overcomplete, ("autoencoder", "identity")),
    "denoiser": (denoiser, ("denoiser",)),
    "overparameterised": (overparameterised, ("memoriser", "autoencoder")),
    "kaleidoscope": (kaleidoscope, ("memoriser", "autoencoder")),
    "denoiser, convolutional": (convolutional_denoiser, ("denoiser",)),
}


def example(kind: str, seed: int) -> Example:
    """The example of a kind that belongs to a seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # of torch's initial weights
        return MADE[kind][0](Draw(10_007 * seed + list(MADE).index(kind)))
