"""Rank correlations within each seed's networks."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from landscape.claims import Statement, Threshold
from landscape.studies.parts.trends import over_data, rank_trend

ROWS = pd.DataFrame({"hidden": [1, 2, 4, 7, 9]}).merge(pd.DataFrame({"seed": range(23)}), how="cross")
ROWS = ROWS.merge(pd.DataFrame({"data": ["a", "b", "c"]}), how="cross")
ROWS["value"] = np.random.default_rng(0).integers(0, 4, len(ROWS)).astype(float)
ROWS = ROWS.sample(frac=1, random_state=0).assign(status="converged")


def test_the_trend_is_spearmans_correlation_within_each_data_set_and_seed() -> None:
    found = rank_trend(ROWS, "hidden", "value")
    assert len(found) == 3 * 23
    for (data, seed), rows in ROWS.groupby(["data", "seed"]):
        if rows.value.nunique() > 1:
            assert found[data, seed] == pytest.approx(stats.spearmanr(rows.hidden, rows.value).statistic)


def test_constant_values_have_no_correlation_and_a_single_level_has_none_to_measure() -> None:
    assert rank_trend(ROWS.assign(value=0.3), "hidden", "value").tolist() == [0.0] * 69
    assert rank_trend(ROWS[ROWS.hidden == 4], "hidden", "value").empty
    lacking = ROWS[(ROWS.seed != 5) | (ROWS.data != "b") | (ROWS.hidden == 4)]
    assert ("b", 5) not in rank_trend(lacking, "hidden", "value").index


def test_the_claim_is_on_the_median_over_seeds_of_the_mean_over_data_sets() -> None:
    said = Statement("C10", "s", "q", "e", {"correlation": Threshold(at_least=0.3)}, setting="early")
    values = rank_trend(ROWS, "hidden", "value").unstack("data")
    claim = over_data(said, ROWS, lambda rows: rank_trend(rows, "hidden", "value"), "correlation")
    assert claim.estimate == pytest.approx(values.mean(axis=1).median())
    assert (claim.clusters, claim.members, claim.setting) == (23, 345, "early")
    beside = {one.setting: one.estimate for one in claim.details}
    assert sorted(beside) == ["a, early", "b, early", "c, early", "early"]
    assert [beside[f"{name}, early"] for name in "abc"] == pytest.approx(values.median().tolist())
    lost = ROWS.assign(status=ROWS.status.where((ROWS.seed > 1) | (ROWS.data != "c"), "stalled"))
    second = over_data(said, lost, lambda rows: rank_trend(rows, "hidden", "value"), "correlation").details[-1]
    assert (second.clusters, second.failed, second.estimand) == (21, 0, "e, among the converged")
