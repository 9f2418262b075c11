"""`landscape reproduce`: files, JSON and a screen; a failing study loses no other; exit codes as elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from landscape.commands import reproduce
from landscape.commands.faults import INTERRUPTED, OK, SOME_FAILED, USAGE
from landscape.commands.ledger_screen import show_ledger
from landscape.reproduce.ledger import ledger
from landscape.reproduce.rows import rows
from landscape.reproduce.runs import RUNS
from tests.conftest import Command
from tests.reproduce.conftest import Simulate, simulated  # noqa: F401  a fixture

ALONE = ("--preset", "test", "--no-report")


def test_a_figure_is_run_once_and_leaves_the_ledger(command: Command, out: Path) -> None:
    answer = command("reproduce", "fig2", *ALONE)
    assert answer.code == OK
    assert "[1/1] Figure 2" in answer.err
    assert "C1b" in answer.out
    table = pd.read_parquet(out / "reproduce-test-fig2/claims.parquet")
    assert list(table.key) == [row.key for row in rows()]
    folder = table.set_index("key").folder["C1b"]
    assert (out / folder / "run.json").exists()
    again = command("reproduce", "fig2", *ALONE, "--json")
    assert "ended" not in again.err
    found = json.loads(again.out)
    assert found["runs"]["fig2"]["folder"].endswith(folder)
    assert [row["verdict"] for row in found["claims"] if row["key"] == "C9"] == ["not yet run"]


def test_a_failing_study_loses_no_other(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = reproduce.run_cells

    def broken(plan: Any, folder: Path) -> None:
        if "two-points" in plan.study.data:
            raise OSError("no such thing")
        whole(plan, folder)

    monkeypatch.setattr(reproduce, "run_cells", broken)
    answer = command("reproduce", "fig3", "fig2", *ALONE, "--json")
    assert answer.code == SOME_FAILED
    found = json.loads(answer.out)
    assert list(found["runs"]) == ["fig2"]
    assert found["failed"] == {"fig3": "OSError: no such thing"}
    assert "failed: fig3: OSError: no such thing" in answer.err


def test_an_interrupt_keeps_what_is_finished(command: Command, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reproduce, "run_cells", stop)
    answer = command("reproduce", "fig2", *ALONE)
    assert answer.code == INTERRUPTED
    assert "the same command goes on from there" in answer.err
    assert not list(out.glob("reproduce-*"))


def test_a_dry_run_lists_commands_and_writes_nothing(command: Command, out: Path) -> None:
    answer = command("reproduce", "fig2", "fig5", "--dry-run")
    assert answer.code == OK
    assert "landscape study depth-sweep" in answer.out
    assert "in all" in answer.out
    assert not out.exists()


def test_runs_that_are_left_out_are_rows_with_their_command(command: Command, out: Path) -> None:
    answer = command("reproduce", "fig2", "fig3", "--without", "fig3", *ALONE, "--json")
    found = json.loads(answer.out)
    assert answer.code == OK
    assert list(found["runs"]) == ["fig2"]
    assert found["left_out"] == ["fig3"]
    assert found["command"] == "landscape reproduce fig2 fig3 --preset test --without fig3"
    row = next(row for row in found["claims"] if row["key"] == "C3")
    assert (row["verdict"], row["needs"]) == ("not yet run", "landscape reproduce fig3 --preset test")
    assert (out / "reproduce-test-fig2-fig3-without-fig3/claims.parquet").exists()


def test_without_takes_commas_and_is_repeated(command: Command) -> None:
    answer = command("reproduce", "fig2", "fig3", "fig4", "--without", "fig3,fig4", "--without", "film", "--dry-run")
    assert "one-point" in answer.out
    assert "two-points" not in answer.out
    assert "tanh-four" not in answer.out


def test_an_unknown_run_to_leave_out_is_a_usage_error(command: Command) -> None:
    answer = command("reproduce", "--without", "jump")
    assert answer.code == USAGE
    assert "Did you mean 'jumpy'?" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_an_unknown_figure_is_a_usage_error(command: Command) -> None:
    answer = command("reproduce", "fig1")
    assert answer.code == USAGE
    assert "`what` must be one of 'fig2'" in answer.err


def test_the_ledger_fits_a_screen(capsys: pytest.CaptureFixture[str], simulated: Simulate) -> None:  # noqa: F811
    show_ledger(ledger(simulated("supported")))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) < 45
    assert max(map(len, lines[:-2])) <= 100
    assert any(line.startswith("C12") and "supported" in line for line in lines)
    assert "C9" in next(line for line in lines if line.startswith("not yet run"))


def test_injective_networks_have_a_ledger_and_a_page_of_their_own(command: Command, out: Path) -> None:
    plan = command("reproduce", "injective", "--preset", "test", "--dry-run")
    assert plan.code == OK
    assert "injective-kaleidoscope" in plan.out
    assert "depth-sweep" not in plan.out
    others = [run.name for run in RUNS if run.is_injective and run.name != "injective-kaleidoscope"]
    answer = command("reproduce", "injective", *ALONE, "--without", ",".join(others))
    assert answer.code == OK
    assert "of the 6 claims on injective networks" in answer.out
    assert "C1b" not in answer.out
    (file,) = out.glob("reproduce-test-injective-*/claims.parquet")
    assert pd.read_parquet(file).set_index("key").folder["I4"]


def test_a_label_stands_before_its_claim(capsys: pytest.CaptureFixture[str], simulated: Simulate) -> None:  # noqa: F811
    table = ledger(simulated("supported"))
    labels = {"C1b": "by constant: 93 % of networks are constants", "C11": "medians: .2; 12 of 30 networks are judged"}
    table.label = table.key.map(labels).fillna("")
    show_ledger(table)
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line}
    assert "(by constant) Outputs" in lines["C1b"]
    assert "(12 of 30 networks are judged)" in lines["C11"]
    assert "medians" not in lines["C11"]
    assert "(" not in lines["C13"]
