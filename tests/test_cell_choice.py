"""A cell is described by what tells it from the others; among several a rule chooses, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from landscape import loading, results
from landscape.cell_choice import best_cell, only_cell, told_apart
from landscape.commands.runs import chosen_values
from landscape.record import Cell, RunError, cell
from landscape.running import run_study
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

CELLS = [cell(data=data, hidden=4, width=width, budget=budget)
         for data in ("four", "two") for width, budget in ((5, 0), (50, 0), (14, 700))]  # fmt: skip


def recorded(cells: list[Cell], done: list[Cell] | None = None) -> dict[str, Any]:
    states = {one: "done" if done is None or one in done else "waiting" for one in cells}
    entries = [{"name": one.name, "values": one.values, "status": states[one]} for one in cells]
    return {"study": "toy", "parameters": {"lr": 0.1}, "cells": entries}


def store(folder: Path, cell: Cell, converged: int) -> None:
    (folder / results.CELLS / cell.key).mkdir(parents=True)
    status = ["converged"] * converged + ["stalled"] * (7 - converged)
    pd.DataFrame({"status": status}).to_parquet(folder / results.CELLS / cell.key / "members.parquet")


def test_one_key_tells_cells_apart_where_one_does() -> None:
    assert told_apart(CELLS[:3]) == "width (5, 50, 14)"
    assert told_apart(CELLS) == "data (four, two) and width (5, 50, 14)"
    assert told_apart([cell(a=1, b=1), cell(a=1, b=2), cell(a=2)]) == "b (1, 2)"
    assert told_apart([cell(a=number) for number in range(11)]) == "a (0, 1, 2, 3, 4, 5, 6, 7, …)"


def test_one_value_is_enough_where_one_cell_has_it() -> None:
    assert only_cell(recorded(CELLS[:3]), {"budget": "700"}) == CELLS[2]
    with pytest.raises(RunError, match=r"^data='four' fits 3 cells; choose one by width \(5, 50, 14\)$"):
        only_cell(recorded(CELLS), {"data": "four"})


def test_the_cell_with_most_converged_members_is_taken_the_first_of_equals(tmp_path: Path) -> None:
    for one, converged in zip(CELLS, (2, 5, 5, 7, 0, 0), strict=True):
        store(tmp_path, one, converged)
    chosen, words = best_cell(tmp_path, recorded(CELLS), {"data": "four", "lr": 0.1})
    assert chosen == CELLS[1]
    assert words == (
        "3 cells have data=four and lr=0.1: this is data=four hidden=4 width=50 budget=0, in which most members converged "
        "(5 of 7); --where takes another, by width (5, 50, 14)"
    )
    assert best_cell(tmp_path, recorded(CELLS), {})[0] == CELLS[3]
    assert best_cell(tmp_path, recorded(CELLS), {"data": "two", "width": 5}) == (CELLS[3], "")


def test_a_finished_cell_goes_before_one_that_waits(tmp_path: Path) -> None:
    chosen, words = best_cell(tmp_path, recorded(CELLS, done=CELLS[2:3]), {})
    assert chosen == CELLS[2]
    assert words.startswith("the run has 6 cells: this is data=four hidden=4 width=14 budget=700, the first; ")
    assert best_cell(tmp_path, recorded(CELLS, done=[]), {})[0] == CELLS[0]


def test_no_cell_is_taken_for_values_that_none_has(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no cell has data='six'; data is "):
        best_cell(tmp_path, recorded(CELLS), {"data": "six"})


@pytest.mark.usefixtures("toy")
def test_sample_and_export_say_which_cell_they_took(command: Command, out: Path, tmp_path: Path) -> None:
    run_study(ToyLine(steps=5, hidden=(1, 2)), out=out)
    few = ("--count", "6", "--iterations", "2", "--no-pictures", "--to", tmp_path / "to")
    for words in (("sample", "toy", *few), ("export", "toy", "--to", tmp_path / "net.safetensors")):
        answer = command(*words)
        assert answer.code == 0, answer
        assert answer.err == (
            "landscape: the run has 2 cells: this is hidden=1, the first; --where takes another, by hidden (1, 2)\n"
        )
        assert "hidden=1, member 1, the median of 3 members, none converged" in answer.out
        assert command(*words, "--where", "hidden=2").err == ""
    assert chosen_values("toy", {}) == {"hidden": 1}
    assert loading.choose_cell("toy", {"hidden": "2"}, out)[0] == cell(hidden=2)
