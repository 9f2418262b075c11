"""Summaries of members: which are shown, and words for captions."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from landscape.results import Result
from landscape.studies.parts.summaries import by_data, fitted_words, shown_members, trained_words


def test_the_median_member_is_of_the_converged() -> None:
    rows = pd.DataFrame({"member": range(5), "cube_mean": [5.0, 1, 3, 2, 4], "status": ["stalled"] + ["converged"] * 4})
    assert shown_members(rows) == [3, 1, 4]
    assert shown_members(rows.assign(status="stalled")) == [2, 1, 0]


def test_members_without_a_value_are_shown_only_where_there_are_no_others() -> None:
    losses = [0.5, 0.1, math.nan, 0.9, 0.2, 0.7]
    rows = pd.DataFrame({"member": range(6), "corner_maximum": losses, "status": "stalled"})
    assert shown_members(rows, "corner_maximum") == [0, 1, 3]
    assert shown_members(rows[2:3], "corner_maximum") == [2]


def test_words_on_how_training_ended_count_networks_by_status() -> None:
    rows = pd.DataFrame({"status": ["converged"] * 4 + ["stalled", "stalled", "diverged"], "loss": [1e-7] * 7})
    some = "4 of 7 networks converged (training loss at most 1e-6); 2 stalled, 1 diverged; all are counted."
    assert fitted_words(rows) == some
    assert fitted_words(rows[:4]) == "All 4 networks converged (training loss at most 1e-6)."
    none = "0 of 5 networks converged (training loss at most 1e-6); 5 stalled; all are counted."
    assert fitted_words(rows.assign(status="stalled", loss=3e-4)[:5]) == f"{none} The median training loss is 0.0003."


def test_networks_of_which_no_loss_is_asked_are_counted_with_those_that_were_lost() -> None:
    rows = pd.DataFrame({"status": ["stalled", "converged", "diverged"], "loss": [3e-5, 1e-7, 5e-4]})
    assert trained_words(rows) == (
        "3 networks, each trained for all its steps; the median training loss is 3e-5; 1 diverged."
    )
    assert trained_words(rows[:1]).endswith("the median training loss is 3e-5.")


def test_data_sets_come_in_the_runs_order_and_those_without_members_are_left_out(tmp_path: Path) -> None:
    table = pd.DataFrame({"data": ["b", "a", "b"], "member": [2, 3, 5]})
    run = Result(tmp_path, {"parameters": {"data": ["b", "c", "a"]}}, {"members": table}, {})
    found = [(name, list(rows.member), section) for name, rows, section in by_data(run, run.table)]
    assert found == [("b", [2, 5], "b"), ("a", [3], "a")]
    assert [section for *_, section in by_data(run, run.table[1:2])] == ["Data: a"]
