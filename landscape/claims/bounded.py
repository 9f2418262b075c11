"""Means of values that lie between known bounds: 95 % intervals that need no further knowledge of their distribution.

Gaffke's bound counts a further observation at the bound. The mean of the n values and of the upper bound, with weights
from Dirichlet(1, …, 1), is the upper confidence variable; that of the values and the lower bound is the lower one. Their 97.5 %
and 2.5 % quantiles are the ends, and their smaller tail, doubled, is the p of a threshold. For values of 0 and 1 this is the
interval of Clopper and Pearson. Gaffke (2005); Phan, Thomas & Learned-Miller, "Towards practical mean bounds for small
samples" (ICML 2021). Its level is proven for values at the bounds alone, and was never seen exceeded for others.

Two independent means are compared by melding: the upper variable of one with the lower variable of the other. Fay, Proschan &
Brittain (2015)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from scipy import optimize, special

from landscape.claims.resampling import (
    BLOCK_NUMBERS,
    CONFIDENCE,
    MAX_ACCELERATION,
    MIN_DISTINCT,
    Floats,
    acceleration_of,
    blocks,
    distinct_values,
)

Bounds = tuple[float, float]
TAIL = (1 - CONFIDENCE) / 2  # the probability that an interval leaves out on each side
UNIT: Bounds = (0.0, 1.0)
ROUNDING = 1e-6  # a value outside by less than this share of the range is taken for the bound
NO_BOUNDS: Bounds = (-np.inf, np.inf)


def bounds_of(bounds: Bounds | None, *values: Floats) -> Bounds | None:
    """The bounds that are given, (0, 1) if none are and all values lie there, and None for infinite bounds or if neither holds.

    Raises ValueError for a value that is further outside than rounding, and for bounds that are not low < high."""
    if bounds is None:
        return UNIT if all(bool(((rows >= 0) & (rows <= 1)).all()) for rows in values) else None
    low, high = map(float, bounds)
    if not low < high:
        raise ValueError(f"`bounds` must be two numbers, the smaller one first; got {bounds}.")
    reach = ROUNDING * (high - low) if np.isfinite(high - low) else 0.0
    outside = sum(int(np.sum((rows < low - reach) | (rows > high + reach))) for rows in values)
    if outside:
        raise ValueError(f"`values` must lie within `bounds`; {outside} are outside [{low:g}, {high:g}].")
    return None if (low, high) == NO_BOUNDS else (low, high)


def inferred_bounds(means: Floats) -> Bounds:
    """The bounds of means in [0, 1] whose bounds nobody gave: (0, 1), or (0, inf) if they have a long tail upwards.

    Losses that lie in [0, 1] by chance have such a tail; so have levels 0, 1 and 10 of which the rare 10 was not drawn."""
    centred = means - means.mean()
    acceleration = acceleration_of(centred)
    few = distinct_values(means) < MIN_DISTINCT
    return (0.0, np.inf) if acceleration > (1e-9 if few else MAX_ACCELERATION) else UNIT


def weighted_mean_cdf(points: Floats, threshold: float) -> float:
    """The probability that the mean of `points` with weights from Dirichlet(1, …, 1) is at most `threshold`.

    The weights are those of independent exponentials, which have no memory. Hence this recursion over i points below
    and j points above, at distances a and b from the threshold, is exact and all its terms are positive:

        F(i, j) = (b_j F(i − 1, j) + a_i F(i, j − 1)) / (a_i + b_j),   F(i, 0) = 1,   F(0, j) = 0."""
    below, above = threshold - points[points <= threshold], points[points > threshold] - threshold
    if not len(below) or not len(above):
        return float(len(above) == 0)
    chances = np.zeros(len(below) + 1)  # F(i, total − i), by i
    chances[0] = 1.0
    for total in range(1, len(points) + 1):
        i = slice(max(1, total - len(above)), min(len(below), total - 1) + 1)
        a, b = below[i.start - 1 : i.stop - 1], above[total - i.stop : total - i.start][::-1]
        chances[i] = (b * chances[i.start - 1 : i.stop - 1] + a * chances[i]) / (a + b)
        chances[0] = 0.0
        if total <= len(below):
            chances[total] = 1.0
    return float(chances[len(below)])


def mean_p(values: Floats, bounds: Bounds, threshold: float) -> float:
    """The two-sided p of "the mean equals `threshold`". Exact, without random draws."""
    low, high = bounds
    values = np.clip(values, low, high)
    at_most = weighted_mean_cdf(np.append(values, low), threshold) if np.isfinite(low) else 1.0
    at_least = weighted_mean_cdf(-np.append(values, high), -threshold) if np.isfinite(high) else 1.0
    return min(1.0, 2 * min(at_most, at_least))


def mean_ends(values: Floats, bounds: Bounds) -> tuple[float, float]:
    """The ends of the 95 % interval of the mean. An infinite bound leaves its side without an end."""
    low, high = bounds
    values = np.clip(values, low, high)
    if np.isfinite(bounds).all() and np.isin(values, bounds).all():
        hits = int(np.sum(values == high))
        misses = len(values) - hits
        lower = 0.0 if hits == 0 else float(special.betaincinv(hits, misses + 1, TAIL))
        upper = 1.0 if misses == 0 else float(special.betaincinv(hits + 1, misses, 1 - TAIL))
        return low + lower * (high - low), low + upper * (high - low)
    return _lower_end(values, low), -_lower_end(-values, -high)


def melded(
    first: Floats,
    second: Floats,
    bounds: tuple[Bounds, Bounds],
    combine: Callable[[Floats, Floats], Floats],
    seed: int,
    draws: int,
) -> tuple[float, float, Callable[[float], float]]:
    """The ends of the interval of `combine`(mean of `first`, mean of `second`), and its test; the means are independent.

    `combine` must rise with its first argument and fall with its second."""
    generator = np.random.default_rng(seed)
    a, b = _variables(first, bounds[0], generator, draws), _variables(second, bounds[1], generator, draws)
    return _ends_of(combine(a[0], b[1]), combine(a[1], b[0]))


def paired_ratio(
    first: Floats, second: Floats, bounds: tuple[Bounds, Bounds], seed: int, draws: int
) -> tuple[float, float, Callable[[float], float]]:
    """The same of mean(`first`) / mean(`second`), where the clusters of the two belong together.

    The further observation of the upper variable is the largest numerator with the smallest denominator."""
    (low, high), (least, most) = bounds
    weights = np.concatenate(list(_weights(len(first) + 1, np.random.default_rng(seed), draws)))
    lower = weights @ np.append(first, low) / (weights @ np.append(second, most))
    upper = weights @ np.append(first, high) / (weights @ np.append(second, least))
    return _ends_of(lower, upper)


def _ends_of(lower: Floats, upper: Floats) -> tuple[float, float, Callable[[float], float]]:
    """The ends and the test that draws of a lower and an upper confidence variable give."""
    ends = float(np.quantile(lower, TAIL, method="lower")), float(np.quantile(upper, 1 - TAIL, method="higher"))
    return *ends, partial(_drawn_p, lower, upper)


def _drawn_p(lower: Floats, upper: Floats, threshold: float) -> float:
    tails = np.sum(lower <= threshold), np.sum(upper >= threshold)
    return min(1.0, 2 * float(min(tails) + 1) / (len(lower) + 1))


def _lower_end(values: Floats, low: float) -> float:
    points, top = np.append(values, low), float(values.max())
    if top == low or np.isinf(low):
        return low
    return float(optimize.brentq(lambda t: weighted_mean_cdf(points, t) - TAIL, low, top, xtol=1e-10 * (top - low)))


def _variables(values: Floats, bounds: Bounds, generator: np.random.Generator, draws: int) -> tuple[Floats, Floats]:
    """Draws of the lower and the upper confidence variable: (draws,) twice."""
    parts = [(w[:, :-1] @ values, w[:, -1]) for w in _weights(len(values) + 1, generator, draws)]
    means, rest = (np.concatenate(part) for part in zip(*parts, strict=True))
    return means + rest * bounds[0], means + rest * bounds[1]


def _weights(size: int, generator: np.random.Generator, draws: int) -> Iterator[Floats]:
    """Yield blocks of weights from Dirichlet(1, …, 1): (draws, size)."""
    for block in blocks(draws, max(1, BLOCK_NUMBERS // size)):
        weights = generator.standard_exponential((block, size))
        yield weights / weights.sum(axis=1, keepdims=True)
