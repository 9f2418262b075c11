"""The largest difference between the means of several settings, in which the same clusters were measured."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np
from scipy import special

from landscape.claims.bounded import TAIL
from landscape.claims.intervals import Interval, unbounded
from landscape.claims.resampling import TIE_TOLERANCE, Floats, Values


def range_interval(values: Values) -> Interval:
    """The largest difference between the means of two columns of `values` (clusters, settings).

    1. The upper end is the largest upper end of the differences of two columns, each by Student's t over clusters. For the
       claim that the range is small this is an intersection-union test, which needs no correction (Berger & Hsu 1996).
    2. The lower end is the largest lower end of the same differences, with Bonferroni's correction for the pairs and signs.

    Either end misses the range of the true means in at most 2.5 % of samples. The estimate is too large on average, because
    noise adds to a range. Rows with NaN are left out. Unbounded with fewer than two clusters or settings, and if no difference
    varies over clusters, because a rare one may not have been seen."""
    rows = np.asarray(values, np.float64)
    rows = rows[np.isfinite(rows).all(axis=1)]
    count, settings = rows.shape
    if count < 2 or settings < 2:
        return unbounded(float("nan"), count, "undefined: fewer than two clusters or settings")
    pairs = np.stack([rows[:, i] - rows[:, j] for i, j in combinations(range(settings), 2)])
    sizes, errors = np.abs(pairs.mean(axis=1)), pairs.std(axis=1, ddof=1) / np.sqrt(count)
    if np.ptp(pairs, axis=1).max() <= TIE_TOLERANCE * np.abs(rows).max():
        return replace(unbounded(float(sizes.max()), count, "no interval: the data show no spread"), constant=True)
    reach = special.stdtrit(count - 1, [1 - TAIL, 1 - TAIL / (2 * len(pairs))])
    return Interval(
        float(sizes.max()),
        max(0.0, float((sizes - reach[1] * errors).max())),
        float((sizes + reach[0] * errors).max()),
        count,
        method="largest difference of means, t over clusters",
        test=partial(_range_p, sizes, errors, count),
    )


def _range_p(sizes: Floats, errors: Floats, count: int, threshold: float) -> float:
    """The smaller of the p of "at least `threshold`" and of "at most `threshold`", doubled."""
    with np.errstate(divide="ignore", invalid="ignore"):
        below = special.stdtr(count - 1, np.nan_to_num((sizes - threshold) / errors)).max()
        above = 2 * len(sizes) * special.stdtr(count - 1, np.nan_to_num((threshold - sizes) / errors)).min()
    return min(1.0, 2 * float(min(below, above)))
