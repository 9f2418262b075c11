"""The claims on the number of regions are supported where it grows as neurons^d, not where it does not, and by no control."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape.claims import Claim, certify
from landscape.results import Result
from landscape.studies.regions.claims import INITIALISED, claims_of
from tests.certificates.regions import MAKERS, counts

KEYS = [statement.key for statement in INITIALISED.values()]


def judged(table: pd.DataFrame, key: str = "S3") -> Claim:
    result = Result(Path(), {"parameters": {"dim": 2}}, {"initialisations": table}, {})
    return next(claim for claim in claims_of(result) if claim.key == key)


def problems(draws: int) -> list[str]:
    found = certify(lambda table: judged(table[table.init == "he-biased"]), MAKERS, draws=draws)
    print(f"\nS3\n{found.table().to_string(index=False)}")
    return found.problems()


def test_the_claim_has_a_certificate() -> None:
    assert problems(6) == []


@pytest.mark.slow
def test_the_claim_has_a_certificate_of_many_draws() -> None:
    assert problems(400) == []


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
def test_the_claims_get_each_verdict(
    key: str, make: Callable[[np.random.Generator], pd.DataFrame], verdict: str
) -> None:
    assert judged(make(np.random.default_rng(0)), key).verdict == verdict
