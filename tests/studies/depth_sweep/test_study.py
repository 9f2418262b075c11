"""The depth sweep: its grids, its controls, its thresholds, and verdicts that follow the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape import presets, results
from landscape.claims import Claim
from landscape.figures import Animation, SceneGrid
from landscape.results import Result, as_control
from landscape.running import run_study
from landscape.studies.depth_sweep.claims import claims_of
from landscape.studies.depth_sweep.study import DepthSweep


@pytest.fixture(scope="module")
def study() -> DepthSweep:
    made = presets.make_study("depth-sweep", "test", overrides={"members": 5, "steps": 250, "probes": 64})
    assert isinstance(made, DepthSweep)
    return made


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
    base = result.table[(result.table.data == "two-points") & (result.table.budget == 0) & (result.table.hidden == 2)]
    nets = pd.concat([base.assign(member=base.member + 5 * k, seed=base.seed + 5 * k) for k in range(8)])
    nets = nets.assign(width=5, burn_in_censored=False, status="converged")
    deep = nets.assign(hidden=7, share_early=np.linspace(0.8, 0.9, 40), flat_near_data=0.6, burn_in=4.0)
    shallow = nets.assign(hidden=2, share_early=np.linspace(0.1, 0.3, 40))

    def claim_of(*tables: pd.DataFrame) -> Claim:
        made = replace(result, tables=result.tables | {"members": pd.concat(tables, ignore_index=True)})
        return next(claim for claim in claims_of(made) if claim.key == "C3")

    assert claim_of(deep, shallow).verdict == "supported"
    assert claim_of(deep.assign(flat_near_data=0.1), shallow).verdict == "refuted"
    alike = claim_of(shallow.assign(hidden=7, flat_near_data=0.0, burn_in=30.0), shallow)
    assert alike.verdict == "refuted"
    assert [part.estimate for part in alike.details] == [0, 0, 30]


def test_the_deep_and_the_shallow_net_of_a_seed_are_paired_and_the_readings_of_l_pooled() -> None:
    seeds = pd.DataFrame({"seed": range(23), "share": np.linspace(0.02, 0.35, 23)})
    sizes = {(7, 0.4), (2, 0.0), (6, 0.6), (1, 0.2)}
    nets = [seeds.assign(hidden=hidden, share_early=seeds.share + gain) for hidden, gain in sizes]
    table = pd.concat(nets).assign(
        data="two-points",
        width=5,
        budget=0,
        status="converged",
        flat_near_data=0.9,
        burn_in=5.0,
        burn_in_censored=False,
    )
    table["member"] = table.seed
    result = Result(Path(), {"parameters": {"iterations": 5}}, {"members": table.sample(frac=1, random_state=0)}, {})
    gain = next(claim for claim in claims_of(result) if claim.key == "C3").details[0]
    assert (gain.estimate, gain.clusters, gain.members) == (pytest.approx(0.4), 23, 92)
    first, second, converged = gain.details
    assert [one.estimate for one in (first, second)] == pytest.approx([0.4, 0.4])
    assert (converged.primary, converged.estimand) == (False, f"{gain.estimand}, among the converged")
    assert first.setting == "text, hidden = L: hidden 7 against 2, width 5"


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
            | {"kind": "between"}
        )
        for (hidden, width), ratio in log_ratios.items()
    ]
    return Result(Path(), {"parameters": {"iterations": 5}}, {"members": pd.concat(nets, ignore_index=True)}, {})


def test_over_generalization_is_judged_at_the_papers_net_and_the_grid_beside_it_is_counted() -> None:
    alone, *_ = claims_of(one_point_nets({(2, 5): -2.0}))
    (own_words,) = alone.details
    assert (alone.verdict, alone.label, own_words.primary, own_words.verdict) == ("supported", "", False, "supported")
    assert "grid" not in alone.reason
    as_before = next(claims_of(one_point_nets({(2, 5): 0.0})))
    assert (as_before.verdict, as_before.details[0].verdict) == ("refuted", "supported")
    assert as_before.label == "outputs do stay near; that training brings them there is refuted"
    wide, *_ = claims_of(one_point_nets({(2, 5): -2.0, (2, 10): -1.0, (4, 5): 0.5, (4, 10): -0.69}))
    assert wide.verdict == alone.verdict
    assert wide.reason == f"{alone.reason}; at the grid's other L and H 1 of 3 settings have CI < log ½"
    assert {one.setting: one.verdict for one in wide.details[1:]} == {
        "hidden 2, width 10": "supported",
        "hidden 4, width 5": "refuted",
        "hidden 4, width 10": "undecided",
    }
    assert (wide.members, wide.p) == (alone.members, alone.p)
    assert next(claims_of(one_point_nets({(4, 5): -2.0}))).verdict == "untestable"


def test_constants_carry_their_label_and_a_diverged_network_has_no_plateau() -> None:
    run = one_point_nets({(2, 5): -2.0})
    table = run.table.assign(kind=["constant"] * 21 + ["between"] * 20)
    claim, *_ = claims_of(replace(run, tables={"members": table}))
    assert claim.label == "by constant: 51 % of networks are constants"
    lost = table.assign(output_range=table.output_range.mask(table.member < 30))
    assert next(claims_of(replace(run, tables={"members": lost}))).verdict == "refuted"


def test_depth_that_helps_early_and_hurts_late_is_mixed() -> None:
    grid = pd.DataFrame({"hidden": [1, 2, 4, 7], "width": [70, 30, 20, 10]})
    nets = grid.merge(pd.DataFrame({"seed": range(23)}), how="cross").merge(
        pd.DataFrame({"data": ["a", "b"]}), how="cross"
    )
    nets = nets.assign(budget=700, member=nets.seed, status="converged", share_early=nets.hidden / 10)

    def claim_of(**columns: object) -> Claim:
        result = Result(Path(), {"parameters": {"iterations": 100}}, {"members": nets.assign(**columns)}, {})
        return list(claims_of(result))[-1]

    assert claim_of(share_end=nets.share_early).verdict == "supported"
    mixed = claim_of(share_end=-nets.share_early)
    assert mixed.verdict == "mixed"
    assert mixed.reason.startswith("signs differ: 1 at B = 5, -1 at B = 100")
    assert claim_of(share_early=-nets.hidden, share_end=-nets.hidden).verdict == "refuted"
    assert claim_of(share_end=0.5).details[2].estimate == 0
    assert [one.setting for one in mixed.details] == ["B = 5", "B = 5, over width", "B = 100", "B = 100, over width"]
    assert [one.clusters for one in mixed.details] == [23] * 4


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


def test_how_training_ended_is_said_once_for_each_data_set(study: DepthSweep, result: Result) -> None:
    panels = list(study.panels(result))
    for name in study.data:
        told = [panel.title for panel in panels if panel.section == name and "(training loss at most" in panel.how]
        assert len(told) == 1, name


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


def test_a_budget_that_gives_every_depth_the_same_width_does_not_test_c10(tmp_path: Path) -> None:
    made = presets.make_study(
        "depth-sweep", "test", overrides={"data": ("digits",), "count": 12, "budget": (60,), "steps": 20, "width": (9,)}
    )
    loaded = results.load(run_study(made, out=tmp_path, debug=True))
    assert set(loaded.separate["members_budget"].width) == {1}
    claim = next(claim for claim in made.claims(loaded) if claim.key == "C10")
    assert claim.verdict == "untestable"
    assert claim.reason.endswith("needs a larger --budget: at this one networks of every depth have the same width")
