"""Jacobians of autoencoders of 784 coordinates and of our nets on digits, against a backward pass per row and torch.func.

The wrapped dense network is read into layers, whose product needs no backward pass. The others are differentiated by
autograd."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import torch
from timing import Row, Table, interleave, options, tell
from torch import Tensor, nn

import landscape
from landscape.ensemble import build
from landscape.measures import jacobian_at
from landscape.measures.local import jacobian
from landscape.measures.maps import Map
from landscape.nets import CNN, Transformer, UNet

POINTS = 8
AGREEMENT = 1e-7  # a larger difference between two ways stops the benchmark
WITHIN = 0.95  # target: the other side's time over ours. It is 1, less what rounds differ by


@dataclass(frozen=True)
class Module:
    """A torch module as a map of one member."""

    module: nn.Module
    dim: int
    members: int = 1
    device: torch.device = torch.device("cpu")  # noqa: RUF009

    def select(self, _: slice) -> Module:
        return self

    def to(self, device: object = None, dtype: object = None) -> Module:
        return self

    def __call__(self, points: Tensor) -> Tensor:
        return self.module(points[0])[None]


def dense() -> nn.Module:
    """784-128-32-128-784."""
    widths = (784, 128, 32, 128, 784)
    parts = [part for a, b in itertools.pairwise(widths) for part in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*parts[:-1], nn.Sigmoid())


def convolutional() -> nn.Module:
    """Two strided convolutions and two transposed ones, with batch norm, on images of 28 × 28."""
    return nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1),
        nn.BatchNorm2d(16), nn.ReLU(), nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Sigmoid(), nn.Flatten(),
    )  # fmt: skip


def rows(model: Map, points: Tensor) -> Tensor:
    """A backward pass per row, point by point: what `jacobian_at` did before."""
    return torch.cat([jacobian._by_rows(model, point) for point in points.split(1, 1)], 1)


def plain(model: Map, points: Tensor) -> Tensor:
    """All rows of all points at once."""
    return torch.func.vmap(torch.func.jacrev(lambda x: model(x[None, None])[0, 0]))(points[0])[None]


def forward(model: Map, points: Tensor) -> Tensor:
    """All columns of all points at once."""
    return torch.func.vmap(torch.func.jacfwd(lambda x: model(x[None, None])[0, 0]))(points[0])[None]


def main() -> None:
    """Time the ways on six maps. Attention of ours has no forward mode."""
    chosen = options("jacobians", __doc__, repeats=3)
    torch.manual_seed(0)
    dense_net = "dense 784-128-32-128-784"
    nets = {dense_net: dense(), "convolutional 28 × 28": convolutional()}
    models: dict[str, Map] = {name: Module(net.eval().requires_grad_(False), 784) for name, net in nets.items()}
    models[f"{dense_net}, wrapped"] = landscape.wrap(nets[dense_net], shape=784)
    models |= {
        net.kind: build(net, 64, [0]) for net in (CNN(shape=(8, 8)), UNet(shape=(8, 8)), Transformer(shape=(8, 8)))
    }
    against: dict[str, Callable[[Map, Tensor], Tensor]] = {
        "a backward pass per row": rows,
        "vmap(jacrev)": plain,
        "vmap(jacfwd)": forward,
    }
    table = []
    for name, model in models.items():
        points = torch.rand(1, POINTS, model.dim)
        found = jacobian_at(model, points)
        ways = {name: way for name, way in against.items() if way is not forward or model.dim == 784}
        for other, way in ways.items():
            if not torch.allclose(way(model, points), found, atol=AGREEMENT):
                raise RuntimeError(f"{name}: {other} gives another Jacobian")
        sides = {"landscape": lambda m=model, p=points: _drop(jacobian_at(m, p))}
        sides |= {other: lambda w=way, m=model, p=points: _drop(w(m, p)) for other, way in ways.items()}
        timed = interleave(sides, repeats=1 if chosen.quick else chosen.repeats)
        ours = timed.median("landscape")
        table += [
            Row(
                name,
                ours,
                timed.median(other),
                other,
                spread=timed.spread(other, "landscape"),
                at_least=WITHIN,
                extra={"share of a core": f"{timed.core:.2f}"},
            )
            for other in ways
        ]
    tell([Table(f"Jacobians at {POINTS} points, one thread", table)], chosen)


def _drop(_: Tensor) -> None:
    return None


if __name__ == "__main__":
    main()
