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
from tests.certificates.injective_kaleidoscope import PARTS, WHOLE, networks


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
    assert judged(networks(rng, plateaus=0.0, attraction=0.1)).verdict == "refuted"
    assert judged(networks(rng, plateaus=0.0)).verdict == "mixed"
    assert judged(networks(rng, attraction=0.1)).verdict == "mixed"
    assert judged(table[table.seed < 19]).verdict == "undecided"
    for rest in (
        table[table.layers == ORDINARY],
        table.assign(data="digits"),
        table.assign(band=1e-3),
        table.assign(loss=1.0),
    ):
        assert judged(rest).verdict == "untestable"


def test_ordinary_layers_in_place_of_injective_ones_support_nothing() -> None:
    own = networks(np.random.default_rng(0), fit=1.0)
    ordinary = own[own.layers == ORDINARY]
    claim = judged(pd.concat([ordinary, ordinary.assign(layers=INJECTIVE)]))
    assert claim.details[0].verdict == "refuted"
    assert claim.verdict == "mixed"
