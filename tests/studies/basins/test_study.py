"""The study of basins: shares of starts, names of attractors in closer views, zooms on borders, the verdict on smoothness."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from landscape import cube, measures, presets, results
from landscape.claims import Claim
from landscape.results import Result
from landscape.running import run_study
from landscape.studies.basins.claims import claims_of
from landscape.studies.basins.panels import _completeness
from landscape.studies.basins.study import BasinsStudy, _named, zoomed
from landscape.studies.basins.tables import borders, completeness, filled, shares, trend
from landscape.training import Site, trained
from tests.conftest import shorten
from tests.measures.hand_built import broken_line

SEEDS = 23


@pytest.fixture(scope="module")
def study() -> BasinsStudy:
    made = presets.make_study("basins", "test", overrides={"data": ("two-points", "four-points", "digits"), "count": 4})
    assert isinstance(made, BasinsStudy)
    return made


@pytest.fixture(scope="module")
def result(study: BasinsStudy, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        return results.load(run_study(study, out=tmp_path_factory.mktemp("runs"), debug=True))


def test_shares_add_up_and_are_those_of_the_basins(result: Result) -> None:
    ended = result.table[
        ["training", "spurious", "cycling", "circling", "chaotic", "slow", "stopped", "moving", "outside"]
    ]
    assert ended.sum(axis=1).to_numpy() == pytest.approx(1)
    listed = result.tables["basins"]
    keys = ["data", "member"]
    settled = listed.groupby(keys).share.sum().reindex(pd.MultiIndex.from_frame(result.table[keys]), fill_value=0)
    assert settled.to_numpy() == pytest.approx(
        ended[["training", "spurious", "cycling", "circling", "chaotic"]].sum(axis=1).to_numpy()
    )
    assert ((listed.share_low <= listed.share) & (listed.share <= listed.share_high)).all()


def test_known_maps_are_measured_once(study: BasinsStudy, result: Result) -> None:
    assert result.tables["references"]["map"].tolist() == list(measures.known_maps.REFERENCES)


def test_the_portrait_is_that_of_the_member_shown(study: BasinsStudy, result: Result) -> None:
    for one, arrays in result.arrays.items():
        recipe, member = study.recipe(one), int(arrays["shown"])
        dataset, net = recipe.dataset(), trained(recipe, Site()).ensemble.select([member])
        where = cube.whole(dataset.dim) if dataset.dim <= 2 else cube.through(dataset.points[member, :3])[0]
        found = measures.basins(net, where.at(where.grid(study.portrait)).float(), study.iterations)
        assert arrays["labels"][0].ravel().tolist() == found.label[0].tolist()
        assert len(arrays["labels"]) == len(arrays["extents"]) == 2
        side = arrays["extents"][:, 1] - arrays["extents"][:, 0]
        assert side[0] / side[1] == pytest.approx(8)
        assert len(arrays["memory"]) == len(arrays["attractors"]) >= arrays["labels"].max() + 1


def test_zooms_go_to_the_border() -> None:
    where, axis = cube.whole(2), torch.linspace(0, 1, 65)
    labels = (axis[None] > 0.7).expand(65, 65).int().numpy()  # x above .7
    seen = zoomed(where, labels)
    assert float(seen.low[0]) < 0.7 < float(seen.high[0])
    assert (seen.high - seen.low).tolist() == pytest.approx([1 / 8, 1 / 8])
    corner = labels * 0
    corner[-1, -1] = 1
    assert zoomed(where, corner).high.tolist() == pytest.approx([1, 1])
    line = zoomed(cube.whole(1), (axis > 0.3).int().numpy())
    assert float(line.low) < 0.3 < float(line.high)


def test_closer_pictures_keep_the_names_and_add_new_ones() -> None:
    names = [torch.tensor([point], dtype=torch.float64) for point in ([0.1, 0.1], [0.9, 0.9])]
    closer = measures.dynamics.Attractors(
        member=torch.zeros(2, dtype=torch.int64),
        points=torch.tensor([[0.5, 0.5], [0.1, 0.1]]).double(),
        kind=torch.tensor([0, 0]),
        period=torch.tensor([1, 1]),
        exponent=torch.zeros(2),
        rotation=torch.full((2,), torch.nan),
        sets=tuple(torch.tensor([point], dtype=torch.float64) for point in ([0.5, 0.5], [0.1, 0.1])),
        label=torch.tensor([[0, 1, -1, -2]]),
        rests=torch.ones(1, 4, dtype=torch.bool),
        time=torch.zeros(1, 4, dtype=torch.int64),
    )
    same, ends = _named(closer, names, 1.0)
    assert same.tolist() == [2, 0, -1, -2]
    assert torch.cat(ends).tolist() == [[0.1, 0.1], [0.9, 0.9], [0.5, 0.5]]


def test_missed_fixed_points_are_counted_and_attractors_that_should_not_be() -> None:
    """The map has slopes .5, 2 and .5, with kinks at ¼ and ½. It attracts to 1, and from the left to ¼."""
    net = broken_line([0.25, 0.5], [1.5, -1.5], 0.125, 0.5)
    known = replace(measures.fixed_points(net), proven=torch.tensor([True]))
    everywhere = measures.basins(net, torch.linspace(0, 1, 11)[:, None], 200)
    assert completeness(everywhere, known, 1.0) == {"stable": 1, "found": 1, "at_kinks": 1, "besides": 0}
    left = measures.basins(net, torch.tensor([[0.1]]), 200)
    assert completeness(left, known, 1.0) == {"stable": 1, "found": 0, "at_kinks": 1, "besides": 0}
    elsewhere = replace(everywhere, points=everywhere.points + 1e-3)
    assert completeness(elsewhere, known, 1.0) == {"stable": 1, "found": 0, "at_kinks": 0, "besides": 2}
    for unknown in (None, replace(known, proven=~known.proven)):
        assert np.isnan(list(completeness(everywhere, unknown, 1.0).values())).all()


def test_starts_at_rest_where_nothing_attracts_are_counted_apart_from_those_that_move() -> None:
    own = pd.DataFrame({"kind": [0], "period": [1], "training": [-1], "share": [0.25]})
    rests, times = torch.tensor([True, True, False, False]), torch.tensor([8, 24, 24, 16])
    found = shares(own, torch.tensor([0, -1, -1, -2]), rests, times)
    assert {name: found[name] for name in ("spurious", "stopped", "moving", "outside")} == dict.fromkeys(
        ("spurious", "stopped", "moving", "outside"), 0.25
    )
    assert found["time"] == 8


def test_where_many_starts_are_unsettled_borders_are_not_judged() -> None:
    labels = np.broadcast_to(np.arange(50) > 20, (50, 50)).astype(int)
    assert borders(labels)["exponent"] == pytest.approx(1, abs=0.05)
    labels[:6] = measures.dynamics.UNSETTLED
    assert borders(labels)["unsettled_grid"] == 0.12
    assert np.isnan([value for name, value in borders(labels).items() if name != "unsettled_grid"]).all()


def voronoi(side: int, points: int, seed: int = 0) -> np.ndarray:
    """The basins of random points of the square for a map to the nearest of them: their borders are straight."""
    where = np.stack(np.meshgrid(*[np.linspace(0, 1, side)] * 2), -1)
    sites = np.random.default_rng(seed).random((points, 2))
    found: np.ndarray = ((where[:, :, None] - sites) ** 2).sum(-1).argmin(-1)
    return found


def test_the_exponent_of_a_smooth_border_comes_nearer_to_one_on_finer_grids() -> None:
    assert trend(voronoi(129, 16)) < -0.5
    newton = measures.known_maps.REFERENCES["Newton, z³ = 1"]
    starts = newton.where.at(newton.where.grid(129)).float()
    fractal = measures.basins(newton.map, starts, newton.iterations, low=-1.5, high=1.5).label[0].view(129, 129)
    assert -0.2 < trend(fractal.numpy()) < 0
    assert np.isnan(trend(np.zeros((129, 129), int)))
    assert np.isnan(trend(voronoi(30, 4)))  # every second start is a grid of 15 a side, which is too coarse
    assert np.isfinite(trend(voronoi(31, 4)))


def members(exponent: float, trend: float = -0.4) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"seed": range(SEEDS), "exponent": exponent + rng.normal(0, 0.02, SEEDS)})
    table["trend"] = trend + rng.normal(0, 0.1, SEEDS)
    return table.assign(data="four-points", count=4, hidden=2, width=9, status="converged")


@pytest.mark.parametrize(
    ("exponent", "trend", "verdict"),
    [(0.99, -0.4, "supported"), (0.5, 0.4, "refuted"), (0.99, 0.0, "undecided"), (0.5, -0.4, "refuted")],
)
def test_smoothness_is_judged_by_the_exponent_and_its_trend(exponent: float, trend: float, verdict: str) -> None:
    assert judged(members(exponent, trend)).verdict == verdict


def test_one_basin_has_no_border() -> None:
    assert judged(members(np.nan)).verdict == "untestable"
    assert judged(members(0.99).assign(data="two-points")).verdict == "untestable"


def judged(table: pd.DataFrame) -> Claim:
    (claim,) = claims_of(Result(Path(), {"parameters": {"dim": 2}}, {"members": table}, {}))
    return claim


def test_unsettled_starts_count_with_the_basin_nearest_to_them() -> None:
    labels = np.array([[0, 0, 0, -1, 1], [0, -1, 0, 1, 1], [-2, -2, -1, -1, 1]])
    found = filled(labels)
    assert found[0, 3] in (0, 1)
    assert found[1, 1] in (0, -2)
    assert (found != -1).all()
    assert (found == labels)[labels != -1].all()
    assert (filled(np.full((3, 3), -1)) == -1).all()


def test_what_is_not_proven_is_not_said_to_be_all() -> None:
    table = pd.DataFrame({"stable": [3.0, 0.0, np.nan], "found": [2 / 3, np.nan, np.nan]})
    table = table.assign(at_kinks=[0, 2, np.nan], besides=[0, 1, np.nan])
    words = _completeness(table)
    assert words.startswith(
        "In 2 of 3 networks all stable fixed points are known, with proof: 3, of which starts missed 1. 2 more attractors are "
        "kinks whose sides differ. 1 attractors are no fixed points that attract, which belies the proof."
    )
    assert _completeness(table[2:]) == ""
