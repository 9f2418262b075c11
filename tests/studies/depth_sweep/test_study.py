"""The depth sweep: its grids, its controls, its thresholds, and verdicts that follow the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape import presets, results
from landscape.claims import registered, thresholds_digest
from landscape.figures import Animation, SceneGrid
from landscape.results import Result, as_control
from landscape.studies.depth_sweep.claims import STATEMENTS, claims_of
from landscape.studies.depth_sweep.study import DepthSweep
from landscape.study import run_study


@pytest.fixture(scope="module")
def study() -> DepthSweep:
    made = presets.make_study("depth-sweep", "test", overrides={"members": 5, "steps": 250, "probes": 64})
    assert isinstance(made, DepthSweep)
    return made


def test_thresholds_change_only_with_the_version() -> None:
    assert (DepthSweep.version, thresholds_digest(registered(STATEMENTS))) == (3, "79bf08fafb70ad51")


def test_cells_cross_depth_and_width_and_add_a_grid_per_budget(study: DepthSweep) -> None:
    cells = replace(study, data=("four-points",), hidden=(1, 2, 3), width=(5, 7), budget=(60, 90)).cells()
    assert len([cell for cell in cells if cell["budget"] == 0]) == 6
    assert len([cell for cell in cells if cell["budget"] > 0]) == 6


def test_every_control_is_recognised_as_what_it_is(result: Result) -> None:
    kinds = result.tables["controls"].groupby("control").kind.unique().map(list)
    assert kinds.to_dict() == {
        "constant": ["constant"],
        "half": ["constant"],
        "identity": ["identity"],
        "memoriser": ["memoriser"],
        "untrained": ["untrained"],
    }


def test_controls_measure_what_is_known_of_them(result: Result) -> None:
    by = result.tables["controls"].groupby("control").mean(numeric_only=True)
    assert by.loc["identity", "cube_mean"] == 0
    assert by.loc["identity", "trace_share"] == pytest.approx(1)
    assert by.loc["memoriser", ["share_early", "settled", "flat_near_data"]].tolist() == [1, 1, 1]
    assert by.loc["memoriser", "burn_in"] == 1
    assert by.loc["constant", "output_range"] == 0


def test_pushed_through_the_same_study_a_control_changes_the_verdict(result: Result) -> None:
    setting = {"data": "two-points", "width": 5}
    base = result.table[(result.table.data == "two-points") & (result.table.budget == 0)]
    deep = pd.concat([base.assign(hidden=7, member=base.member + 5 * k, **setting) for k in range(5)])
    shallow = pd.concat([base.assign(hidden=2, member=base.member + 5 * k, **setting) for k in range(5)])
    fast = deep.assign(share_early=np.linspace(0.8, 0.9, len(deep)), flat_near_data=np.linspace(0.6, 0.7, len(deep)))
    fast = fast.assign(burn_in=4.0, burn_in_censored=False, status="converged")
    slow = shallow.assign(share_early=np.linspace(0.1, 0.3, len(shallow)), status="converged")
    made = replace(result, tables=result.tables | {"members": pd.concat([fast, slow], ignore_index=True)})
    assert {claim.key: claim.verdict for claim in claims_of(made)}["C3"] == "supported"
    same = slow.assign(hidden=7)
    constant = replace(made, tables=made.tables | {"members": pd.concat([same, slow], ignore_index=True)})
    assert {claim.key: claim.verdict for claim in claims_of(constant)}["C3"] in ("refuted", "mixed")


def one_point_nets(log_ratios: dict[tuple[int, int], float], seeds: int = 41) -> Result:
    """A run on one point whose nets' output range over the untrained one's is about exp of the value of its (hidden, width)."""
    noise = np.random.default_rng(0).normal(0, 0.1, seeds)
    nets = [
        pd.DataFrame(
            {
                "data": "one-point",
                "hidden": hidden,
                "width": width,
                "budget": 0,
                "member": range(seeds),
                "seed": range(seeds),
            }
            | {"status": "converged", "untrained_range": 0.02, "output_range": 0.02 * np.exp(ratio + noise)}
        )
        for (hidden, width), ratio in log_ratios.items()
    ]
    return Result(Path(), {"parameters": {"iterations": 5}}, {"members": pd.concat(nets, ignore_index=True)}, {})


def test_over_generalization_is_judged_at_the_papers_net_and_the_grid_beside_it_is_counted() -> None:
    alone, *_ = claims_of(one_point_nets({(2, 5): -2.0}))
    assert (alone.verdict, len(alone.details)) == ("supported", 2)
    assert "grid" not in alone.reason
    wide, *_ = claims_of(one_point_nets({(2, 5): -2.0, (2, 10): -1.0, (4, 5): 0.5, (4, 10): -0.69}))
    assert wide.verdict == alone.verdict
    assert wide.reason == f"{alone.reason}; at the grid's other L and H 1 of 3 settings have CI < log ½"
    beside = {one.setting: one.verdict for one in wide.details if not one.primary}
    assert beside == {
        "hidden 2, width 10": "supported",
        "hidden 4, width 5": "refuted",
        "hidden 4, width 10": "undecided",
    }
    assert (wide.members, wide.p) == (alone.members, alone.p)
    assert next(claims_of(one_point_nets({(4, 5): -2.0}))).verdict == "untestable"


def test_a_control_in_the_members_place_reads_as_that_control(study: DepthSweep, result: Result) -> None:
    swapped = as_control(result, "memoriser")
    assert set(swapped.table.kind) == {"memoriser"}
    assert swapped.table.share_early.eq(1).all()
    assert len(list(study.claims(swapped))) == len(list(study.claims(result)))


def test_a_diverged_member_is_counted_and_never_stops_the_claims(study: DepthSweep, tmp_path: Path) -> None:
    settings = {"data": ("one-point",), "hidden": (2,), "width": (5,), "budget": (0,), "lr": 1e30, "keep": "last"}
    made = replace(study, **settings)
    loaded = results.load(run_study(made, out=tmp_path, debug=True))
    assert "diverged" in set(loaded.table.status)
    assert "converged" not in set(loaded.table.status)
    claim = next(one for one in made.claims(loaded) if one.key == "C1b")
    assert claim.verdict == "undecided"
    assert claim.failed == claim.members > 0
    assert list(made.panels(loaded))


def test_claims_name_what_would_make_them_testable(study: DepthSweep, result: Result) -> None:
    found = {claim.key: claim for claim in study.claims(result)}
    assert list(found) == ["C1b", "C3", "C4", "C5", "C10"]
    assert found["C1b"].verdict == "untestable"
    assert "--data one-point --hidden 2 --width 5" in found["C1b"].reason
    assert found["C5"].verdict == "undecided"  # five seeds are fewer than twenty clusters


def test_members_failed_and_converged_are_counted_in_every_caption(study: DepthSweep, result: Result) -> None:
    for panel in study.panels(result):
        if panel.title not in ("Samples climbing the cobweb", "Controls"):
            assert "members did not converge" in panel.caption, panel.title


def test_the_report_has_surfaces_in_two_dimensions_and_a_cobweb_in_one(study: DepthSweep, result: Result) -> None:
    bodies = [type(panel.body) for panel in study.panels(result)]
    assert SceneGrid in bodies
    assert Animation in bodies
    grid = next(panel.body for panel in study.panels(result) if isinstance(panel.body, SceneGrid))
    assert grid.rows == ("1 hidden", "2 hidden")


def test_digits_are_shown_on_the_plane_through_three_of_them(tmp_path: Path) -> None:
    made = presets.make_study(
        "depth-sweep", "test", overrides={"data": ("digits",), "count": 12, "budget": (0,), "steps": 20, "width": (9,)}
    )
    loaded = results.load(run_study(made, out=tmp_path, debug=True))
    arrays = next(iter(loaded.arrays.values()))
    assert arrays["height"].shape == (3, 12, 12)
    assert arrays["spots"].shape == (3, 2)
    assert any(isinstance(panel.body, SceneGrid) for panel in made.panels(loaded))
