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
from tests.studies.answers import LIMITS, brief_words

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
            ["Sooner: yes.", "More arrive: yes."],
            "Deeper networks of equal size carry more random inputs to training points, and sooner",
        ),
        (
            {"two-points": 0.1}, {"two-points": 0.1},
            ["Sooner: no.", "More arrive: no."],
            "Deeper networks of equal size carry fewer random inputs to training points, and later",
        ),
        (
            {"two-points": 0.9, "four-points": 0.9}, {"two-points": 0.1, "four-points": 0.1},
            ["Sooner: yes.", "More arrive: no."],
            "Deeper networks of equal size carry random inputs to training points sooner, but fewer",
        ),
        (
            {"two-points": 0.5}, {"two-points": 0.9},
            ["Sooner: undecided.", "More arrive: yes."],
            "Deeper networks of equal size carry more random inputs to training points",
        ),
        (
            {"two-points": 0.9, "four-points": 0.5}, {"two-points": 0.5, "four-points": 0.5},
            ["Sooner: in part.", "More arrive: undecided."],
            "Depth carries random inputs to training points sooner on 1 of 2 data sets",
        ),
        (
            {"two-points": 0.9, "four-points": 0.1}, {"two-points": 0.9, "four-points": 0.1},
            ["Sooner: in part.", "More arrive: in part."],
            "Whether depth carries random inputs to training points sooner depends on the data",
        ),
        (
            {"two-points": 0.5}, {"two-points": 0.5},
            ["Sooner: undecided.", "More arrive: undecided."],
            "Whether depth carries random inputs to training points sooner is undecided",
        ),
    ],
)  # fmt: skip
def test_the_answer_follows_the_table(
    early: dict[str, float], late: dict[str, float], shorts: list[str], title: str
) -> None:
    answer = answer_of(result_of(early, late), ())
    assert answer is not None
    assert [one.short for one in answer.found] == shorts
    assert answer.title == title
    assert not re.search(
        r"\b[CSBFP]\d", f"{answer.words} {answer.title} {answer.asked} {answer.why} {answer.not_shown}"
    )


def test_the_sentence_has_both_shares_the_difference_and_its_interval() -> None:
    answer = answer_of(result_of({"two-points": 0.9}, {"two-points": 0.1}), ())
    assert answer is not None
    assert answer.found[0].sentence.startswith(
        "5 iterations bring 90 % of inputs to the data with 7 layers, 50 % with 2: +40 percentage points (95 % CI +"
    )
    assert "692 to 697 parameters on two training points" in answer.not_shown


def test_two_data_sets_are_told_the_pictured_first_and_more_by_the_span_of_their_gains() -> None:
    shares = {"two-points": 0.9, "four-points": 0.7, "digits": 0.6}
    two = answer_of(result_of({"two-points": 0.9, "four-points": 0.7}, shares), ())
    assert two is not None
    assert two.found[0].sentence.startswith("On four training points, 5 iterations bring 70 % of inputs to the data")
    assert re.search(r"\. On two training points: \+40 \(\+\d\d to \+\d\d\)\.$", two.found[0].sentence)
    three = answer_of(result_of(shares, shares), ())
    assert three is not None
    assert three.found[0].sentence.endswith(" On 2 other data sets: +20 to +40.")


def test_without_equal_sizes_the_widest_networks_are_compared_and_the_limits_say_that_they_are_larger() -> None:
    plain = result_of({"two-points": 0.9}, {"two-points": 0.9}, budget=0)
    answer = answer_of(plain, ())
    assert answer is not None
    assert answer.title == "Deeper networks carry more random inputs to training points, and sooner"
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
    assert hero.caption.startswith("Median networks: in 5 iterations 25 % of samples reach the data with 2 layers")
    assert hero.caption.endswith("12 % with 1.")


def test_the_picture_says_if_samples_crowd_at_few_of_the_points(run_of_test_preset: Callable[[str], Path]) -> None:
    result, study = results.load(run_of_test_preset("depth-sweep")), presets.make_study("depth-sweep", "test")
    for crowd, words in ((117, "98 % of them at 2 of 4 points"), (90, "75 % of them at 2 of 4 points")):
        arrays = {}
        for cell, own in result.arrays.items():
            if "height" in own and "orbits" in own:
                spots = own["markers"][0]
                at = np.where(np.arange(120) < crowd, np.arange(120) % 2, 2)
                own = own | {"orbits": np.broadcast_to(spots[at], (len(own["orbits"]), 21, 120, 2))}
            arrays[cell] = own
        hero = study.hero(replace(result, arrays=arrays))
        assert hero is not None
        assert words in hero.caption
        assert hero.caption.endswith(f"({words[:4]}).")
        assert len(hero.caption.split()) <= LIMITS["asked"]


def test_at_the_ceiling_the_sentence_says_why_the_interval_is_wide() -> None:
    high = {"two-points": 0.99, "four-points": 0.99}
    run = result_of(high, high)
    full = run.table.assign(share_end=1.0)
    full.loc[(full.hidden == 7) & (full.seed == 0), "share_end"] = 0.9
    answer = answer_of(replace(run, tables={"members": full}), ())
    sentence = brief_words(answer)
    assert (
        "On four training points nearly all arrive in 100 iterations, 99.7 % with 7 layers, 100 % with 2: " in sentence
    )
    assert " with 2: −0.3 percentage points" in sentence
    assert re.search(r"\(95 % CI −\d+ to \+\d+: 30 seeds cannot rule out rare failures\)", sentence)
    fewer = answer_of(replace(run, tables={"members": full.assign(share_end=full.share_end * 0.9)}), ())
    assert "rare failures" not in brief_words(fewer)
