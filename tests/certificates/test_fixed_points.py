"""The claims on fixed points are supported where they are true, not where they are false, and by no control."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

from landscape import measures
from landscape.claims import Claim, certify
from landscape.data import DataSpec, load_data
from landscape.measures.known_maps import Memoriser
from landscape.results import Result
from landscape.studies.fixed_points import claims
from tests.certificates.fixed_points import (
    CONTROL_MAKERS,
    HIDDEN,
    MAKERS,
    Makers,
    density,
    energy,
    gradient,
    result_of,
    spurious,
    visits,
)

JUDGES: dict[str, Callable[[Result], Claim]] = {
    "C16": claims.gradient_ends,
    "C19b": claims.sampled_density,
    "C19c": claims.equal_visits,
    "C22": claims.growth_of_spurious,
}
NAMES = [f"{key} {part}" for key, part in MAKERS]


def judged(key: str, table: pd.DataFrame) -> Claim:
    return JUDGES[key](result_of(table))


def certificate(key: str, makers: Makers, draws: int, hidden: tuple[int, ...] = HIDDEN) -> list[str]:
    """The problems of a claim, judged on the networks of these depths."""
    found = certify(lambda table: judged(key, table[table.hidden.isin(hidden)]), makers, draws=draws)
    print(f"\n{key}\n{found.table().to_string(index=False)}")
    return found.problems()


@pytest.mark.parametrize(("key", "part"), MAKERS, ids=NAMES)
def test_a_claim_has_a_certificate(key: str, part: str) -> None:
    assert certificate(key, MAKERS[key, part], 6, (6,)) == []


@pytest.mark.slow
@pytest.mark.parametrize(("key", "part"), MAKERS, ids=NAMES)
def test_a_claim_has_a_certificate_of_many_draws(key: str, part: str) -> None:
    assert certificate(key, MAKERS[key, part], 200) == []


@pytest.mark.parametrize("key", JUDGES)
def test_no_control_passes(key: str) -> None:
    for name, make in CONTROL_MAKERS.items():
        verdict = judged(key, make(np.random.default_rng(0))).verdict
        assert verdict != "supported", name


@pytest.mark.parametrize(
    ("key", "make"),
    [
        ("C16", partial(gradient, unstable=0.3, missed=1.0)),
        ("C19b", partial(density, beta=100.0, excess=0.5)),
        ("C19c", partial(visits, shape=1.0)),
        ("C22", partial(spurious, slope=-0.8)),
    ],
)
def test_a_false_claim_is_refuted_and_few_networks_leave_it_undecided(
    key: str, make: Callable[[np.random.Generator], pd.DataFrame]
) -> None:
    table = make(np.random.default_rng(0))
    assert judged(key, table).verdict == "refuted"
    assert judged(key, table[table.seed < 19]).verdict == "undecided"
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
