"""The claim on networks before training is supported where all its parts are true, not where one is false, and by no control.

The identity has no isolated fixed points, so that it has no row here; an untrained network is what the claim is about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape.claims import Claim
from landscape.results import Result
from landscape.studies.initialisation.claims import HEAVY, LIGHT, claims_of
from tests.certificates import problems
from tests.certificates.initialisation import MAKERS, counts


def judged(table: pd.DataFrame) -> Claim:
    (claim,) = claims_of(Result(Path(), {"parameters": {"activation": "relu"}}, {"members": table}, {}))
    return claim


@pytest.mark.parametrize("part", MAKERS)
def test_the_claim_has_a_certificate(part: str) -> None:
    assert problems(f"B1 {part}", judged, MAKERS[part], 5) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", MAKERS)
def test_the_claim_has_a_certificate_of_many_draws(part: str) -> None:
    assert problems(f"B1 {part}", judged, MAKERS[part], 400) == []


def test_the_claim_gets_each_verdict() -> None:
    rng = np.random.default_rng(0)
    table = counts(rng)
    assert judged(table).verdict == "supported"
    assert judged(counts(rng, one=0.6, several=0.3, rise=-0.6, fall=-0.6)).verdict == "refuted"
    assert judged(counts(rng, rise=-0.6)).verdict == "refuted"
    assert judged(table[table.seed < 19]).verdict == "undecided"
    assert judged(table.assign(dim=20)).verdict == "untestable"


def test_light_tails_in_place_of_heavy_ones_support_nothing() -> None:
    table = counts(np.random.default_rng(0))
    light = table[table.init == LIGHT]
    assert judged(pd.concat([light, light.assign(init=HEAVY)])).verdict == "refuted"
