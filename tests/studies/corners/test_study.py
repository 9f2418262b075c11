"""The corners study: its cells and recipes, what it measures of nets and controls, its claims and panels."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from landscape.claims import Claim, thresholds_digest
from landscape.data import DataSpec
from landscape.figures.panel import SceneGrid
from landscape.measures.dynamics import KINDS
from landscape.measures.known_maps import CONTROLS
from landscape.nets import MLP
from landscape.presets import make_study
from landscape.results import Result, as_control, cell, load
from landscape.running import run_study
from landscape.studies.corners import study as corners
from landscape.studies.corners.claims import (
    CLAIMED_DIMS,
    CLAIMED_HIDDEN,
    FEW_POINTS,
    MANY_POINTS,
    SPREAD_COUNT,
    claims_of,
)
from landscape.studies.corners.panels import medians, panels_of
from landscape.studies.corners.study import Corners
from landscape.training import FitSpec, Recipe, Site, trained

SMALL = {
    "width": 7,
    "steps": 30,
    "cube_points": 64,
    "search_points": 32,
    "shell_points": 32,
    "probes": 16,
    "resolution": 11,
}
SPREADS = (1.0, 0.5)
SEEDS = 23


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    study = Corners(dim=(2,), count=(1, 5, 16), spread=SPREADS, members=3, **SMALL)
    return load(run_study(study, out=tmp_path_factory.mktemp("corners"), debug=True))


def test_the_paper_preset_builds_the_published_recipes() -> None:
    study = make_study("corners", "paper")
    cells = study.cells()
    assert len(cells) == 2 * 5 * 12
    (recipe,) = study.recipes(cell(hidden=6, dim=4, count=2048, spread=1.0))
    fit = FitSpec(steps=10_000, lr=1e-3, batch=1000, stop=False)
    assert recipe == Recipe(MLP(hidden=6, width=50), DataSpec("uniform", count=2048, dim=4), fit, tuple(range(30)))


def test_further_spreads_are_run_at_sixteen_points_alone() -> None:
    study = Corners(dim=(2,), count=(1, 4), spread=(1.0, 0.5, 0.25))
    pairs = [(one["count"], one["spread"]) for one in study.cells()]
    assert pairs == [(1, 1.0), (4, 1.0), (16, 1.0), (16, 0.5), (16, 0.25)]
    assert len(Corners(dim=(2,), count=(1, 16)).cells()) == 2


def test_groups_of_the_table_never_mix_spreads(result: Result) -> None:
    assert (result.table.groupby(["hidden", "dim", "count"])["spread"].nunique() == 1).all()
    separate = result.separate
    assert list(separate["members_spread"]["spread"].unique()) == [0.5]
    assert len(separate["members"]) + len(separate["members_spread"]) == len(result.whole)
    assert set(separate["controls_spread"]["spread"]) == set(separate["shells_spread"]["spread"]) == {0.5}


def test_every_network_and_control_is_measured_alike(result: Result) -> None:
    controls = result.tables["controls"]
    assert len(result.whole) == 4 * 3
    assert len(controls) == 4 * 3 * (len(CONTROLS) - 1)
    assert set(controls) - set(result.whole) == {"control"}
    assert set(result.whole) - set(controls) == {"seed", "kept_at", "last_loss"}
    ratios = pd.concat([result.whole, controls])["maximum_ratio"]
    assert (ratios >= 1).all()
    shells = result.tables["shells"]
    assert len(shells) == 4 * 3 * 5 * len(CONTROLS)
    assert (shells[shells["control"] == "identity"]["shell_mean"] == 0).all()


def test_controls_have_the_corner_losses_of_closed_form(result: Result) -> None:
    controls = result.tables["controls"].set_index("control")
    assert (controls.loc["identity", "corner_maximum"] == 0).all()
    np.testing.assert_allclose(controls.loc["half", "corner_maximum"], 0.25)
    study = Corners(dim=(2,), count=(5,), members=3, **SMALL)
    mean = study.recipe(cell(hidden=2, dim=2, count=5, spread=1.0)).dataset().points.mean(1)
    rows = controls.loc["constant"].query("count == 5")
    expected = torch.maximum(mean, 1 - mean).square().mean(1)
    np.testing.assert_allclose(rows["corner_maximum"], expected, rtol=1e-5)
    assert (rows["status"] == "collapsed").all()


@pytest.mark.parametrize(
    ("control", "kind"),
    [
        ("constant", "constant"),
        ("half", "constant"),
        ("identity", "identity"),
        ("memoriser", "memoriser"),
        ("untrained", "untrained"),
    ],
)
def test_a_net_of_each_control_comes_out_labelled_as_such(result: Result, control: str, kind: str) -> None:
    swapped = as_control(result, control)
    assert (swapped.table.query("count > 1")["kind"] == kind).all()
    assert swapped.table["seed"].tolist() == result.table["seed"].tolist()
    assert list(swapped.table) == list(result.table)
    assert set(swapped.tables["shells"]["control"]) == {"none"}


def test_as_control_refuses_a_control_that_was_not_measured(result: Result) -> None:
    with pytest.raises(ValueError, match=r"must be a control of the run \('constant', .*; got 'mean'"):
        as_control(result, "mean")


def test_controls_corners_are_not_enumerated_in_many_dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corners, "MAX_DIM_OF_CONTROLS", 1)
    study = Corners(dim=(3,), count=(5,), members=2, **SMALL | {"steps": 1})
    tables = study.measure(study.cells()[0], Site()).tables
    assert tables["members"]["corner_maximum"].notna().all()
    assert tables["controls"]["corner_maximum"].isna().all()
    assert tables["controls"]["cube_maximum"].notna().all()


def test_a_diverged_member_is_kept_with_nothing_measured_and_the_converged_are_pictured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(recipe: Recipe, site: Site) -> object:
        fitted = trained(recipe, site)
        fitted.ensemble.flat[1] = torch.nan
        return dataclasses.replace(fitted, status=("stalled", "diverged", "converged"))

    monkeypatch.setattr(corners, "trained", broken)
    study = Corners(dim=(2,), count=(5,), members=3, **SMALL | {"steps": 1})
    found = study.measure(study.cells()[0], Site())
    assert found.tables["members"]["corner_maximum"].isna().tolist() == [False, True, False]
    assert found.arrays["shown"].tolist() == [2]


def test_rules_of_the_claims_change_only_with_the_version() -> None:
    rules = {
        "hidden": list(CLAIMED_HIDDEN),
        "dim": list(CLAIMED_DIMS),
        "counts": [FEW_POINTS, MANY_POINTS, SPREAD_COUNT],
    }
    assert (Corners.version, thresholds_digest(rules)) == (5, "601c71dc85d6175c")


def made_up(
    *, fall: float = 0.1, trace: float = 0.2, slope: float = -0.5, ratio: float = 1.0, hidden: tuple[int, ...] = (2, 6)
) -> Result:
    """A run whose effects are set: corner maxima fall by the factor `fall`, and cube means are proportional to spread^slope."""
    generator, rows = np.random.default_rng(0), []
    for depth in hidden:
        for dim in CLAIMED_DIMS:
            for count, spread in ((1, 1.0), (16, 1.0), (16, 0.5), (16, 0.25), (2048, 1.0)):
                noise = generator.uniform(0.9, 1.1, SEEDS)
                rows.append(
                    pd.DataFrame(
                        {
                            "hidden": depth,
                            "dim": dim,
                            "count": count,
                            "spread": spread,
                            "member": range(SEEDS),
                            "seed": range(SEEDS),
                            "status": ["stalled", *["converged"] * (SEEDS - 1)],
                            "loss": 1e-7,
                            "corner_maximum": 0.5 * noise * (fall if count == 2048 else 1),
                            "cube_mean": 0.1 * spread**slope * noise,
                            "cube_maximum": 0.5 * noise * ratio,
                            "maximum_ratio": ratio,
                            "trace_share": trace,
                            "rank": float(dim),
                            "kind": "between",
                            "output_range": 1.0,
                        }
                    )
                )
    members = pd.concat(rows, ignore_index=True)
    shells = pd.concat(
        [
            members.assign(
                control="none", shell=s, inner=s / 2, outer=s / 2 + 0.5, shell_mean=0.1 + s * members.cube_mean
            )
            for s in (0, 1)
        ]
    )
    constant = members.assign(
        control="constant", corner_maximum=0.25, cube_mean=1 / 12, trace_share=0.0, kind="constant"
    )
    parameters = {"width": 50, "steps": 10_000, "batch": 1000, "members": SEEDS, "spread": [1.0, 0.5, 0.25]}
    values = [["hidden", 2], ["dim", 1], ["count", 1], ["spread", 1.0]]
    record = {"parameters": parameters, "cells": [{"name": "", "values": values, "status": "done"}]}
    return Result(Path(), record, {"members": members, "controls": constant, "shells": shells}, {})


def claims(result: Result) -> dict[str, Claim]:
    return {claim.key: claim for claim in claims_of(result)}


@pytest.fixture(scope="module")
def no_effect() -> dict[str, Claim]:
    return claims(made_up(fall=0.6, slope=0.0, ratio=1.5))


@pytest.fixture(scope="module")
def supported() -> dict[str, Claim]:
    return claims(made_up())


def test_known_effects_get_the_known_verdicts(supported: dict[str, Claim]) -> None:
    verdicts = {key: claim.verdict for key, claim in supported.items()}
    assert verdicts == {
        "C2": "ill-posed", "C2b": "refuted", "C6": "supported", "C7b": "supported", "C8": "untestable", "C8b": "supported",
    }  # fmt: skip


def test_no_effect_is_refuted(no_effect: dict[str, Claim]) -> None:
    assert no_effect["C6"].verdict == "refuted"
    slope, difference = no_effect["C7b"].details
    assert (slope.verdict, difference.verdict) == ("refuted", "supported")
    assert no_effect["C7b"].verdict == "refuted"


def test_a_claim_changes_its_verdict_when_its_data_are_a_controls(supported: dict[str, Claim]) -> None:
    before, after = supported, claims(as_control(made_up(), "constant"))
    assert (before["C6"].verdict, after["C6"].verdict) == ("supported", "refuted")
    assert (before["C7b"].verdict, after["C7b"].verdict) == ("supported", "undecided")


def test_an_identity_is_labelled_and_has_nothing_to_fall(supported: dict[str, Claim]) -> None:
    assert claims(made_up(trace=0.9))["C6"].label == "by identity in 5 of 5 dimensions"
    assert supported["C6"].label == ""
    result = made_up()
    result.table["corner_maximum"] = 0.0
    result.table["cube_mean"] = 0.0
    found = claims(result)
    assert (found["C6"].verdict, found["C7b"].verdict) == ("untestable", "untestable")
    assert "is 0" in found["C6"].reason


def test_the_fall_is_that_of_the_depth_that_falls_least() -> None:
    result = made_up()
    table = result.table
    table.loc[(table["hidden"] == 6) & (table["dim"] == 16) & (table["count"] == 2048), "corner_maximum"] = 0.2
    part = claims(result)["C6"].details[4]
    assert (part.verdict, [one.verdict for one in part.details]) == ("refuted", ["supported", "refuted"])


def test_estimands_are_pooled_over_depths_with_each_setting_beside(supported: dict[str, Claim]) -> None:
    part = supported["C6"].details[3]
    assert (part.setting, part.clusters) == ("D=8", SEEDS)
    assert [(one.setting, one.primary) for one in part.details] == [("hidden=2, D=8", False), ("hidden=6, D=8", False)]
    assert len(supported["C2b"].details) == len(supported["C8b"].details) == 2 * 5
    assert supported["C2b"].reason.endswith("of 10 settings 10 refuted")


def test_failed_members_are_counted_and_stay_in_the_estimate(supported: dict[str, Claim]) -> None:
    part = supported["C6"].details[0]
    assert (part.members, part.failed, part.clusters) == (2 * SEEDS, 2, SEEDS)
    assert (supported["C8"].members, supported["C8"].failed) == (2 * 5 * 3 * SEEDS, 2 * 5 * 3)


def test_a_diverged_network_leaves_its_setting_to_the_other_seeds() -> None:
    result = made_up()
    measured = ["corner_maximum", "cube_mean", "maximum_ratio"]
    result.table.loc[
        (result.table["seed"] == 3) & (result.table["dim"] == 4) & (result.table["hidden"] == 2), measured
    ] = np.nan
    found = claims(result)
    assert [found[key].clusters for key in ("C2b", "C8")] == [SEEDS, SEEDS]
    assert [part.clusters for part in found["C6"].details] == [SEEDS, SEEDS, SEEDS - 1, SEEDS, SEEDS]
    assert [part.clusters for part in found["C7b"].details] == [SEEDS, SEEDS]


def test_what_was_not_run_is_untestable_and_says_what_to_add(result: Result) -> None:
    found = claims(result)
    assert found["C6"].verdict == "untestable"
    assert found["C6"].reason == "not in this run; add --hidden 2,6 --dim 1,2,4,8,16 --count 1,2048"
    assert found["C7b"].verdict == "undecided"
    assert found["C7b"].details[1].reason.startswith("not in this run; add --hidden 2,6 --dim 1,4,8,16")


def test_a_claim_on_dimensions_needs_all_of_them_and_either_depth() -> None:
    one = made_up(hidden=(2,))
    assert claims(one)["C6"].verdict == "supported"
    assert claims(one)["C6"].setting.startswith("hidden 2 (the text's network); D = 1, 2, 4, 8, 16;")
    one.tables["members"] = one.table[one.table["dim"] != 16]
    found = claims(one)
    assert [part.verdict for part in found["C6"].details] == [*["supported"] * 4, "untestable"]
    assert (found["C6"].verdict, found["C7b"].verdict, found["C8b"].verdict) == ("undecided", "undecided", "supported")


def test_only_a_refutation_of_the_found_maximum_is_final(
    no_effect: dict[str, Claim], supported: dict[str, Claim]
) -> None:
    claim = no_effect["C8"]
    assert (claim.verdict, claim.estimate) == ("refuted", 0.0)
    assert "upper bound" in claim.reason
    claim = supported["C8"]
    assert (claim.verdict, claim.estimate) == ("untestable", 1.0)
    assert claim.reason.endswith("not yet run: needs a proven maximum over the cube")


def test_where_the_loss_is_highest_and_lowest_is_shown_in_each_dimension() -> None:
    result = made_up()
    result.table.loc[result.table["dim"] == 4, "maximum_ratio"] = 1.5
    shells = result.tables["shells"]
    shells.loc[(shells["dim"] == 8) & (shells["shell"] == 0), "shell_mean"] = 9.0
    found = claims(result)
    assert [one.estimate for one in found["C8"].details] == 2 * [1, 1, 0, 1, 1]
    assert found["C8"].estimate == pytest.approx(0.8)
    assert [one.verdict for one in found["C8b"].details] == 2 * [*["supported"] * 3, "refuted", "supported"]
    assert found["C8b"].label.startswith("by constant")
    assert claims(made_up(hidden=(3,)))["C8"].reason.endswith("--dim 1,2,4,8,16 at any --count")


def test_panels_show_every_part_and_count_the_failed(result: Result) -> None:
    panels = list(panels_of(result))
    sections = list(dict.fromkeys(panel.section for panel in panels))
    assert sections == [
        "Fig. 6 again",
        "What the fall means",
        "Single networks",
        "Cube and corners",
        "Training",
        "Spread",
        "Tables",
    ]
    fitted = int((result.table.query("spread == 1")["status"] == "converged").sum())
    assert f"{fitted} of 9 networks converged" in panels[0].how
    grid = next(panel.body for panel in panels if isinstance(panel.body, SceneGrid))
    assert grid.columns == ("n = 1", "n = 5", "n = 16")
    assert grid.scenes[0][1] is not None
    first = grid.scenes[0][1].surfaces[0]
    assert first.height.shape == (11, 11)
    assert first.markers is not None
    assert first.markers.shape == (5, 2)


def test_medians_count_every_status_and_kind(result: Result) -> None:
    table = medians(result.table)
    assert (table[["converged", "stalled", "collapsed", "diverged"]].sum(axis=1) == table["members"]).all()
    assert (table[list(KINDS)].sum(axis=1) == 3).all()


def test_too_many_dimensions_are_refused_with_the_name_of_the_search():
    with pytest.raises(ValueError, match=r"got 40. Beyond, landscape.measures.corner_ascent searches"):
        make_study("corners", "test", overrides={"dim": (2, 40)})
