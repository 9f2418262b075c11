"""The claims about corners and cube are supported where they are true, not where they are false, and by no control.

C8 has no certificate: no highest loss is proven, so that it can be refuted, and is never supported."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from landscape.claims import Claim
from landscape.results import Result
from landscape.studies.corners.claims import claims_of
from tests.certificates import Make, of_key, problems
from tests.certificates.corners import (
    ASKED,
    KINDS,
    MAKERS,
    ceilings,
    controls,
    falls,
    middles,
    shares_at_corners,
    spreads,
)

NAMES = [f"{key} {part}" for key, part in MAKERS]
ABOUT_DIMENSIONS = ("C6", "C7b")


def judged(key: str, result: Result) -> Claim:
    return of_key(claims_of(result), key)


def judged_small(key: str, result: Result) -> Claim:
    """The claim of the networks of six layers, in the plane unless it is about dimensions."""
    chosen = result.table["hidden"] == 6
    if key not in ABOUT_DIMENSIONS:
        chosen &= result.table["dim"] == 2
    return judged(key, replace(result, tables=result.tables | {"members": result.table[chosen]}))


@pytest.mark.parametrize(("key", "part"), MAKERS, ids=NAMES)
def test_a_claim_has_a_certificate(key: str, part: str) -> None:
    assert problems(f"{key} {part}", partial(judged_small, key), MAKERS[key, part], 5) == []


@pytest.mark.slow
@pytest.mark.parametrize(("key", "part"), MAKERS, ids=NAMES)
def test_a_claim_has_a_certificate_of_many_draws(key: str, part: str) -> None:
    assert problems(f"{key} {part}", partial(judged, key), MAKERS[key, part], 200) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", ASKED)
def test_no_control_passes_without_its_label(key: str, kind: str) -> None:
    claim = judged(key, controls(np.random.default_rng(0), kind, *ASKED[key]))
    print(f"\n{key} {kind}: {claim.verdict}; {claim.reason}; {claim.label}")
    assert claim.verdict != "supported" or claim.label.startswith("by constant")


@pytest.mark.parametrize(
    ("key", "make"),
    [
        ("C2b", partial(ceilings, share=2 / 7)),
        ("C6", partial(falls, ratio=0.5)),
        ("C7b", partial(spreads, slope=0.3, last=1.0)),
        ("C8b", partial(middles, excess=0.3)),
    ],
)
def test_a_false_claim_is_refuted(key: str, make: Make[Result]) -> None:
    assert judged(key, make(np.random.default_rng(0))).verdict == "refuted"


@pytest.mark.parametrize(("key", "make"), [("C2b", ceilings), ("C6", falls), ("C7b", spreads), ("C8b", middles)])
def test_few_seeds_leave_a_true_claim_undecided(key: str, make: Make[Result]) -> None:
    result = make(np.random.default_rng(0))
    result.tables["members"] = result.table[result.table["seed"] < 19]
    assert judged(key, result).verdict == "undecided"


@pytest.mark.parametrize(("share", "verdict"), [(1.0, "untestable"), (0.9, "untestable"), (0.6, "refuted")])
def test_the_highest_loss_found_refutes_and_never_supports(share: float, verdict: str) -> None:
    for draw in range(3):
        assert judged_small("C8", shares_at_corners(np.random.default_rng(draw), share=share)).verdict == verdict
