"""The exploratory claims of a run on regions: how their number grows with the neurons, and whether training adds any."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landscape.claims import Claim, Statement, Threshold, slope_interval
from landscape.results import Result
from landscape.studies.parts.judging import judged, known, over_parts

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
DIMENSIONS = {"two-points": 1, "tanh-four": 1}  # of what is cut; a plane elsewhere


def claims_of(result: Result) -> Iterator[Claim]:
    """S3, of untrained nets, as Hanin and Rolnick (2019) have it."""
    parts = []
    for name, rows in result.table[result.table.budget == 0].groupby("data", sort=False):
        rows = known(rows.assign(neurons=rows.hidden * rows.width), "untrained_regions")
        if rows.hidden.nunique() < 2 or rows.neurons.nunique() < 3:
            continue
        dim = _dimension(result, str(name))
        slope = slope_interval(np.log(rows.neurons), np.log(rows.untrained_regions), rows.seed)
        untrained = rows.assign(status="converged")  # nothing was asked of their training
        near = S3["slope less the dimension"].around(dim)
        parts.append(judged(S3.at(setting=f"{name}, d = {dim}"), slope, untrained, near))
    yield over_parts(S3, parts, "needs two or more --hidden, three or more sizes, and untrained nets that bend")


def _dimension(result: Result, name: str) -> int:
    if name == "uniform":
        return int(result.record["parameters"]["dim"])
    return DIMENSIONS.get(name, 2)
