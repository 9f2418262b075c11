"""Better codes and images that are no worse are supported where they are true, and not elsewhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from landscape.results import Result
from tests.certificates import problems
from tests.certificates.injective_gan import CONTROLS, MAKERS, claim_of, control, diverging, pairs


def problems_of(key: str, draws: int) -> list[str]:
    of_controls = {f"control: {name}": partial(control, name=name) for name in CONTROLS}
    return problems(key, partial(claim_of, key=key), {**MAKERS[key], **of_controls}, draws)


@pytest.mark.parametrize("key", MAKERS)
def test_the_claims_have_a_certificate(key: str) -> None:
    assert problems_of(key, 40) == []


@pytest.mark.slow
@pytest.mark.parametrize("key", MAKERS)
def test_the_claims_have_a_certificate_of_many_draws(key: str) -> None:
    assert problems_of(key, 200) == []


def drawn(**settings: float) -> Result:
    return pairs(np.random.default_rng(0), failing=0, **settings)


@pytest.mark.parametrize(("key", "false"), [("I5", {"codes": 0.6}), ("I6", {"images": 1.0})])
def test_the_claims_get_each_verdict(key: str, false: dict[str, float]) -> None:
    assert claim_of(drawn(), key).verdict == "supported"
    assert claim_of(drawn(**false), key).verdict == "refuted"
    few = pairs(np.random.default_rng(0), failing=0, members=19)
    assert claim_of(few, key).verdict == "undecided"
    ordinary = drawn().table[lambda rows: rows.generator == "ordinary"]
    alone = Result(Path(), {}, {"members": ordinary, "curves": drawn().tables["curves"]}, {})
    assert claim_of(alone, key).verdict == "untestable"


@pytest.mark.parametrize("name", CONTROLS)
def test_generators_that_learnt_nothing_test_nothing(name: str) -> None:
    claim = claim_of(control(np.random.default_rng(0), name), "I5")
    assert claim.verdict == "untestable"
    trained = 10 if name == "diverging" else 0
    assert f"in {trained} of 22 pairs both generators are trained enough" in claim.reason


def test_pairs_that_are_not_trained_enough_stand_beside() -> None:
    result = drawn()
    table = result.table.assign(
        frechet=lambda rows: rows.frechet.where(rows.seed != 3, rows.untrained_frechet)
    )  # one pair of 22
    claim = claim_of(Result(Path(), {}, {**result.tables, "members": table}, {}), "I5")
    assert (claim.clusters, claim.members, claim.failed) == (21, 44, 2)
    assert claim.label == "21 of 22 pairs are judged"
    (everyone,) = [one for one in claim.details if "all pairs" in one.estimand]
    assert (everyone.clusters, everyone.members, everyone.failed) == (22, 44, 2)


@pytest.mark.parametrize("column", ["frechet", "code_distance"])
@pytest.mark.parametrize("kind", ["ordinary", "injective"])
@pytest.mark.parametrize("key", MAKERS)
def test_generators_that_diverged_are_counted_as_not_trained_enough(key: str, kind: str, column: str) -> None:
    """Whichever number is missing, the pair stays in the denominator of both claims."""
    claim = claim_of(diverging(drawn(), 2, kind, column), key)
    assert claim.verdict == "supported"
    assert (claim.clusters, claim.members, claim.failed) == (20, 44, 2)
    assert claim.label == "20 of 22 pairs are judged; 2 diverged"
    (beside,) = [one for one in claim.details if "all pairs" in one.estimand]
    assert (beside.clusters, beside.members, beside.failed, beside.label) == (20, 44, 2, claim.label)
    claim = claim_of(diverging(drawn(), 12, kind, column), key)
    assert claim.verdict == "untestable"
    assert "in 10 of 22 pairs both generators are trained enough" in claim.reason
    assert (
        claim_of(diverging(drawn(), 11, kind, column), key).verdict == "undecided"
    )  # half is enough, 11 seeds are too few
