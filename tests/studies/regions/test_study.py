"""The study of regions: its columns against the measures, and the verdict on how the number of regions grows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape import measures, presets, results
from landscape.claims import Claim
from landscape.results import Result
from landscape.running import run_study
from landscape.studies.regions.claims import INITIALISED, claims_of
from landscape.studies.regions.study import RegionsStudy, looked_at
from landscape.training import Site, trained

SEEDS = 23


@pytest.fixture(scope="module")
def study() -> RegionsStudy:
    made = presets.make_study("regions", "test", overrides={"data": ("two-points", "four-points", "digits")})
    assert isinstance(made, RegionsStudy)
    return made


def test_columns_are_sums_over_the_regions(study: RegionsStudy, result: Result) -> None:
    for cell in study.cells():
        recipe = study.recipe(cell)
        found = measures.regions(trained(recipe, Site()).ensemble, looked_at(recipe.dataset())[0])
        rows = result.table
        for name, value in cell.values:
            rows = rows[rows[name] == value]
        assert rows.regions.tolist() == np.bincount(found.member).tolist()
        first = found.member == 0
        assert rows.mean_slope.iloc[0] == pytest.approx(float((found.share * found.slope)[first].sum()))
        assert rows.steepest.iloc[0] == pytest.approx(float(found.slope[first].max()))
    assert result.table.seen_by_grid.between(0, 1).all()
    shares = ["flat_share", "plateau_share", "rank_one_share", "widest_plateau"]
    assert ((result.table[shares] >= 0) & (result.table[shares] <= 1 + 1e-9)).all().all()


def test_the_net_pictured_has_its_own_regions(result: Result) -> None:
    for cell, arrays in result.arrays.items():
        rows = result.table
        for name, value in cell.values:
            rows = rows[rows[name] == value]
        assert len(arrays["slope"]) == rows.set_index("member").regions[int(arrays["shown"])]
        assert arrays["share"].sum() == pytest.approx(1)
        assert arrays["begins"][-1] == len(arrays["corners"])
        assert arrays["corners"].max() == len(arrays["vertices"]) - 1
        assert ("height" in arrays) == (cell["data"] != "two-points")
        if "height" in arrays:  # every slope on the grid is the slope of a region
            apart = np.abs(arrays["height"].reshape(-1, 1) - arrays["slope"]).min(1)
            assert apart.max() < 1e-5


def test_the_net_pictured_has_its_own_training_points(tmp_path: Path) -> None:
    study = presets.make_study(
        "regions", "test", overrides={"data": ("uniform",), "count": 5, "hidden": (1,), "width": (3, 5), "members": 4}
    )
    assert isinstance(study, RegionsStudy)
    found = results.load(run_study(study, out=tmp_path, debug=True))
    pictured = {}
    for cell in study.cells():
        arrays, points = found.arrays[cell], study.recipe(cell).dataset().points
        pictured[int(arrays["shown"])] = np.array_equal(arrays["spots"], points[int(arrays["shown"])].numpy())
    assert all(pictured.values())
    assert set(pictured) != {0}


def counted(power: float) -> pd.DataFrame:
    """A table in which untrained nets of both initialisations have about neurons^power regions in the plane."""
    rng = np.random.default_rng(0)
    rows = [
        (hidden, width, seed, init)
        for hidden in (1, 2)
        for width in (10, 20, 50)
        for seed in range(SEEDS)
        for init in INITIALISED
    ]
    table = pd.DataFrame(rows, columns=["hidden", "width", "seed", "init"])
    counts = (table.hidden * table.width) ** power * np.exp(rng.normal(0, 0.1, len(table)))
    return table.assign(data="four-points", budget=0, regions=counts)


@pytest.mark.parametrize(("power", "verdict"), [(2.0, "supported"), (1.0, "refuted")])
def test_growth_with_the_neurons_is_judged_against_the_dimension(power: float, verdict: str) -> None:
    assert {key: claim.verdict for key, claim in judged(counted(power)).items()} == dict.fromkeys(
        ("S3", "S3b"), verdict
    )


def test_each_initialisation_is_judged_by_its_own_networks() -> None:
    table = counted(2.0)
    table.loc[table.init == "torch", "regions"] **= 0.5
    assert {key: claim.verdict for key, claim in judged(table).items()} == {"S3": "supported", "S3b": "refuted"}


def test_data_sets_of_a_dimension_are_pooled_with_each_beside() -> None:
    table = counted(2.0)
    both = pd.concat([table, table.assign(data="tanh-square", regions=3 * table.regions)])
    claim = judged(both)["S3"]
    assert (claim.setting, claim.verdict, claim.clusters) == ("d = 2", "supported", SEEDS)
    assert claim.estimate == pytest.approx(judged(table)["S3"].estimate)
    assert [(one.setting, one.primary) for one in claim.details] == [
        ("four-points, d = 2", False),
        ("tanh-square, d = 2", False),
    ]


def test_one_depth_alone_says_nothing_of_growth() -> None:
    table = counted(2.0)
    assert judged(table[table.hidden == 1])["S3"].verdict == "untestable"


def test_runs_that_did_not_count_both_initialisations_are_untestable() -> None:
    claims = claims_of(Result(Path(), {"parameters": {"dim": 2}}, {"members": counted(2.0)}, {}))
    assert [claim.verdict for claim in claims] == ["untestable", "untestable"]


def test_both_initialisations_are_counted_whatever_is_trained(study: RegionsStudy, result: Result) -> None:
    table, cell = result.tables["initialisations"], study.cells()[0]
    rows = table[(table[list(dict(cell.values))] == pd.Series(dict(cell.values))).all(axis=1)]
    assert rows[rows.init == "torch"].regions.tolist() == [
        int(one)
        for one in result.table.merge(rows[rows.init == "torch"], on=[*dict(cell.values), "seed"]).untrained_regions
    ]
    he = replace(study, init="he-biased").recipe(cell)
    found = measures.regions(he.untrained("cpu"), looked_at(he.dataset())[0])
    assert rows[rows.init == "he-biased"].regions.tolist() == np.bincount(found.member).tolist()


def judged(table: pd.DataFrame) -> dict[str, Claim]:
    claims = claims_of(Result(Path(), {"parameters": {"dim": 2}}, {"initialisations": table}, {}))
    return {claim.key: claim for claim in claims}


def test_own_data_on_a_line_are_judged_as_of_one_dimension(tmp_path: Path) -> None:
    np.save(tmp_path / "line.npy", np.linspace(0.1, 0.9, 5)[:, None])
    overrides = {"data": (str(tmp_path / "line.npy"),), "steps": 5, "width": (3, 5, 8)}
    made = presets.make_study("regions", "test", overrides=overrides)
    loaded = results.load(run_study(made, out=tmp_path / "out", debug=True))
    settings = {part.setting for claim in claims_of(loaded) for part in claim.details}
    assert settings
    assert all(words.endswith("d = 1") for words in settings)
