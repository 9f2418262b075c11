"""The exploratory claim of step flatness. The flat share near the data, of the paper's Fig. 3, is tested by depth-sweep."""

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
LINEAR_SHARPNESS, STEP_SHARPNESS = 0.1, 1.0  # the sharpness of an affine map, and of a step
SETS_DRAWN_BY_SEED = ("uniform",)  # each member's seed draws its points, so that seeds are the clusters of intervals


def claims_of(result: Result) -> Iterator[Claim]:
    """S1: deeper nets are more step-like. It is neither the paper's claim nor registered.

    The estimand is a rank correlation with depth. Even if S1 is supported, the maps need not be step functions."""
    parts = []
    for name, rows in result.table[result.table.budget > 0].groupby("data", sort=False):
        if rows.hidden.nunique() > 1:
            depths = ", ".join(map(str, sorted(rows.hidden.unique())))
            of = S1.at(setting=f"{name}, hidden {depths}")
            parts.append(with_converged(of, [rows], _correlation, S1["correlation"]))
    yield over_parts(S1, parts, "needs two or more --hidden and a --budget (--image-budget for images)")


def _correlation(parts: list[pd.DataFrame]) -> Interval:
    """The rank correlation of sharpness with depth. Collapsed and diverged members count as linear, without a step.

    Sharpness does not depend on the scale of the output: the ripples of an almost constant map would count as steps."""
    (rows,) = parts
    clusters = rows.seed if rows.data.iloc[0] in SETS_DRAWN_BY_SEED else None
    steps = rows.sharpness.mask(rows.status.isin(["collapsed", "diverged"]), LINEAR_SHARPNESS).fillna(LINEAR_SHARPNESS)
    return spearman_interval(rows.hidden, steps, clusters)
