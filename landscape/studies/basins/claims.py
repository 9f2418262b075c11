"""The exploratory claim of a run on basins: whether their borders are smooth.

A smooth border with turns finer than a step of the grid looks ragged on a coarse grid, and its exponent comes nearer to 1 on a
finer one. The evidence is therefore the trend with resolution, and the exponent at the finest. The trend alone proves nothing:
those of Newton's and Grebogi's fractal borders are −.04 to −.14 at 129 and 201 starts a side. The exponent tells these from
smooth borders. Means cannot carry it: the lower end of a bounded mean of 30 shares near 1 is .88 at best. Hence medians."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from landscape.claims import Claim, Interval, Statement, Threshold, median_interval
from landscape.results import Result
from landscape.studies.parts.grids import COUNTED_KEYS
from landscape.studies.parts.judging import combined, finite_rows, untestable
from landscape.studies.parts.pooling import judged_by

S4 = Statement(
    "S4",
    "Basins meet at smooth borders, so that where an orbit ends is hard to tell only beside them",
    "none: not a claim of the paper",
    "of networks with more than one basin in a plane and at most 10 % of the starts unsettled (those on invariant circles and "
    "long cycles are settled), median seed: slope of log(1 − α) on log resolution, and α on the finest grid, where α is the "
    "uncertainty exponent; 1: smooth",
    {"trend": Threshold(below=0.0), "finest": Threshold(at_least=0.95)},
    {"unsettled": Threshold(at_most=0.1)},
    whole="trend {trend.words}, and finest {finest.words} (exploratory, set before the first run of version 5)",
    label="exploratory, not registered with the paper's claims",
    primary=False,
)
STATEMENTS = (S4,)
COLUMNS = {"trend": "trend", "finest": "exponent"}  # by the names of S4's thresholds
LINE_SETS = ("one-point", "two-points", "tanh-four")  # on the line basins meet at single points, which are not ragged


def claims_of(result: Result) -> Iterator[Claim]:
    """The claim S4, that basins meet at smooth borders. It is exploratory, and not a claim of the paper.

    Both estimands are pooled over the settings; clusters are seeds, as the same seeds run in every setting."""
    everyone = in_plane(result)
    rows = finite_rows(everyone, *COLUMNS.values())
    if rows.empty:
        yield untestable(S4, "no network has two basins in a plane, and few starts unsettled")
        return
    yield combined(S4, [_pooled(name, rows, len(everyone)) for name in COLUMNS])


def _pooled(name: str, rows: pd.DataFrame, networks: int) -> Claim:
    def median(some: pd.DataFrame) -> Interval:
        return median_interval(some[COLUMNS[name]], some.seed)

    return judged_by(S4, name, rows, median, COUNTED_KEYS, _words, f"{len(rows)} of {networks} networks in a plane")


def _words(row: pd.Series) -> str:
    return f"{row['data']}, n = {row['count']:,}, {row['hidden']} hidden, width {row['width']}"


def in_plane(result: Result) -> pd.DataFrame:
    """The rows of the networks whose basins are looked at on a plane."""
    table = result.whole[~result.whole.data.isin(LINE_SETS)]
    return table[table.data != "uniform"] if result.record["parameters"].get("dim") == 1 else table
