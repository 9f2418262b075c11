"""The claims of the depth sweep can be supported where they are true, are not where they are false, and no control passes one.

A constant passes C1b under its label: of one training point, it is what the claim describes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from landscape.claims import Verdict
from landscape.studies.depth_sweep.claims import STATEMENTS
from tests.certificates import problems
from tests.certificates.depth_sweep import CONTROLS, FALSE, PARTS, TRUE, claim_of, control

KEYS = [statement.key for statement in STATEMENTS]


def problems_of(part: str, draws: int, controls: tuple[str, ...] = CONTROLS) -> list[str]:
    key, false, threshold = PARTS[part]
    makers = {"true": TRUE[key], "false": false, "threshold": threshold}
    makers |= {f"control: {name}": partial(control, name=name, key=key) for name in controls}
    return problems(part, partial(claim_of, key=key), makers, draws)


@pytest.mark.parametrize("part", PARTS)
def test_every_claim_has_a_certificate(part: str) -> None:
    assert problems_of(part, 3, ()) == []


@pytest.mark.parametrize("key", KEYS)
def test_no_control_passes_but_a_constant_under_its_label(key: str) -> None:
    rng = np.random.default_rng(0)
    claims = {name: claim_of(control(rng, name, key), key) for name in CONTROLS}
    passed = {name: claim.label for name, claim in claims.items() if claim.verdict == "supported"}
    constants = ("constant", "half", "memoriser")
    assert passed == (dict.fromkeys(constants, "by constant: 100 % of networks are constants") if key == "C1b" else {})


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_every_claim_has_a_certificate_of_many_draws(part: str) -> None:
    assert problems_of(part, 200) == []


@pytest.mark.parametrize("key", KEYS)
def test_every_claim_gets_each_verdict(key: str) -> None:
    true, false = (makers[key](np.random.default_rng(0)) for makers in (TRUE, FALSE))
    few = true[true.seed < 19]
    verdicts: dict[Verdict, Verdict] = {
        "supported": claim_of(true, key).verdict,
        "refuted": claim_of(false, key).verdict,
        "undecided": claim_of(few, key).verdict,
        "untestable": claim_of(true.assign(data="digits", budget=0), key).verdict,
    }
    assert list(verdicts) == list(verdicts.values())
