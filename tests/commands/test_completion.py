"""TAB completes names of runs and values of cells, and bash's splitting at "=" does not disturb it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from landscape.commands.completion import cell_values, joined, run_names
from landscape.results import cell, write_record

CELLS = [cell(data=data, hidden=hidden, budget=0) for data in ("digits", "clusters") for hidden in (2, 4, 10)]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder with two runs; the first of them is the newest."""
    for name, started, cells in (("corners-1a2b", "2026-02", CELLS), ("depth-sweep-3c4d", "2026-01", CELLS[:1])):
        record = {
            "study": name[:7], "version": 1, "parameters": {}, "started": started,
            "cells": [{"name": one.name, "values": one.values, "status": "waiting"} for one in cells],
        }  # fmt: skip
        (tmp_path / name).mkdir()
        write_record(tmp_path / name, record)
    return tmp_path


def context(runs: Path, *args: str, **params: Any) -> Any:
    return SimpleNamespace(params={"out": runs, **params}, args=list(args))


def test_names_of_runs_are_completed(runs: Path) -> None:
    assert run_names(context(runs), "") == ["corners-1a2b", "depth-sweep-3c4d"]
    assert run_names(context(runs), "dep") == ["depth-sweep-3c4d"]
    assert run_names(context(runs, run=["corners-1a2b"]), "") == ["depth-sweep-3c4d"]
    assert run_names(context(runs / "nowhere"), "") == []


def test_values_that_tell_cells_apart_are_completed(runs: Path) -> None:
    for named in ({"run": "corners-1a2b"}, {"run": "corn"}, {"run": str(runs / "corners-1a2b")}, {}):
        assert cell_values(context(runs, **named), "h") == ["hidden=2", "hidden=4", "hidden=10"]
    asked = context(runs, run="corners", where=["data=digits"])
    assert cell_values(asked, "") == ["hidden=2", "hidden=4", "hidden=10"]
    assert cell_values(asked, "hidden=1") == ["hidden=10"]
    assert cell_values(context(runs, run="depth"), "") == []
    assert cell_values(context(runs, "depth-sweep-3c4d"), "") == []  # the parser has not yet read the run's name
    assert cell_values(context(runs, run="nothing"), "") == []


def test_words_that_bash_split_are_joined() -> None:
    assert joined(["x", "sample", "--where", "hidden", "=", "4"], 5) == (
        ["x", "sample", "--where", "hidden=4"],
        3,
        "hidden=",
    )
    assert joined(["x", "--where", "hidden", "="], 3) == (["x", "--where", "hidden="], 2, "hidden=")
    assert joined(["x", "--where", "a", "=", "1", "--where", ""], 6) == (["x", "--where", "a=1", "--where", ""], 4, "")
    assert joined(["x", "show", "de"], 2) == (["x", "show", "de"], 2, "")


COMPLETE = """
import contextlib, json, os, sys
from landscape import cli
for words in json.loads(sys.argv[1]):
    os.environ |= {"_LANDSCAPE_COMPLETE": "complete_bash", "COMP_WORDS": "\\n".join(words), "COMP_CWORD": str(len(words) - 1)}
    with contextlib.suppress(SystemExit):
        cli.main([])
    print(";", flush=True)
print("torch" in sys.modules)
"""


def test_bash_gets_what_stands_after_the_last_sign_of_equality(runs: Path) -> None:
    lines = [
        ["landscape", "show", "co"],
        ["landscape", "sample", "corners-1a2b", "--where", "da"],
        ["landscape", "sample", "corners-1a2b", "--where", "hidden", "="],
        ["landscape", "sample", "--where", "data", "=", "digits", "--where", "hidden", "=", "1"],
        ["landscape", "report", "corners-1a2b", ""],
    ]
    call = [sys.executable, "-c", COMPLETE, json.dumps(lines)]
    done = subprocess.run(
        call, capture_output=True, text=True, check=True, env=os.environ | {"LANDSCAPE_OUT": str(runs)}
    )
    assert [answer.split() for answer in done.stdout.split(";")] == [
        ["corners-1a2b"],
        ["data=digits", "data=clusters"],
        ["2", "4", "10"],
        ["10"],
        ["depth-sweep-3c4d"],
        ["False"],
    ]
