"""P1 is supported where samples are memorised, then spurious, then new, and by no control; each part can refute it."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from landscape.claims import Claim, Verdict
from landscape.studies.memorisation.claims import three_states
from tests.certificates import Make, problems
from tests.certificates.memorisation_states import (
    CONTROLS,
    COUNTS,
    LATE,
    MAKERS,
    NEVER_NEW,
    TRUE,
    WITHOUT_SPURIOUS,
    control,
    controls,
    drawn,
    result_of,
)


def judged(table: pd.DataFrame) -> Claim:
    return three_states(result_of(table))


@pytest.mark.parametrize("part", MAKERS)
def test_a_part_has_a_certificate(part: str) -> None:
    assert problems(f"P1, {part}", judged, MAKERS[part], 5) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", MAKERS)
def test_a_part_has_a_certificate_of_many_draws(part: str) -> None:
    assert problems(f"P1, {part}", judged, MAKERS[part], 200) == []


@pytest.mark.parametrize(
    ("make", "verdict"),
    [
        (partial(drawn, shares=TRUE), "supported"),
        (partial(drawn, shares=LATE, part=0.5), "undecided"),
        *[(partial(drawn, shares=shares), "refuted") for shares in (LATE, WITHOUT_SPURIOUS, NEVER_NEW)],
        *[(partial(control, kind=kind), "refuted") for kind in CONTROLS],
    ],
)
def test_the_claim_can_have_each_verdict(make: Make, verdict: Verdict) -> None:
    assert judged(make(np.random.default_rng(0))).verdict == verdict


def test_networks_that_do_not_fit_are_left_out_and_can_make_it_untestable() -> None:
    table = drawn(np.random.default_rng(0), TRUE)
    few = table.assign(training_loss=np.where(table.seed < 12, 1e-3, 0.03))
    assert judged(few).verdict == "untestable"
    assert "12 of 30 do" in judged(few).reason
    assert judged(table[table["count"].isin(COUNTS[:2])]).verdict == "untestable"


def test_controls_are_as_they_must_be() -> None:
    means = controls().groupby("control")[["memorised", "spurious", "new"]].mean()
    assert means.memorised["memoriser"] == 1
    assert means.loc["constant"].tolist() == [0, 1, 0]
    assert means.loc["identity"].tolist() == pytest.approx([0, 0, 0], abs=0.01)  # noise is unlike the data
