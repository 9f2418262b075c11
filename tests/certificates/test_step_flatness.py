"""Steps that sharpen with depth and steps that are reached are supported where they are true, and not elsewhere.

The memoriser's map is a step function: of it, S1b is true. It says how a map is, not that training made it so. The other
controls have no steps."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from tests.certificates import problems
from tests.certificates.step_flatness import CONTROLS, MAKERS, claim_of, control, members


def problems_of(part: str, draws: int, controls: tuple[str, ...] = CONTROLS) -> list[str]:
    key, makers = MAKERS[part]
    of_controls = {f"control: {name}": partial(control, name=name) for name in controls}
    return problems(part, partial(claim_of, key=key), {**makers, **of_controls}, draws)


@pytest.mark.parametrize("part", MAKERS)
def test_the_claims_have_a_certificate(part: str) -> None:
    assert problems_of(part, 3, ()) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", MAKERS)
def test_the_claims_have_a_certificate_of_many_draws(part: str) -> None:
    assert problems_of(part, 200) == []


def test_no_control_passes_but_the_memoriser_is_a_step() -> None:
    rng = np.random.default_rng(0)
    tables = {name: control(rng, name) for name in (*CONTROLS, "memoriser")}
    verdicts = {name: [claim_of(table, key).verdict for key in ("S1a", "S1b")] for name, table in tables.items()}
    assert verdicts.pop("memoriser") == ["refuted", "supported"]
    assert set(map(tuple, verdicts.values())) == {("refuted", "refuted")}


@pytest.mark.parametrize(("key", "false"), [("S1a", {"slope": -1.0}), ("S1b", {"deepest": 0.6})])
def test_the_claims_get_each_verdict(key: str, false: dict[str, float]) -> None:
    true = members(np.random.default_rng(0))
    assert claim_of(true, key).verdict == "supported"
    assert claim_of(members(np.random.default_rng(0), **false), key).verdict == "refuted"
    assert claim_of(true[true.seed < 19], key).verdict == "undecided"
    assert claim_of(true.assign(budget=0), key).verdict == "untestable"
