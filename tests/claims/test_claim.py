from dataclasses import replace
from math import inf, isnan, nan

import numpy as np
import pandas as pd
import pytest

from landscape import claims
from landscape.claims import PAPER_FAMILY, Claim, Interval, Statement, Threshold, Verdict
from landscape.presets import make_study
from landscape.reporting import losses_in_words

SAID = Statement("C10", "s", "q", "e")


def interval(low: float, high: float, clusters: int = 20, p: float = 0.001) -> Interval:
    return Interval((low + high) / 2, low, high, clusters, p=p)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (interval(0.4, 0.6), "supported"),
        (interval(0.1, 0.2), "refuted"),
        (interval(0.2, 0.4), "undecided"),
        (interval(0.3, 0.4), "undecided"),
        (interval(0.4, 0.6, clusters=19), "undecided"),
        (interval(0.1, 0.2, clusters=19), "undecided"),
        (interval(0.4, 0.6, p=0.06), "undecided"),
        (interval(0.1, 0.2, p=0.06), "undecided"),
        (interval(0.1, 0.2, p=nan), "undecided"),
        (interval(0.4, 0.6, p=nan), "undecided"),
        (interval(-inf, inf), "undecided"),
    ],
)
def test_verdict_follows_where_the_interval_lies_and_whether_p_agrees(found: Interval, verdict: Verdict):
    assert claims.decide(found, above=0.3) == verdict
    mirrored = replace(found, estimate=-found.estimate, low=-found.high, high=-found.low)
    assert claims.decide(mirrored, below=-0.3) == verdict


def test_p_is_asked_at_the_threshold_not_at_zero():
    values = np.linspace(0.2, 0.8, 31)
    assert claims.decide(claims.mean_interval(values), above=0.3) == "supported"
    assert claims.decide(claims.mean_interval(values), above=0.3, p=0.2) == "undecided"
    assert claims.mean_interval(values).against(0.5).p > 0.9


def test_within_includes_its_ends_and_equivalence_does_not():
    assert claims.within(interval(3, 8), 3, 8) == "supported"
    assert claims.within(interval(2, 8), 3, 8) == "undecided"
    assert claims.within(interval(9, 12), 3, 8) == claims.within(interval(-9, 2), 3, 8) == "refuted"
    assert claims.equivalent(interval(-0.09, 0.05), 0.1) == "supported"
    assert claims.equivalent(interval(-0.1, 0.05), 0.1) == "undecided"
    assert claims.equivalent(interval(0.11, 0.2), 0.1) == "refuted"


def test_burn_in_at_the_very_end_of_the_registered_range_is_within_it():
    assert claims.within(claims.median_interval([3.0] * 25 + [4.0] * 6), 3, 8) == "supported"
    assert claims.within(claims.median_interval([3.0] * 16 + [2.0] * 15), 3, 8) == "undecided"
    assert claims.within(claims.median_interval([inf] * 31), 3, 8) == "refuted"


def test_at_least_and_at_most_include_their_number_and_above_and_below_do_not():
    ends = interval(0.5, 0.7)
    judged = [claims.judge(ends, SAID, one) for one in (Threshold(at_least=0.5), Threshold(above=0.5))]
    assert [one.verdict for one in judged] == ["supported", "undecided"]
    assert [one.threshold for one in judged] == ["≥ .5", "> .5"]
    judged = [claims.judge(ends, SAID, one) for one in (Threshold(at_most=0.7), Threshold(below=0.7))]
    assert [one.verdict for one in judged] == ["supported", "undecided"]
    assert "satisfies ≤ 0.7" in judged[0].reason


def test_an_interval_outside_is_tested_at_the_end_that_it_lies_beyond():
    steps = claims.median_interval([9.0] * 25)
    assert Threshold(between=(3, 8)).p(steps) == pytest.approx(2 / 2**25)
    assert Threshold(between=(3, 8)).p(claims.median_interval([2.0] * 25)) == pytest.approx(2 / 2**25)
    assert claims.within(steps, 3, 8) == "refuted"
    assert claims.within(steps, 3, 8, p=0.2) == "undecided"


def test_no_difference_is_not_equivalence():
    noisy = claims.mean_interval(np.linspace(-3, 3, 31))
    assert claims.decide(noisy, above=0) == "undecided"
    assert claims.equivalent(noisy, 0.1) == "undecided"
    assert claims.equivalent(claims.mean_interval(np.linspace(-0.03, 0.03, 31)), 0.1) == "supported"


def test_constant_data_are_judged_and_called_constant():
    claim = claims.judge(claims.mean_interval([1.0] * 31), SAID, Threshold(above=0.5), members=31, failed=2)
    assert (claim.verdict, claim.members, claim.failed, claim.threshold) == ("supported", 31, 2, "> .5")
    assert claim.reason == "1 [0.888, 1] satisfies > 0.5, p = 9.3e-10, 31 clusters; no spread in the data"
    nothing = claims.judge(claims.mean_interval([2.0] * 31), SAID, Threshold(above=0.5))
    assert nothing.verdict == "undecided"
    assert "fewer than 8 distinct values and no bounds" in nothing.reason


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (interval(0.1, 0.2), "0.15 [0.1, 0.2] lies wholly outside > 0.3, p = 0.001, 20 clusters"),
        (interval(0.2, 0.6, 7), "0.4 [0.2, 0.6] straddles > 0.3, p = 0.001, 7 clusters: fewer than 20"),
        (interval(0.4, 0.6, p=0.2), "0.5 [0.4, 0.6] satisfies > 0.3, p = 0.2, 20 clusters: p does not agree"),
        (interval(0.4, 0.6, p=nan), "0.5 [0.4, 0.6] satisfies > 0.3, 20 clusters: there is no p"),
        (claims.slope_interval([1, 1], [2, 3]), "no estimate from 2 clusters (undefined: fewer than two clusters or"),
    ],
)
def test_reason_gives_the_numbers_and_what_decided(found: Interval, reason: str):
    claim = claims.judge(found, SAID, Threshold(above=0.3))
    assert claim.reason.startswith(reason)


def test_a_claim_has_one_bound():
    with pytest.raises(ValueError, match=r"Give one of above, below, .*; got above, below"):
        claims.decide(interval(0, 1), above=0, below=1)
    with pytest.raises(ValueError, match="got none"):
        claims.decide(interval(0, 1))
    with pytest.raises(ValueError, match=r"`between` must leave room between its ends; got \(8, 3\)"):
        claims.within(interval(0, 1), 8, 3)
    with pytest.raises(ValueError, match="`margin` must leave room"):
        claims.equivalent(interval(0, 1), 0)


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (["supported"] * 5, "supported"),
        (["refuted", "refuted"], "refuted"),
        (["supported", "refuted", "undecided"], "mixed"),
        (["supported", "mixed"], "mixed"),
        (["supported", "undecided"], "undecided"),
        (["refuted", "undecided"], "undecided"),
        (["supported", "untestable"], "undecided"),
        (["untestable", "untestable"], "untestable"),
    ],
)
def test_settings_listed_beforehand_combine(verdicts: list[Verdict], verdict: Verdict):
    assert claims.combine(verdicts) == verdict


def test_combining_nothing_or_an_unknown_word_is_refused():
    with pytest.raises(ValueError, match="at least one; got none"):
        claims.combine([])
    with pytest.raises(ValueError, match=r"`verdict` must be one of 'supported', .*; got 'confirmed'"):
        Claim("C1", "s", "e", "t", "confirmed")  # type: ignore[arg-type]


def claim(estimate: float = 0.4, verdict: Verdict = "supported", clusters: int = 30, **words: object) -> Claim:
    made = Claim("C10", "s", "e", "> .3", verdict, estimate=estimate, clusters=clusters, p=0.01, members=30, failed=3)
    return replace(made, **words)  # type: ignore[arg-type]


def test_many_settings_are_told_by_the_counts_of_their_verdicts():
    few = claims.over_settings([claim(setting=f"D={dim}") for dim in range(3)])
    assert few.reason == "D=0: supported; D=1: supported; D=2: supported"
    many = [claim(setting=f"D={dim}", verdict="refuted" if dim < 2 else "supported") for dim in range(9)]
    assert claims.over_settings(many).reason == "of 9 settings 7 supported, 2 refuted"


def test_one_claim_over_settings_needs_every_p_and_counts_every_member():
    whole = claims.over_settings([claim(setting="D=1"), claim(verdict="refuted", p=0.2, clusters=23, setting="D=2")])
    assert (whole.verdict, whole.p, whole.clusters, whole.members, whole.failed) == ("mixed", 0.2, 23, 60, 6)
    assert whole.reason == "D=1: supported; D=2: refuted"
    assert isnan(whole.estimate)
    assert len(whole.details) == 2


@pytest.mark.parametrize(
    ("primary", "second", "verdict"),
    [
        (claim(0.4), claim(0.1), "supported"),
        (claim(0.4), claim(-0.1), "mixed"),
        (claim(-0.4, "refuted"), claim(0.1), "mixed"),
        (claim(0.4), claim(nan, "undecided"), "supported"),
        (claim(0.4, "undecided", clusters=19), claim(-0.1), "undecided"),
    ],
)
def test_opposite_signs_among_all_and_among_the_converged_are_mixed(primary: Claim, second: Claim, verdict: Verdict):
    judged = claims.primary_and_second(primary, second)
    assert judged.verdict == verdict
    assert not judged.details[0].primary
    assert ("signs differ: " in judged.reason) == (verdict == "mixed")


def test_holm_multiplies_the_smallest_p_by_the_family_and_never_falls():
    adjusted = claims.holm({"C3": 0.01, "C4": 0.04, "C5": 0.03}, family=3)
    assert adjusted == pytest.approx({"C3": 0.03, "C4": 0.06, "C5": 0.06})
    assert claims.holm({"C3": 0.01, "C4": 0.5}, family=None)["C4"] == 0.5


def test_a_subset_of_the_family_never_gets_a_smaller_p_than_the_whole():
    assert len(PAPER_FAMILY) == len(set(PAPER_FAMILY)) == 24
    p = dict(zip(PAPER_FAMILY, np.random.default_rng(0).uniform(0, 0.01, 24), strict=True))
    whole = claims.holm(p)
    for size in (1, 5, 23):
        assert all(value >= whole[key] for key, value in claims.holm(dict(list(p.items())[:size])).items())
    assert claims.holm({"C3": 0.001, "C4": nan})["C3"] == pytest.approx(0.024)
    assert isnan(claims.holm({"C3": 0.001, "C4": nan})["C4"])


def test_holm_refuses_a_family_too_small_and_a_p_past_one():
    with pytest.raises(ValueError, match="`family` must be at least the number of tests; got 1 for 2"):
        claims.holm({"I1": 0.1, "I2": 0.2}, family=1)
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
        claims.holm({"I1": 1.1})


def test_table_has_a_row_per_claim_and_per_detail():
    whole = claims.over_settings([claim(setting="D=1"), claim(setting="D=2")])
    table = claims.claims_table([whole, claim(key="C3")])
    assert table["key"].tolist() == ["C10", "C10", "C10", "C3"]
    assert table["part_of"].tolist() == ["", "C10", "C10", ""]
    assert table["setting"].tolist() == ["2 settings", "D=1", "D=2", ""]
    assert {"statement", "verdict", "estimate", "low", "high", "p", "clusters", "failed", "reason"} <= set(
        table.columns
    )
    assert list(claims.claims_table([]).columns) == list(table.columns)


def test_thresholds_digest_sees_every_value_and_no_order():
    digest = claims.thresholds_digest({"C10": 0.3, "C3": (3, 8)})
    assert len(digest) == 16
    assert digest == claims.thresholds_digest({"C3": [3, 8], "C10": 0.3})
    assert digest != claims.thresholds_digest({"C10": 0.31, "C3": (3, 8)})
    with pytest.raises(ValueError, match="JSON"):
        claims.thresholds_digest({"C10": nan})


@pytest.mark.parametrize(
    ("failed", "label"),
    [(10, "of cnn"), (11, "of cnn; of networks most of which did not reach a training loss of 1e-6: 11 of 20")],
)
def test_a_verdict_on_networks_most_of_which_failed_says_so(failed: int, label: str):
    part = claims.judge(Interval(2.0, 1.0, 3.0, 20), SAID, Threshold(above=0.0), members=20, failed=failed)
    whole = claims.over_settings([part, replace(part, failed=0)])
    assert claims.with_failures(replace(part, label="of cnn"), "1e-6").label == label
    told = claims.with_failures(whole, "1e-6")
    assert told.label == ""
    assert (told.details[0].label != "") == (failed > 10)
    assert told.details[1].label == ""
    free = claims.with_failures(whole, "")
    assert [one.label for one in (free, *free.details)] == [""] * 3
    assert [one.failed for one in (free, *free.details)] == [0] * 3


@pytest.mark.parametrize(
    ("study", "members", "words"),
    [
        ("depth-sweep", pd.DataFrame({"hidden": [1, 2]}), "1e-6"),
        ("architectures", pd.DataFrame({"band": [0.0, 0.0]}), "1e-6"),  # band 0: trained for all steps
        ("architectures", pd.DataFrame({"band": [1e-4, 1e-6, 0.0]}), "1e-6 or 0.0001, as its setting asks"),
        ("architectures", pd.DataFrame({"band": [1e-4, 1e-4]}), "0.0001"),
        ("memorisation", pd.DataFrame({"loss": [1e-3]}), ""),  # its networks train for all their steps
        ("kaleidoscope", pd.DataFrame({"loss": [1e-3]}), ""),
    ],
)
def test_the_loss_asked_of_networks_is_that_of_their_training(study: str, members: pd.DataFrame, words: str) -> None:
    assert losses_in_words(make_study(study, "test").asked_losses(members)) == words
