"""The answer of a film of training: whether points go on attracting, and how many attract in the end."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from landscape import presets
from landscape.findings import Answer
from landscape.results import Result
from landscape.studies.training_film.answer import answer_of
from landscape.studies.training_film.claims import claims_of
from landscape.studies.training_film.study import TrainingFilmStudy
from tests.studies.training_film.test_study import members


@pytest.fixture(scope="module")
def study() -> TrainingFilmStudy:
    made = presets.make_study("training-film", "test")
    assert isinstance(made, TrainingFilmStudy)
    return made


def run_of(kept: list[float], **columns: float) -> Result:
    run = members(kept)
    columns = {"attracting_data": 0.75, "copies": 0.9, "attracting_at": 170} | columns
    return replace(run, tables={"members": run.table.assign(**columns)})


def answered(run: Result) -> Answer:
    answer = answer_of(run, list(claims_of(run)))
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("kept", "short", "title"),
    [
        ([1.0] * 23, "yes", "Training points that begin to attract still attract when training ends"),
        ([0.5] * 23, "no", "Training points that begin to attract do not always go on attracting"),
        (
            [1.0] * 17 + [0.5] * 6,
            "undecided",
            "Whether training points that begin to attract go on attracting is undecided",
        ),
    ],
)
def test_the_answer_follows_the_verdict(kept: list[float], short: str, title: str) -> None:
    answer = answered(run_of(kept))
    assert answer.title == title
    assert answer.found[0].short == f"Once attracting, attracting to the end: {short}."
    assert answer.found[0].sentence.startswith(f"In {100 * kept.count(1.0) / 23:.0f} % (95 % CI ")
    assert answer.found[0].sentence.endswith("; the claim needs 80 %.") == (short != "yes")


def test_the_shares_at_the_end_are_those_of_the_table() -> None:
    run = run_of([1.0] * 23)
    table = run.table.assign(hidden=np.where(run.table.seed < 11, 2, 7))
    table["attracting_data"] = np.where(table.hidden == 2, 0.25, 1.0)
    _, attract, arrive = answered(replace(run, tables={"members": table})).found
    assert attract.short == "Training points attracting in the end: 64 %."
    assert attract.sentence.startswith("With 2 hidden layers 25 % (95 % CI ")
    assert ", with 7 layers 100 % (" in attract.sentence
    assert arrive.short == "Random inputs that arrive: 90 %."


def test_of_many_depths_the_least_and_the_greatest_are_told() -> None:
    run = run_of([1.0] * 23)
    table = run.table.assign(hidden=2 + run.table.seed % 3)
    words = answered(replace(run, tables={"members": table})).words
    assert "With 2 hidden layers 75 %" in words
    assert "with 4 layers 75 %" in words
    assert "with 3" not in words


def test_few_failed_and_diverged_networks_do_not_fail() -> None:
    one = answered(run_of([1.0]))
    assert "1 seed cannot decide this" in one.words
    assert "With 2 hidden layers 75 % (1 seed) of them attract" in one.words
    assert one.title == "1 seed cannot tell whether training points go on attracting"
    never = answered(run_of([np.nan] * 23, attracting_at=np.nan, attracting_data=0.0))
    assert never.found[0].short == "Training points attracting in the end: 0 %."
    assert never.title == "0 % of the training points attract when training ends"
    run = run_of([1.0] * 23)
    run.table.loc[:2, ["attracting_data", "copies"]] = np.nan
    assert "3 networks without finite numbers are left out." in answered(run).not_shown
    assert answer_of(run_of([np.nan], attracting_data=np.nan), ()) is None


def test_the_answer_of_a_run_has_no_codes_and_a_picture_over_time(result: Result, study: TrainingFilmStudy) -> None:
    every = result.tables["points"].time >= 0
    answer, hero = study.answer(result, list(study.claims(result))), study.hero(with_points(result, every))
    assert answer is not None
    assert hero is not None
    words = " ".join((answer.title, answer.asked, answer.words, answer.why, answer.not_shown, hero.caption))
    assert re.search(r"\b[CSBFP]\d|nan", words) is None
    assert len(hero.caption.split()) <= 40
    points = result.tables["points"]
    last, first = points.time.max(), points.time.min()
    stopped = study.hero(with_points(result, (points.time == first) | ((points.time == last) & (points.point == 0))))
    assert stopped is not None
    share = float((points[points.time == last].point == 0).mean())
    assert re.search(r" these do when training ends: \d+ of \d+ with ", stopped.caption)
    (axes,) = stopped.body.axes
    ends = [np.asarray(line.get_ydata(), float) for line in axes.lines]
    assert all(line[0] == 1 and line[1] == 0 for line in ends)
    assert np.mean([line[-1] for line in ends]) == pytest.approx(share)
    assert study.hero(with_points(result, points.time < 0)) is None


def with_points(result: Result, attracting: pd.Series[bool]) -> Result:
    """The result with these training points attracting."""
    return replace(result, tables=result.tables | {"points": result.tables["points"].assign(attracting=attracting)})
