from math import inf, isnan

import numpy as np
import pytest
from scipy import optimize, stats

from landscape.claims import Statement, Threshold, judge
from landscape.claims.slopes import censored_slope, slope_interval


def line(seed: int, clusters: int = 23, each: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y = 2 − x + an effect of the cluster + noise, and each row's cluster."""
    generator, ids = np.random.default_rng(seed), np.repeat(np.arange(clusters), each)
    x = np.tile(np.arange(float(each)), clusters)
    return x, 2 - x + generator.normal(size=clusters)[ids] + generator.normal(size=len(x)), ids


def test_points_on_a_line_give_its_slope_and_decide_nothing():
    interval = slope_interval(np.arange(29.0), 3 - 0.5 * np.arange(29))
    assert interval.constant
    assert interval.estimate == pytest.approx(-0.5)
    assert (interval.low, interval.high) == (-inf, inf)


def test_slope_of_independent_rows_is_near_least_squares():
    x, y, _ = line(0)
    interval, classic = slope_interval(x, y), stats.linregress(x, y)
    assert interval.estimate == pytest.approx(classic.slope)
    assert (interval.high - interval.low) / 2 == pytest.approx(1.98 * classic.stderr, rel=0.15)


def test_jackknife_equals_leaving_each_cluster_out():
    x, y, ids = line(1, clusters=7)
    slopes = np.array([stats.linregress(x[ids != g], y[ids != g]).slope for g in range(7)])
    interval = slope_interval(x, y, ids)
    error = np.sqrt(6 / 7 * np.sum((slopes - interval.estimate) ** 2))
    degrees = _degrees_by_brute_force(x, ids)
    assert 1 < degrees < 6.001
    assert interval.high - interval.estimate == pytest.approx(stats.t.ppf(0.975, degrees) * error)


def _degrees_by_brute_force(x: np.ndarray, ids: np.ndarray) -> float:
    """Bell and McCaffrey's, with the whole projection and each cluster's inverse."""
    design = np.stack([np.ones(len(x)), x], axis=1)
    whole = np.linalg.inv(design.T @ design)
    rest = np.eye(len(x)) - design @ whole @ design.T
    columns = []
    for g in np.unique(ids):
        mine = ids == g
        columns.append(rest[:, mine] @ np.linalg.inv(rest[np.ix_(mine, mine)]) @ (whole @ design[mine].T)[1])
    products = np.stack(columns) @ np.stack(columns).T
    return float(np.trace(products) ** 2 / np.sum(products**2))


def test_few_clusters_with_far_values_leave_few_degrees_of_freedom():
    x = np.array([1.0] * 19 + [2.0, 2.0, 3.0, 9.0])
    y = np.random.default_rng(10).normal(size=23)
    interval = slope_interval(x, y)
    out = np.array([stats.linregress(np.delete(x, g), np.delete(y, g)).slope for g in range(23)])
    error = np.sqrt(22 / 23 * np.sum((out - interval.estimate) ** 2))
    degrees = _degrees_by_brute_force(x, np.arange(23))
    assert degrees < 2
    assert interval.high - interval.estimate == pytest.approx(stats.t.ppf(0.975, degrees) * error)


def test_one_value_of_x_gives_an_unbounded_interval():
    interval = slope_interval([2.0] * 23, np.arange(23.0))
    assert isnan(interval.estimate)
    assert (interval.low, interval.high) == (-inf, inf)


def test_missing_values_are_refused():
    with pytest.raises(ValueError, match="must be finite numbers; 1 of 3 are not"):
        slope_interval([0, 1, 2], [0, np.nan, 1])
    with pytest.raises(ValueError, match="must be finite numbers"):
        slope_interval([0, np.inf, 2], [0, 1, 1])


def test_nothing_censored_is_least_squares():
    x, y, ids = line(4)
    assert censored_slope(x, y, np.zeros(len(x)), ids) == slope_interval(x, y, ids)


def test_censored_slope_is_the_maximum_of_the_likelihood():
    x, y, ids = line(5)
    is_censored, limit = y > 1, np.minimum(y, 1)

    def loss(theta):
        z = (limit - theta[0] - theta[1] * x) / np.exp(theta[2])
        return -np.where(is_censored, stats.norm.logsf(z), stats.norm.logpdf(z) - theta[2]).sum()

    best = optimize.minimize(loss, [0, 0, 0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    assert 0.15 < is_censored.mean() < 0.6
    assert censored_slope(x, limit, is_censored, ids).estimate == pytest.approx(best.x[1], abs=1e-5)


def test_one_step_jackknife_is_close_to_refitting_without_each_cluster():
    x, y, ids = line(6)
    is_censored, limit = y > 1, np.minimum(y, 1)
    interval = censored_slope(x, limit, is_censored, ids)
    refits = [
        censored_slope(x[ids != g], limit[ids != g], is_censored[ids != g], ids[ids != g]).estimate for g in range(23)
    ]
    error = np.sqrt(22 / 23 * np.sum((np.array(refits) - interval.estimate) ** 2))
    assert interval.high - interval.estimate == pytest.approx(stats.t.ppf(0.975, 22) * error, rel=0.1)


def test_ignoring_censoring_flattens_the_slope_and_the_likelihood_does_not():
    x, y, ids = line(7, clusters=211)
    limit = np.minimum(y, 0.5)
    assert slope_interval(x, limit, ids).estimate > -0.8
    assert censored_slope(x, limit, y > 0.5, ids).estimate == pytest.approx(-1, abs=0.1)


def test_clusters_that_never_settled_are_not_counted():
    x, y, ids = line(8)
    is_censored = (y > 3) | (ids >= 19)
    assert censored_slope(x, np.where(ids >= 19, 3, np.minimum(y, 3)), is_censored, ids).clusters == 19


def test_too_few_settled_orbits_give_an_unbounded_interval():
    x, y, ids = line(9)
    only_two, one_level = np.arange(len(x)) > 1, x > 0
    for is_censored in (np.ones(len(x)), only_two, one_level):
        interval = censored_slope(x, y, is_censored, ids)
        assert isnan(interval.estimate)
        assert (interval.low, interval.high) == (-inf, inf)


@pytest.mark.parametrize("value", [1.0, 2.0, 3.0, 5.0, 0.1])
def test_rounding_is_no_slope(value: float) -> None:
    """A constant y has slope 0, whatever slope its rounding errors have."""
    levels = np.repeat(np.log2([4, 8, 16, 32, 64, 128]), 30)
    found = slope_interval(levels, np.full(len(levels), value), np.tile(np.arange(30), 6))
    assert (found.estimate, found.low, found.high) == (0, -inf, inf)
    claim = judge(found, Statement("C22", "s", "q", "e"), Threshold(above=0.0))
    assert claim.verdict == "undecided"
    assert claim.p == 1
