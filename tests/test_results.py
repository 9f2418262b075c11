"""Run folders: a cell is written whole or not at all, and only unchanged files are read back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landscape import results
from landscape.results import Cell, Damaged, Measured, RunError, cell

ONE, TWO = cell(hidden=2, data="two-points"), cell(hidden=6, data="two-points")


def measured(shift: float = 0.0) -> Measured:
    members = pd.DataFrame(
        {"member": [0, 1, 2], "status": ["converged"] * 2 + ["stalled"], "loss": np.arange(3) + shift}
    )
    orbits = pd.DataFrame({"member": [0, 0], "iteration": [0, 1]})
    return Measured({"members": members, "orbits": orbits}, {"surface": np.full((5, 7), shift)})


def record(cells: list[Cell]) -> dict[str, Any]:
    entries = results.entries(cells, {}, {})
    return {"study": "toy", "version": 1, "parameters": {"hidden": [2, 6]}, "cells": entries, "started": "2024"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of two cells, both finished."""
    path = tmp_path / "toy-1"
    results.create(path, record([ONE, TWO]))
    done = {
        ONE: results.save_cell(path, ONE, measured(), 1.0),
        TWO: results.save_cell(path, TWO, measured(0.5), 1.0),
    }
    results.write_record(path, record([]) | {"cells": results.entries([ONE, TWO], done, {})})
    return path


def test_what_was_saved_is_read_back_with_the_cells_values(folder: Path) -> None:
    result = results.load(folder)
    assert list(result.table.columns) == ["hidden", "data", "member", "status", "loss"]
    assert result.table["hidden"].tolist() == [2] * 3 + [6] * 3
    assert result.table["loss"].tolist() == [0, 1, 2, 0.5, 1.5, 2.5]
    assert list(result.tables["orbits"]["hidden"]) == [2, 2, 6, 6]
    assert np.array_equal(result.arrays[TWO]["surface"], np.full((5, 7), 0.5))
    assert "2 of 2 cells, 6 members" in result._repr_html_()


def test_unfinished_cells_are_absent(folder: Path) -> None:
    results.write_record(folder, record([ONE, TWO, cell(hidden=7, data="two-points")]))
    result = results.load(folder)
    assert len(result.arrays) == 2
    assert [entry["status"] for entry in result.record["cells"]] == ["done", "done", "waiting"]


@pytest.mark.parametrize("name", ["members.parquet", "arrays.npz"])
def test_one_altered_byte_is_noticed(folder: Path, name: str) -> None:
    file = folder / "cells" / TWO.key / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert results.finished(folder, ONE)
    assert not results.finished(folder, TWO)
    with pytest.raises(RunError, match=rf"cell hidden=6 data=two-points \({name} was altered\) of .* cannot be used"):
        results.load(folder)


@pytest.mark.parametrize("name", ["members.parquet", "arrays.npz", "cell.json"])
def test_a_missing_file_makes_a_cell_unfinished(folder: Path, name: str) -> None:
    (folder / "cells" / ONE.key / name).unlink()
    assert not results.finished(folder, ONE)


def test_a_cell_appears_whole_or_not_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    third = cell(hidden=7, data="two-points")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        results.save_cell(folder, third, measured(), 1.0)
    monkeypatch.undo()
    assert not results.finished(folder, third)
    assert sorted(path.name for path in (folder / "cells").iterdir()) == sorted([ONE.key, TWO.key])


def test_a_cell_is_replaced_whole(folder: Path) -> None:
    done = results.digests(folder, [ONE, TWO]) | {ONE: results.save_cell(folder, ONE, measured(9), 1.0)}
    with pytest.raises(Damaged, match=r"hidden=2 data=two-points \(cell.json was altered\)"):
        results.load(folder)
    results.write_record(folder, record([]) | {"cells": results.entries([ONE, TWO], done, {})})
    assert results.load(folder).table["loss"].tolist()[:3] == [9, 10, 11]


def test_key_is_of_the_values_and_their_names() -> None:
    keys = {
        one.key for one in (cell(hidden=2), cell(hidden=6), cell(width=2), cell(hidden="2"), cell(hidden=2, width=2))
    }
    assert len(keys) == 5
    assert cell(hidden=2).key == cell(hidden=2).key


def test_folder_name_depends_on_study_version_and_parameters() -> None:
    keys = {
        results.parameter_key(study, version, {"hidden": hidden})
        for study in ("one", "two")
        for version in (1, 2)
        for hidden in ([2], [2, 6])
    }
    assert len(keys) == 8
    assert results.parameter_key("one", 1, {"a": 1, "b": 2}) == results.parameter_key("one", 1, {"b": 2, "a": 1})


def test_a_folder_of_another_run_is_refused(folder: Path) -> None:
    changes = ({"study": "other"}, {"version": 2}, {"parameters": {"hidden": [3]}})
    for change, what in zip(changes, ("study", "version", "`hidden`"), strict=True):
        with pytest.raises(RunError, match=f"holds another run \\({what} differs\\)"):
            results.create(folder, record([ONE]) | change)


def test_a_folder_that_is_no_run_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(RunError, match="is no run folder"):
        results.create(tmp_path, record([ONE]), fresh=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_fresh_forgets_the_cells(folder: Path) -> None:
    results.create(folder, record([ONE, TWO]), fresh=True)
    assert not results.finished(folder, ONE)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"study": "toy", "version": 1}'])
def test_a_damaged_record_is_refused(folder: Path, text: str) -> None:
    (folder / "run.json").write_text(text)
    with pytest.raises(RunError, match="cannot be read"):
        results.load(folder)
    assert results.runs(folder.parent) == []


def test_a_missing_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no run in .*`landscape runs` lists the runs there are"):
        results.load(tmp_path / "nowhere")


def test_what_a_killed_process_left_is_removed(folder: Path) -> None:
    (folder / "run.json.123.part").write_text("{")
    (folder / "cells" / "0123.99.part").mkdir()
    results.create(folder, record([ONE, TWO]))
    assert not list(folder.rglob("*.part"))
    assert results.finished(folder, ONE)


def test_fresh_forgives_a_damaged_record(folder: Path) -> None:
    (folder / "run.json").write_text("{")
    results.create(folder, record([ONE, TWO]), fresh=True)
    assert results.load(folder).arrays == {}
    assert [entry["status"] for entry in results.read_record(folder)["cells"]] == ["waiting"] * 2


def test_the_record_is_replaced_in_one_step(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (folder / "run.json").read_text()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with pytest.raises(OSError, match="Input/output"):
        results.write_record(folder, record([]))
    assert (folder / "run.json").read_text() == before
    assert not list(folder.glob("*.part"))


def test_runs_are_listed_newest_first(tmp_path: Path) -> None:
    for name, started in (("a", "2024-01"), ("b", "2024-03"), ("c", "2024-02")):
        results.create(tmp_path / name, record([ONE]) | {"started": started})
    (tmp_path / "models").mkdir()
    assert [path.name for path, _ in results.runs(tmp_path)] == ["b", "c", "a"]


def test_entries_give_the_status_of_each_cell(folder: Path) -> None:
    third, fourth = cell(hidden=7), cell(hidden=8)
    told = results.entries([ONE, third, fourth], {ONE: "0" * 64}, {third: "ValueError: no"})
    assert [entry["status"] for entry in told] == ["done", "failed", "waiting"]
    assert told[1]["error"] == "ValueError: no"
    assert json.loads(json.dumps(told))
