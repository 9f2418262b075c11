"""One estimand over settings: the mean over seeds of each seed's mean, from the networks that are judged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from landscape.claims import Claim, Statement, Threshold
from landscape.studies.parts.pooling import Setting, judged_over

SAID = Statement("C15", "s", "q", "e", {"share": Threshold(above=0.3)})
SEEDS = 23


def setting(value: float, *, seeds: int = SEEDS, decides: bool = True, words: str = "here") -> Setting:
    rows = pd.DataFrame({"seed": range(seeds), "value": value, "status": "converged"})
    return Setting(words, decides, rows, SEEDS, "half of the networks to fit")


def judged(*settings: Setting) -> Claim:
    return judged_over(SAID, SAID["share"], settings, needs="needs --net cnn", label=lambda rows: f"{len(rows)} rows")


def test_settings_count_alike_for_a_seed_that_has_all() -> None:
    claim = judged(setting(0.9), setting(0.5, words="there"))
    assert (claim.verdict, claim.estimate, claim.clusters) == ("supported", pytest.approx(0.7), SEEDS)
    assert claim.setting == "2 settings, pooled"
    assert [(one.setting, one.primary) for one in claim.details] == [("here", False), ("there", False)]


def test_a_seed_has_the_mean_of_its_judged_networks() -> None:
    claim = judged(setting(0.9), setting(0.5, seeds=12))
    assert claim.estimate == pytest.approx((12 * 0.7 + 11 * 0.9) / SEEDS)
    assert claim.label == f"35 rows; 35 of {2 * SEEDS} networks are judged"


def test_a_setting_of_which_less_than_half_is_judged_does_not_count() -> None:
    claim = judged(setting(0.9), setting(0.0, seeds=11))
    assert (claim.estimate, [one.verdict for one in claim.details]) == (pytest.approx(0.9), ["supported", "untestable"])
    alone = judged(setting(0.9, seeds=11))
    assert (alone.verdict, alone.reason) == ("untestable", "not in this run: half of the networks to fit")


def test_settings_of_which_the_claim_does_not_speak_stand_beside() -> None:
    claim = judged(setting(0.9), setting(0.0, decides=False, words="beside"))
    assert (claim.estimate, claim.setting) == (pytest.approx(0.9), "here")
    assert [(one.setting, one.verdict) for one in claim.details] == [("here", "supported"), ("beside", "refuted")]
    assert judged(setting(0.0, decides=False)).reason == "not in this run: needs --net cnn"


def test_fewer_than_twenty_seeds_decide_nothing() -> None:
    rows = pd.DataFrame({"seed": np.arange(19), "value": 1.0, "status": "converged"})
    assert judged(Setting("here", True, rows, 19, "")).verdict == "undecided"
