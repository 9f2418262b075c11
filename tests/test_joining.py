"""Runs that are pooled: to the same tables as one run, with claims judged on all networks, and what cannot be pooled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import landscape
from landscape import joining, presets, reporting, results
from landscape.results import Result
from landscape.running import run_study
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine


def toy(out: Path, **settings: Any) -> Result:
    return results.load(run_study(ToyLine(**({"steps": 5, "hidden": (1, 2)} | settings)), out=out))


def corners(out: Path, seed: int, members: int) -> Result:
    settings = {"seed": seed, "members": members, "steps": 5, "dim": [1, 2], "count": [1, 2]}
    return results.load(run_study(presets.make_study("corners", "test", settings), out=out))


@pytest.mark.parametrize("of", [toy, corners], ids=["toy", "corners"])
def test_the_networks_of_two_runs_are_those_of_one_run(tmp_path: Path, of: Any) -> None:
    first, second, whole = (of(tmp_path, seed=seed, members=members) for seed, members in ((0, 2), (2, 3), (0, 5)))
    found = landscape.concat([first, second])
    assert set(found.tables) == set(whole.tables)
    for name, expected in whole.tables.items():
        keys = [*found.keys, *(key for key in ("control", "member", "step", "shell") if key in expected)]
        pooled = found.tables[name].sort_values(keys, ignore_index=True)
        pd.testing.assert_frame_equal(pooled, expected.sort_values(keys, ignore_index=True))
    assert found.record["parameters"] == whole.record["parameters"]
    assert list(found.arrays) == list(whole.arrays)


def test_cells_of_one_run_alone_stand_beside_those_that_are_pooled(tmp_path: Path) -> None:
    first, second = toy(tmp_path, members=2), toy(tmp_path, members=2, seed=10, hidden=(2, 3))
    found = joining.concat([first, second])
    assert found.table.groupby("hidden").seed.agg(list).to_dict() == {1: [0, 1], 2: [0, 1, 10, 11], 3: [10, 11]}
    assert found.table.groupby("hidden").member.agg(list).to_dict() == {1: [0, 1], 2: [0, 1, 2, 3], 3: [0, 1]}
    assert found.record["parameters"]["hidden"] == [1, 2, 3]
    assert [entry["status"] for entry in found.record["cells"]] == ["done"] * 3
    assert joining.seeds(found) == [0, 1, 10, 11]
    assert joining.words(found) == f" Pooled from {first.path.name}, {second.path.name}."
    assert joining.commands(found).count("landscape study") == 2


def test_a_network_of_both_runs_counts_once_and_a_run_with_itself_is_itself(tmp_path: Path) -> None:
    first, second = toy(tmp_path, members=3), toy(tmp_path, members=3, seed=2)
    found = joining.concat([first, second])
    assert found.table.seed.tolist() == [0, 1, 2, 3, 4] * 2
    for name, table in joining.concat([first, first]).tables.items():
        pd.testing.assert_frame_equal(table, first.tables[name])
    assert joining.can_pool([first, second])
    assert not joining.can_pool([first, first])
    assert not joining.can_pool([first, toy(tmp_path, members=3, seed=9, hidden=(7,))])


def test_arrays_with_a_row_per_member_are_pooled(tmp_path: Path) -> None:
    first, second = toy(tmp_path, members=3), toy(tmp_path, members=2, seed=5)

    def arrays(members: int, start: int) -> dict[str, np.ndarray]:
        rows = np.arange(start, start + members)
        return {
            "x": np.linspace(0, 1, 4),
            "y": np.outer(rows, np.ones(4)),
            "shown": np.array([0]),
            "one": np.ones((1, 4)),
        }

    one, two = (
        replace(run, arrays=dict.fromkeys(run.arrays, arrays(members, start)))
        for run, members, start in ((first, 3, 0), (second, 2, 5))
    )
    found = next(iter(joining.concat([one, two]).arrays.values()))
    assert found["y"][:, 0].tolist() == [0, 1, 2, 5, 6]
    assert (found["x"].shape, found["shown"].tolist(), found["one"].shape) == ((4,), [0], (1, 4))


def test_claims_are_judged_on_the_networks_of_all_runs(tmp_path: Path) -> None:
    parts = [corners(tmp_path, seed, 3) for seed in (0, 3)]
    study = presets.study_of(parts[0].record)
    found = joining.concat(parts)
    counted = [reporting.claims_of(study, one) for one in (parts[0], found)]
    for before, after in zip(*counted, strict=True):
        assert after.members == 2 * before.members
    assert ("0 to 5", "seeds") in reporting.facts_of(presets.study_of(found.record), found)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"steps": 6}, "runs are pooled whose seeds and swept values alone differ; steps is 5 in .* and 6 in "),
        ({"version": 9}, "only runs of one study and version are pooled; .* is of version 1, .* of 9"),
        ({"loss": 0.5}, "do not agree on the network of seed 0 in cell hidden=1; pool runs with different seeds"),
    ],
)
def test_what_cannot_be_pooled_is_one_line(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    first = toy(tmp_path, members=2)
    other = toy(tmp_path, members=2, **({"steps": 6} if "steps" in settings else {}))
    if "version" in settings:
        other = replace(other, record=other.record | settings)
    if "loss" in settings:
        other = replace(other, tables={**other.tables, "members": other.table.assign(loss=0.5)})
    with pytest.raises(ValueError, match=said):
        joining.concat([first, other])
    with pytest.raises(ValueError, match="`runs` must be two results or more; got 1"):
        joining.concat([first])


def test_report_pools_runs_that_differ_by_their_seeds(tmp_path: Path, command: Command, out: Path) -> None:
    runs = [corners(out, seed, 2).path for seed in (0, 2)]
    before = [(run / "report.html").exists() for run in runs]
    answer = command("report", *(run.name for run in runs))
    assert answer.code == 0
    assert f"pooled  {runs[0].name}, {runs[1].name}: their equal cells are one" in answer.err
    page = (out / "report.html").read_text()
    assert f"Pooled from {runs[0].name}, {runs[1].name}." in page
    assert "--seed 2" in page
    assert [(run / "report.html").exists() for run in runs] == before
