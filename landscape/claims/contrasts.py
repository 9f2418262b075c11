"""Two groups compared: 95 % intervals of differences and ratios of means over independent clusters."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from landscape.claims.bounded import NO_BOUNDS, Bounds, bounds_of, inferred_bounds, melded, paired_ratio
from landscape.claims.intervals import Interval, interval_of_means, mean_interval, unbounded, weighted_mean
from landscape.claims.resampling import (
    DRAWS,
    Floats,
    Integers,
    Labels,
    Values,
    cluster_means,
    finite_rows,
    paired_rows,
    permutation_p,
    sign_flip_p,
)


def difference_interval(
    first: Values,
    second: Values,
    clusters_first: Labels = None,
    clusters_second: Labels = None,
    *,
    paired: bool = False,
    bounds: Bounds | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> Interval:
    """The mean of `first` minus the mean of `second`. Its clusters are those of the smaller group.

    `bounds` is the range that the values of both groups can have, by default as in `mean_interval`. With bounds, the melded
    interval of the two bounded means. Without, a BCa interval and the p of permutations of Welch's t, with ends missing as in
    `mean_interval`.

    If `paired`, row i of `first` belongs to row i of `second` and to the cluster clusters_first[i]. The interval is that of the
    mean difference, which has bounds if the values have."""
    if paired:
        rows = paired_rows(first, second)
        finite_rows(rows[0] - rows[1], clusters_first)
        within = bounds_of(bounds, *rows)
        reach = within[1] - within[0] if within is not None else np.inf
        return mean_interval(rows[0] - rows[1], clusters_first, bounds=(-reach, reach), seed=seed, draws=draws)
    within = bounds_of(bounds, finite_rows(first, clusters_first)[0], finite_rows(second, clusters_second)[0])
    a, b = cluster_means(first, clusters_first), cluster_means(second, clusters_second)
    count = min(len(a), len(b))
    if count < 2:
        return unbounded(_mean(a) - _mean(b), count, "undefined: fewer than two clusters in a group")
    if within is not None:
        low, high, drawn = melded(a, b, _bounds_of_each(within, bounds, a, b), np.subtract, seed, draws)
        constant = _constant(a) and _constant(b)
        return Interval(
            _mean(a) - _mean(b), low, high, count, constant=constant, method="melded bounded means", test=drawn
        )
    test = partial(_difference_p, a, b, seed=seed, draws=draws)
    size = float(np.max(np.abs(np.concatenate([a, b]))))
    statistic = partial(_weighted_difference, a, b)
    method = "BCa over cluster means"
    return replace(
        interval_of_means((a, b), statistic, _two_strata(a, b), size, test, method, seed, draws), clusters=count
    )


def ratio_interval(
    numerator: Values,
    denominator: Values,
    clusters_numerator: Labels = None,
    clusters_denominator: Labels = None,
    *,
    paired: bool = False,
    bounds: Bounds | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> Interval:
    """The mean of `numerator` over the mean of `denominator`.

    `bounds` is the range that the values of both can have, by default as in `mean_interval`. With bounds, the interval of two
    bounded means, melded or paired. Without, a BCa interval, with ends missing as in `mean_interval`, and p tests that the mean
    of `numerator` equals threshold × the mean of `denominator`. Raises ValueError unless every denominator is positive, and for
    negative bounds. For ratios of typical values use `log_ratio_interval`."""
    _refuse_unless_positive("denominator", denominator)
    if paired:
        paired_rows(numerator, denominator)
        clusters_denominator = clusters_numerator
    within = bounds_of(
        bounds, finite_rows(numerator, clusters_numerator)[0], finite_rows(denominator, clusters_denominator)[0]
    )
    if within is not None and within[0] < 0:
        raise ValueError(f"`bounds` of a ratio must not be negative; got {bounds}.")
    a, b = cluster_means(numerator, clusters_numerator), cluster_means(denominator, clusters_denominator)
    count = min(len(a), len(b))
    if count < 2:
        return unbounded(_mean(a) / _mean(b), count, "undefined: fewer than two clusters")
    if within is not None:
        each = _bounds_of_each(within, bounds, a, b)
        ends = paired_ratio(a, b, each, seed, draws) if paired else melded(a, b, each, np.divide, seed, draws)
        constant, estimate = _constant(a) and _constant(b), _mean(a) / _mean(b)
        return Interval(estimate, *ends[:2], count, constant=constant, method="ratio of bounded means", test=ends[2])
    test = partial(_ratio_p, a, b, paired, seed=seed, draws=draws)
    strata = np.zeros(len(a), dtype=np.intp) if paired else _two_strata(a, b)
    statistic = partial(_paired_ratio if paired else _weighted_ratio, a, b)
    scale = float(np.max(np.abs(a)) / np.max(b))
    method = "BCa of a ratio of means"
    return replace(interval_of_means((a, b), statistic, strata, scale, test, method, seed, draws), clusters=count)


def log_ratio_interval(
    numerator: Values,
    denominator: Values,
    clusters_numerator: Labels = None,
    clusters_denominator: Labels = None,
    *,
    paired: bool = False,
    seed: int = 0,
    draws: int = DRAWS,
) -> Interval:
    """The mean log of `numerator` minus that of `denominator`. Logs are natural; give thresholds as logs too, such as log ½."""
    _refuse_unless_positive("numerator", numerator)
    _refuse_unless_positive("denominator", denominator)
    logs = np.log(np.asarray(numerator, float)), np.log(np.asarray(denominator, float))
    return difference_interval(
        *logs, clusters_numerator, clusters_denominator, paired=paired, bounds=NO_BOUNDS, seed=seed, draws=draws
    )


def _bounds_of_each(within: Bounds, given: Bounds | None, a: Floats, b: Floats) -> tuple[Bounds, Bounds]:
    return (inferred_bounds(a), inferred_bounds(b)) if given is None else (within, within)


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _constant(values: Floats) -> bool:
    return bool(np.ptp(values) == 0)


def _two_strata(a: Floats, b: Floats) -> Integers:
    return np.repeat(np.array([0, 1], dtype=np.intp), [len(a), len(b)])


def _weighted_difference(a: Floats, b: Floats, weights: Floats) -> Floats:
    return weighted_mean(a, weights[:, : len(a)]) - weighted_mean(b, weights[:, len(a) :])


def _weighted_ratio(a: Floats, b: Floats, weights: Floats) -> Floats:
    return weighted_mean(a, weights[:, : len(a)]) / weighted_mean(b, weights[:, len(a) :])


def _paired_ratio(a: Floats, b: Floats, weights: Floats) -> Floats:
    ratio: Floats = (weights @ a) / (weights @ b)
    return ratio


def _difference_p(a: Floats, b: Floats, threshold: float, *, seed: int, draws: int) -> float:
    return permutation_p(a - threshold, b, seed=seed, draws=draws)


def _ratio_p(a: Floats, b: Floats, paired: bool, threshold: float, *, seed: int, draws: int) -> float:
    if paired:
        return sign_flip_p(a - threshold * b, seed=seed, draws=draws)
    return permutation_p(a, threshold * b, seed=seed, draws=draws)


def _refuse_unless_positive(name: str, values: Values) -> None:
    rows = np.asarray(values, dtype=np.float64)
    if not (rows > 0).all():
        raise ValueError(
            f"`{name}` must be positive in every row for a ratio; {np.sum(~(rows > 0))} of {rows.size} are not."
        )
