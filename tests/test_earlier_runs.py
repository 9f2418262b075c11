"""Run folders that earlier versions of the package wrote are read: tables, arrays, and `landscape show`."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import landscape
from tests.conftest import Command

FOLDER = Path(__file__).parent / "runs"
RUNS = sorted(folder for folder in FOLDER.iterdir() if folder.is_dir())
TABLES = {"members", "controls", "curves", "shares"}
UNCHECKED, NEWEST = "1-first", "3-best-weights"


def test_a_run_of_each_earlier_format_is_here() -> None:
    assert [folder.name for folder in RUNS] == [UNCHECKED, "2-with-digests", NEWEST]


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_an_earlier_run_loads_with_all_its_numbers(folder: Path) -> None:
    result = landscape.load(folder)
    assert set(result.tables) == TABLES
    assert result.unchecked == (folder.name == UNCHECKED)
    table = result.table
    assert table[["data", "hidden", "width", "budget"]].drop_duplicates().to_numpy().tolist() == [
        ["two-points", 1, 5, 0]
    ]
    assert (list(table.member), list(table.seed), list(table.status)) == ([0, 1], [0, 1], ["stalled", "collapsed"])
    assert ("kept_at" in table) == (folder.name == NEWEST)
    assert np.isfinite(table.loss).all()
    (arrays,) = result.arrays.values()
    assert all(len(values) for values in arrays.values())


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_show_reads_an_earlier_run(folder: Path, command: Command) -> None:
    answer = command("show", str(folder))
    assert answer.code == 0, answer
    assert "1 of 1 done" in answer.out
    assert "0 of 2 members converged, 2 did not: 1 stalled, 1 collapsed" in answer.out
    assert ("unchecked: the run was made before records had digests" in answer.out) == (folder.name == UNCHECKED)


def test_an_altered_table_of_an_earlier_run_is_noticed(tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(FOLDER / "2-with-digests", run)
    (file,) = run.glob("cells/*/members.parquet")
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(landscape.RunError, match="cannot be used"):
        landscape.load(run)
