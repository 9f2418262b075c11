"""Networks on sets of points, and grids of their sizes: depth × width, equal parameters, number of training points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pandas as pd

from landscape.data import DataSpec, load_data, shape_of
from landscape.nets import Net, make_net, width_for
from landscape.results import Cell, cell

COUNTED_SETS = ("uniform", "digits")  # a study takes `count` points of these; other sets have a fixed number
COUNTED_KEYS = ["data", "count", "hidden", "width"]  # the keys of the cells that `counted_cells` makes
TANH_SETS = ("tanh-four", "tanh-square")  # in [−1, 1]: the output is squashed by tanh


def depth_grid(
    make: Callable[[int, int], Net], hidden: Sequence[int], width: Sequence[int], budget: Sequence[int], dim: int
) -> Iterator[tuple[int, int, int]]:
    """Yield (hidden, width, budget): first hidden × width with budget 0, then every depth at equal numbers of parameters.

    A `budget` is such a number; each depth gets the width that comes nearest to it, and a budget of 0 adds nothing. `make`
    returns the network with the given numbers of hidden layers and units."""
    yield from ((h, w, 0) for h in hidden for w in width)
    for parameters in filter(None, budget):
        yield from ((h, width_for(partial(make, h), dim, parameters), parameters) for h in hidden)


def net_for(kind: str, data: DataSpec, hidden: int, width: int, *, activation: str, init: str, scale: float) -> Net:
    """The network of this `kind` for these data, with its output squashed to their range.

    Raises ValueError if the kind does not take the data, or has no such initialisation."""
    begun = {"init": init, "scale": scale}
    usual = {"init": "torch", "scale": 1.0}  # other kinds lack these fields, and refuse any other value
    own = begun if kind == "mlp" else {name: value for name, value in begun.items() if value != usual[name]}
    output = "tanh" if data.name in TANH_SETS else "sigmoid"
    return make_net(kind, shape_of(data), hidden=hidden, width=width, activation=activation, output=output, **own)


def counted_cells(data: Sequence[str], count: Sequence[int], hidden: Sequence[int], width: Sequence[int]) -> list[Cell]:
    """The cells of data × count × hidden × width. A set that is not in COUNTED_SETS has its fixed number as its only count."""
    return [
        cell(data=name, count=points, hidden=h, width=w)
        for name in data
        for points in (count if name in COUNTED_SETS else [load_data(DataSpec(name), (0,)).count])
        for h in hidden
        for w in width
    ]


def counted_spec(one: Cell, dim: int) -> DataSpec:
    """The data of a cell that `counted_cells` made. A uniform set has `dim` coordinates."""
    return point_spec(one["data"], one["count"], dim)


def point_spec(name: str, count: int, dim: int) -> DataSpec:
    """The data set of this name: `count` points of a set in COUNTED_SETS, a uniform set in `dim` coordinates."""
    if name == "uniform":
        return DataSpec(name, count, dim)
    return DataSpec(name, count) if name in COUNTED_SETS else DataSpec(name)


def counted_words(row: pd.Series) -> str:
    """The setting of such a cell, or of a member's row, without the data's name: 'n = 16, 6 hidden, width 50'."""
    count = f"n = {row['count']}, " if row["data"] in COUNTED_SETS else ""
    return f"{count}{row['hidden']} hidden, width {row['width']}"
