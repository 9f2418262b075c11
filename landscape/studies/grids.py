"""Nets of studies of points, and grids of their depth and width: a plain one, and one of equal parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from landscape.data import DataSpec, shape_of
from landscape.nets import Net, make_net, width_for

TANH_SETS = ("tanh-four", "tanh-square")  # in [−1, 1], which the output's squash follows


def depth_grid(
    make: Callable[[int, int], Net], hidden: Sequence[int], width: Sequence[int], budget: Sequence[int], dim: int
) -> Iterator[tuple[int, int, int]]:
    """(hidden, width, budget) of hidden × width, budget 0, then of each depth at the width nearest to every budget but 0.

    `make` gives the net of some hidden layers and width."""
    yield from ((h, w, 0) for h in hidden for w in width)
    for parameters in filter(None, budget):
        yield from ((h, width_for(partial(make, h), dim, parameters), parameters) for h in hidden)


def net_for(kind: str, data: DataSpec, hidden: int, width: int, *, activation: str, init: str, scale: float) -> Net:
    """The net of this `kind` for these data, squashed to their range.

    Raises ValueError where it does not take them, or has no such initialisation."""
    begun = {"init": init, "scale": scale}
    usual = {"init": "torch", "scale": 1.0}  # which nets other than the MLP have no field for
    own = begun if kind == "mlp" else {name: value for name, value in begun.items() if value != usual[name]}
    output = "tanh" if data.name in TANH_SETS else "sigmoid"
    return make_net(kind, shape_of(data), hidden=hidden, width=width, activation=activation, output=output, **own)
