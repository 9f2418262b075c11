"""Steps that sharpen with depth and steps that are reached are supported where they are true, and not elsewhere.

The memoriser's map is a step function: of it, S1b is true. It says how a map is, not that training made it so. The other
controls have no steps."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from landscape.claims import certify
from tests.certificates.step_flatness import CONTROLS, MAKERS, claim_of, control, members


def problems(part: str, draws: int) -> list[str]:
    key, makers = MAKERS[part]
    controls = {f"control: {name}": partial(control, name=name) for name in CONTROLS}
    found = certify(partial(claim_of, key=key), {**makers, **controls}, draws=draws)
    print(f"\n{part}\n{found.table().to_string(index=False)}")
    return found.problems()


@pytest.mark.parametrize("part", MAKERS)
def test_the_claims_have_a_certificate(part: str) -> None:
    assert problems(part, 10) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", MAKERS)
def test_the_claims_have_a_certificate_of_many_draws(part: str) -> None:
    assert problems(part, 400) == []


def test_the_memoriser_has_no_trend() -> None:
    assert claim_of(control(np.random.default_rng(0), "memoriser"), "S1a").verdict == "refuted"


@pytest.mark.parametrize(("key", "false"), [("S1a", {"slope": -1.0}), ("S1b", {"deepest": 0.6})])
def test_the_claims_get_each_verdict(key: str, false: dict[str, float]) -> None:
    true = members(np.random.default_rng(0))
    assert claim_of(true, key).verdict == "supported"
    assert claim_of(members(np.random.default_rng(0), **false), key).verdict == "refuted"
    assert claim_of(true[true.seed < 19], key).verdict == "undecided"
    assert claim_of(true.assign(budget=0), key).verdict == "untestable"
