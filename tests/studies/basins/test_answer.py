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
from landscape.results import Result
from landscape.studies.basins.answer import answer_of
from landscape.studies.basins.study import BasinsStudy
from landscape.study import run_study
from tests.conftest import shorten
from tests.studies.answers import all_words, claim


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
    ("verdict", "short", "title", "change"),
    [
        ("supported", "yes", "and the borders between are smooth", "it comes nearer to 10"),
        ("refuted", "no", "but the borders between are not smooth", "it does not come nearer to 10"),
        ("undecided", "undecided", "and whether the borders between are smooth is undecided", "it may or may not"),
    ],
)
def test_the_answer_follows_the_verdict_on_borders(
    result: Result, verdict: Verdict, short: str, title: str, change: str
) -> None:
    words = all_words(answer_of(of(result, [1.0, 0.5]), borders(verdict)))
    assert f"Smooth borders: {short}. Knowing a start ten times" in words
    assert "uncertain 9.12 (95 % CI 8.91 to 9.33) times less often" in words
    assert f"lead to training points, {title}" in words
    assert change in words
    assert "exploratory" in words


@pytest.mark.parametrize(
    ("shares", "title", "short"),
    [
        ([1.0, 1.0, 1.0], "All starts", "100 %"),
        ([1.0, 0.999, 0.99], "Nearly all starts", "99.6 %"),
        ([0.8, 0.6, math.nan], "70 % of starts", "70 %"),
        ([0.0, 0.0, 0.0], "Almost no starts", "0 %"),
    ],
)
def test_the_share_of_starts_is_that_of_the_table(result: Result, shares: list[float], title: str, short: str) -> None:
    answer = answer_of(of(result, shares), ())
    words = all_words(answer)
    assert words.startswith(f"{title} lead to training points ")
    assert f"At the training points: {short} of starts." in words
    assert "Smooth borders" not in words
    assert "Before training it was" in words


def test_one_network_has_no_interval_and_left_out_networks_are_said(result: Result) -> None:
    assert "the mean of 1 network (one seed has no interval) on four training points." in all_words(
        answer_of(of(result, [0.7]), ())
    )
    label = "15 of 20 networks are judged"
    assert f" {label}." in all_words(answer_of(of(result, [0.7]), borders("supported", label)))


def test_networks_that_all_diverged_have_no_answer(result: Result) -> None:
    assert answer_of(of(result, [math.nan]), borders("supported")) is None


def test_the_picture_is_of_the_networks_shown(study: BasinsStudy, result: Result) -> None:
    all_words(study.answer(result, list(study.claims(result))))
    hero = study.hero(result)
    assert hero is not None
    assert re.fullmatch(
        r"(The network shown has|(Both|The) networks shown have) \d+ attractors?( and \d+ attractors?)?\.", hero.caption
    )
    line = {cell: arrays for cell, arrays in result.arrays.items() if np.ndim(arrays["labels"]) == 2}
    assert not line or study.hero(replace(result, arrays=line)) is not None
    assert study.hero(replace(result, arrays={})) is None
