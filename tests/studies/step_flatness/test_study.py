"""The step-flatness study: its lines, its controls, its claim."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure

from landscape import presets
from landscape.data import Dataset, DataSpec, load_data
from landscape.ensemble import build
from landscape.measures.local import dead_share
from landscape.nets import MLP
from landscape.results import Result, as_control
from landscape.studies.step_flatness import study as step_flatness
from landscape.studies.step_flatness.claims import claims_of
from landscape.studies.step_flatness.study import StepFlatness, line_ends


@pytest.fixture(scope="module")
def study() -> StepFlatness:
    made = presets.make_study("step-flatness", "test")
    assert isinstance(made, StepFlatness)
    return made


def members(
    sharpness: dict[int, float], *, seeds: int = 23, status: str = "converged", data: str = "two-points"
) -> Result:
    """A run of `seeds` members per depth. `sharpness` maps a depth to its mean; the standard deviation is .02."""
    spread = np.random.default_rng(0).normal(0, 0.02, (len(sharpness), seeds))
    rows = [
        {"data": data, "hidden": hidden, "budget": 700, "seed": seed, "status": status, "sharpness": mean + offset}
        | {"output_range": 0.6}
        for (hidden, mean), offsets in zip(sharpness.items(), spread, strict=True)
        for seed, offset in enumerate(offsets)
    ]
    return Result(Path(), {}, {"members": pd.DataFrame(rows)}, {})


def test_cells_give_images_widths_and_budgets_of_their_own(study: StepFlatness) -> None:
    cells = replace(study, hidden=(1, 3), width=(5, 7), budget=(60,), image_width=(11,), image_budget=(0,)).cells()
    assert [(cell["hidden"], cell["width"]) for cell in cells if cell["data"] == "digits"] == [(1, 11), (3, 11)]
    assert sum(cell["budget"] == 60 for cell in cells if cell["data"] == "two-points") == 2
    assert len(cells) == 8


def test_lines_of_one_dimension_join_neighbours() -> None:
    points = torch.tensor([[[0.7], [0.1], [0.4]], [[0.2], [0.9], [0.3]]])
    start, end = line_ends(Dataset("own", points, 0.0, 1.0, (1,)), 1)
    assert torch.equal(start[..., 0], torch.tensor([[0.1, 0.4], [0.2, 0.3]]))
    assert torch.equal(end[..., 0], torch.tensor([[0.4, 0.7], [0.3, 0.9]]))


def test_lines_between_images_are_distinct_pairs_the_same_for_all_the_longest_first() -> None:
    digits = load_data(DataSpec("digits", 17), range(3))
    start, end = line_ends(digits, 7)
    assert start.shape == end.shape == (3, 7, 64)
    assert torch.equal(start[0], start[2])
    assert (start != end).any(-1).all()
    pairs = {tuple(torch.cat([a, b]).tolist()) for a, b in zip(start[0], end[0], strict=True)}
    assert len(pairs) == 7
    lengths = (end - start)[0].norm(dim=-1)
    assert (lengths.diff() <= 0).all()
    assert line_ends(load_data(DataSpec("four-points"), range(3)), 99)[0].shape == (3, 6, 2)


def test_lines_of_many_points_join_a_few_drawn_among_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_flatness, "PAIRED_POINTS", 5)
    digits = load_data(DataSpec("digits", 17), range(3))
    start, end = line_ends(digits, 99)
    assert start.shape == end.shape == (3, 10, 64)
    assert all(map(torch.equal, (start, end), line_ends(digits, 99)))
    ends = torch.cat([start[0], end[0]]).unique(dim=0)
    places = (digits.points[0][:, None] == ends).all(-1).any(1).nonzero()[:, 0]
    assert len(ends) == len(places) == 5
    assert places.max() >= 5  # the points are drawn, not the first of the data


@pytest.mark.parametrize("data", ["two-points", "digits"])
def test_controls_are_labelled_and_measure_what_is_known_of_them(result: Result, data: str) -> None:
    controls = result.tables["controls"]
    rows = controls[controls.data == data].groupby("control")
    assert {name: set(part.kind) for name, part in rows} == {
        "constant": {"constant"},
        "half": {"constant"},
        "identity": {"identity"},
        "memoriser": {"memoriser"},
        "untrained": {"untrained"},
    }
    by = rows.mean(numeric_only=True)
    assert by.loc["identity", "sharpness"] == pytest.approx(0.1, abs=1e-3)
    assert by.loc["identity", ["largest_slope", "flat_line", "run_mean"]].tolist() == pytest.approx([1, 0, 0], abs=1e-3)
    assert by.loc["memoriser", ["sharpness", "plateaus", "flat_line"]].tolist() == pytest.approx([1, 2, 1])
    assert by.loc["memoriser", "run_mean"] == pytest.approx(0.5, abs=0.02)
    assert by.loc[["constant", "half"], "sharpness"].isna().all()
    assert by.loc["constant", ["dead_share", "largest_slope"]].tolist() == [1, 0]
    assert by.loc["memoriser", "plateau_mean"] == pytest.approx(0.5, abs=2e-3) or data == "digits"
    assert by["plateau_min"].isna().all() == (data == "digits")


def test_members_and_controls_have_the_same_columns(result: Result, study: StepFlatness) -> None:
    own = {"seed", "parameters", "kept_at", "last_loss"}
    assert set(result.table) - own == set(result.tables["controls"]) - {"control"}
    assert len(result.whole) == study.members * len(study.cells())
    assert len(result.tables["lines"]) == 6 * study.members * (4 + 2 * study.lines)


def test_dead_is_zero_slope_before_the_squash_as_the_measure_has_it(study: StepFlatness) -> None:
    nets = build(MLP(2, 3), 1, range(5))
    dataset = load_data(DataSpec("two-points"), range(5))
    start, end = line_ends(dataset, 1)
    columns, _ = study._columns(nets, nets, dataset, start, end)
    expected = dead_share(nets, start + torch.linspace(0, 1, study.positions)[:, None] * (end - start))
    assert columns.dead_share.to_numpy() == pytest.approx(expected.numpy(), abs=1 / study.positions)
    assert 0 < columns.dead_share.sum() < 5


def test_lines_too_short_to_be_read_are_missing(study: StepFlatness) -> None:
    points = torch.tensor([[[0.2], [0.2 + 1e-5], [0.8]], [[0.2], [0.2], [0.2]]])
    dataset = Dataset("own", points, 0.0, 1.0, (1,))
    nets = build(MLP(1, 5), 1, range(2))
    columns, lines = study._columns(nets, nets, dataset, *line_ends(dataset, 1))
    assert lines.sharpness.isna().tolist() == [True, False, True, True]
    assert columns.sharpness.isna().tolist() == columns.run_min.isna().tolist() == [False, True]
    assert columns.largest_slope.isna().tolist() == [False, True]


def test_pictures_keep_outputs_along_the_line_and_images_of_the_median_member(
    result: Result, study: StepFlatness
) -> None:
    for cell, arrays in result.arrays.items():
        count = 401 if cell["data"] == "two-points" else study.positions
        assert arrays["profile"].shape == arrays["slopes"].shape == (study.members, count)
        assert ("strip" in arrays) == (cell["data"] == "digits")
    assert arrays["strip"].shape == arrays["strip_outputs"].shape == (11, 64)


def test_the_claims_are_exploratory_and_follow_the_effects() -> None:
    rising, falling = ({1: 0.2, 2: 0.2 + s, 7: 0.2 + 2 * s} for s in (0.07, -0.07))
    steps = {1: 0.3, 2: 0.6, 7: 0.96}
    for sharpness, verdicts in (
        (rising, ("supported", "refuted")),
        (falling, ("refuted", "refuted")),
        (steps, ("supported", "supported")),
        ({1: 1.06, 2: 1.01, 7: 0.96}, ("refuted", "supported")),
    ):
        both = tuple(claims_of(members(sharpness)))
        assert tuple(claim.verdict for claim in both) == verdicts
        for claim in both:
            assert not claim.primary
            assert "exploratory" in claim.label
            assert "exploratory" in claim.threshold
    assert [claim.verdict for claim in claims_of(members(rising, seeds=5))] == ["undecided", "undecided"]


def test_collapsed_and_almost_constant_members_count_as_no_step() -> None:
    collapsed, almost = members({1: 0.2, 7: 0.99}, status="collapsed"), members({1: 0.2, 7: 0.99}, status="stalled")
    for run in (collapsed, replace(almost, tables={"members": almost.table.assign(output_range=0.009)})):
        trend, steps = claims_of(run)
        assert (trend.estimate, steps.estimate) == (0, 0.1)
        assert trend.verdict == steps.verdict == "refuted"
        assert trend.failed == trend.members == 46
    assert [claim.verdict for claim in claims_of(almost)] == ["supported", "supported"]


def test_data_sets_are_pooled_by_seed_and_stand_beside_the_claim() -> None:
    tables = [members({1: 0.2, 7: high}, data=name).table for name, high in (("uniform", 0.95), ("digits", 0.75))]
    trend, steps = claims_of(Result(Path(), {}, {"members": pd.concat(tables, ignore_index=True)}, {}))
    assert (trend.estimate, trend.clusters, trend.members, trend.verdict) == (1, 23, 92, "supported")
    assert steps.estimate == pytest.approx(0.85, abs=0.02)
    assert [one.verdict for one in steps.details if "converged" not in one.estimand] == ["supported", "refuted"]
    assert "of 2 settings 1 supported, 1 refuted" in steps.reason


def test_the_claims_of_a_control_are_not_the_nets(result: Result) -> None:
    rising = members({1: 0.2, 2: 0.5, 7: 0.96})
    rows = rising.table.assign(width=5, member=rising.table.seed)
    keys = {"data": "", "hidden": 0, "width": 0, "budget": 0}
    identity = rows.assign(sharpness=0.1, control="identity").drop(columns="seed")
    run = Result(result.path, {"cells": [{"values": list(keys.items())}]}, {"members": rows, "controls": identity}, {})
    assert [claim.verdict for claim in claims_of(run)] == ["supported", "supported"]
    assert [claim.verdict for claim in claims_of(as_control(run, "identity"))] == ["refuted", "refuted"]
    assert [one.verdict for one in claims_of(as_control(result, "memoriser"))] == ["undecided", "undecided"]


def test_without_budgets_the_claims_are_untestable(result: Result) -> None:
    plain = replace(result, tables={**result.tables, "members": result.table[result.table.budget == 0]})
    for claim in claims_of(plain):
        assert claim.verdict == "untestable"
        assert "--budget" in claim.reason


def test_every_panel_draws_and_says_once_for_each_data_set_how_training_ended(
    result: Result, study: StepFlatness
) -> None:
    panels = list(study.panels(result))
    sections = [panel.section for panel in panels]
    assert (sections.count("two-points"), sections.count("digits"), sections.count("Tables")) == (5, 6, 2)
    told = [panel.section for panel in panels if "networks converged (training loss at most" in panel.how]
    assert told == ["two-points", "digits"]
    assert all(isinstance(panel.body, Figure | pd.DataFrame) for panel in panels)
    assert not any("nan" in panel.caption for panel in panels)
