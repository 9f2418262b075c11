"""Claims on a value per data set and seed, such as the rank correlation with depth among the networks of a seed."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from landscape.claims import Claim, Interval, Statement, median_interval
from landscape.studies.parts.judging import judged, with_converged

GROUPS = ["data", "seed"]  # the networks of a seed on a data set are compared with each other


def rank_trend(rows: pd.DataFrame, by: str, column: str) -> pd.Series[float]:
    """Spearman's correlation of `column` with `by` among the rows of each data set and seed, indexed by both.

    Values without any variation have the correlation 0. It is missing where `by` has a single level."""
    centred = {name: _centred_ranks(rows, name) for name in (by, column)}
    together = pd.DataFrame({"x": centred[by], "y": centred[column]}).assign(**{key: rows[key] for key in GROUPS})
    together = together.assign(xy=together.x * together.y, xx=together.x**2, yy=together.y**2)
    sums = together.groupby(GROUPS)[["xy", "xx", "yy"]].sum()
    sums = sums[sums.xx > 0]
    spread = (sums.xx * sums.yy) ** 0.5
    trend: pd.Series[float] = sums.xy / spread.where(spread > 0, 1.0)
    return trend


def over_data(
    statement: Statement, rows: pd.DataFrame, values: Callable[[pd.DataFrame], pd.Series[float]], threshold: str
) -> Claim:
    """The claim on the median over seeds of each seed's mean over the data sets, with the data sets' claims beside it.

    `values` computes a number per data set and seed from rows of members. A seed without a number on every data set is left
    out. All members are the primary estimand, the converged the second."""

    def over_seeds(parts: list[pd.DataFrame]) -> Interval:
        return median_interval(values(parts[0]).unstack("data").dropna().mean(axis=1))

    asked, numbers, each = statement[threshold], values(rows), []
    for name, part in rows.groupby("data", sort=False):
        of = statement.at(setting=f"{name}, {statement.setting}")
        each.append(judged(of, median_interval(numbers.xs(name, level="data")), part, asked))
    return with_converged(statement if len(each) > 1 else of, [rows], over_seeds, asked, each)


def _centred_ranks(rows: pd.DataFrame, name: str) -> pd.Series[float]:
    """Mid-ranks within the data set and seed, less their mean."""
    ranks = rows.groupby(GROUPS)[name].rank()
    centred: pd.Series[float] = ranks - ranks.groupby([rows[key] for key in GROUPS]).transform("mean")
    return centred
