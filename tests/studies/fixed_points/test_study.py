"""The study of fixed points: counts of fixed points and cycles, ends of samplers, and verdicts that follow the tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from landscape import measures, presets
from landscape.ensemble import build
from landscape.nets import MLP
from landscape.results import Result
from landscape.studies.fixed_points.study import FixedPointsStudy
from landscape.studies.fixed_points.tables import (
    displaced_memories,
    memory_radii,
    shares_of_ends,
    visits_excess,
    which_fixed_point,
)
from landscape.training import Site, trained
from tests.measures.hand_built import broken_line


@pytest.fixture(scope="module")
def study() -> FixedPointsStudy:
    made = presets.make_study("fixed-points", "test")
    assert isinstance(made, FixedPointsStudy)
    return made


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


def test_visits_are_as_far_from_equal_as_they_are_beyond_chance() -> None:
    """The stable points are the first and the third. Of equal visits 50 draws have a mean variation of .056."""
    found = measures.fixed_points(broken_line([0.25, 0.5], [2.0, -2.0], 0.125))
    equal, unequal = torch.tensor([[0] * 25 + [2] * 25]), torch.tensor([[0] * 45 + [2] * 5])
    assert visits_excess(found, equal).item() == pytest.approx(-0.0561, abs=1e-4)
    assert visits_excess(found, unequal).item() == pytest.approx(0.4 - 0.0561, abs=1e-4)
    assert visits_excess(found, torch.tensor([[0] * 19 + [2] * 19])).isnan().all()  # 19 visits to each are too few


def test_a_displaced_memory_is_the_nearest_to_a_training_point_that_is_not_fixed() -> None:
    """The map has fixed points at ⅛, ⅜ and ⅝; the first is fixed, and those of the others are beside them."""
    found = measures.fixed_points(broken_line([0.25, 0.5], [2.0, -2.0], 0.125))
    data = torch.tensor([[[0.125], [0.6], [1.0]]])

    def displaced(points: torch.Tensor) -> list[bool]:
        apart, nearest = (found.points - points[0].double().T).abs().min(1)
        return displaced_memories(points, found, apart, nearest, memory_radii(points, 0.0, 1.0)).tolist()

    assert displaced(data) == [False, False, True]
    assert displaced(torch.tensor([[[0.125], [0.63], [1.0]]])) == [False, False, False]  # ⅝ is at .63
    assert displaced(torch.tensor([[[0.125], [0.6], [0.64]]])) == [
        False,
        False,
        False,
    ]  # and at neither of two close points
    assert displaced(torch.tensor([[[0.0], [0.49], [1.0]]])) == [True, True, False]  # one for each, and ⅝ is spurious


def test_sets_with_a_count_are_trained_for_each_budget() -> None:
    study = presets.make_study("fixed-points", "test", overrides={"longer": (1, 3), "data": ("two-points", "uniform")})
    assert isinstance(study, FixedPointsStudy)
    found = {(one["data"], one["longer"], study.recipe(one).fit.steps) for one in study.cells()}
    assert found == {("two-points", 1, 30), ("uniform", 1, 30), ("uniform", 3, 90)}


def test_a_run_that_found_no_fixed_point_has_a_report(study: FixedPointsStudy, result: Result) -> None:
    census = result.tables["fixed_points"]
    none = replace(result, tables={**result.tables, "fixed_points": census[:0]})
    topics = [panel.title.split(": ")[0] for panel in study.panels(none)]
    assert topics
    assert "Every fixed point" not in topics


def test_a_member_that_is_none_has_no_fixed_points() -> None:
    found = measures.fixed_points(build(MLP(1, 5), 2, range(2)))
    assert len(found.of(1).proven) == 1
    for member in (-1, 2):
        with pytest.raises(IndexError, match=f"must be from 0 to 1; got {member}"):
            found.of(member)
