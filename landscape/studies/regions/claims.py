"""The exploratory claims of the study of regions: how their number grows with the number of neurons, per initialisation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.claims import Claim, Interval, Statement, Threshold, judge_pooled, pooled_slope
from landscape.results import Result
from landscape.studies.parts.judging import as_untrained, judged, over_parts

SLICE_DIMENSIONS = {
    "two-points": 1,
    "tanh-four": 1,
}  # of the slice that is cut into regions; 2 for all other fixed sets


def _growth(key: str, weights: str) -> Statement:
    """The claim for networks with these initial weights."""
    return Statement(
        key,
        f"Untrained ReLU nets with {weights} have about neurons^d regions in d dimensions",
        "none: Hanin and Rolnick (2019), not a claim of the paper",
        "slope of log regions on log neurons over all depths and widths, the data sets of a dimension pooled, less d",
        {"slope less the dimension": Threshold(margin=0.25, wording="{words} of the slice's dimension (exploratory)")},
        label="exploratory; both slopes were known when the claim was split",
        primary=False,
    )


# One claim per initialisation. Both have the same threshold, and the same seeds draw the weights of both. Before, S3 was about
# PyTorch's weights, and refuted; He's were added when a slope of 1.89 was known of them.
INITIALISED = {
    "he-biased": _growth("S3", "He's normal weights and normal biases (he-biased)"),
    "torch": _growth("S3b", "PyTorch's default weights (torch)"),
}
STATEMENTS = tuple(INITIALISED.values())
NEEDS = "two or more --hidden and three or more sizes, in a run of version 4 or later"


def claims_of(result: Result) -> Iterator[Claim]:
    """S3 and S3b: untrained nets have about neurons^d regions in d dimensions. Hanin and Rolnick (2019)."""
    table = result.tables.get("initialisations")
    for init, statement in INITIALISED.items():
        parts = [] if table is None else _per_dimension(result, statement, table[table.init == init])
        yield over_parts(statement, parts, f"needs {NEEDS}")


def _per_dimension(result: Result, of: Statement, table: pd.DataFrame) -> list[Claim]:
    """The claim on the line and in the plane, each pooled over its data sets, with every data set beside it."""
    rows = with_sizes(result, table)
    sizes = rows.groupby("data")[["hidden", "neurons"]].transform("nunique")
    rows = rows[(sizes.hidden >= 2) & (sizes.neurons >= 3)]
    parts = []
    for dim in sorted(rows.dim.unique()):
        some, near = rows[rows.dim == dim], of["slope less the dimension"].around(dim)
        beside = [
            judged(of.at(setting=f"{name}, d = {dim}"), slope_of(one), as_untrained(one), near)
            for name, one in some.groupby("data", sort=False)
        ]
        parts.append(judge_pooled(slope_of(some), of.at(setting=f"d = {dim}"), near, beside))
    return parts


def with_sizes(result: Result, table: pd.DataFrame) -> pd.DataFrame:
    """The networks of the plain grid, with the dimension of their slice and their number of neurons."""
    dims = table.data.map(lambda name: _dimension(result, name))
    return table.assign(dim=dims, neurons=table.hidden * table.width)[table.budget == 0]


def slope_of(rows: pd.DataFrame) -> Interval:
    """The slope of log regions on log neurons, which all data sets share; each has an intercept of its own."""
    return pooled_slope(np.log(rows.neurons), np.log(rows.regions), rows.data, rows.seed)


def _dimension(result: Result, name: str) -> int:
    """The dimension of the slice that is cut for the data set `name`: of its cells' arrays, or by its name without these."""
    for cell, arrays in result.arrays.items():
        if cell["data"] == name and "low" in arrays:
            return len(arrays["low"])
    if name == "uniform":
        return int(result.record["parameters"]["dim"])
    return SLICE_DIMENSIONS.get(name, 2)
