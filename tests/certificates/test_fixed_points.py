"""The claims on fixed points are supported where they are true, not where they are false, and by no control."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

from landscape import measures
from landscape.claims import Claim
from landscape.data import DataSpec, load_data
from landscape.measures.known_maps import Memoriser
from landscape.results import Result
from landscape.studies.fixed_points import claims
from tests.certificates import problems
from tests.certificates.fixed_points import (
    CONTROL_MAKERS,
    MAKERS,
    VERDICTS,
    energy,
    result_of,
    spurious,
    visits,
)  # fmt: skip

JUDGES: dict[str, Callable[[Result], Claim]] = {
    "C16": claims.gradient_ends,
    "C19b": claims.sampled_density,
    "C19c": claims.equal_visits,
    "C22": claims.growth_of_spurious,
}
NAMES = [f"{key} {part}" for key, part in MAKERS]


def judged(key: str, table: pd.DataFrame) -> Claim:
    return JUDGES[key](result_of(table))


@pytest.mark.parametrize(("key", "part"), MAKERS, ids=NAMES)
def test_a_claim_has_a_certificate(key: str, part: str) -> None:
    """It is judged on the networks of six hidden layers."""
    assert problems(f"{key} {part}", lambda table: judged(key, table[table.hidden == 6]), MAKERS[key, part], 6) == []


@pytest.mark.slow
@pytest.mark.parametrize(("key", "part"), MAKERS, ids=NAMES)
def test_a_claim_has_a_certificate_of_many_draws(key: str, part: str) -> None:
    assert problems(f"{key} {part}", partial(judged, key), MAKERS[key, part], 200) == []


@pytest.mark.parametrize("key", JUDGES)
def test_no_control_passes(key: str) -> None:
    for name, make in CONTROL_MAKERS.items():
        verdict = judged(key, make(np.random.default_rng(0))).verdict
        assert verdict != "supported", name


@pytest.mark.parametrize("key", VERDICTS)
def test_tables_turn_every_claim_each_way(key: str) -> None:
    for verdict, make in VERDICTS[key].items():
        table = make(np.random.default_rng(0))
        assert judged(key, table).verdict == verdict
        assert judged(key, table.assign(loss=1e-3)).verdict == "untestable"


def test_the_tables_of_a_density_are_the_measure() -> None:
    """Draws at a β have the β and the excess that the measure finds in them, up to the steps of the tables."""
    of = energy("tanh-square", 4)
    beta, excess = of.draw(1.0, np.random.default_rng(0), 5)
    weights = np.cumsum(np.exp(-of.energy))
    cells = np.searchsorted(weights, np.random.default_rng(0).random((5, 400)) * weights[-1])
    side = 200
    points = torch.tensor(np.stack([cells // side, cells % side], 2) + 0.5) / side * 2 - 1
    square = load_data(DataSpec("tanh-square"), range(5))
    found = measures.dynamics.loss_density(Memoriser(square.points), points.float(), low=square.low, high=square.high)
    assert found.beta.numpy() == pytest.approx(beta, rel=0.02)
    assert found.excess.numpy() == pytest.approx(excess, abs=0.01)


@pytest.mark.parametrize("key", ["C19c", "C22"])
def test_a_run_without_drawn_sets_leaves_it_untestable(key: str) -> None:
    table = {"C19c": visits, "C22": spurious}[key](np.random.default_rng(0))
    assert judged(key, table[table.data == "two-points"]).verdict == "untestable"
    assert judged(key, table[table.longer == 4]).verdict == {"C19c": "supported", "C22": "untestable"}[key]
