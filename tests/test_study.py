"""Studies: parameters are checked, `command` rebuilds the study, and a second run repeats no finished cell."""

from __future__ import annotations

import dataclasses
import re
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from landscape import presets, results
from landscape.parameters import docstring, element_type
from landscape.progress import RunProgress
from landscape.reporting import facts_of, lead_of
from landscape.results import Cell, Measured
from landscape.running import run_study
from landscape.training import Site
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

SMALL = ToyLine(steps=5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden": ()}, "`hidden` must list at least one value; got none"),
        ({"hidden": (2, 2)}, "`hidden` lists a value twice: 2, 2"),
        ({"hidden": (0,)}, "`hidden` must be from 1 to 20; got 0"),
        ({"hidden": (2.5,)}, "`hidden` must be a whole number; got 2.5"),
        ({"members": True}, "`members` must be a whole number; got True"),
        ({"members": "3"}, "`members` must be a whole number; got '3'"),
        ({"lr": float("nan")}, "`lr` must be a finite number; got nan"),
        ({"stop": 1}, "`stop` must be true or false; got 1"),
        ({"data": "two-pints"}, "Did you mean 'two-points'?"),
        ({"seed": -1}, "`seed` must be at least 0; got -1"),
    ],
)
def test_values_outside_a_field_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="`") as error:
        ToyLine(**settings)
    assert message in str(error.value)


def test_lists_and_single_values_become_tuples_and_whole_numbers_floats() -> None:
    study = ToyLine(hidden=[2, 3], lr=1)  # type: ignore[arg-type]
    assert study.hidden == (2, 3)
    assert isinstance(study.lr, float)
    assert ToyLine(hidden=4).hidden == (4,)  # type: ignore[arg-type]


def test_members_have_consecutive_seeds() -> None:
    assert ToyLine(seed=7, members=3).seeds == (7, 8, 9)


def test_command_rebuilds_the_study(toy: None, command: Command) -> None:
    study = ToyLine(hidden=(2, 5), lr=1e-4, stop=False, data="tanh-four", members=7)
    for line in (study.command(), presets.command(study)):
        printed = command(*shlex.split(line)[1:], "--print-config").out
        assert printed == presets.to_toml(study)


def test_equal_parameters_share_a_folder(tmp_path: Path) -> None:
    assert SMALL.folder(tmp_path) == ToyLine(steps=5).folder(tmp_path)
    assert SMALL.folder(tmp_path) != ToyLine(steps=6).folder(tmp_path)
    assert SMALL.folder(tmp_path).name.startswith("toy-line-")


def test_run_reports_its_progress_and_writes_its_record(tmp_path: Path) -> None:
    told: list[RunProgress] = []
    folder = run_study(SMALL, out=tmp_path, progress=told.append)
    assert [(now.cells_done, now.cell) for now in told if not now.total] == [(0, ""), (1, "hidden=1"), (2, "hidden=2")]
    record = results.read_record(folder)
    assert record["parameters"] == SMALL.parameters()
    assert record["command"] == SMALL.command()
    assert [entry["status"] for entry in record["cells"]] == ["done", "done"]
    assert record["seconds"] > 0
    assert set(record["versions"]) >= {"torch", "numpy", "python"}


def test_failed_cells_are_recorded_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = ToyLine(steps=5, fail=1)
    folder = run_study(study, out=tmp_path)
    failed = results.load(folder).failed_cells
    assert list(failed) == ["hidden=1"]
    assert re.fullmatch(r"(toy_line/study\.py:\d+: )?ArithmeticError: asked to fail", failed["hidden=1"])
    measured: list[str] = []
    whole = ToyLine.measure

    def measure(self: ToyLine, cell: Cell, site: Site) -> Measured:
        measured.append(cell.name)
        return whole(dataclasses.replace(self, fail=0), cell, site)

    monkeypatch.setattr(ToyLine, "measure", measure)
    run_study(study, out=tmp_path)
    assert measured == ["hidden=1"]
    assert not results.load(folder).failed_cells


def test_an_interrupted_run_keeps_its_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ToyLine.measure

    def measure(self: ToyLine, cell: Cell, site: Site) -> Measured:
        if cell["hidden"] == 2:
            raise KeyboardInterrupt
        return whole(self, cell, site)

    monkeypatch.setattr(ToyLine, "measure", measure)
    with pytest.raises(KeyboardInterrupt):
        run_study(SMALL, out=tmp_path)
    result = results.load(SMALL.folder(tmp_path))
    assert [entry["status"] for entry in result.record["cells"]] == ["done", "waiting"]
    assert len(result.table) == SMALL.members


def test_results_do_not_depend_on_the_engine(tmp_path: Path) -> None:
    here = results.load(run_study(SMALL, out=tmp_path / "here"))
    there = results.load(run_study(SMALL, out=tmp_path / "there", engine_name="processes", workers=2))
    assert here.table.equals(there.table)
    assert all((here.arrays[cell]["weights"] == there.arrays[cell]["weights"]).all() for cell in here.arrays)


def test_repeated_cells_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ToyLine, "cells", lambda self: [results.cell(hidden=1)] * 2)
    with pytest.raises(ValueError, match="two cells have the same values"):
        run_study(SMALL, out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_debug_raises_with_the_cells_name(tmp_path: Path) -> None:
    with pytest.raises(ArithmeticError) as error:
        run_study(ToyLine(fail=1), out=tmp_path, debug=True)
    (note,) = error.value.__notes__
    assert re.fullmatch(r"(toy_line/study\.py:\d+: )?in cell hidden=1", note)


def test_field_types_are_plain_or_tuples() -> None:
    assert element_type(int) == (int, False)
    assert element_type(tuple[float, ...]) == (float, True)
    with pytest.raises(TypeError, match="int, float, str, bool, or a tuple of values"):
        element_type(int | None)


def test_a_study_without_a_docstring_is_introduced_by_its_title(toy: None, tmp_path: Path) -> None:
    silent = dataclasses.dataclass(frozen=True)(type("Silent", (ToyLine,), {"__module__": ToyLine.__module__}))
    assert silent.__doc__.startswith("Silent(seed")
    assert docstring(silent) == ""
    study = silent(steps=2, members=2, hidden=(1,))
    words = lead_of(study, results.load(run_study(study, out=tmp_path)))
    assert words.startswith("Two points on a line. 0 of 2 networks converged")


@pytest.mark.parametrize(
    ("status", "lead", "fact"),
    [
        (["stalled", "stalled"], "2 networks, trained for all their steps.", []),
        (["diverged", "stalled"], "2 networks, trained for all their steps; 1 diverged.", [("1 diverged", "of these")]),
    ],
)
def test_networks_of_which_no_loss_is_asked_neither_converged_nor_did_not(
    status: list[str], lead: str, fact: list[tuple[str, str]], tmp_path: Path
) -> None:
    table = pd.DataFrame({"status": status, "loss": 1e-3})
    record = {"cells": [{"status": "done"}], "parameters": {"seed": 0, "members": 2}}
    made, study = results.Result(tmp_path, record, {"members": table}, {}), presets.make_study("memorisation", "test")
    assert f". {lead} Unchecked" in lead_of(study, made)
    assert [one for one in facts_of(study, made) if one[1] in ("converged", "not converged", "of these")] == fact
    judged = presets.make_study("basins", "test")
    assert "0 of 2 networks converged" in lead_of(judged, made)
    assert ("1", "cell") in facts_of(judged, made)
    assert ("2", "not converged (" + ", ".join(_kinds(status)) + ")") in facts_of(judged, made)


def _kinds(status: list[str]) -> list[str]:
    return [f"{status.count(one)} {one}" for one in ("stalled", "diverged") if one in status]
