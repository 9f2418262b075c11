"""Regression slopes over independent clusters, for values that may be right-censored."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import special

from landscape.claims.bounded import TAIL
from landscape.claims.intervals import Interval, Test, unbounded
from landscape.claims.resampling import DRAWS, Floats, Integers, Labels, Values, finite_rows, paired_rows, sign_flip_p

Flags = npt.NDArray[np.bool_]
ROUNDING = 1e-12  # residuals below this share of the data are rounding errors
MAX_NEWTON_STEPS = 50
MIN_NEWTON_GAIN = 1e-10  # Newton's method stops when it expects to gain less than this in twice the log-likelihood


def slope_interval(x: Values, y: Values, clusters: Labels = None, *, seed: int = 0, draws: int = DRAWS) -> Interval:
    """The least-squares slope of y on x, with a cluster-jackknife (CR3) t interval and the p of sign flips of cluster scores.

    The degrees of freedom are Satterthwaite's, so that few clusters with far values of x give a wide interval. CR3 keeps its
    coverage with 20 unequal clusters; the bootstrap and the usual sandwich estimator do not (MacKinnon, Nielsen & Webb 2023). A
    cluster may have several values of x or a single value. Points on a line have no interval, because they do not show how
    slopes vary.

    The spread about the line may depend on x. If the values are skewed as well, the slope of their mean cannot be known from 20
    or 30 clusters (it was missed in 10 to 40 % of samples): take logs, or the median of a
    rank correlation per cluster."""
    levels, rows = paired_rows(x, y)
    design = np.stack([np.ones_like(levels), levels], axis=1)
    return _slope(design, rows, clusters, seed, draws)


def pooled_slope(
    x: Values, y: Values, settings: Values, clusters: Labels = None, *, seed: int = 0, draws: int = DRAWS
) -> Interval:
    """The slope of y on x that all settings share, each with an intercept of its own; otherwise as `slope_interval`.

    The same seeds run in several settings are one cluster each."""
    levels, rows = paired_rows(x, y)
    labels = np.asarray(settings)
    if labels.shape != levels.shape:
        raise ValueError(
            f"`settings` must hold one label for each of the {len(levels)} rows; got shape {labels.shape}."
        )
    intercepts = (labels[:, None] == np.unique(labels)).astype(np.float64)
    return _slope(np.column_stack([intercepts, levels]), rows, clusters, seed, draws)


def censored_slope(
    x: Values, y: Values, censored: Values, clusters: Labels = None, *, seed: int = 0, draws: int = DRAWS
) -> Interval:
    """The slope of y on x by maximum normal likelihood, with a jackknife t interval. A `censored` row says only "beyond y".

    An example is log burn-in on log parameters: y is log T in the rows that had not settled by iteration T. Tobin (1958), in
    the concave form of Olsen (1978). Each estimate without a cluster is a single Newton step from the whole estimate, which is
    exact without censoring. Only clusters with an uncensored row count as clusters and give the degrees of freedom. If nine
    rows in ten are censored, the interval misses the truth on one side in 10 % of samples rather than 2.5 %.

    Unbounded if the uncensored rows are fewer than three, have fewer than two values of x, or lie on a line."""
    levels, rows = paired_rows(x, y)
    is_censored = paired_rows(censored, y)[0] > 0
    ids = finite_rows(rows, clusters)[1]
    count = len(np.unique(ids[~is_censored]))
    if not is_censored.any():
        return slope_interval(levels, rows, clusters, seed=seed, draws=draws)
    design = np.stack([np.ones_like(levels), levels], axis=1)
    fitted = _tobit(design, rows, is_censored)
    if fitted is None or count < 2:
        return unbounded(float("nan"), count, "undefined: too few uncensored rows for a slope")
    theta, scores, curvatures = fitted
    left_out = _left_out(theta, _sums(scores, ids), _sums(curvatures, ids))
    estimate = float(theta[1] / theta[2])
    test = partial(_censored_p, design, rows, is_censored, ids, seed=seed, draws=draws)
    slopes = left_out[:, 1] / left_out[:, 2]
    return _jackknife(estimate, slopes, count - 1, "censored normal likelihood, cluster jackknife", test, count)


def _slope(design: Floats, y: Floats, clusters: Labels, seed: int, draws: int) -> Interval:
    """The interval of the coefficient of the last column of `design`, by least squares."""
    finite_rows(design.ravel(), None)
    rows, ids = finite_rows(y, clusters)
    count = len(np.unique(ids))
    if count < 2 or np.linalg.matrix_rank(design) < design.shape[1]:
        return unbounded(float("nan"), count, "undefined: fewer than two clusters or values of x")
    beta, residuals = _least_squares(design, rows)
    if abs(beta[-1]) * np.ptp(design[:, -1]) <= ROUNDING * np.max(np.abs(rows)):
        beta[-1] = 0.0
    scores = _sums(design * residuals[:, None], ids)
    curvatures = _sums(design[:, :, None] * design[:, None, :], ids)
    left_out = _left_out(beta, scores, curvatures)[:, -1]
    degrees = _degrees_of_freedom(curvatures)
    test = partial(_slope_p, design, rows, ids, seed=seed, draws=draws)
    bounds = _jackknife(float(beta[-1]), left_out, degrees, "least squares, cluster jackknife", test, count)
    if np.max(np.abs(residuals)) <= ROUNDING * np.max(np.abs(rows)):
        return replace(bounds, low=-np.inf, high=np.inf, constant=True, method="no interval: no spread about the line")
    return bounds


def _jackknife(estimate: float, left_out: Floats, degrees: float, method: str, test: Test, count: int) -> Interval:
    """The t interval from the estimates without each cluster."""
    every = len(left_out)
    error = float(np.sqrt((every - 1) / every * np.sum((left_out - estimate) ** 2)))
    reach = float(special.stdtrit(degrees, 1 - TAIL)) * error
    return Interval(estimate, estimate - reach, estimate + reach, count, method=method, test=test)


def _degrees_of_freedom(curvatures: Floats) -> float:
    """Satterthwaite's degrees of freedom of the last coefficient's CR3 variance, at most the number of clusters − 1.

    Few clusters with far values of x leave few. Bell & McCaffrey (2002): (Σ λ)² / Σ λ² over the eigenvalues λ of G′G, where
    column g of G is (I − H) a_g, a_g = X_g v_g is what the residuals of cluster g are weighted with, and H projects on X.
    `curvatures` are the clusters' X_g′X_g."""
    whole = np.linalg.pinv(curvatures.sum(axis=0), hermitian=True)
    rest = np.linalg.pinv(curvatures.sum(axis=0) - curvatures, hermitian=True)
    weights = whole[:, -1] + np.einsum("gij,gjk,k->gi", rest, curvatures, whole[:, -1])
    images = np.einsum("gij,gj->gi", curvatures, weights)
    products = np.diag(np.sum(weights * images, axis=1)) - images @ whole @ images.T
    squares = float(np.sum(products**2))
    return float(np.clip(np.trace(products) ** 2 / squares, 1, len(curvatures) - 1)) if squares > 0 else 1.0


def _left_out(theta: Floats, scores: Floats, curvatures: Floats) -> Floats:
    """The estimates without each cluster in turn, by a Newton step from the whole estimate: (clusters, parameters)."""
    rest = curvatures.sum(axis=0) - curvatures
    estimates: Floats = theta - np.einsum("gij,gj->gi", np.linalg.pinv(rest, hermitian=True), scores)
    return estimates


def _sums(rows: Floats, ids: Integers) -> Floats:
    """Rows summed by cluster: (clusters, …)."""
    order = np.argsort(ids, kind="stable")
    starts = np.flatnonzero(np.diff(ids[order], prepend=-1))
    sums: Floats = np.add.reduceat(rows[order], starts, axis=0)
    return sums


def _least_squares(design: Floats, y: Floats) -> tuple[Floats, Floats]:
    beta: Floats = np.linalg.lstsq(design, y, rcond=None)[0].astype(np.float64)
    return beta, y - design @ beta


def _slope_p(design: Floats, y: Floats, ids: Integers, threshold: float, *, seed: int, draws: int) -> float:
    others, last = design[:, :-1], design[:, -1]
    shifted = y - threshold * last
    residuals = _least_squares(others, shifted)[1]
    residuals = np.where(np.abs(residuals) <= ROUNDING * np.max(np.abs(shifted)), 0.0, residuals)
    scores = _sums(_least_squares(others, last)[1] * residuals, ids)
    return sign_flip_p(scores, seed=seed, draws=draws)


def _censored_p(
    design: Floats, y: Floats, is_censored: Flags, ids: Integers, threshold: float, *, seed: int, draws: int
) -> float:
    """The p of "the slope equals `threshold`": sign flips of the slope's effective score.

    1. Fit the intercept and the scale with the slope held at `threshold`.
    2. Take each row's score of the slope there, less its projection on the scores of the intercept and the scale.
    3. Sum the rows of each cluster, and flip the signs of the sums."""
    shifted = y - threshold * design[:, 1]
    fitted = _tobit(design[:, :1], shifted, is_censored)
    if fitted is None:
        return float("nan")
    theta = np.array([fitted[0][0], 0.0, fitted[0][1]])
    scores, curvatures = _tobit_rows(theta, design, shifted, is_censored)
    curvature, rest = curvatures.sum(axis=0), np.array([0, 2])
    project = np.linalg.solve(curvature[np.ix_(rest, rest)], curvature[rest, 1])
    return sign_flip_p(_sums(scores[:, 1] - scores[:, rest] @ project, ids), seed=seed, draws=draws)


def _tobit(design: Floats, y: Floats, is_censored: Flags) -> tuple[Floats, Floats, Floats] | None:
    """The maximum of the likelihood in (coefficients / σ, 1 / σ), with each row's score and curvature there.

    None if the uncensored rows determine no fit or leave no residuals, or if Newton's method does not converge."""
    seen, columns = ~is_censored, design.shape[1]
    if seen.sum() <= columns or np.linalg.matrix_rank(design[seen]) < columns:
        return None
    beta, residuals = _least_squares(design[seen], y[seen])
    spread = float(np.sqrt(np.mean(residuals**2)))
    if spread <= ROUNDING * max(1.0, float(np.max(np.abs(y)))):
        return None
    theta = np.append(beta, 1.0) / spread
    for _ in range(MAX_NEWTON_STEPS):
        scores, curvatures = _tobit_rows(theta, design, y, is_censored)
        score = scores.sum(axis=0)
        step = np.linalg.solve(curvatures.sum(axis=0), score)
        if float(score @ step) < MIN_NEWTON_GAIN:
            return theta, scores, curvatures
        best, size = _log_likelihood(theta, design, y, is_censored), 1.0
        while _log_likelihood(theta + size * step, design, y, is_censored) < best and size > 1e-8:
            size /= 2
        theta = theta + size * step
    return None


def _log_likelihood(theta: Floats, design: Floats, y: Floats, is_censored: Flags) -> float:
    if theta[-1] <= 0:
        return -np.inf
    u = theta[-1] * y - design @ theta[:-1]
    return float(np.where(is_censored, special.log_ndtr(-u), np.log(theta[-1]) - u**2 / 2).sum())


def _tobit_rows(theta: Floats, design: Floats, y: Floats, is_censored: Flags) -> tuple[Floats, Floats]:
    """Each row's score and negative second derivative: (rows, parameters) and (rows, parameters, parameters)."""
    u = theta[-1] * y - design @ theta[:-1]
    gradient = np.concatenate([-design, y[:, None]], axis=1)
    mills = np.exp(-(u**2) / 2 - special.log_ndtr(-u)) / np.sqrt(2 * np.pi)
    scores = np.where(is_censored, -mills, -u)[:, None] * gradient
    scores[:, -1] += np.where(is_censored, 0.0, 1 / theta[-1])
    curvatures = (
        np.where(is_censored, mills * (mills - u), 1.0)[:, None, None] * gradient[:, :, None] * gradient[:, None, :]
    )
    curvatures[:, -1, -1] += np.where(is_censored, 0.0, theta[-1] ** -2)
    return scores, curvatures
