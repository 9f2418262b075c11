"""The answer of a run on fixed points follows its claims and its table."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from landscape import presets
from landscape.claims import Claim, Verdict
from landscape.measures.dynamics import density
from landscape.results import Result
from landscape.studies.fixed_points.answer import BOXES, answer_of
from landscape.studies.fixed_points.study import FixedPointsStudy
from tests.studies.answers import brief_words, claim

ALONE = "More minima off the data"


@pytest.fixture(scope="module")
def study() -> FixedPointsStudy:
    made = presets.make_study("fixed-points", "test")
    assert isinstance(made, FixedPointsStudy)
    return made


def claims(first: Verdict = "supported", second: Verdict = "supported", rest: Verdict = "refuted") -> list[Claim]:
    """Claims on minima at two lengths of training, on descent and on the density."""
    minima = [
        claim("C22", first, 0.5, 0.4, 0.6, setting="1 × the steps; networks"),
        claim("C22", second, 1.0, 0.9, 1.1, setting="4 × the steps; networks"),
    ]
    descent = [
        claim("C16", rest, 0.2, 0.1, 0.3, setting="unstable or none: 20"),
        claim("C16", rest, 0.9, 0.85, 0.95, setting="missed from data over from noise: 20"),
    ]
    density = [
        claim("C19b", rest, 6000.0, 5000.0, 7000.0, setting="inverse temperature: 20"),
        claim("C19b", rest, 0.48, 0.45, 0.5, setting="excess variation: 20"),
    ]
    whole: Verdict = first if first == second else "mixed"
    return [
        claim("C22", whole, details=tuple(minima)),
        claim("C16", rest, details=tuple(descent)),
        claim("C19b", rest, details=tuple(density)),
    ]


def table(result: Result, spurious: float) -> Result:
    """A result with two numbers of uniform points, at two lengths of training."""
    rows = pd.DataFrame(
        [
            {
                "data": "uniform",
                "count": count,
                "longer": longer,
                "loss": 0.0,
                "spurious": spurious * count,
                "parameters": 97,
                "seed": seed,
            }
            for count in (2, 8)
            for longer in (1, 4)
            for seed in range(3)
        ]
    )
    return replace(result, tables=result.tables | {"members": rows})


@pytest.mark.parametrize(
    ("first", "second", "short", "title"),
    [
        ("supported", "supported", f"{ALONE}: yes.", "Each training point brings about 0.5 minima off the data"),
        ("refuted", "refuted", f"{ALONE}: no.", "More training points do not bring more minima off the data"),
        ("undecided", "undecided", f"{ALONE}: undecided.", "The loss does not predict where samples are"),
        (
            "supported",
            "refuted",
            f"{ALONE}: in part.",
            "More training points bring more minima off the data only sometimes",
        ),
    ],
)
def test_the_answer_follows_the_verdicts_on_minima(
    result: Result, first: Verdict, second: Verdict, short: str, title: str
) -> None:
    answer = answer_of(table(result, 0.5), claims(first, second))
    words = brief_words(answer)
    assert answer is not None
    assert answer.found[0].short == short
    assert answer.title == title
    assert answer.not_shown.endswith(" Per training point there are 0.5.")
    assert "with 2 training points and 4 with 8: +3 (too few values for an interval). Trained 4 times longer," in words


def test_a_growth_that_is_not_in_proportion_is_not_called_so(result: Result) -> None:
    run = table(result, 0.5)
    rows = run.table.assign(spurious=run.table.spurious.where(run.table["count"] < 8, 6.0))
    answer = answer_of(replace(run, tables=run.tables | {"members": rows}), claims())
    assert answer is not None
    assert answer.title == "The more training points, the more minima lie off the data"
    assert answer.not_shown.endswith(" Per training point there are 0.5 to 0.75.")


def test_means_are_those_of_the_table(result: Result) -> None:
    for spurious, means in (
        (0.5, "a network has 1 with 2 training points and 4 with 8"),
        (0.25, "a network has 0.5 with 2 "),
    ):
        assert means in brief_words(answer_of(table(result, spurious), claims()))


@pytest.mark.parametrize(("verdict", "word"), [("refuted", "no"), ("supported", "yes"), ("undecided", "undecided")])
def test_descent_and_density_follow_their_verdicts(result: Result, verdict: Verdict, word: str) -> None:
    assert BOXES == density.BOXES
    words = brief_words(answer_of(table(result, 0.5), claims(rest=verdict)))
    assert f"Descents end off the attractors: {word}. From noise, 80 % (95 % CI 70 % to 90 %) of" in words
    assert f"Loss predicts where samples are: {word}." in words
    assert "48 % (95 % CI 45 % to 50 %) of samples, beyond chance, in wrong boxes, each 5 % of the range wide" in words


def test_a_density_of_the_right_shape_is_judged_by_its_temperature(result: Result) -> None:
    parts = (
        claim("C19b", "refuted", 6000.0, 5000.0, 7000.0, setting="inverse temperature: 20"),
        claim("C19b", "supported", 0.05, 0.04, 0.06, setting="excess variation: 20"),
    )
    words = brief_words(answer_of(table(result, 0.5), [claim("C19b", "mixed", details=parts)]))
    assert "Loss predicts where samples are: in part." in words
    assert "best with β = 6,000 (95 % CI 5,000 to 7,000); the claim allows 0.5 to 2" in words


def test_too_few_seeds_are_said_to_decide_nothing(result: Result) -> None:
    parts = (claim("C22", "undecided", 0.5, -math.inf, math.inf, setting="1 × the steps", clusters=2),)
    words = brief_words(answer_of(table(result, 0.5), [claim("C22", "undecided", details=parts)]))
    assert "cannot decide this: 20 are needed." in words
    assert "Whether more training points bring more minima off the data is undecided" in words


def test_without_a_tested_claim_there_is_no_answer(result: Result) -> None:
    assert answer_of(result, ()) is None
    assert answer_of(result, [claim("C22", "untestable")]) is None


def test_a_run_of_few_networks_has_an_answer_and_a_picture(study: FixedPointsStudy, result: Result) -> None:
    assert study.answer(result, list(study.claims(result))) is None  # no network fits after so few steps
    rows = result.table.assign(loss=0.0)
    rows.loc[rows.member == 0, ["loss", "beta", "spurious"]] = math.nan
    fitting = replace(result, tables=result.tables | {"members": rows})
    assert "cannot decide this: 20 are needed." in brief_words(study.answer(fitting, list(study.claims(fitting))))
    hero = study.hero(result)
    assert hero is not None
    assert len(hero.caption.split()) <= 40


def test_a_run_without_pictures_has_no_hero(study: FixedPointsStudy, result: Result) -> None:
    bare = {cell: {"iteration": arrays["iteration"]} for cell, arrays in result.arrays.items()}
    assert study.hero(replace(result, arrays=bare)) is None
