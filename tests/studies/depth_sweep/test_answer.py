"""The answer of a depth sweep: what depth brings, in words that follow the table, and the picture beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape import presets, results
from landscape.results import Result
from landscape.studies.depth_sweep.answer import answer_of, compared

SEEDS = 30


def result_of(early: dict[str, float], late: dict[str, float], **columns: object) -> Result:
    """A run with networks of 2 and 7 hidden layers: the deep ones' shares of samples at the data, of each data set, and .5."""
    tables = []
    for data in early:
        for hidden in (2, 7):
            shares = (early[data], late[data]) if hidden == 7 else (0.5, 0.5)
            luck = np.random.default_rng(hidden).uniform(-0.01, 0.01, SEEDS)
            tables.append(
                pd.DataFrame(
                    {"data": data, "hidden": hidden, "width": 50, "budget": 700, "parameters": 690 + hidden,
                     "seed": range(SEEDS), "share_early": shares[0] + luck, "share_end": shares[1] + luck}
                )
            )  # fmt: skip
    table = pd.concat(tables, ignore_index=True).assign(**columns)
    return Result(Path(), {"parameters": {"iterations": 100}}, {"members": table}, {})


@pytest.mark.parametrize(
    ("early", "late", "shorts", "title"),
    [
        (
            {"two-points": 0.9, "four-points": 0.9}, {"two-points": 0.9, "four-points": 0.9},
            ["Sooner: yes.", "More of them: yes."],
            "Deeper networks of equal size bring samples to the data sooner and in greater number",
        ),
        (
            {"two-points": 0.9, "four-points": 0.9}, {"two-points": 0.1, "four-points": 0.1},
            ["Sooner: yes.", "More of them: no."],
            "Deeper networks of equal size bring samples to the data sooner, but in smaller number",
        ),
        (
            {"two-points": 0.9, "four-points": 0.5}, {"two-points": 0.5, "four-points": 0.5},
            ["Sooner: yes on two training points; undecided on four training points.", "More of them: undecided."],
            "Deeper networks of equal size bring samples to the data sooner on some data only; whether in greater number is "
            "undecided",
        ),
        (
            {"two-points": 0.5}, {"two-points": 0.5},
            ["Sooner: undecided.", "More of them: undecided."],
            "Whether deeper networks of equal size bring samples to the data sooner or in greater number is undecided",
        ),
    ],
)  # fmt: skip
def test_the_answer_follows_the_table(
    early: dict[str, float], late: dict[str, float], shorts: list[str], title: str
) -> None:
    answer = answer_of(result_of(early, late))
    assert answer is not None
    assert [one.short for one in answer.found] == shorts
    assert answer.title == title
    assert not re.search(
        r"\b[CSBFP]\d", f"{answer.words} {answer.title} {answer.asked} {answer.why} {answer.not_shown}"
    )


def test_the_sentence_has_both_shares_the_difference_and_its_interval() -> None:
    answer = answer_of(result_of({"two-points": 0.9}, {"two-points": 0.1}))
    assert answer is not None
    assert answer.found[0].sentence.startswith(
        "On two training points, after 5 iterations 90 % of the samples are at the data with 7 hidden layers against 50 % with "
        "2: +40 points (95 % CI +"
    )
    assert "692 to 697 parameters on two training points" in answer.not_shown


def test_without_equal_sizes_the_widest_networks_are_compared_and_the_limits_say_that_they_are_larger() -> None:
    plain = result_of({"two-points": 0.9}, {"two-points": 0.9}, budget=0)
    answer = answer_of(plain)
    assert answer is not None
    assert answer.title.startswith("Deeper networks bring")
    assert answer.not_shown.endswith("A deeper network is also larger.")


def test_networks_of_one_depth_are_not_compared() -> None:
    result = result_of({"two-points": 0.9}, {"two-points": 0.9})
    table = result.table
    assert compared(table[table.hidden == 2]) == []


def test_the_picture_says_how_many_samples_have_arrived(run_of_test_preset: Callable[[str], Path]) -> None:
    result, study = results.load(run_of_test_preset("depth-sweep")), presets.make_study("depth-sweep", "test")
    depth = result.table.hidden.rank(method="dense")
    hero = study.hero(replace(result, tables=result.tables | {"members": result.table.assign(share_early=depth / 8)}))
    assert hero is not None
    assert hero.caption.startswith(
        "After 5 iterations 25 % of the samples are at the data with 2 hidden layers and 12 % with 1"
    )
