"""The answer of a run on basins follows its table and its claim."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from landscape import presets, results
from landscape.claims import Claim, Verdict
from landscape.findings import percent
from landscape.results import Result, cell
from landscape.running import run_study
from landscape.studies.basins.answer import answer_of
from landscape.studies.basins.figures import LARGEST_COLOURS, OTHER_COLOUR, basin_colours
from landscape.studies.basins.study import BasinsStudy
from tests.conftest import shorten
from tests.studies.answers import brief_words, claim


@pytest.fixture(scope="module")
def study() -> BasinsStudy:
    made = presets.make_study("basins", "test")
    assert isinstance(made, BasinsStudy)
    return made


@pytest.fixture(scope="module")
def result(study: BasinsStudy, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        return results.load(run_study(study, out=tmp_path_factory.mktemp("runs"), debug=True))


def borders(verdict: Verdict, label: str = "") -> list[Claim]:
    """The claim on borders with this verdict."""
    parts = (
        claim("S4", verdict, -0.2, -0.3, -0.1, setting="trend: 20 of 20"),
        claim("S4", verdict, 0.96, 0.95, 0.97, setting="finest: 20 of 20", label=label),
    )
    return [claim("S4", verdict, details=parts)]


def of(result: Result, shares: list[float]) -> Result:
    """A result with a network of four points per share of starts that lead to training points."""
    rows = {
        "data": "four-points",
        "count": 4,
        "hidden": 2,
        "parameters": 97,
        "training": shares,
        "seed": range(len(shares)),
    }
    return replace(result, tables=result.tables | {"members": pd.DataFrame(rows)})


@pytest.mark.parametrize(
    ("verdict", "short", "title", "finer"),
    [
        ("supported", "yes", ", with smooth borders between", ""),
        ("refuted", "no", ", with ragged borders between", "Finer grids look no smoother."),
        ("undecided", "undecided", "", "Finer grids may look smoother."),
    ],
)
def test_the_answer_follows_the_verdict_on_borders(
    result: Result, verdict: Verdict, short: str, title: str, finer: str
) -> None:
    answer = answer_of(of(result, [1.0, 0.5]), borders(verdict))
    words = brief_words(answer)
    assert answer is not None
    assert answer.title == f"Some inputs lead to training points{title}"
    assert f"Smooth borders: {short}. If starts move a tenth as far, 9.12 (95 % CI 8.91 to 9.33)" in words
    assert " times fewer change their end; smooth borders give 10" in words
    assert ("the test needs 8.91" in words) == (verdict != "supported")
    assert finer in words
    assert "exploratory" in words


@pytest.mark.parametrize(
    ("shares", "starts", "share"),
    [
        ([1.0, 1.0, 1.0], "All inputs", "100 %"),
        ([1.0] * 99 + [0.99] * 99, "Nearly all inputs", "99.5 %"),
        ([0.9] * 20 + [1.0] * 20, "Most inputs", "95 %"),
        ([0.8, 0.6, math.nan], "Some inputs", "70 %"),
        ([0.2] * 20 + [0.1] * 20, "Few inputs", "15 %"),
        ([0.0, 0.0, 0.0], "Almost no inputs", "0 %"),
    ],
)
def test_the_share_of_starts_is_that_of_the_table(result: Result, shares: list[float], starts: str, share: str) -> None:
    answer = answer_of(of(result, shares), ())
    words = brief_words(answer)
    assert words.startswith(f"{starts} lead to training points ")
    assert f"{starts} end at training points. {share} (" in words
    assert "Smooth borders" not in words
    low, high = (percent(end) for end in (np.nanmin(shares), np.nanmax(shares)))
    span = f"{low} in every network" if low == high else f"{low} to {high} in single networks"
    assert f", {span}" in words
    assert " % before training." in words


def test_depths_are_compared_and_one_network_has_no_interval(result: Result) -> None:
    two = of(result, [1.0, 0.5])
    two.tables["members"]["hidden"] = [2, 6]
    assert ", 50 % to 100 % in single networks; 100 % with 2 hidden layers, 50 % with 6; " in brief_words(
        answer_of(two, ())
    )
    words = "70 % (too few values for an interval) on average over 1 network; "
    assert words in brief_words(answer_of(of(result, [0.7]), ()))


def test_left_out_networks_are_told(result: Result) -> None:
    label = "15 of 20 networks are judged"
    assert f" {label}." in brief_words(answer_of(of(result, [0.7]), borders("supported", label)))


def test_networks_that_all_diverged_have_no_answer(result: Result) -> None:
    assert answer_of(of(result, [math.nan]), borders("supported")) is None


def test_the_picture_is_of_the_networks_shown(study: BasinsStudy, result: Result) -> None:
    brief_words(study.answer(result, list(study.claims(result))))
    hero = study.hero(result)
    assert hero is not None
    assert re.fullmatch(
        r"On four training points [\d. %]+( and [\d. %]+)? of starts end at a training point \(median networks?\)\. "
        r"Each colour is one basin; paler: slower to settle\.",
        hero.caption,
    )
    shown = max(result.arrays, key=lambda one: (np.ndim(result.arrays[one]["labels"]), one["count"] > 1))
    (networks,) = {len(rows) for (name, _), rows in result.table.groupby(["data", "count"]) if name == shown["data"]}
    assert f" of the {networks} networks of a setting, that whose borders have the median entropy" in hero.how
    line = {one: arrays for one, arrays in result.arrays.items() if np.ndim(arrays["labels"]) == 2}
    assert not line or study.hero(replace(result, arrays=line)) is not None
    assert study.hero(replace(result, arrays={})) is None


def test_several_training_points_are_pictured_before_a_single_one(study: BasinsStudy, result: Result) -> None:
    """The one basin of a single point fills the picture, whatever was found."""
    several = max(result.arrays, key=lambda one: (np.ndim(result.arrays[one]["labels"]), one["count"]))
    single = cell(**dict(several.values) | {"data": "centre", "count": 1})
    pictured = study.hero(replace(result, arrays={single: result.arrays[several]} | dict(result.arrays)))
    usual = study.hero(result)
    assert pictured is not None
    assert usual is not None
    assert (pictured.caption, pictured.how) == (usual.caption, usual.how)


def test_the_basin_of_a_training_point_has_the_same_colour_in_every_network() -> None:
    spots = np.zeros((3, 2))
    first, second, none, more = (
        basin_colours({"memory": np.array(memory), "spots": spots})
        for memory in ([2, 0, -1, 1], [0, 1, 2, 2], [], [-1] * 12)
    )
    assert [first[1], first[3], first[0]] == second[:3]
    assert len(set(first)) == 4
    assert second[3] not in second[:3]
    assert none == []
    assert more.count(OTHER_COLOUR) > 1
    many = {"memory": np.arange(30), "spots": np.zeros((30, 2))}
    assert basin_colours(many)[: len(LARGEST_COLOURS)] == list(LARGEST_COLOURS)
