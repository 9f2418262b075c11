"""The claims on fixed points: where gradient descent ends, how samples are distributed, how many minima are off the data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from landscape.claims import Claim, Interval, Statement, Threshold, mean_interval, share_interval, slope_interval
from landscape.results import Result
from landscape.studies.parts.grids import COUNTED_KEYS, COUNTED_SETS
from landscape.studies.parts.judging import combined, finite_rows, judged, over_parts, untestable, with_converged

C16 = Statement(
    "C16",
    "Descending the loss from noise ends at points that iteration leaves; from data with noise it is better",
    "N(0, I) starts, or training data with noise",
    "share of ends at unstable fixed points or none; share at training points, from data less from N(0, I)",
    {"unstable or none": Threshold(at_least=0.5), "from data less from N(0, I)": Threshold(at_least=0.2)},
    whole="{unstable or none.words}, and {from data less from N(0, I).words}",
)
C19B = Statement(
    "C19b",
    "Samples have the density exp(−‖x − f(x)‖²), by which every fixed point is equally likely",
    "none",
    "Spearman(samples, −loss) over boxes; share of networks whose stable points are not visited alike (χ²)",
    {"rank correlation": Threshold(above=0.5), "visits unequal at 5 %": Threshold(below=0.5)},
    {"p of equal visits": Threshold(below=0.05)},
    whole="{rank correlation.words}, and {visits unequal at 5 %.words} (uniform starts, ε = .01)",
)
C22 = Statement(
    "C22",
    "There are more local minima off the data the more training points there are",
    "more local minima outside the data",
    "slope of spurious fixed points per net on log₂ n",
    {"slope": Threshold(above=0.0)},
    quote="“more local minima outside the data”",
)
STATEMENTS = (C16, C19B, C22)


def claims_of(result: Result) -> Iterator[Claim]:
    """Yield every claim of the study. A claim is untestable if the run's parameters leave out its setting."""
    table = result.table
    yield from (_gradient(table), _density(table), _spurious(table))


def _gradient(table: pd.DataFrame) -> Claim:
    parts = []
    for setting, rows in _settings(table, "gradient_stable"):
        shares = {
            "unstable or none": 1 - rows.gradient_stable,
            "from data less from N(0, I)": rows.gradient_data_training - rows.gradient_training,
        }
        for (name, share), least in zip(shares.items(), (0, -1), strict=True):
            interval = mean_interval(share, bounds=(least, 1))
            parts.append(judged(C16.at(setting=f"{setting}: {name}"), interval, rows, C16[name]))
    return combined(C16, parts) if parts else untestable(C16, "no network is finite")


def _density(table: pd.DataFrame) -> Claim:
    parts, rank, visits = [], "rank correlation", "visits unequal at 5 %"
    for setting, rows in _settings(table, "density_rank"):
        interval = mean_interval(rows.density_rank, bounds=(-1, 1))
        parts.append(judged(C19B.at(setting=f"{setting}: {rank}"), interval, rows, C19B[rank]))
        several = finite_rows(rows, "equal_visits_p")
        if len(several):
            uneven = share_interval(several.equal_visits_p.map(C19B.limits["p of equal visits"].holds))
            parts.append(judged(C19B.at(setting=f"{setting}: {visits}"), uneven, several, C19B[visits]))
    return combined(C19B, parts) if parts else untestable(C19B, "no network is finite")


def _spurious(table: pd.DataFrame) -> Claim:
    parts = []
    drawn = finite_rows(table[table.data.isin(COUNTED_SETS)], "spurious")
    for _, rows in drawn.groupby(["data", "hidden", "width"], sort=False):
        data, hidden, width = rows.iloc[0][["data", "hidden", "width"]]
        if rows["count"].nunique() > 1:
            of = C22.at(setting=f"{data}, {hidden} hidden, width {width}")
            parts.append(with_converged(of, [rows], _slope, C22["slope"]))
    return over_parts(C22, parts, "needs --data uniform and two or more --count")


def _slope(parts: list[pd.DataFrame]) -> Interval:
    (rows,) = parts
    return slope_interval(np.log2(rows["count"]), rows.spurious, rows.seed)


def _settings(table: pd.DataFrame, column: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each cell in words, with the rows of its members that have a number in the column."""
    for _, rows in finite_rows(table, column).groupby(COUNTED_KEYS, sort=False):
        data, count, hidden, width = rows.iloc[0][COUNTED_KEYS]
        yield f"{data}, n = {count:,}, {hidden} hidden, width {width}", rows
