from math import isnan

import numpy as np
import pytest
from scipy import stats

from landscape.claims.rankings import spearman_difference_interval, spearman_interval


def test_estimate_is_scipys_with_ties_on_both_sides():
    generator = np.random.default_rng(0)
    levels, values = np.repeat([1, 2, 5], 11), generator.integers(0, 7, 33)
    assert spearman_interval(levels, values).estimate == pytest.approx(stats.spearmanr(levels, values).statistic)


def test_values_that_rise_with_every_level_are_a_flagged_point():
    interval = spearman_interval(np.arange(29), np.arange(29) ** 3)
    assert (interval.estimate, interval.low, interval.high) == pytest.approx((1, 1, 1))


def test_repeating_members_within_their_cluster_changes_nothing():
    generator = np.random.default_rng(1)
    levels, values = np.repeat([1, 2, 5], 7), generator.normal(size=21)
    once = spearman_interval(levels, values)
    thrice = spearman_interval(np.repeat(levels, 3), np.repeat(values, 3), np.repeat(np.arange(21), 3))
    assert thrice.clusters == 21
    assert (thrice.estimate, thrice.low, thrice.high) == pytest.approx((once.estimate, once.low, once.high), abs=1e-9)


def test_permutation_p_of_zero_is_scipys():
    generator = np.random.default_rng(2)
    levels = np.repeat([1.0, 2, 3], 7)
    values = 0.5 * levels + generator.normal(size=21)
    assert spearman_interval(levels, values).against(0).p == pytest.approx(
        stats.spearmanr(levels, values).pvalue, abs=0.02
    )


def test_p_against_a_threshold_is_never_below_the_permutation_p_of_zero():
    generator = np.random.default_rng(3)
    levels = np.repeat([1.0, 2, 3], 7)
    interval = spearman_interval(levels, levels + generator.normal(size=21))
    assert interval.against(0.1).p >= interval.against(0).p
    assert interval.against(interval.estimate).p > 0.9


def test_crossed_clusters_take_out_what_members_share():
    generator, seeds = np.random.default_rng(4), np.repeat(np.arange(23), 3)
    levels = np.tile([1.0, 2, 3], 23)
    values = 0.2 * levels + generator.normal(size=23)[seeds] + 0.05 * generator.normal(size=69)
    crossed, loose = spearman_interval(levels, values, seeds), spearman_interval(levels, values)
    assert crossed.low > 0 > loose.low
    assert crossed.against(0).p < 0.01 < 0.05 < loose.against(0).p


def test_clusters_with_failed_members_join_the_others():
    generator, seeds, levels = np.random.default_rng(5), np.repeat(np.arange(23), 3), np.tile([1.0, 2, 3], 23)
    kept = np.ones(69, dtype=bool)
    kept[[4, 9]] = False
    interval = spearman_interval(levels[kept], generator.normal(size=67), seeds[kept])
    assert interval.clusters == 23
    assert interval.low < interval.estimate < interval.high
    one_missing = spearman_interval(levels[1:], generator.normal(size=68), seeds[1:])
    assert np.isfinite(one_missing.low)


def test_constant_values_have_no_correlation_and_say_so():
    interval = spearman_interval(np.repeat([1, 2], 13), np.ones(26))
    assert (interval.estimate, interval.low, interval.high, interval.constant) == (0, -1, 1, True)


def test_one_level_gives_an_unbounded_interval():
    interval = spearman_interval(np.ones(23), np.arange(23))
    assert isnan(interval.estimate)
    assert interval.high == np.inf


def test_difference_of_correlations_is_the_difference_of_their_estimates():
    generator = np.random.default_rng(6)
    hidden, width = np.tile([2, 4, 6], 11), np.repeat([5, 10, 20], 11)
    values = hidden + generator.normal(size=33)
    interval = spearman_difference_interval(hidden, width, values)
    expected = spearman_interval(hidden, values).estimate - spearman_interval(width, values).estimate
    assert interval.estimate == pytest.approx(expected)
    assert interval.low > 0.2
    assert interval.against(0.2).p < 0.05
    assert spearman_difference_interval(hidden, hidden, values).estimate == 0


def test_missing_levels_are_refused():
    with pytest.raises(ValueError, match="must be finite numbers; 1 of 3 are not"):
        spearman_interval([1, np.nan, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="equally many"):
        spearman_interval([1, 2], [1, 2, 3])
