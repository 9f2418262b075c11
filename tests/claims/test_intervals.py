from math import inf, isfinite, isinf, isnan, log

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from landscape.claims import (
    difference_interval,
    log_ratio_interval,
    mean_interval,
    median_interval,
    ratio_interval,
    share_interval,
)


def test_constant_data_say_no_more_than_as_many_hits_would():
    """31 equal values leave room for a few per cent of others, anywhere between the bounds."""
    hits = share_interval([True] * 31)
    ones, tenths = mean_interval([1.0] * 31), mean_interval([0.1] * 31)
    assert (ones.low, ones.high, ones.constant) == (pytest.approx(hits.low), 1, True)
    assert (tenths.low, tenths.estimate) == (pytest.approx(0.1 * hits.low), pytest.approx(0.1))
    assert tenths.high == pytest.approx(1 - 0.9 * hits.low)
    assert tenths.against(0.0).p == pytest.approx(0, abs=1e-9)
    assert median_interval([0.1] * 31).low == 0.1
    assert difference_interval([0.3] * 31, [0.2] * 29).constant
    assert difference_interval([0.3] * 31, [0.2] * 29).low < 0


def test_constant_data_without_bounds_decide_nothing():
    for interval in (
        mean_interval([2.0] * 31),
        mean_interval([0.1] * 31, bounds=(-inf, inf)),
        difference_interval([5.0] * 31, [2.0] * 29),
        ratio_interval([0.3] * 31, [3.0] * 29),
    ):
        assert interval.constant
        assert (interval.low, interval.high) == (-inf, inf)
        assert isnan(interval.against(0.5).p)
        assert interval.method.startswith("no interval: fewer than 8 distinct values and no bounds")


def test_mean_interval_of_symmetric_data_is_near_students():
    values = stats.norm.ppf((np.arange(30) + 0.5) / 30)
    interval = mean_interval(values)
    student = stats.ttest_1samp(values, 0).confidence_interval()
    assert interval.estimate == pytest.approx(0)
    assert interval.low == pytest.approx(student.low, rel=0.1)
    assert interval.high == pytest.approx(student.high, rel=0.1)


def test_mean_interval_of_skewed_data_reaches_further_to_the_long_side():
    interval = mean_interval(np.exp(stats.norm.ppf((np.arange(30) + 0.5) / 30)))
    assert interval.high - interval.estimate > 1.4 * (interval.estimate - interval.low)


def test_repeating_every_member_within_its_cluster_changes_nothing():
    values = np.random.default_rng(0).normal(size=23)
    once, thrice = mean_interval(values), mean_interval(np.repeat(values, 3), np.repeat(np.arange(23), 3))
    assert (thrice.low, thrice.high, thrice.clusters) == pytest.approx((once.low, once.high, 23))
    assert thrice.against(0.1).p == once.against(0.1).p


def test_seed_fixes_the_interval_and_pandas_columns_are_welcome():
    table = pd.DataFrame({"loss": np.random.default_rng(1).exponential(size=60), "seed": np.repeat(np.arange(20), 3)})
    assert mean_interval(table["loss"], table["seed"], seed=5) == mean_interval(table["loss"], table["seed"], seed=5)
    assert mean_interval(table["loss"], table["seed"], seed=5) != mean_interval(table["loss"], table["seed"], seed=6)


@pytest.mark.parametrize("clusters", [0, 1])
def test_fewer_than_two_clusters_give_an_unbounded_interval(clusters):
    few = [0.5] * clusters
    for interval in (mean_interval(few), median_interval(few), difference_interval(few, [1.0, 2.0, 3.0])):
        assert (interval.low, interval.high, interval.clusters) == (-inf, inf, clusters)
        assert isnan(interval.against(0).p)
        assert isnan(interval.estimate) == (clusters == 0)


def test_median_interval_of_thirty_is_the_tenth_to_the_twenty_first_value():
    interval = median_interval(np.arange(1, 31))
    assert (interval.estimate, interval.low, interval.high) == (15.5, 10, 21)
    assert interval.against(0.5).p == pytest.approx(2 / 2**30)


def test_median_takes_burn_in_that_never_came_as_infinite():
    interval = median_interval([4.0] * 20 + [inf] * 11)
    assert (interval.estimate, interval.low, interval.high) == (4, 4, inf)
    assert isinf(median_interval([3.0, inf, inf]).high)
    assert median_interval([3.0, 4.0, 5.0]).low == -inf


def test_values_at_the_threshold_speak_for_neither_side_of_a_median():
    assert median_interval([3.0] * 30).against(3).p == 1
    assert median_interval([3.0] * 10 + [4.0] * 10).against(3).p == 1


def test_share_interval_is_clopper_pearson_with_its_binomial_p():
    hits = np.arange(30) < 27
    interval, exact = share_interval(hits), stats.binomtest(27, 30).proportion_ci()
    assert (interval.estimate, interval.low, interval.high) == pytest.approx((0.9, exact.low, exact.high))
    assert interval.against(0.5).p == pytest.approx(stats.binomtest(27, 30).pvalue)
    assert interval.against(interval.low).p == pytest.approx(0.05)


def test_all_hits_reach_one_and_leave_room_below():
    interval = share_interval([True] * 31)
    assert (interval.low, interval.high, interval.constant) == (pytest.approx(0.025 ** (1 / 31)), 1, True)
    assert share_interval([False] * 31).high == pytest.approx(1 - 0.025 ** (1 / 31))


def test_members_that_agree_within_clusters_count_once():
    hits, seeds = np.repeat(np.arange(20) < 14, 7), np.repeat(np.arange(20), 7)
    clustered, single = share_interval(hits, seeds), share_interval(np.arange(20) < 14)
    assert clustered.clusters == 20
    assert (clustered.low, clustered.high) == pytest.approx((single.low, single.high), abs=0.03)
    assert share_interval([True] * 140, seeds).low == pytest.approx(0.025 ** (1 / 20))


def test_a_share_measured_per_member_is_no_hit():
    with pytest.raises(ValueError, match="true or false in every row"):
        share_interval([0.5, 1.0])


def test_difference_of_paired_rows_is_the_mean_of_their_differences():
    generator = np.random.default_rng(2)
    base, gain = generator.normal(0, 9, 29), generator.normal(1, 0.1, 29)
    paired = difference_interval(base + gain, base, paired=True)
    assert paired.estimate == pytest.approx(gain.mean())
    assert paired.high - paired.low < 0.1
    assert difference_interval(base + gain, base).high > 3
    with pytest.raises(ValueError, match=r"equally many; got shapes \(29,\) and \(28,\)"):
        difference_interval(base, base[1:], paired=True)


def test_difference_counts_the_clusters_of_the_smaller_group():
    interval = difference_interval(np.arange(31.0), np.arange(17.0))
    assert (interval.estimate, interval.clusters) == (7, 17)
    assert interval.against(7).p > 0.9


def test_ratio_of_proportional_rows_is_exact_and_decides_nothing():
    rows = np.random.default_rng(3).uniform(1, 2, 23)
    interval, logs = ratio_interval(0.2 * rows, rows, paired=True), log_ratio_interval(0.5 * rows, rows, paired=True)
    assert (interval.estimate, logs.estimate) == pytest.approx((0.2, log(0.5)))
    for found in (interval, logs):
        assert found.constant
        assert (found.low, found.high) == (-inf, inf)
    assert ratio_interval(0.2 * rows, rows).against(0.2).p == 1


def test_a_long_tail_takes_the_end_on_its_side():
    """The quantiles of a log-normal distribution of σ = 2."""
    losses = np.exp(2 * stats.norm.ppf((np.arange(30) + 0.5) / 30))
    for interval in (mean_interval(losses), difference_interval(losses, np.linspace(-2, 2, 30))):
        assert isfinite(interval.low)
        assert interval.high == inf
        assert interval.method.endswith("no upper end: too skewed for a mean, compare logs or medians")
        assert interval.against(interval.estimate + 99).p == 1
        assert interval.against(interval.low - 1).p < 0.05
    mirrored = mean_interval(-losses)
    assert (mirrored.low, mirrored.high) == (-inf, pytest.approx(-mean_interval(losses).low))
    assert isfinite(mean_interval(np.log(losses)).high)


def test_few_distinct_values_need_bounds():
    rare = [0.0] * 17 + [10.0] * 3
    assert mean_interval(rare).high == inf
    assert 3 < mean_interval(rare, bounds=(0, 10)).high < 4
    assert isfinite(mean_interval(np.arange(20.0)).high)


def test_a_ratio_needs_positive_rows():
    with pytest.raises(ValueError, match="`denominator` must be positive in every row for a ratio; 1 of 2 are not"):
        ratio_interval([1.0, 2.0], [0.0, 1.0])
    with pytest.raises(ValueError, match="`numerator` must be positive"):
        log_ratio_interval([0.0, 2.0], [1.0, 1.0])
