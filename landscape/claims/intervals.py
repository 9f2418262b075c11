"""95 % confidence intervals over independent clusters, each with a p-value against any threshold.

A cluster is what was drawn independently. If the data are drawn, it is a data seed with all its members. If only the
initialisation varies, it is a member. `clusters=None` makes every row a cluster.

NaN is refused: drop failed members and count them in the claim. Data that cannot carry an interval (fewer than two clusters,
or a single level) give an unbounded interval, on which every verdict is undecided.

A sample of values without known bounds may not show the tail that moves their mean. The interval of the mean therefore has no
end on a side with a long tail, and no ends at all where few distinct values were seen. Nothing helps against a rare collapse
that the sample happens not to hold: 36 % of samples of 20 hold none of the values that 5 % have. If the values have bounds,
give them; otherwise compare logs or medians."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from scipy import special

from landscape.claims.bounded import TAIL, UNIT, Bounds, bounds_of, inferred_bounds, mean_ends, mean_p
from landscape.claims.resampling import (
    DRAWS,
    MAX_ACCELERATION,
    MIN_DEGREES_FOR_BCA,
    MIN_DISTINCT,
    TIE_TOLERANCE,
    Floats,
    Integers,
    Labels,
    Statistic,
    Values,
    acceleration_of,
    cluster_bounds,
    cluster_means,
    degrees_of_freedom,
    distinct_values,
    finite_rows,
    influences,
    sign_flip_p,
)

Test = Callable[[float], float]
LEAST_SHARE = 0.15  # of the variance of a difference: a skewed group that has less does not matter


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval over `clusters` independent units.

    `constant`: the data show no spread, so that the interval does not reflect how samples vary. `test` maps a threshold to the
    two-sided p of "the estimand equals the threshold"; `p` is NaN until `against` is called."""

    estimate: float
    low: float
    high: float
    clusters: int
    p: float = float("nan")
    constant: bool = False
    method: str = ""
    test: Test | None = field(default=None, repr=False, compare=False)

    def against(self, threshold: float) -> Interval:
        """The same interval with the p of "the estimand equals `threshold`". Unchanged if the interval has no test."""
        return self if self.test is None else replace(self, p=float(self.test(threshold)))


def mean_interval(
    values: Values, clusters: Labels = None, *, bounds: Bounds | None = None, seed: int = 0, draws: int = DRAWS
) -> Interval:
    """The mean of the cluster means.

    `bounds` is the range that the values can have; give it wherever it is known. An infinite end says that there is none. If
    nothing is given and all values lie in [0, 1], these are the bounds, without the upper one if the values have a long tail
    upwards (`inferred_bounds`).

    - With bounds, Gaffke's interval and its p, computed exactly. Their level is proven for values at the bounds, and was never
      seen exceeded for other distributions between them (`bounded.py`).
      On the side of an infinite bound there is no end.
    - Without, a BCa bootstrap interval over clusters and the p of sign flips. It lacks an end on the side of a long tail,
      and both if fewer than MIN_DISTINCT distinct values were seen: then compare logs or medians, or give bounds. A rare value
      far away that was not drawn is not accounted for.

    Raises ValueError for values outside the bounds."""
    rows = finite_rows(values, clusters)[0]
    within = bounds_of(bounds, rows)
    means = cluster_means(rows, clusters)
    if len(means) < 2:
        return unbounded(_mean(means), len(means), "undefined: fewer than two clusters")
    if within is not None:
        return bounded_mean(means, within if bounds else inferred_bounds(means), "Gaffke's bound over cluster means")
    test = partial(_mean_p, means, seed=seed, draws=draws)
    statistic = partial(weighted_mean, means)
    strata = np.zeros(len(means), dtype=np.intp)
    return interval_of_means((means,), statistic, strata, _size(means), test, "BCa over cluster means", seed, draws)


def median_interval(values: Values, clusters: Labels = None) -> Interval:
    """The median of the cluster medians, with the exact interval of order statistics and the p of the sign test.

    A value may be +inf, which stands for "not within T iterations"."""
    rows, ids = finite_rows(values, clusters, finite=False)
    count = ids.max(initial=-1) + 1
    medians = np.sort(rows if count == len(rows) else [np.median(rows[ids == g]) for g in range(count)])
    if count < 2:
        return unbounded(float(medians[0]) if count else float("nan"), count, "undefined: fewer than two clusters")
    outside = int(np.searchsorted(special.bdtr(np.arange(count), count, 0.5), TAIL))
    low, high = (medians[outside - 1], medians[count - outside]) if outside else (-np.inf, np.inf)
    return Interval(
        float(np.median(medians)),
        float(low),
        float(high),
        count,
        constant=bool(medians[0] == medians[-1]),
        method="order statistics of cluster medians",
        test=partial(_sign_test_p, medians),
    )


def share_interval(hits: Values, clusters: Labels = None) -> Interval:
    """The mean over clusters of the share of true rows, with the Clopper–Pearson interval and its binomial p.

    For clustered rows, Gaffke's interval of the clusters' shares, which is the same if each cluster has one row. Raises
    ValueError for values other than 0 and 1: a share measured per member goes to `mean_interval`."""
    rows = finite_rows(hits, clusters)[0]
    if not np.isin(rows, UNIT).all():
        raise ValueError(
            "`hits` must be true or false in every row; got other values. Use mean_interval for shares per member."
        )
    shares = cluster_means(rows, clusters)
    if len(shares) == 0:
        return unbounded(float("nan"), 0, "undefined: no rows")
    alone = len(shares) == len(rows)
    return bounded_mean(shares, UNIT, "Clopper–Pearson" if alone else "Gaffke's bound over the clusters' shares")


def bounded_mean(means: Floats, bounds: Bounds, method: str) -> Interval:
    """The interval of a mean of values between `bounds`."""
    low, high = mean_ends(means, bounds)
    constant = bool(np.ptp(means) <= TIE_TOLERANCE * _size(means))
    test = partial(mean_p, means, bounds)
    if np.isinf(bounds).any():
        method += "; no bound on one side, and no end there: give `bounds`"
    return Interval(_mean(means), low, high, len(means), constant=constant, method=method, test=test)


def interval_of_means(
    groups: tuple[Floats, ...],
    statistic: Statistic,
    strata: Integers,
    scale: float,
    test: Test,
    method: str,
    seed: int,
    draws: int,
) -> Interval:
    """The BCa interval of a statistic of the groups' means, without the ends that the data cannot carry.

    A sample of a long tail mostly lacks its far values, so that the interval is short of the truth on the side of the tail. It
    has no end there if the skewness of the clusters' influences, of any group, is beyond MAX_ACCELERATION; unless all groups
    that are so skewed have less than LEAST_SHARE of the variance."""
    found = bootstrap(statistic, strata, scale, test, method, seed, draws)
    if found.constant or any(distinct_values(group) < min(MIN_DISTINCT, len(group)) for group in groups):
        why = f"no interval: fewer than {MIN_DISTINCT} distinct values and no bounds; give bounds, or compare medians"
        return replace(unbounded(found.estimate, found.clusters, why), constant=found.constant)
    influence = influences(statistic, strata)
    parts = [influence[strata == level] for level in np.unique(strata)]
    accelerations = [acceleration_of(part) for part in parts]
    upwards, downwards = max(accelerations) > MAX_ACCELERATION, min(accelerations) < -MAX_ACCELERATION
    shares = [float(np.sum(part**2) / np.sum(influence**2)) for part in parts]
    matters = any(abs(a) > MAX_ACCELERATION and s > LEAST_SHARE for a, s in zip(accelerations, shares, strict=True))
    if not matters:
        return found
    lacking = "ends" if upwards and downwards else "upper end" if upwards else "lower end"
    return replace(
        found,
        low=-np.inf if downwards else found.low,
        high=np.inf if upwards else found.high,
        method=f"{found.method}; no {lacking}: too skewed for a mean, compare logs or medians",
        test=partial(_one_sided, test, found.estimate, upwards, downwards),
    )


def unbounded(estimate: float, clusters: int, method: str) -> Interval:
    """The interval of data that cannot carry a finite interval. Every verdict on it is undecided."""
    return Interval(estimate, -np.inf, np.inf, clusters, method=method)


def bootstrap(
    statistic: Statistic, strata: Integers, scale: float, test: Test, method: str, seed: int, draws: int, rows: int = 1
) -> Interval:
    """The BCa interval of a cluster-weighted statistic, or the jackknife's t interval if there are few clusters."""
    low, high, constant = cluster_bounds(statistic, strata, rows=rows, scale=scale, seed=seed, draws=draws)
    estimate = float(statistic(np.ones((1, len(strata))))[0])
    method = (
        method if constant or degrees_of_freedom(strata) >= MIN_DEGREES_FOR_BCA else "jackknife t, for few clusters"
    )
    return Interval(estimate, low, high, len(strata), constant=constant, method=method, test=test)


def weighted_mean(values: Floats, weights: Floats) -> Floats:
    """The mean of the values under each draw of weights (draws, values): (draws,)."""
    mean: Floats = weights @ values / weights.sum(axis=1)
    return mean


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _size(values: Floats) -> float:
    return float(np.max(np.abs(values)))


def _one_sided(test: Test, estimate: float, upwards: bool, downwards: bool, threshold: float) -> float:
    """The p of the test, 1 for thresholds on a side where the interval has no end."""
    beyond = (upwards and threshold > estimate) or (downwards and threshold < estimate)
    return 1.0 if beyond else test(threshold)


def _mean_p(means: Floats, threshold: float, *, seed: int, draws: int) -> float:
    return sign_flip_p(means - threshold, seed=seed, draws=draws)


def _sign_test_p(medians: Floats, threshold: float) -> float:
    """Two-sided. Values at the threshold count for neither side, which keeps the test valid."""
    larger = max(np.sum(medians > threshold), np.sum(medians < threshold))
    return min(1.0, 2 * float(special.bdtrc(larger - 1, len(medians), 0.5)))
