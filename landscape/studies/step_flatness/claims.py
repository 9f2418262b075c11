"""The exploratory claim of a step-flatness run. C3's flat share near the data is depth-sweep's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from landscape.claims import Claim, Interval, over_settings, spearman_interval
from landscape.results import Result
from landscape.studies.parts.judging import untestable, with_converged

THRESHOLDS: dict[str, Any] = {"S1": {"correlation above": 0.3}}
LINEAR, STEP = 0.1, 1.0  # the sharpness of an affine map and of a step
DRAWN = ("uniform",)  # sets whose points come from the member's seed: there seeds are the clusters
THRESHOLD = "≥ .3 (exploratory, set before the first run)"


def claims_of(result: Result) -> Iterator[Claim]:
    """S1, which is not the paper's and not registered. It says that depth sharpens, not that a step is reached."""
    words: dict[str, Any] = {
        "key": "S1",
        "statement": "The deeper the net, the more step-like the map between training points",
        "estimand": "Spearman(hidden, sharpness) at equal parameters, collapsed and diverged maps counted as no step (.1)",
        "label": "exploratory, threshold set before the first run; not registered",
        "quote_setting": "none: not a claim of the paper",
        "primary": False,
    }
    parts = []
    for name, rows in result.table[result.table.budget > 0].groupby("data", sort=False):
        if rows.hidden.nunique() > 1:
            depths = ", ".join(map(str, sorted(rows.hidden.unique())))
            setting = {**words, "setting": f"{name}, hidden {depths}"}
            limit = THRESHOLDS["S1"]["correlation above"]
            parts.append(with_converged(setting, [rows], _correlation, above=limit, threshold=THRESHOLD))
    if not parts:
        yield untestable(words, THRESHOLD, "needs two or more --hidden and a --budget (--image-budget for images)")
    else:
        yield parts[0] if len(parts) == 1 else over_settings(parts, threshold=THRESHOLD)


def _correlation(parts: list[pd.DataFrame]) -> Interval:
    """Sharpness is free of scale, so that a map's last ripples would count as steps where it is all but constant."""
    (rows,) = parts
    clusters = rows.seed if rows.data.iloc[0] in DRAWN else None
    steps = rows.sharpness.mask(rows.status.isin(["collapsed", "diverged"]), LINEAR).fillna(LINEAR)
    return spearman_interval(rows.hidden, steps, clusters)
