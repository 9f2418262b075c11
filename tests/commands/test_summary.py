"""What a run's claims look like in a terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from landscape.commands.summary import show_claims, show_result
from landscape.reporting import counts
from landscape.results import Result, cell


def test_a_claim_that_is_not_tested_says_why() -> None:
    row = {"key": "C1b", "verdict": "untestable", "statement": "Outputs stay near.", "estimate": float("nan")}
    out = io.StringIO()
    show_claims(Console(file=out, width=120), pd.DataFrame([row | {"reason": "the data have one point"}]))
    assert "Outputs stay near. (the data have one point)" in out.getvalue()


def made(status: list[str], cells: list[str]) -> Result:
    entries = [{"name": name, "values": [["hidden", place]], "status": name} for place, name in enumerate(cells)]
    table = pd.DataFrame({"hidden": 0, "member": range(len(status)), "status": status, "loss": 0.5})
    return Result(Path("run"), {"cells": entries}, {"members": table}, {cell(hidden=0): {}})


def test_only_cells_fail_and_members_converge_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    result = made(["converged", "stalled", "stalled", "diverged", "converged"], ["done", "failed", "failed"])
    found = counts(result)
    assert (found.failed_cells, found.unconverged) == (2, {"stalled": 2, "diverged": 1})
    assert found.converged_words() == "2 of 5 members converged, 3 did not: 2 stalled, 1 diverged"
    assert counts(made(["converged"], ["done"])).converged_words() == "1 of 1 members converged"
    show_result(result, pd.DataFrame())
    assert "failed" not in (text := capsys.readouterr().out)
    assert "not converged" in text
