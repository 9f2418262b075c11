"""The claims on the number of regions are supported where it grows as neurons^d, not where it does not, and by no control."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape.claims import Claim
from landscape.results import Result
from landscape.studies.regions.claims import INITIALISED, claims_of
from tests.certificates import Make, of_key, problems
from tests.certificates.regions import MAKERS, counts

KEYS = [statement.key for statement in INITIALISED.values()]


def judged(table: pd.DataFrame, key: str = "S3") -> Claim:
    result = Result(Path(), {"parameters": {"dim": 2}}, {"initialisations": table}, {})
    return of_key(claims_of(result), key)


def judged_he(table: pd.DataFrame) -> Claim:
    """S3, without the other initialisation, which does not concern it."""
    return judged(table[table.init == "he-biased"])


def test_the_claim_has_a_certificate() -> None:
    assert problems("S3", judged_he, MAKERS, 6) == []


@pytest.mark.slow
def test_the_claim_has_a_certificate_of_many_draws() -> None:
    assert problems("S3", judged_he, MAKERS, 400) == []


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("make", "verdict"),
    [
        (counts, "supported"),
        (partial(counts, line=-0.5, plane=-0.5), "refuted"),
        (partial(counts, line=-0.5), "refuted"),
        (partial(counts, plane=-0.25), "undecided"),
    ],
)
def test_the_claims_get_each_verdict(key: str, make: Make[pd.DataFrame], verdict: str) -> None:
    assert judged(make(np.random.default_rng(0)), key).verdict == verdict
