"""Nets of studies of points, and grids of their sizes: by depth and width, of equal parameters, by number of points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pandas as pd

from landscape.data import DataSpec, load_data, shape_of
from landscape.nets import Net, make_net, width_for
from landscape.results import Cell, cell

COUNTED = ("uniform", "digits")  # sets of which a study takes `count` points; the others have their own number
COUNTED_KEYS = ["data", "count", "hidden", "width"]  # of the cells of `counted_cells`
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


def counted_cells(data: Sequence[str], count: Sequence[int], hidden: Sequence[int], width: Sequence[int]) -> list[Cell]:
    """data × count × hidden × width; a set that is not COUNTED at its own number of points alone."""
    return [
        cell(data=name, count=points, hidden=h, width=w)
        for name in data
        for points in (count if name in COUNTED else [load_data(DataSpec(name), (0,)).count])
        for h in hidden
        for w in width
    ]


def counted_spec(one: Cell, dim: int) -> DataSpec:
    """The data of such a cell, a uniform set in `dim` coordinates."""
    return point_spec(one["data"], one["count"], dim)


def point_spec(name: str, count: int, dim: int) -> DataSpec:
    """The data set of this name: `count` points of a set that is COUNTED, a uniform set in `dim` coordinates."""
    if name == "uniform":
        return DataSpec(name, count, dim)
    return DataSpec(name, count) if name in COUNTED else DataSpec(name)


def counted_words(row: pd.Series) -> str:
    """'n = 16, 6 hidden, width 50': the setting of such a cell or of a member's row, beside its data's name."""
    count = f"n = {row['count']}, " if row["data"] in COUNTED else ""
    return f"{count}{row['hidden']} hidden, width {row['width']}"
