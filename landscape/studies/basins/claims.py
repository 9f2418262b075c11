"""The exploratory claim of a run on basins: whether their borders are smooth."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.claims import Claim, Statement, Threshold, mean_interval
from landscape.results import Result
from landscape.studies.parts.grids import COUNTED_KEYS
from landscape.studies.parts.judging import finite_rows, judged, over_parts

S4 = Statement(
    "S4",
    "Basins meet at smooth borders, so that where an orbit ends is hard to tell only beside them",
    "none: not a claim of the paper",
    "uncertainty exponent α of the labels on a plane, mean over networks with more than one basin "
    "and at most 10 % of the starts unsettled; 1: smooth",
    {"exponent": Threshold(above=0.9, wording="{words} (exploratory, set before the first run)")},
    {"unsettled": Threshold(at_most=0.1)},
    label="exploratory, threshold set before the first run, the limit on unsettled starts before that of version 3; not "
    "registered",
    primary=False,
)
STATEMENTS = (S4,)
LINE_SETS = ("one-point", "two-points", "tanh-four")  # on the line basins meet at single points, which are not ragged


def claims_of(result: Result) -> Iterator[Claim]:
    """The claim S4, that basins meet at smooth borders. It is exploratory, and not a claim of the paper."""
    parts = []
    for (data, count, hidden, width), everyone in in_plane(result).groupby(COUNTED_KEYS, sort=False):
        rows = finite_rows(everyone, "exponent")
        if rows.empty:
            continue
        setting = f"{data}, n = {count:,}, {hidden} hidden, width {width}: {len(rows)} of {len(everyone)} networks"
        parts.append(judged(S4.at(setting=setting), mean_interval(rows.exponent), rows, S4["exponent"]))
    yield over_parts(S4, parts, "no network has two basins in a plane, and few starts unsettled")


def in_plane(result: Result) -> pd.DataFrame:
    """The rows of the networks whose basins are looked at on a plane."""
    table = result.table[~result.table.data.isin(LINE_SETS)]
    return table[table.data != "uniform"] if result.record["parameters"].get("dim") == 1 else table
