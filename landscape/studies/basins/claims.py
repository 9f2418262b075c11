"""The exploratory claim of a run on basins: whether their borders are smooth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from landscape.claims import Claim, mean_interval, over_settings
from landscape.results import Result
from landscape.studies.parts.grids import COUNTED_KEYS
from landscape.studies.parts.judging import judged, known, untestable

THRESHOLDS: dict[str, Any] = {"S4": {"exponent above": 0.9, "unsettled at most": 0.1}}
THRESHOLD = "> .9 (exploratory, set before the first run)"
LINES = ("one-point", "two-points", "tanh-four")  # whose basins end at points: these have no raggedness


def claims_of(result: Result) -> Iterator[Claim]:
    """S4, which is not the paper's."""
    words: dict[str, Any] = {
        "key": "S4",
        "statement": "Basins meet at smooth borders, so that where an orbit ends is hard to tell only beside them",
        "estimand": "uncertainty exponent α of the labels on a plane, mean over networks with more than one basin "
        "and at most 10 % of the starts unsettled; 1: smooth",
        "label": "exploratory, threshold set before the first run, the limit on unsettled starts before that of version 3; not "
        "registered",
        "quote_setting": "none: not a claim of the paper",
        "primary": False,
    }
    limit, parts = THRESHOLDS["S4"]["exponent above"], []
    for (data, count, hidden, width), everyone in in_plane(result).groupby(COUNTED_KEYS, sort=False):
        rows = known(everyone, "exponent")
        if rows.empty:
            continue
        setting = f"{data}, n = {count:,}, {hidden} hidden, width {width}: {len(rows)} of {len(everyone)} networks"
        of = {**words, "setting": setting}
        parts.append(judged(of, mean_interval(rows.exponent), rows, above=limit, threshold=THRESHOLD))
    if not parts:
        yield untestable(words, THRESHOLD, "no network has two basins in a plane, and few starts unsettled")
    else:
        yield parts[0] if len(parts) == 1 else over_settings(parts, threshold=THRESHOLD)


def in_plane(result: Result) -> pd.DataFrame:
    """The members of networks whose basins are looked at on a plane."""
    table = result.table[~result.table.data.isin(LINES)]
    return table[table.data != "uniform"] if result.record["parameters"].get("dim") == 1 else table
