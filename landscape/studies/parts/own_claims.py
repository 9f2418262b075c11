"""What claims say of data of the user's own: a claim is about the sets that it was registered for, where a run has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pandas as pd

from landscape.claims import UNJUDGED, Claim, labelled
from landscape.results import Result

KEY = "own_data"  # of a run's record: data of the user's own, by their names


def own_names(result: Result) -> list[str]:
    """The names of a run's data that are of the user's own."""
    return list(result.record.get(KEY, {}))


def of_data(claims_of: Callable[[Result], Iterator[Claim]], result: Result) -> Iterator[Claim]:
    """The claims of a run, with data of the user's own set apart.

    1. In a run with sets of ours they are judged on these alone.
    2. In a run of the user's data alone they are stated of these, with a label that says so. A claim about a set that the run
       does not have is untestable, as in every run."""
    own = own_names(result)
    if not own:
        yield from claims_of(result)
        return
    ours = without(result, own)
    if ours.tables and len(ours.table):
        yield from claims_of(ours)
        return
    for claim in claims_of(result):
        words = (
            f"of {' and '.join(own[:2])}{' and more' if len(own) > 2 else ''}, where the claim was set for other data"
        )
        yield claim if claim.verdict in UNJUDGED else labelled(claim, words)


def without(result: Result, names: list[str]) -> Result:
    """The result without the cells and rows of the data sets of these names."""

    def kept(table: pd.DataFrame) -> pd.DataFrame:
        return table[~table["data"].isin(names)].reset_index(drop=True) if "data" in table else table

    cells = [entry for entry in result.record["cells"] if dict(map(tuple, entry["values"])).get("data") not in names]
    parameters = result.record["parameters"]
    parameters = parameters | {"data": [name for name in parameters["data"] if name not in names]}
    return replace(
        result,
        record=result.record | {"cells": cells, "parameters": parameters},
        tables={name: kept(table) for name, table in result.tables.items()},
        arrays={cell: arrays for cell, arrays in result.arrays.items() if dict(cell.values).get("data") not in names},
    )
