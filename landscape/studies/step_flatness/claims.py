"""The exploratory claim of a step-flatness run. C3's flat share near the data is depth-sweep's."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.claims import Claim, Interval, Statement, Threshold, spearman_interval
from landscape.results import Result
from landscape.studies.parts.judging import over_parts, with_converged

S1 = Statement(
    "S1",
    "The deeper the net, the more step-like the map between training points",
    "none: not a claim of the paper",
    "Spearman(hidden, sharpness) at equal parameters, collapsed and diverged maps counted as no step (.1)",
    {"correlation": Threshold(at_least=0.3, wording="{words} (exploratory, set before the first run)")},
    label="exploratory, threshold set before the first run; not registered",
    primary=False,
)
STATEMENTS = (S1,)
LINEAR, STEP = 0.1, 1.0  # the sharpness of an affine map and of a step
DRAWN = ("uniform",)  # sets whose points come from the member's seed: there seeds are the clusters


def claims_of(result: Result) -> Iterator[Claim]:
    """S1, which is not the paper's and not registered. It says that depth sharpens, not that a step is reached."""
    parts = []
    for name, rows in result.table[result.table.budget > 0].groupby("data", sort=False):
        if rows.hidden.nunique() > 1:
            depths = ", ".join(map(str, sorted(rows.hidden.unique())))
            of = S1.at(setting=f"{name}, hidden {depths}")
            parts.append(with_converged(of, [rows], _correlation, S1["correlation"]))
    yield over_parts(S1, parts, "needs two or more --hidden and a --budget (--image-budget for images)")


def _correlation(parts: list[pd.DataFrame]) -> Interval:
    """Sharpness is free of scale, so that a map's last ripples would count as steps where it is all but constant."""
    (rows,) = parts
    clusters = rows.seed if rows.data.iloc[0] in DRAWN else None
    steps = rows.sharpness.mask(rows.status.isin(["collapsed", "diverged"]), LINEAR).fillna(LINEAR)
    return spearman_interval(rows.hidden, steps, clusters)
