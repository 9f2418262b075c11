"""The claim on borders of basins is supported where they are smooth, and not where they are fractal.

Of the controls, the identity has no basins, and a constant map and an untrained network have a single one. The memoriser's
borders are straight: the claim is true of it, and not about training. Its borders are those of the true generator here."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from landscape import measures, presets
from landscape.claims import Claim
from landscape.results import Result
from landscape.studies.basins.claims import claims_of
from landscape.studies.basins.study import BasinsStudy
from landscape.studies.basins.tables import borders
from tests.certificates import problems
from tests.certificates.basins import MAKERS, VERDICTS
from tests.certificates.fixed_points import result_of


def judged(table: pd.DataFrame) -> Claim:
    result: Result = result_of(table)
    (claim,) = claims_of(result)
    return claim


@pytest.mark.parametrize("part", MAKERS)
def test_the_claim_has_a_certificate(part: str) -> None:
    assert problems(f"S4 {part}", judged, MAKERS[part], 10) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", MAKERS)
def test_the_claim_has_a_certificate_of_many_draws(part: str) -> None:
    assert problems(f"S4 {part}", judged, MAKERS[part], 400) == []


def test_tables_turn_the_claim_each_way() -> None:
    for verdict, make in VERDICTS["S4"].items():
        table = make(np.random.default_rng(0))
        assert judged(table).verdict == verdict
        assert judged(table.assign(exponent=np.nan)).verdict == "untestable"


@pytest.mark.parametrize("kind", ["constant", "identity", "untrained"])
def test_controls_have_no_border(kind: str) -> None:
    study = presets.make_study("basins", "test", overrides={"data": ("four-points",), "members": 3})
    assert isinstance(study, BasinsStudy)
    recipe = study.recipe(study.cells()[0])
    dataset = recipe.dataset()
    map = measures.control(kind, dataset, recipe.untrained("cpu"))
    axis = torch.linspace(0, 1, 33)
    found = measures.basins(map, torch.cartesian_prod(axis, axis), 24)
    for labels in found.label:
        assert np.isnan(borders(labels.view(33, 33).numpy())["trend"])
