"""Networks on sets of points, and grids of their sizes: depth × width, equal parameters, number of training points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pandas as pd

from landscape.choices import FIXED_SETS
from landscape.data import DataSpec, shape_of
from landscape.nets import Net, make_net, width_for
from landscape.results import Cell, cell
from landscape.studies.parts.data_sets import DataSets, number_of_points

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


def counted_cells(
    sets: DataSets, count: Sequence[int], dim: int, hidden: Sequence[int], width: Sequence[int]
) -> list[Cell]:
    """The cells of data × count × hidden × width. A set that has no --count has its own number of points as its only count."""
    return [
        cell(data=name, count=points, hidden=h, width=w, **sets.content(name))
        for name in sets.names
        for points in (count if sets.counted(name) else [number_of_points(sets.spec(name, 0, dim))])
        for h in hidden
        for w in width
    ]


def counted_words(row: pd.Series) -> str:
    """The setting of such a cell, or of a member's row, without the data's name: 'n = 16, 6 hidden, width 50'."""
    count = "" if row["data"] in FIXED_SETS else f"n = {row['count']}, "
    return f"{count}{row['hidden']} hidden, width {row['width']}"
