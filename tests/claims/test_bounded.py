from dataclasses import replace
from math import inf

import numpy as np
import pytest
from scipy import stats

from landscape.claims import difference_interval, mean_interval, ratio_interval, share_interval
from landscape.claims.bounded import mean_ends, mean_p, weighted_mean_cdf

SHARES = np.random.default_rng(0).beta(3, 1, 23)


@pytest.mark.parametrize("threshold", [-0.5, 0.1, 0.3, 0.45, 2.0])
def test_cdf_is_the_share_of_dirichlet_draws(threshold: float):
    points = np.array([0.0, 0.1, 0.1, 0.3, 1.0, 1.0, 0.7])
    drawn = np.random.default_rng(1).dirichlet(np.ones(7), 200_000) @ points
    assert weighted_mean_cdf(points, threshold) == pytest.approx(np.mean(drawn <= threshold), abs=0.005)


def test_cdf_of_two_points_is_a_ramp():
    assert [weighted_mean_cdf(np.array([2.0, 6.0]), x) for x in (1, 2, 3, 6)] == [0, 0, 0.25, 1]


def test_all_or_none_is_clopper_pearson():
    hits = np.arange(30) < 27
    exact = stats.binomtest(27, 30)
    assert mean_ends(hits.astype(float), (0, 1)) == pytest.approx(exact.proportion_ci())
    assert mean_p(hits.astype(float), (0, 1), 0.5) == pytest.approx(exact.pvalue)
    assert replace(mean_interval(hits), method="Clopper–Pearson") == share_interval(hits)
    nearly = np.where(hits, 1 - 1e-9, 1e-9)
    assert mean_ends(nearly, (0, 1)) == pytest.approx(exact.proportion_ci(), abs=1e-6)


def test_ends_are_where_p_is_five_per_cent():
    for end in mean_ends(SHARES, (0, 1)):
        assert mean_p(SHARES, (0, 1), end) == pytest.approx(0.05)
    assert mean_p(SHARES, (0, 1), SHARES.mean()) > 0.5
    assert mean_p(SHARES, (0, 1), -0.1) == mean_p(SHARES, (0, 1), 1.1) == 0


def test_shifted_and_scaled_values_shift_and_scale_the_interval():
    once = mean_interval(SHARES)
    scaled = mean_interval(3 - 4 * SHARES, bounds=(-1, 3))
    assert (scaled.low, scaled.high) == pytest.approx((3 - 4 * once.high, 3 - 4 * once.low))
    assert scaled.against(1.0).p == pytest.approx(once.against(0.5).p)


def test_wider_bounds_widen_the_interval():
    narrow, wide = mean_interval(SHARES), mean_interval(SHARES, bounds=(-1, 2))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_melded_difference_of_hits_covers_as_fishers_exact_test_does():
    first, second = np.arange(30) < 25, np.arange(29) < 10
    interval = difference_interval(first, second, bounds=(0, 1))
    assert interval.estimate == pytest.approx(25 / 30 - 10 / 29)
    assert interval.against(0.0).p == pytest.approx(stats.fisher_exact([[25, 5], [10, 19]]).pvalue, abs=0.002)
    assert interval.low > 0
    assert interval.clusters == 29
    mirrored = difference_interval(second, first, bounds=(0, 1))
    assert (mirrored.low, mirrored.high) == pytest.approx((-interval.high, -interval.low), abs=0.01)


def test_paired_differences_have_the_bounds_of_the_difference():
    rows = np.clip(SHARES, 0.1, 0.9)
    paired = difference_interval(rows, rows - 0.1, paired=True)
    assert (paired.low, paired.high) == pytest.approx(mean_ends(np.full(23, 0.1), (-1, 1)))


def test_ratio_of_hits_allows_for_a_pair_not_seen():
    every = ratio_interval(np.ones(23), np.ones(23), paired=True)
    assert every.low == pytest.approx(0.025 ** (1 / 23), abs=0.01)
    assert every.high > 1
    alone = ratio_interval(SHARES, np.full(29, 0.5))
    assert alone.estimate == pytest.approx(2 * SHARES.mean())
    assert alone.low < alone.estimate < alone.high
    assert alone.against(alone.low).p == pytest.approx(0.05, abs=0.003)


def test_a_value_outside_by_rounding_is_at_the_bound():
    assert mean_interval([1 + 1e-7] * 23, bounds=(0, 1)).low == mean_interval([1.0] * 23).low
    assert mean_interval([-1e-7] * 23, bounds=(0, 1)).high == mean_interval([0.0] * 23).high


def test_an_infinite_bound_leaves_its_side_without_an_end():
    times = np.random.default_rng(2).exponential(9, 23)
    positive, both = mean_interval(times, bounds=(0, inf)), mean_interval(times, bounds=(0, 99))
    assert positive.low == both.low
    assert positive.high == inf
    assert positive.against(5.0).p == both.against(5.0).p
    assert positive.against(50.0).p == 1
    mirrored = mean_interval(-times, bounds=(-inf, 0))
    assert (mirrored.low, mirrored.high) == (-inf, pytest.approx(-positive.low))


def test_values_in_the_unit_interval_with_a_long_tail_upwards_may_not_be_shares():
    """Losses, or levels 0, 1 and 10 of which the rare 10 was not drawn."""
    levels = np.arange(23) < 6
    for found in (mean_interval(levels), mean_interval(0.02 * SHARES**-2)):
        assert found.low > 0
        assert found.high == inf
        assert "give `bounds`" in found.method
    assert mean_interval(levels, bounds=(0, 1)).high < 0.5
    assert mean_interval(~levels).high == share_interval(~levels).high
    assert difference_interval(levels, ~levels).high == inf
    assert difference_interval(~levels, levels).low == -inf
    assert ratio_interval(SHARES, np.where(levels, 0.9, 0.1)).low == 0


def test_bounds_that_values_pass_are_refused():
    with pytest.raises(ValueError, match=r"`values` must lie within `bounds`; 2 are outside \[0, 1\]"):
        mean_interval([0.5, 1.5, -1.0], bounds=(0, 1))
    with pytest.raises(ValueError, match="two numbers, the smaller one first"):
        mean_interval([0.5, 0.7], bounds=(1, 0))
    with pytest.raises(ValueError, match="must not be negative"):
        ratio_interval([0.5, 0.7], [0.5, 0.6], bounds=(-1, 1))
