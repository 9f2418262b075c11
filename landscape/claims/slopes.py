"""Slopes of one quantity on another, right-censored or not, over independent clusters."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import special

from landscape.claims.intervals import TAIL, Interval, Test, unbounded
from landscape.claims.resampling import DRAWS, Floats, Integers, Labels, Values, finite_rows, paired_rows, sign_flip_p

Flags = npt.NDArray[np.bool_]
SPREADLESS = 1e-12  # residuals this small beside the data are rounding
NEWTON_STEPS = 50
NEWTON_GAIN = 1e-10  # twice the log-likelihood still to be won


def slope_interval(x: Values, y: Values, clusters: Labels = None, *, seed: int = 0, draws: int = DRAWS) -> Interval:
    """The least-squares slope of y on x: cluster-jackknife (CR3) t interval, p by flipping the clusters' scores.

    CR3 keeps its level with 20 unequal clusters, where the bootstrap and the usual sandwich do not (MacKinnon, Nielsen & Webb
    2023). Clusters may cross the values of x or lie within them."""
    levels, rows = paired_rows(x, y)
    design = np.stack([np.ones_like(levels), levels], axis=1)
    return _slope(design, rows, clusters, seed, draws)


def slope_difference_interval(
    x: Values, y: Values, second: Values, clusters: Labels = None, *, seed: int = 0, draws: int = DRAWS
) -> Interval:
    """The slope among the rows where `second` is true minus that among the others (C7b: between two dimensions)."""
    levels, rows = paired_rows(x, y)
    group = paired_rows(second, y)[0]
    design = np.stack([np.ones_like(levels), group, levels, group * levels], axis=1)
    return _slope(design, rows, clusters, seed, draws)


def censored_slope(
    x: Values, y: Values, censored: Values, clusters: Labels = None, *, seed: int = 0, draws: int = DRAWS
) -> Interval:
    """The slope of y on x by maximum normal likelihood, where `censored` rows say only "beyond y": jackknife t interval.

    For log burn-in on log parameters: y = log T in the rows that had not settled by T. Tobin (1958) in the concave form of
    Olsen (1978); each left-out estimate is one Newton step, exact where nothing is censored. Only clusters with an uncensored
    row are counted, and give the degrees of freedom: at nine rows in ten censored the interval misses 10 %, not 2.5 %, on one
    side. Unbounded where fewer than three rows or two values of x are uncensored, or where these lie on a line."""
    levels, rows = paired_rows(x, y)
    late = paired_rows(censored, y)[0] > 0
    ids = finite_rows(rows, clusters)[1]
    count = len(np.unique(ids[~late]))
    if not late.any():
        return slope_interval(levels, rows, clusters, seed=seed, draws=draws)
    design = np.stack([np.ones_like(levels), levels], axis=1)
    fitted = _tobit(design, rows, late)
    if fitted is None or count < 2:
        return unbounded(float("nan"), count, "undefined: too few uncensored rows for a slope")
    theta, scores, curvatures = fitted
    left_out = _left_out(theta, _sums(scores, ids), _sums(curvatures, ids))
    estimate = float(theta[1] / theta[2])
    test = partial(_censored_p, design, rows, late, ids, seed=seed, draws=draws)
    slopes = left_out[:, 1] / left_out[:, 2]
    return _jackknife(estimate, slopes, "censored normal likelihood, cluster jackknife", test, count)


def _slope(design: Floats, y: Floats, clusters: Labels, seed: int, draws: int) -> Interval:
    """The interval of the last column's coefficient."""
    finite_rows(design.ravel(), None)
    rows, ids = finite_rows(y, clusters)
    count = len(np.unique(ids))
    if count < 2 or np.linalg.matrix_rank(design) < design.shape[1]:
        return unbounded(float("nan"), count, "undefined: fewer than two clusters or values of x")
    beta, residuals = _least_squares(design, rows)
    if abs(beta[-1]) * np.ptp(design[:, -1]) <= SPREADLESS * np.max(np.abs(rows)):
        beta[-1] = 0.0
    scores = _sums(design * residuals[:, None], ids)
    left_out = _left_out(beta, scores, _sums(design[:, :, None] * design[:, None, :], ids))
    test = partial(_slope_p, design, rows, ids, seed=seed, draws=draws)
    found = _jackknife(float(beta[-1]), left_out[:, -1], "least squares, cluster jackknife", test, count)
    if np.max(np.abs(residuals)) <= SPREADLESS * np.max(np.abs(rows)):
        return Interval(
            found.estimate, found.estimate, found.estimate, count, constant=True, method=found.method, test=test
        )
    return found


def _jackknife(estimate: float, left_out: Floats, method: str, test: Test, count: int) -> Interval:
    every = len(left_out)
    error = float(np.sqrt((every - 1) / every * np.sum((left_out - estimate) ** 2)))
    reach = float(special.stdtrit(count - 1, 1 - TAIL)) * error
    return Interval(estimate, estimate - reach, estimate + reach, count, method=method, test=test)


def _left_out(theta: Floats, scores: Floats, curvatures: Floats) -> Floats:
    """The estimates without each cluster in turn, one Newton step from the whole's: (clusters, parameters)."""
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
    residuals = np.where(np.abs(residuals) <= SPREADLESS * np.max(np.abs(shifted)), 0.0, residuals)
    scores = _sums(_least_squares(others, last)[1] * residuals, ids)
    return sign_flip_p(scores, seed=seed, draws=draws)


def _censored_p(
    design: Floats, y: Floats, late: Flags, ids: Integers, threshold: float, *, seed: int, draws: int
) -> float:
    """The effective score of the slope, at the best fit that has the threshold for its slope, by sign flips."""
    shifted = y - threshold * design[:, 1]
    fitted = _tobit(design[:, :1], shifted, late)
    if fitted is None:
        return float("nan")
    theta = np.array([fitted[0][0], 0.0, fitted[0][1]])
    scores, curvatures = _tobit_rows(theta, design, shifted, late)
    curvature, rest = curvatures.sum(axis=0), np.array([0, 2])
    project = np.linalg.solve(curvature[np.ix_(rest, rest)], curvature[rest, 1])
    return sign_flip_p(_sums(scores[:, 1] - scores[:, rest] @ project, ids), seed=seed, draws=draws)


def _tobit(design: Floats, y: Floats, late: Flags) -> tuple[Floats, Floats, Floats] | None:
    """Newton's maximum (coefficients / σ, 1 / σ), with each row's score and curvature there; None where there is none."""
    seen, columns = ~late, design.shape[1]
    if seen.sum() <= columns or np.linalg.matrix_rank(design[seen]) < columns:
        return None
    beta, residuals = _least_squares(design[seen], y[seen])
    spread = float(np.sqrt(np.mean(residuals**2)))
    if spread <= SPREADLESS * max(1.0, float(np.max(np.abs(y)))):
        return None
    theta = np.append(beta, 1.0) / spread
    for _ in range(NEWTON_STEPS):
        scores, curvatures = _tobit_rows(theta, design, y, late)
        score = scores.sum(axis=0)
        step = np.linalg.solve(curvatures.sum(axis=0), score)
        if float(score @ step) < NEWTON_GAIN:
            return theta, scores, curvatures
        best, size = _log_likelihood(theta, design, y, late), 1.0
        while _log_likelihood(theta + size * step, design, y, late) < best and size > 1e-8:
            size /= 2
        theta = theta + size * step
    return None


def _log_likelihood(theta: Floats, design: Floats, y: Floats, late: Flags) -> float:
    if theta[-1] <= 0:
        return -np.inf
    u = theta[-1] * y - design @ theta[:-1]
    return float(np.where(late, special.log_ndtr(-u), np.log(theta[-1]) - u**2 / 2).sum())


def _tobit_rows(theta: Floats, design: Floats, y: Floats, late: Flags) -> tuple[Floats, Floats]:
    """Score and minus the second derivative of each row: (rows, parameters), (rows, parameters, parameters)."""
    u = theta[-1] * y - design @ theta[:-1]
    gradient = np.concatenate([-design, y[:, None]], axis=1)
    mills = np.exp(-(u**2) / 2 - special.log_ndtr(-u)) / np.sqrt(2 * np.pi)
    scores = np.where(late, -mills, -u)[:, None] * gradient
    scores[:, -1] += np.where(late, 0.0, 1 / theta[-1])
    curvatures = np.where(late, mills * (mills - u), 1.0)[:, None, None] * gradient[:, :, None] * gradient[:, None, :]
    curvatures[:, -1, -1] += np.where(late, 0.0, theta[-1] ** -2)
    return scores, curvatures
