"""The answer of step flatness: whether steps sharpen with depth, and whether networks become step functions."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from landscape import presets
from landscape.findings import Answer
from landscape.results import Result
from landscape.studies.step_flatness.answer import answer_of
from landscape.studies.step_flatness.claims import claims_of
from landscape.studies.step_flatness.study import StepFlatness
from tests.studies.step_flatness.test_study import members

FALLING = {1: 0.34, 2: 0.27, 7: 0.2}


@pytest.fixture(scope="module")
def study() -> StepFlatness:
    made = presets.make_study("step-flatness", "test")
    assert isinstance(made, StepFlatness)
    return made


def answered(run: Result) -> Answer:
    table = run.table.assign(parameters=700 + run.table.hidden)
    run = replace(run, tables={"members": table})
    answer = answer_of(run, list(claims_of(run)))
    assert answer is not None
    return answer


def test_steps_that_sharpen_and_are_no_steps_are_two_findings() -> None:
    answer = answered(members({1: 0.2, 2: 0.3, 7: 0.4}))
    assert answer.title == "Deeper networks make sharper steps between training points, but no step functions"
    sharpen, reached = answer.found
    assert (sharpen.short, reached.short) == ("Steps sharpen with depth: yes.", "They become a step function: no.")
    assert "carries 41 % of the change with 7 layers, 20 % with 1: +22 points (95 % CI +19 to +22)" in sharpen.sentence
    assert sharpen.sentence.endswith("Rank correlation 1 (1 to 1).")
    assert (
        "On average over data sets that tenth carries 41 % (95 % CI 39 % to 43 %) in the deepest networks; a step"
        in reached.sentence
    )
    assert "a straight line 10 %; the claim needs 90 %." in reached.sentence
    assert answer.not_shown.startswith("Anything beyond networks of 701 to 707 parameters on two training points.")


@pytest.mark.parametrize(
    ("sharpness", "shorts", "end"),
    [
        (
            {1: 0.3, 2: 0.6, 7: 0.96},
            ("yes", "yes"),
            "make sharper steps between training points, and become step functions",
        ),
        (FALLING, ("no", "no"), "make neither sharper steps between training points nor step functions"),
        (
            {1: 1.06, 2: 1.01, 7: 0.96},
            ("no", "yes"),
            "step functions between training points, but no sharper than shallow ones",
        ),
    ],
)
def test_the_title_and_the_short_answers_follow_the_verdicts(
    sharpness: dict[int, float], shorts: tuple[str, str], end: str
) -> None:
    answer = answered(members(sharpness))
    assert tuple(one.short.rsplit(": ")[1].rstrip(".") for one in answer.found) == shorts
    assert answer.title.endswith(end)


def test_few_seeds_decide_nothing_and_the_answer_says_so() -> None:
    answer = answered(members(FALLING, seeds=5))
    assert answer.title == "Whether deeper networks make sharper steps between training points is undecided"
    for one in answer.found:
        assert one.short.endswith(": undecided.")
        assert one.sentence.endswith(" 5 seeds cannot decide this: 20 are needed.")


def test_the_data_sets_on_which_networks_did_not_fit_are_named() -> None:
    run = members({1: 0.2, 2: 0.3, 7: 0.4})
    other = run.table.assign(data="digits", status="stalled")
    both = replace(run, tables={"members": pd.concat([run.table, other], ignore_index=True)})
    assert "69 of 138 networks, all on digits (8 × 8), did not fit their data" in answered(both).not_shown
    fit = replace(run, tables={"members": both.table.assign(status="converged")})
    assert "did not fit" not in answered(fit).not_shown


def test_the_title_states_what_is_decided() -> None:
    undecided = answered(members({1: 0.2, 2: 0.5, 7: 0.9})).title
    assert undecided == "Deeper networks make sharper steps between training points"
    flat = answered(members({1: 0.3, 2: 0.301, 7: 0.302})).title
    assert flat == "The deepest networks are no step functions between their training points"


def test_an_untestable_run_and_a_run_that_diverged_do_not_fail() -> None:
    run = members({1: 0.2})
    assert answer_of(run, list(claims_of(run))) is None
    run = members(FALLING, status="diverged")
    run.tables["members"].loc[:, ["sharpness", "output_range"]] = np.nan
    answer = answered(run)
    assert answer.found[0].short == "Steps sharpen with depth: no."
    assert "69 of 69 networks did not fit their data (loss above 1e-6)" in answer.not_shown
    assert "all on" not in answer.not_shown  # with one data set there is no other
    one = answered(members(FALLING, seeds=1)).words
    assert "(too few values for an interval)" in one
    assert "1 seed cannot decide this" in one


def test_the_answer_of_a_run_has_no_codes_and_a_picture(result: Result, study: StepFlatness) -> None:
    answer, hero = study.answer(result, list(study.claims(result))), study.hero(result)
    assert answer is not None
    assert hero is not None
    words = " ".join((answer.title, answer.asked, answer.words, answer.why, answer.not_shown, hero.caption))
    assert re.search(r"\b[CSBFP]\d|nan", words) is None
    assert isinstance(hero.body, Figure)
    assert [ax.get_title() for ax in hero.body.axes if ax.get_title()] == [
        "1 hidden layer, width 20",
        "2 hidden layers, width 6",
    ]
    assert len(hero.caption.split()) <= 40
    assert study.hero(replace(result, arrays={})) is None
