"""The claim on injective layers is supported where both parts are true, not where one is false, and by no control."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape.claims import Claim
from landscape.results import Result
from landscape.studies.injective_kaleidoscope.claims import I4, claims_of
from landscape.studies.injective_kaleidoscope.parameters import INJECTIVE, ORDINARY
from tests.certificates import problems
from tests.certificates.injective_kaleidoscope import PARTS, SEEDS, WHOLE, networks


def judged(table: pd.DataFrame) -> Claim:
    controls = table[table.seed < 2].assign(control="untrained")
    (claim,) = claims_of(Result(Path(), {"parameters": {}}, {"members": table, "controls": controls}, {}))
    return claim


def judged_part(name: str, table: pd.DataFrame) -> Claim:
    return judged(table).details[list(I4.thresholds).index(name)]


def test_the_claim_has_a_certificate() -> None:
    assert problems("I4", judged, WHOLE, 4) == []


@pytest.mark.parametrize("part", PARTS)
def test_each_part_has_a_certificate(part: str) -> None:
    assert problems(f"I4 {part}", partial(judged_part, part), PARTS[part], 5) == []


@pytest.mark.slow
def test_the_claim_has_a_certificate_of_many_draws() -> None:
    assert problems("I4", judged, WHOLE, 200) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_each_part_has_a_certificate_of_many_draws(part: str) -> None:
    assert problems(f"I4 {part}", partial(judged_part, part), PARTS[part], 200) == []


def test_the_claim_gets_each_verdict() -> None:
    rng = np.random.default_rng(0)
    table = networks(rng)
    assert judged(table).verdict == "supported"
    assert judged(networks(rng, plateaus=0.5, attraction=0.1)).verdict == "refuted"
    assert judged(networks(rng, plateaus=0.5)).verdict == "mixed"
    assert judged(networks(rng, attraction=0.1)).verdict == "mixed"
    assert judged(table[table.seed < 19]).verdict == "undecided"
    for rest in (
        table[table.layers == ORDINARY],
        table.assign(data="digits"),
        table.assign(band=1e-3),
    ):
        assert judged(rest).verdict == "untestable"
    failed = judged(table.assign(loss=1.0))
    assert [one.verdict for one in (failed, *failed.details)] == ["undecided", "supported", "untestable"]


def test_seeds_without_plateaus_are_counted_and_left_out() -> None:
    table = networks(np.random.default_rng(0))
    none = table.assign(zero_slope=table.zero_slope.mask(table.seed < 4, 0.0))
    plateaus = judged_part("plateaus", none)
    assert (plateaus.clusters, plateaus.verdict) == (36, "supported")
    assert "by construction: the hidden map is one-to-one; 432 of 1440 pairs" in plateaus.label
    assert "4 seeds without any left out" in plateaus.label
    few = judged_part("plateaus", table.assign(zero_slope=table.zero_slope.mask(table.seed >= 19, 0.0)))
    assert (few.clusters, few.verdict) == (19, "undecided")
    assert judged_part("plateaus", table.assign(zero_slope=0.0)).verdict == "undecided"


def test_networks_that_fail_lose_plateaus_as_well() -> None:
    table = networks(np.random.default_rng(0), fit=0.0)
    assert judged_part("plateaus", table).verdict == "supported"


def test_one_injective_network_with_a_plateau_fails_its_seed() -> None:
    table = networks(np.random.default_rng(0))
    ordinary = table[(table.layers == ORDINARY) & (table.zero_slope > 0) & (table.seed == 3)].iloc[0]
    same = (table[["data", "hidden", "budget", "seed"]] == ordinary[["data", "hidden", "budget", "seed"]]).all(axis=1)
    kept = table.assign(zero_slope=table.zero_slope.mask(same & (table.layers == INJECTIVE), 1e-3))
    assert judged_part("plateaus", kept).estimate == pytest.approx(1 - 1 / SEEDS)


def test_how_frequent_plateaus_are_stands_beside_and_decides_nothing() -> None:
    plateaus = judged_part("plateaus", networks(np.random.default_rng(0), fit=0.95))
    frequent = [one for one in plateaus.details if one.setting.startswith("how frequent plateaus are")]
    assert [one.setting.rpartition(", ")[2] for one in frequent] == ["pairs that fit", "all pairs"]
    assert not any(one.primary for one in frequent)
    assert all(one.low <= one.estimate <= one.high for one in frequent)


def test_a_control_attracts_only_where_its_points_are_fixed() -> None:
    table = networks(np.random.default_rng(0)).assign(attracting=1.0)
    fixed, free = table.assign(loss=0.0), table.assign(loss=0.1)
    assert "the memoriser passes as well" in claim_label(fixed, "memoriser")
    assert claim_label(free, "constant") == claim_label(free, "untrained") == ""


def claim_label(controls: pd.DataFrame, control: str) -> str:
    tables = {"members": networks(np.random.default_rng(0), fit=1.0), "controls": controls.assign(control=control)}
    (claim,) = claims_of(Result(Path(), {"parameters": {}}, tables, {}))
    return claim.details[1].label


def test_ordinary_layers_in_place_of_injective_ones_support_nothing() -> None:
    own = networks(np.random.default_rng(0), fit=1.0)
    ordinary = own[own.layers == ORDINARY]
    claim = judged(pd.concat([ordinary, ordinary.assign(layers=INJECTIVE)]))
    assert claim.details[0].verdict == "refuted"
    assert claim.verdict == "mixed"
