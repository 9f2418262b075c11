"""The exploratory claim of the study of regions: how their number grows with the number of neurons."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landscape.claims import Claim, Statement, Threshold, slope_interval
from landscape.results import Result
from landscape.studies.parts.judging import finite_rows, judged, over_parts

S3 = Statement(
    "S3",
    "Untrained ReLU nets have about neurons^d regions in d dimensions, hardly depending on depth",
    "none: Hanin and Rolnick (2019), not a claim of the paper",
    "slope of log regions on log neurons, all depths and widths of the grid together",
    {
        "slope less the dimension": Threshold(
            margin=0.25, wording="{words} of the slice's dimension (exploratory, set before the first run)"
        )
    },
    primary=False,
)
STATEMENTS = (S3,)
SLICE_DIMENSIONS = {
    "two-points": 1,
    "tanh-four": 1,
}  # of the slice that is cut into regions; 2 for all other fixed sets


def claims_of(result: Result) -> Iterator[Claim]:
    """S3: untrained nets have about neurons^d regions in d dimensions. Hanin and Rolnick (2019)."""
    parts = []
    for name, rows in result.table[result.table.budget == 0].groupby("data", sort=False):
        rows = finite_rows(rows.assign(neurons=rows.hidden * rows.width), "untrained_regions")
        if rows.hidden.nunique() < 2 or rows.neurons.nunique() < 3:
            continue
        dim = _dimension(result, str(name))
        slope = slope_interval(np.log(rows.neurons), np.log(rows.untrained_regions), rows.seed)
        untrained = rows.assign(status="converged")  # S3 is about untrained nets, so that none has failed
        near = S3["slope less the dimension"].around(dim)
        parts.append(judged(S3.at(setting=f"{name}, d = {dim}"), slope, untrained, near))
    yield over_parts(S3, parts, "needs two or more --hidden, three or more sizes, and untrained nets that bend")


def _dimension(result: Result, name: str) -> int:
    """The dimension of the slice that is cut for the data set `name`."""
    if name == "uniform":
        return int(result.record["parameters"]["dim"])
    return SLICE_DIMENSIONS.get(name, 2)
