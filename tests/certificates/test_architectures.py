"""The claims on architectures are supported where they are true, not where they are false, and by no control.

A control has neither parameters nor a budget: where losses are compared, it takes the place of the MLPs as well."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape import results
from landscape.claims import Claim, Verdict, unjudged
from landscape.studies.architectures.claims import WHOLE_BUDGET, claims_of
from landscape.studies.parts import pooling
from tests.certificates import Make, of_key, problems
from tests.certificates.architectures import BANDS, CONTROLS, MAKERS, losses, orbits, result_of, single

NAMES = [f"{key} {part}" for key, part in MAKERS]


def judged(key: str, table: pd.DataFrame) -> Claim:
    return of_key(claims_of(result_of(table)), key)


def few(table: pd.DataFrame) -> pd.DataFrame:
    """The table of a run with fewer settings."""
    kept = table.band.isin((BANDS[0], WHOLE_BUDGET)) & (table.net != "unet") & (table.hidden <= 3)
    return table[kept & ((table.net != "transformer") | (table.band == WHOLE_BUDGET))]


@pytest.mark.parametrize(("key", "part"), MAKERS, ids=NAMES)
def test_a_claim_has_a_certificate(key: str, part: str) -> None:
    assert problems(f"{key} {part}", lambda table: judged(key, few(table)), MAKERS[key, part], 8) == []


@pytest.mark.slow
@pytest.mark.parametrize(("key", "part"), MAKERS, ids=NAMES)
def test_a_claim_has_a_certificate_of_many_draws(key: str, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claims of single settings, which do not decide, are left out: they take nine tenths of the time."""
    monkeypatch.setattr(pooling, "claim_alone", lambda of, *given: unjudged(of, "undecided", "", ""))
    assert problems(f"{key} {part}", partial(judged, key), MAKERS[key, part], 200) == []


@pytest.mark.parametrize(
    ("key", "make", "verdict"),
    [
        ("C15", orbits, "supported"),
        ("C15", partial(orbits, ours=0.52, mlp=(0.3, 0.3)), "undecided"),
        ("C15", partial(orbits, ours=0.1), "refuted"),
        ("C24", losses, "supported"),
        ("C24", partial(losses, cnn=0.52, transformer=0.52), "undecided"),
        ("C24", partial(losses, cnn=0.1, transformer=0.1), "refuted"),
        ("S2", single, "supported"),
        ("S2", partial(single, mlp=0.52, cnn=0.52), "undecided"),
        ("S2", partial(single, mlp=0.9, cnn=0.1), "refuted"),
    ],
)
def test_every_claim_can_be_supported_undecided_and_refuted(
    key: str, make: Make[pd.DataFrame], verdict: Verdict
) -> None:
    assert judged(key, make(np.random.default_rng(0))).verdict == verdict


@pytest.mark.parametrize("key", ["C15", "C24", "S2"])
def test_nineteen_seeds_decide_nothing(key: str) -> None:
    table = MAKERS[key, {"C15": "level", "C24": "cnn", "S2": "mlp"}[key]]["true"](np.random.default_rng(0))
    assert judged(key, table[table.seed < 19]).verdict == "undecided"


def test_controls_are_as_measured(run_of_test_preset: Callable[[str], Path]) -> None:
    measured = results.load(run_of_test_preset("architectures")).tables["controls"].groupby("control")
    for name, values in CONTROLS.items():
        found = measured[list(values)].mean().loc[name]
        assert found.to_dict() == pytest.approx(dict(values), abs=0.05), name
