"""The range of several means: closed forms, how often its ends miss, and what it decides."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from landscape.claims import Threshold, range_interval
from landscape.claims.verdicts import verdict_on

CLUSTERS, SETTINGS = 29, 5


def rows(means: list[float], rng: np.random.Generator, spread: float = 1.0) -> np.ndarray:
    return np.asarray(means) + spread * rng.standard_t(5, (CLUSTERS, len(means)))


def test_of_two_settings_the_upper_end_is_that_of_students_t() -> None:
    values = rows([0.0, 1.0], np.random.default_rng(0))
    found, difference = range_interval(values), values[:, 1] - values[:, 0]
    expected = stats.t.interval(0.95, CLUSTERS - 1, difference.mean(), stats.sem(difference))
    assert (found.estimate, found.high) == (pytest.approx(difference.mean()), pytest.approx(expected[1]))
    assert found.low < expected[0]  # it has Bonferroni's correction for the two signs
    assert found.against(0.3).p == pytest.approx(2 * min(1.0, stats.ttest_1samp(difference, 0.3).pvalue))


def test_the_ends_and_the_p_agree() -> None:
    found = range_interval(rows([0.0, 0.2, 0.9, 0.5, 0.4], np.random.default_rng(1)))
    assert [found.against(end).p for end in (found.low, found.high)] == [pytest.approx(0.05), pytest.approx(0.05)]
    assert found.against(found.high + 0.1).p < 0.05 < found.against(found.estimate).p


@pytest.mark.parametrize("means", [[0.0] * SETTINGS, [0.0, 0.0, 0.0, 0.0, 1.0], [0.0, 0.25, 0.5, 0.75, 1.0]])
def test_each_end_misses_the_range_in_few_samples(means: list[float]) -> None:
    rng, true, draws = np.random.default_rng(2), max(means) - min(means), 400
    found = [range_interval(rows(means, rng)) for _ in range(draws)]
    allowed = stats.binom.ppf(0.999, draws, 0.025)
    assert sum(one.high < true for one in found) <= allowed
    assert sum(one.low > true for one in found) <= allowed


def test_settings_that_are_alike_are_supported_and_one_that_differs_is_refuted() -> None:
    rng, alike = np.random.default_rng(3), Threshold(at_most=0.25)
    assert verdict_on(range_interval(rows([0.0] * SETTINGS, rng, 0.1)), alike) == "supported"
    assert verdict_on(range_interval(rows([0.0, 0.0, 0.0, 0.0, 1.0], rng, 0.1)), alike) == "refuted"
    assert verdict_on(range_interval(rows([0.0] * SETTINGS, rng, 1.0)), alike) == "undecided"


def test_data_without_spread_decide_nothing() -> None:
    found = range_interval(np.repeat(np.arange(5.0)[:, None], 3, axis=1))
    assert (found.estimate, found.high, found.constant) == (0.0, np.inf, True)
    assert verdict_on(found, Threshold(at_most=0.25)) == "undecided"


def test_rows_that_lack_a_setting_are_left_out_and_one_setting_has_no_range() -> None:
    values = rows([0.0, 1.0], np.random.default_rng(4))
    values[3, 1] = np.nan
    assert range_interval(values).clusters == CLUSTERS - 1
    assert np.isinf(range_interval(values[:, :1]).high)
