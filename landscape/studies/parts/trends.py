"""Claims on a value per data set and seed, such as the rank correlation with depth among the networks of a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from landscape.claims import Claim, Interval, Statement, median_interval
from landscape.studies.parts.judging import judged, with_converged

GROUPS = ["data", "seed"]  # the networks of a seed on a data set are compared with each other


def rank_trend(rows: pd.DataFrame, by: str, column: str) -> pd.Series[float]:
    """Spearman's correlation of `column` with `by` among the rows of each data set and seed, indexed by both.

    Values without any variation have the correlation 0. It is missing where `by` has a single level."""
    groups = rows.groupby(GROUPS)
    group, index = groups.ngroup().to_numpy(), groups.size().index
    x, y = (_centred_ranks(rows[name].to_numpy(), group) for name in (by, column))
    together, spread, other = (np.bincount(group, weights=product) for product in (x * y, x * x, y * y))
    size = np.sqrt(spread * other)
    trend = pd.Series(np.divide(together, size, out=np.zeros_like(size), where=size > 0), index)
    return trend[spread > 0]


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


def _centred_ranks(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The mid-ranks of the values within their groups, less the group's mean."""
    order = np.lexsort((values, group))
    first = np.diff(values[order], prepend=np.nan) != 0
    first |= np.diff(group[order], prepend=-1) != 0
    tie = np.empty(len(values), dtype=np.intp)
    tie[order] = np.cumsum(first) - 1
    place = np.empty(len(values))
    place[order] = np.arange(len(values))
    ranks = (np.bincount(tie, weights=place) / np.bincount(tie))[tie]
    centred: np.ndarray = ranks - (np.bincount(group, weights=ranks) / np.bincount(group))[group]
    return centred
