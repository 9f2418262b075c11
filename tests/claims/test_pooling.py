import numpy as np
import pandas as pd
import pytest

from landscape import claims
from landscape.claims import Claim, Statement, Threshold

SAID = Statement("C6", "s", "q", "e")
GENERATOR = np.random.default_rng(0)
SETTINGS, SEEDS = 7, 23
TABLE = pd.DataFrame(
    {
        "setting": np.repeat(np.arange(SETTINGS), SEEDS),
        "seed": np.tile(np.arange(SEEDS), SETTINGS),
        "loss": np.repeat(np.arange(SETTINGS), SEEDS) + np.tile(GENERATOR.normal(size=SEEDS), SETTINGS),
    }
)


def test_the_pooled_value_of_a_cluster_is_its_mean_over_settings():
    means = claims.pooled(TABLE.loss, TABLE.setting, TABLE.seed)
    assert means.index.tolist() == list(range(SEEDS))
    assert means.to_numpy() == pytest.approx(TABLE.groupby("seed").loss.mean().to_numpy())
    shuffled = TABLE.sample(frac=1, random_state=1)
    assert claims.pooled(shuffled.loss, shuffled.setting, shuffled.seed).equals(means)


def test_settings_count_alike_however_many_rows_they_have():
    rows = pd.DataFrame({"value": [0.0, 0.0, 0.0, 1.0], "setting": ["a", "a", "a", "b"], "seed": [1, 1, 1, 1]})
    assert claims.pooled(rows.value, rows.setting, rows.seed).tolist() == [0.5]


def test_a_lacking_setting_has_the_mean_of_the_others_and_many_are_refused():
    table = pd.concat([TABLE.assign(setting=TABLE.setting + SETTINGS * k) for k in (0, 1)])
    lacking = table[(table.setting != 3) | (table.seed != 5)]
    means = claims.pooled(lacking.loss, lacking.setting, lacking.seed)
    others = lacking[lacking.setting == 3].loss.mean()
    assert means[5] == pytest.approx((lacking[lacking.seed == 5].loss.sum() + others) / (2 * SETTINGS))
    few = table[(table.setting > 3) | (table.seed != 5)]
    with pytest.raises(ValueError, match=r"at least 90% of the 14 settings; 5 lacks 4\. Leave out"):
        claims.pooled(few.loss, few.setting, few.seed)


def test_pooling_sees_an_effect_that_a_conjunction_leaves_undecided():
    """An effect of half a standard deviation in each of 50 settings, with 30 seeds."""
    generator, settings, seeds = np.random.default_rng(2), 50, 30
    values = 0.5 + generator.normal(size=(seeds, settings))
    details = [
        claims.judge(claims.mean_interval(values[:, s]), SAID.at(setting=f"D={s}"), Threshold(above=0), members=seeds)
        for s in range(settings)
    ]
    assert claims.over_settings(details).verdict == "undecided"
    rows = claims.pooled(values.ravel(), np.tile(np.arange(settings), seeds), np.repeat(np.arange(seeds), settings))
    whole = claims.judge_pooled(claims.mean_interval(rows), SAID, Threshold(above=0), details)
    counts = pd.Series([one.verdict for one in details]).value_counts()
    assert whole.verdict == "supported"
    assert whole.clusters == seeds
    assert whole.members == settings * seeds
    assert whole.setting == "50 settings, pooled"
    assert f"of 50 settings {counts.iloc[0]} {counts.index[0]}, " in whole.reason
    assert not any(one.primary for one in whole.details)


def test_a_pooled_claim_without_settings_is_the_claim_itself():
    interval = claims.mean_interval(np.linspace(0.5, 0.9, 31))
    alone: Claim = claims.judge_pooled(interval, SAID, Threshold(above=0.4), [], members=31)
    assert (alone.verdict, alone.members, alone.details) == ("supported", 31, ())
    assert alone.reason == claims.judge(interval, SAID, Threshold(above=0.4)).reason


def test_settings_share_a_slope_and_not_an_intercept():
    generator = np.random.default_rng(3)
    x = np.tile(np.arange(5.0), 3 * SEEDS)
    settings, seeds = np.repeat(np.arange(3), 5 * SEEDS), np.tile(np.repeat(np.arange(SEEDS), 5), 3)
    y = 9.0 * settings - 0.5 * (x + settings) + generator.normal(0, 0.1, len(x))
    interval = claims.pooled_slope(x + settings, y, settings, seeds)
    assert interval.estimate == pytest.approx(-0.5, abs=0.02)
    assert interval.low < -0.5 < interval.high
    assert interval.clusters == SEEDS
    assert claims.slope_interval(x + settings, y, seeds).estimate > 0
    once = claims.pooled_slope(x, y, np.zeros(len(x)), seeds)
    assert once.estimate == pytest.approx(claims.slope_interval(x, y, seeds).estimate)
    with pytest.raises(ValueError, match="one label for each of the 345 rows"):
        claims.pooled_slope(x, y, [1, 2], seeds)
