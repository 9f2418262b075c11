"""The claim on memorisation is supported where samples are new, not where they are copies, and by no control."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from landscape.claims import Claim, Verdict, unjudged
from landscape.studies.memorisation.claims import not_memorising
from landscape.studies.parts import pooling
from tests.certificates import Make, problems
from tests.certificates.memorisation import MAKERS, pool, result_of, rows


def judged(table: pd.DataFrame) -> Claim:
    return not_memorising(result_of(table))


def judged_alone(table: pd.DataFrame) -> Claim:
    """The claim of the networks of one hidden layer on fifty images."""
    return judged(table[(table["count"] == 50) & (table.hidden == 1)])


def test_the_claim_has_a_certificate() -> None:
    assert problems("C14", judged_alone, MAKERS, 8) == []


@pytest.mark.slow
def test_the_claim_has_a_certificate_of_many_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The claims of single settings, which do not decide, are left out: they take nine tenths of the time."""
    monkeypatch.setattr(pooling, "claim_alone", lambda of, *given: unjudged(of, "undecided", "", ""))
    assert problems("C14", judged, MAKERS, 200) == []


@pytest.mark.parametrize(
    ("make", "verdict"),
    [
        (partial(rows, kind="held-out"), "supported"),
        (partial(rows, kind="copycat", share=0.5), "undecided"),
        (partial(rows, kind="copycat", share=0.1), "refuted"),
        (partial(rows, kind="identity"), "untestable"),
        (partial(rows, kind="constant"), "untestable"),
    ],
)
def test_the_claim_can_have_each_verdict(make: Make[pd.DataFrame], verdict: Verdict) -> None:
    assert judged(make(np.random.default_rng(0))).verdict == verdict


def test_the_registered_authenticity_fails_of_new_images() -> None:
    new, copies = (pool()[pool().kind == kind] for kind in ("held-out", "copycat"))
    assert new.authenticity.mean() < 0.5
    assert (new.authenticity / new.authenticity_null).mean() == pytest.approx(1, abs=0.1)
    assert (copies.authenticity == 0).all()
    halves = pool()[pool().kind == "0.5"]
    assert (halves.authenticity / halves.authenticity_null).mean() == pytest.approx(0.5, abs=0.05)
