"""Spearman's rank correlation with fixed levels, over independent clusters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from landscape.claims.intervals import Interval, bootstrap, unbounded
from landscape.claims.resampling import (
    DRAWS,
    Floats,
    Integers,
    Labels,
    Values,
    finite_rows,
    influences,
    paired_rows,
    shuffles,
    sign_flip_p,
)


def spearman_interval(
    levels: Values, values: Values, clusters: Labels = None, *, seed: int = 0, draws: int = DRAWS
) -> Interval:
    """Spearman's correlation of fixed `levels` with `values`, with a BCa interval.

    Clusters are redrawn among the clusters that were seen at the same levels, so that every redraw keeps the design. The p of
    zero is that of permutations. The p of another threshold is that of sign flips of the jackknife influences, and for a
    threshold between zero and the estimate the larger of the two. Constant values have no correlation: the interval is then
    [−1, 1], marked `constant`."""
    column = paired_rows(levels, values)[0]
    return _spearman(column[:, None], values, clusters, seed, draws)


def spearman_difference_interval(
    first: Values, second: Values, values: Values, clusters: Labels = None, *, seed: int = 0, draws: int = DRAWS
) -> Interval:
    """Spearman(`first`, values) minus Spearman(`second`, values), for a grid whose rows have a level of each."""
    paired_rows(first, values)
    return _spearman(np.stack(paired_rows(first, second), axis=1), values, clusters, seed, draws)


def _spearman(levels: Floats, values: Values, clusters: Labels, seed: int, draws: int) -> Interval:
    """The correlation with the only column of levels, or with the first column minus that with the second."""
    rows, ids = finite_rows(values, clusters)
    finite_rows(levels.ravel(), None)
    count = len(np.unique(ids))
    if count < 2 or (np.ptp(levels, axis=0) == 0).any():
        return unbounded(float("nan"), count, "undefined: fewer than two clusters or levels")
    if np.ptp(rows) == 0:
        width = float(levels.shape[1])
        return Interval(0.0, -width, width, count, constant=True, method="undefined: constant values")
    ranked = Correlation(tuple(_ties(column) for column in levels.T), _ties(rows), ids)
    codes = np.unique(levels, axis=0, return_inverse=True)[1].ravel()
    strata, crossed = _strata(codes, ids)
    test = partial(_p, ranked, strata, crossed, seed=seed, draws=draws)
    bounds = bootstrap(ranked, strata, 1.0, test, "BCa within levels", seed, draws, rows=len(rows))
    reach = levels.shape[1]
    return replace(bounds, low=max(bounds.low, -reach), high=min(bounds.high, reach))


@dataclass(frozen=True)
class Ties:
    """The ties of a variable: its sorted order, where each group of equal values starts in it, and each row's group."""

    order: Integers
    starts: Integers
    group: Integers

    def ranks(self, weights: Floats) -> Floats:
        """Centred mid-ranks under row weights: (draws, rows)."""
        sizes = np.add.reduceat(weights[:, self.order], self.starts, axis=1)
        middles = np.cumsum(sizes, axis=1) - sizes / 2 - sizes.sum(axis=1, keepdims=True) / 2
        ranks: Floats = middles[:, self.group]
        return ranks


@dataclass(frozen=True)
class Correlation:
    """A function of cluster weights (draws, clusters): Spearman's correlation, or the difference of two: (draws,)."""

    levels: tuple[Ties, ...]
    values: Ties
    clusters: Integers

    def __call__(self, weights: Floats) -> Floats:
        rows = weights[:, self.clusters]
        ranks = self.values.ranks(rows)
        correlations = [_correlation(rows, ties.ranks(rows), ranks) for ties in self.levels]
        return correlations[0] if len(correlations) == 1 else correlations[0] - correlations[1]

    def dealt(self, rows: Integers) -> Floats:
        """The statistic if row i had the levels of row rows[d, i]: (draws,)."""
        every = np.ones((1, len(self.clusters)))
        ranks = self.values.ranks(every)
        dealt = [ties.ranks(every)[0][rows] for ties in self.levels]
        correlations = [_correlation(every, x - x.mean(axis=1, keepdims=True), ranks) for x in dealt]
        return correlations[0] if len(correlations) == 1 else correlations[0] - correlations[1]


def _correlation(weights: Floats, x: Floats, y: Floats) -> Floats:
    spread = np.sqrt(np.sum(weights * x * x, axis=1) * np.sum(weights * y * y, axis=1))
    together = np.sum(weights * x * y, axis=1)
    correlation: Floats = np.divide(together, spread, out=np.zeros_like(together), where=spread > 0)
    return correlation


def _ties(values: Floats) -> Ties:
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(values[order]) > 0]))
    return Ties(order, starts, np.unique(values, return_inverse=True)[1])


def _strata(codes: Integers, ids: Integers) -> tuple[Integers, bool]:
    """A number per cluster, equal for clusters seen at the same levels, and whether any cluster was seen at several levels.

    A cluster whose levels no other cluster shares cannot be redrawn; this happens where members failed. Such clusters form a
    group. If there is only one, it joins the largest group."""
    seen = np.zeros((ids.max() + 1, codes.max() + 1))
    np.add.at(seen, (ids, codes), 1)
    kinds = np.unique(seen, axis=0, return_inverse=True)[1].ravel()
    alone = np.bincount(kinds)[kinds] == 1
    if alone.any():
        kinds = np.where(alone, kinds.max() + 1, kinds)
        if alone.sum() == 1:
            kinds[alone] = np.bincount(kinds[~alone]).argmax()
    strata = np.asarray(np.unique(kinds, return_inverse=True)[1], dtype=np.intp)
    return strata, bool(((seen > 0).sum(axis=1) > 1).any())


def _p(ranked: Correlation, strata: Integers, crossed: bool, threshold: float, *, seed: int, draws: int) -> float:
    """The two-sided p of "the correlation equals `threshold`", as `spearman_interval` says."""
    estimate = float(ranked(np.ones((1, len(strata))))[0])
    chance = 1.0
    if (estimate - threshold) * threshold >= 0:
        hits = sum(
            int(np.sum(np.abs(ranked.dealt(rows)) >= abs(estimate) - 1e-9))
            for rows in shuffles(ranked.clusters, crossed, seed=seed, draws=draws)
        )
        chance = (hits + 1) / (draws + 1)
    if threshold == 0:
        return chance
    scores = influences(ranked, strata, rows=len(ranked.clusters)) + (estimate - threshold) / len(strata)
    flipped = sign_flip_p(scores, seed=seed, draws=draws)
    return max(flipped, chance) if (estimate - threshold) * threshold >= 0 else flipped
