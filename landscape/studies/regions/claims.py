"""The exploratory claims of a run on regions: how their number grows with the neurons, and whether training adds any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from landscape.claims import Claim, over_settings, slope_interval
from landscape.results import Result
from landscape.studies.parts.judging import judged, known, untestable

THRESHOLDS: dict[str, Any] = {"S3": {"within of the dimension": 0.25}}
THRESHOLD = "within ± .25 of the slice's dimension (exploratory, set before the first run)"
DIMENSIONS = {"two-points": 1, "tanh-four": 1}  # of what is cut; a plane elsewhere


def claims_of(result: Result) -> Iterator[Claim]:
    """S3, of untrained nets, as Hanin and Rolnick (2019) have it."""
    words: dict[str, Any] = {
        "key": "S3",
        "statement": "Untrained ReLU nets have about neurons^d regions in d dimensions, hardly depending on depth",
        "estimand": "slope of log regions on log neurons, all depths and widths of the grid together",
        "quote_setting": "none: Hanin and Rolnick (2019), not a claim of the paper",
        "primary": False,
    }
    parts = []
    for name, rows in result.table[result.table.budget == 0].groupby("data", sort=False):
        rows = known(rows.assign(neurons=rows.hidden * rows.width), "untrained_regions")
        if rows.hidden.nunique() < 2 or rows.neurons.nunique() < 3:
            continue
        dim = _dimension(result, str(name))
        margin = THRESHOLDS["S3"]["within of the dimension"]
        found = slope_interval(np.log(rows.neurons), np.log(rows.untrained_regions), rows.seed)
        of = {**words, "setting": f"{name}, d = {dim}"}
        untrained = rows.assign(status="converged")  # nothing was asked of their training
        parts.append(judged(of, found, untrained, inside=(dim - margin, dim + margin), threshold=THRESHOLD))
    if not parts:
        yield untestable(
            words, THRESHOLD, "needs two or more --hidden, three or more sizes, and untrained nets that bend"
        )
    else:
        yield parts[0] if len(parts) == 1 else over_settings(parts, threshold=THRESHOLD)


def _dimension(result: Result, name: str) -> int:
    if name == "uniform":
        return int(result.record["parameters"]["dim"])
    return DIMENSIONS.get(name, 2)
