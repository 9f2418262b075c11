"""The study of fixed points: counts of fixed points and cycles, ends of samplers, and verdicts that follow the tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from landscape import measures, presets
from landscape.claims import Claim, registered, thresholds_digest
from landscape.ensemble import build
from landscape.nets import MLP
from landscape.results import Result
from landscape.studies.fixed_points.claims import STATEMENTS, claims_of
from landscape.studies.fixed_points.study import FixedPointsStudy
from landscape.studies.fixed_points.tables import equal_visits, shares_of_ends, which_fixed_point
from landscape.training import Site, trained
from tests.measures.hand_built import broken_line

SEEDS = 23


@pytest.fixture(scope="module")
def study() -> FixedPointsStudy:
    made = presets.make_study("fixed-points", "test")
    assert isinstance(made, FixedPointsStudy)
    return made


def test_thresholds_change_only_with_the_version() -> None:
    assert (FixedPointsStudy.version, thresholds_digest(registered(STATEMENTS))) == (6, "3e6cd568d993fe43")


def test_fixed_sets_have_their_own_count(study: FixedPointsStudy) -> None:
    found = [(one["data"], one["count"]) for one in study.cells()]
    assert found == [("two-points", 2), ("uniform", 2), ("uniform", 3), ("digits", 2), ("digits", 3)]


def test_controls_have_the_fixed_points_that_they_must(result: Result) -> None:
    """The memoriser has every training point as a fixed point, a constant a single point, the identity every start."""
    controls = result.tables["controls"]
    known = controls[controls.data == "uniform"].set_index("control")
    memoriser, constant, same = known.loc["memoriser"], known.loc["constant"], known.loc["identity"]
    assert (memoriser.fixed == memoriser["count"]).all()
    assert (memoriser[["remembered", "iteration_training", "gradient_training"]] == 1).all(axis=None)
    assert (constant[["fixed", "stable", "iteration_stable"]] == 1).all(axis=None)
    assert (same.fixed > 10).all()
    assert (same.stable == 0).all()


def test_a_cell_whose_networks_all_diverged_says_so() -> None:
    study = presets.make_study(
        "fixed-points", "test", overrides={"data": ("uniform",), "count": (3,), "lr": 1e30, "keep": "last"}
    )
    with pytest.raises(ValueError, match=r"all 3 networks diverged; lower --lr"):
        study.measure(study.cells()[0], Site())


def test_counts_are_those_of_the_measure(study: FixedPointsStudy, result: Result) -> None:
    for one in study.cells():
        if one["data"] == "digits":
            continue
        found = measures.fixed_points(trained(study.recipe(one), Site()).ensemble)
        rows, census = result.table, result.tables["fixed_points"]
        for name, value in one.values:
            rows, census = rows[rows[name] == value], census[census[name] == value]
        assert rows.fixed.tolist() == torch.bincount(found.member, minlength=3).tolist()
        assert rows[["stable", "saddle", "repeller", "one_sided"]].sum(axis=1).tolist() == rows.fixed.tolist()
        assert census.member.tolist() == found.member.tolist()
        assert census.radius.to_numpy() == pytest.approx(found.radius.numpy())
    assert (result.table.proven == (result.table.data != "digits")).all()


def test_fixed_points_of_images_are_looked_for_from_the_samplers_ends_too(
    study: FixedPointsStudy, result: Result
) -> None:
    rows = result.table[result.table.data == "digits"]
    census = result.tables["fixed_points"]
    assert rows.fixed.sum() == (census.data == "digits").sum() > 0
    assert (census.residual <= 1e-10).all()
    assert (rows.iteration_nowhere < 1).any()  # untrained nets have one attractor, at which iteration ends


def test_cycles_are_counted_by_their_period(result: Result) -> None:
    assert result.table.cycles_2.sum() == len(result.tables["cycles"])


def test_shares_of_ends_add_up(result: Result) -> None:
    for sampler in ("iteration", "gradient", "gradient_data"):
        shares = result.table[[f"{sampler}_{end}" for end in ("stable", "unstable", "nowhere")]]
        assert shares.sum(axis=1).to_numpy() == pytest.approx(1)
        assert (result.table[f"{sampler}_at_memory"] <= result.table[f"{sampler}_training"]).all()


def test_each_end_is_assigned_to_the_fixed_point_it_is_at() -> None:
    """The map has stable points at ⅛ and ⅝, and a repeller at ⅜."""
    found = measures.fixed_points(broken_line([0.25, 0.5], [2.0, -2.0], 0.125))
    ends = torch.tensor([[[0.125], [0.1251], [0.625], [0.375], [0.5], [torch.nan]]])
    at = which_fixed_point(found, ends, 1.0)
    assert at.tolist() == [[0, 0, 2, 1, -1, -1]]
    shares = shares_of_ends(found, torch.tensor([True, False, False]), at)
    expected = {"stable": 3 / 6, "unstable": 1 / 6, "nowhere": 2 / 6, "training": 2 / 6, "at_memory": 2 / 6}
    assert {name: share.item() for name, share in shares.items()} == pytest.approx(expected)


def test_unequal_visits_have_a_small_p_and_equal_visits_have_not() -> None:
    found = measures.fixed_points(broken_line([0.25, 0.5], [2.0, -2.0], 0.125))
    assert equal_visits(found, torch.tensor([[0] * 50 + [2] * 50]), 0) == pytest.approx(1)
    assert equal_visits(found, torch.tensor([[0] * 90 + [2] * 10]), 0) < 1e-6
    assert np.isnan(equal_visits(found, torch.tensor([[1, -1]]), 0))


def members(**columns: float) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = [(count, seed) for count in (4, 16, 64) for seed in range(SEEDS)]
    table = pd.DataFrame(rows, columns=["count", "seed"]).assign(data="uniform", hidden=2, width=9, status="converged")
    for name, value in columns.items():
        table[name] = value + rng.normal(0, 0.02, len(table))
    table["equal_visits_p"] = 0.5
    table["spurious"] = np.log2(table["count"]) + rng.normal(0, 0.5, len(table))
    return table


SUPPORTING = {"gradient_stable": 0.3, "gradient_training": 0.1, "gradient_data_training": 0.6, "density_rank": 0.9}


@pytest.mark.parametrize(
    ("key", "changed", "verdict"),
    [
        ("C16", {}, "supported"),
        ("C16", {"gradient_stable": 0.9, "gradient_data_training": 0.1}, "refuted"),
        ("C16", {"gradient_stable": 0.9}, "mixed"),
        ("C19b", {}, "supported"),
        ("C19b", {"density_rank": 0.1}, "mixed"),
        ("C22", {}, "supported"),
    ],
)
def test_verdicts_follow_the_table(key: str, changed: dict[str, float], verdict: str) -> None:
    assert judged(members(**SUPPORTING | changed), key).verdict == verdict


def test_unequal_visits_refute_equal_ones() -> None:
    table = members(**SUPPORTING | {"density_rank": 0.1}).assign(equal_visits_p=1e-9)
    assert judged(table, "C19b").verdict == "refuted"


def test_fewer_spurious_points_refute_their_growth() -> None:
    table = members(**SUPPORTING)
    assert judged(table.assign(spurious=-table.spurious), "C22").verdict == "refuted"
    assert judged(table[table["count"] == 4], "C22").verdict == "untestable"


def judged(table: pd.DataFrame, key: str) -> Claim:
    found = claims_of(Result(Path(), {"parameters": {}}, {"members": table}, {}))
    return next(claim for claim in found if claim.key == key)


def test_a_run_that_found_no_fixed_point_has_a_report(study: FixedPointsStudy, result: Result) -> None:
    census = result.tables["fixed_points"]
    none = replace(result, tables={**result.tables, "fixed_points": census[:0]})
    titles = [panel.title for panel in study.panels(none)]
    assert titles
    assert "Every fixed point" not in titles


def test_a_member_that_is_none_has_no_fixed_points() -> None:
    found = measures.fixed_points(build(MLP(1, 5), 2, range(2)))
    assert len(found.of(1).proven) == 1
    for member in (-1, 2):
        with pytest.raises(IndexError, match=f"must be from 0 to 1; got {member}"):
            found.of(member)
