"""Two runs of a study side by side: what differs is named, and equal runs are equal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landscape.differences import compare
from landscape.results import Result, RunError, cell, entries
from tests.conftest import Command

CELLS = [cell(hidden=2), cell(hidden=6)]


def run(loss: list[float], cells: list[Any] = CELLS, members: int = 2, **parameters: Any) -> Result:
    """A run in memory of a study that is not there, with `members` networks per cell."""
    record = {
        "study": "gone", "version": 1, "parameters": {"seed": 0, "hidden": [2, 6]} | parameters,
        "cells": entries(cells, dict.fromkeys(cells, "0" * 64), {}),
    }  # fmt: skip
    rows = len(cells) * members
    table = pd.DataFrame(
        {
            "hidden": np.repeat([one["hidden"] for one in cells], members), "member": [*range(members)] * len(cells),
            "status": "stalled", "loss": loss[:rows],
        }
    )  # fmt: skip
    return Result(Path("gone-1"), record, {"members": table}, {one: {"map": np.zeros(3)} for one in cells})


def test_a_run_equals_itself_and_missing_numbers_are_equal() -> None:
    one = run([0.5, np.nan, 0.5, 0.5])
    found = compare(one, one)
    assert found.equal
    assert found.both == 2
    assert "gone" in found.unjudged


def test_the_largest_difference_of_a_column_is_told() -> None:
    one, two = run([0.5, 1.0, 2.0, 3.0]), run([0.5, 1.25, 2.0, 2.0])
    found = compare(one, two)
    assert found.numbers.to_numpy().tolist() == [["members", "loss", 4, 2, 1.0]]
    assert not found.equal
    gap = compare(one, run([0.5, np.nan, 2.0, 3.0])).numbers
    assert gap["differ"].tolist() == [1]
    assert gap["largest difference"].isna().all()


def test_texts_arrays_and_missing_columns_are_compared() -> None:
    one, two = run([0.5] * 4), run([0.5] * 4)
    two.tables["members"] = two.table.assign(status=["stalled", "converged", "stalled", "stalled"], more=1)
    two.arrays[CELLS[1]]["map"] = np.array([0.0, 0.0, -2.5])
    rows = compare(one, two).numbers.set_index("column")
    assert rows.loc["status", "differ"] == 1
    assert rows.loc["more", "differ"] == 4
    assert rows.loc["map", ["table", "rows", "differ", "largest difference"]].tolist() == ["arrays", 6, 1, 2.5]


def test_cells_and_networks_that_only_a_run_has() -> None:
    found = compare(run([0.5] * 4), run([0.5] * 5, CELLS[:1], members=5, hidden=[2]))
    assert (found.both, found.only_first, found.only_second) == (1, ["hidden=6"], [])
    assert found.rows == {"members": (0, 3)}
    assert found.parameters == {"hidden": ([2, 6], [2])}
    assert found.numbers.empty


def test_networks_are_told_by_their_seeds() -> None:
    found = compare(run([1.0, 2.0, 1.0, 2.0]), run([2.0, 3.0, 2.0, 3.0], seed=1))
    assert found.rows == {"members": (2, 2)}
    assert found.numbers.empty
    assert found.parameters == {"seed": (0, 1)}


def test_runs_of_two_studies_are_refused() -> None:
    one = run([0.5] * 4)
    other = replace(one, record=one.record | {"study": "other"})
    with pytest.raises(RunError, match=r"only runs of one study are compared; gone-1 is of gone, gone-1 of other"):
        compare(one, other)


RUNS = Path(__file__).parent / "runs"


def test_the_command_says_whether_runs_differ(command: Command) -> None:
    same = command("diff", RUNS / "3-best-weights", RUNS / "3-best-weights")
    assert (same.code, same.out.splitlines()[-1]) == (0, "the runs are equal")
    other = command("diff", RUNS / "1-first", RUNS / "3-best-weights")
    assert (other.code, other.out.splitlines()[-1]) == (1, "the runs differ")
    assert "1 cell in both runs" in other.out
    assert "version: " in other.out
    as_json = command("diff", RUNS / "3-best-weights", RUNS / "3-best-weights", "--json")
    assert '"equal": true' in as_json.out
