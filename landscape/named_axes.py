"""The numbers of a run with named axes, as xarray holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from landscape.record import Cell

if TYPE_CHECKING:
    import xarray

Variable: TypeAlias = "tuple[tuple[str, ...], np.ndarray]"


def dataset(
    table: pd.DataFrame,
    arrays: Mapping[Cell, Mapping[str, np.ndarray]],
    keys: Sequence[str],
    attributes: dict[str, Any],
) -> xarray.Dataset:
    """The variables of `variables` as an xarray.Dataset. Raises ImportError if xarray is not installed."""
    try:
        import xarray
    except ImportError:
        raise ImportError("to_xarray needs the package xarray: pip install 'input-landscape[xarray]'") from None
    found, coordinates, left_out = variables(table, arrays, keys)
    return xarray.Dataset(found, coordinates, attributes | {"left_out": left_out})


def variables(
    table: pd.DataFrame, arrays: Mapping[Cell, Mapping[str, np.ndarray]], keys: Sequence[str]
) -> tuple[dict[str, Variable], dict[str, Variable], list[str]]:
    """The variables with their axes, the coordinates, and the names of arrays whose shapes differ between cells.

    Columns of the table are (cell, member), arrays (cell, NAME_0, NAME_1, …); an array named as a column gets `_array` behind
    its name. The coordinates are `member` and the cells' values along `cell`."""
    cells = list(arrays)
    place = {tuple(dict(cell.values)[key] for key in keys): number for number, cell in enumerate(cells)}
    rows = [place[values] for values in table[list(keys)].itertuples(index=False, name=None)] if len(table) else []
    members = table["member"] if "member" in table else table.groupby(list(keys), dropna=False).cumcount()
    numbers = sorted(set(members))
    columns = [{number: column for column, number in enumerate(numbers)}[number] for number in members]
    found: dict[str, Variable] = {}
    for name in table.columns.difference([*keys, "member"], sort=False):
        values = table[name].to_numpy()
        whole = len(table) == len(cells) * len(numbers)
        kind = (
            values.dtype if whole or values.dtype.kind == "f" else np.float64 if values.dtype.kind in "iu" else object
        )
        grid = np.full((len(cells), len(numbers)), np.nan if not whole else values[0], dtype=kind)
        grid[rows, columns] = values
        found[str(name)] = (("cell", "member"), grid)
    left_out = []
    for name in dict.fromkeys(name for held in arrays.values() for name in held):
        parts = [held.get(name) for held in arrays.values()]
        shapes = {None if part is None else part.shape for part in parts}
        if None in shapes or len(shapes) > 1:
            left_out.append(name)
            continue
        stacked = np.stack([part for part in parts if part is not None])
        axes = ("cell", *(f"{name}_{axis}" for axis in range(stacked.ndim - 1)))
        found[f"{name}_array" if name in found or name in keys else name] = (axes, stacked)
    coordinates: dict[str, Variable] = {
        key: (("cell",), np.array([dict(cell.values)[key] for cell in cells])) for key in keys
    }
    return found, coordinates | {"member": (("member",), np.array(numbers))}, left_out
