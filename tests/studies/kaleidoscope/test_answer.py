"""The answer of a kaleidoscope follows its claims and its tables."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.figure import Figure

from landscape import presets
from landscape.claims import Claim, Verdict
from landscape.results import Result
from landscape.studies.kaleidoscope.answer import answer_of
from landscape.studies.kaleidoscope.claims import IMAGE_RULE
from landscape.studies.kaleidoscope.study import Kaleidoscope
from tests.studies.answers import brief_words, claim


@pytest.fixture(scope="module")
def study() -> Kaleidoscope:
    made = presets.make_study("kaleidoscope", "test")
    assert isinstance(made, Kaleidoscope)
    return made


@pytest.fixture(scope="module")
def made(result: Result) -> Result:
    """The result with numbers in the columns that the answer reads."""
    values = {"coverage": 0.25, "coverage_held_out": 1.0, "burn_in_uniform": 67.0, "settled_uniform": 0.9}
    jumps = pd.DataFrame({"noise": "normal", "control": "none", "amplitude": [0.0, 0.01], "mode_jumps": [2.0, 3.5]})
    return replace(result, tables=result.tables | {"members": result.table.assign(**values), "jumps": jumps})


def judged(verdict: Verdict, keys: tuple[str, ...] = ("C11", "C12", "C13", "C20"), label: str = "") -> list[Claim]:
    """Claims of this verdict with a share of .5, and one on dimensions with two parts."""
    settings = [f"uniform points, {how}, D = 2, 3" for how in ("8 points", "points per dimension fixed")]
    parts = tuple(claim("C20", verdict, 0.0, -0.1, 0.1, setting=setting) for setting in settings)
    return [claim(key, verdict, 0.5, 0.4, 0.6, label=label, details=parts if key == "C20" else ()) for key in keys]


@pytest.mark.parametrize(
    ("verdict", "word", "title"),
    [
        ("supported", "yes", "Samples settle soon and are like the data"),
        ("refuted", "no", "Samples settle late and are unlike the data"),
        ("undecided", "undecided", "Whether samples settle soon and are like the data is undecided"),
    ],
)
def test_every_finding_follows_its_verdict(made: Result, verdict: Verdict, word: str, title: str) -> None:
    answer = answer_of(made, judged(verdict))
    words = brief_words(answer)
    assert answer is not None
    assert answer.title == title
    assert [one.short for one in answer.found] == [
        f"Settled after 3 to 15 iterations: {word}.",
        f"Like the data: {word}.",
        f"Noise makes samples jump: {word}.",
    ]
    assert "50 % (95 % CI 40 % to 60 %) of networks" in words
    assert ("the claim needs 80 %" in words) == (verdict != "supported")
    alone = brief_words(answer_of(made, judged(verdict, ("C20",))))
    assert (
        f"As fast in every dimension: {word}. In twice the dimensions samples take 1 (95 % CI 0.9 to 1.11) with"
        in alone
    )


@pytest.mark.parametrize(
    ("numbers", "title"),
    [
        ({"burn_in_uniform": 1.0}, "Samples settle at once"),
        ({"burn_in_uniform": 9.0}, "Samples settle soon in too few networks"),
        ({"burn_in_uniform": 9.0, "settled_uniform": 0.5}, "Samples do not all settle"),
    ],
)
def test_the_title_says_how_samples_fail_to_settle(made: Result, numbers: dict[str, float], title: str) -> None:
    other = replace(made, tables=made.tables | {"members": made.table.assign(**numbers)})
    words = brief_words(answer_of(other, judged("refuted", ("C13",))))
    assert words.startswith(f"{title} ")
    assert ("% of samples rest." in words) == (numbers["burn_in_uniform"] == 9)


def test_verdicts_that_differ_are_contrasted(made: Result) -> None:
    answer = answer_of(made, [*judged("supported", ("C13",)), *judged("refuted", ("C11",))])
    assert brief_words(answer).startswith("Samples settle soon but are unlike the data ")


def test_numbers_are_those_of_the_tables(made: Result) -> None:
    words = brief_words(answer_of(made, judged("refuted")))
    assert f"The median of {(made.table.rule == 'images').sum()} networks takes 67 iterations. 50 % (" in words
    assert "Samples cover 25 % of the training images, unseen images 100 % (medians)" in words
    assert "changes 3.5 times in 100, without 2 times (medians). 50 % (" in words
    other = replace(made, tables=made.tables | {"members": made.table.assign(coverage=0.5, burn_in_uniform=math.nan)})
    words = brief_words(answer_of(other, judged("refuted")))
    assert "Samples cover 50 % of the training images" in words
    assert "takes – iterations" in words
    alone = replace(made, tables=made.tables | {"members": made.table.iloc[:1].assign(burn_in_uniform=3.0)})
    assert "The network takes 3 iterations" in brief_words(answer_of(alone, judged("refuted")))


def test_few_seeds_are_in_the_title_and_have_no_interval(made: Result) -> None:
    few = [replace(one, clusters=1, low=math.nan, high=math.nan) for one in judged("undecided", ("C11", "C12", "C13"))]
    answer = answer_of(made, few)
    brief_words(answer)
    assert answer is not None
    assert answer.title == "1 seed cannot tell whether samples settle soon and are like the data"
    assert all(one.sentence.endswith("; 1 seed cannot decide this: 20 are needed.") for one in answer.found)
    assert all("50 % of networks" in one.sentence for one in answer.found)


def test_of_a_single_network_its_own_numbers_are_told(made: Result) -> None:
    one = replace(made, tables=made.tables | {"members": made.table[made.table.rule == IMAGE_RULE].head(1)})
    few = [replace(one, clusters=1) for one in judged("undecided", ("C11", "C12", "C13"))]
    answer = answer_of(one, few)
    words = brief_words(answer)
    assert answer is not None
    assert answer.title == "One network: samples settle after 67 iterations and cover 25 % of the training images"
    assert "of networks" not in " ".join(found.sentence for found in answer.found)
    assert "(medians)" not in words
    assert words.count("1 seed cannot decide this: 20 are needed.") == 1


def test_labels_are_said(made: Result) -> None:
    label = "one training set: over initialisations; medians: 1; of networks most of which did not; 5 of 9 networks are judged"
    words = brief_words(answer_of(made, judged("supported", ("C11",), label)))
    assert "One training set: over initialisations. 5 of 9 networks are judged." in words
    assert "medians: 1" not in words
    assert "most of which" not in words
    by_identity = [*judged("supported", ("C11",)), claim("C23", "supported", label="by identity: medians")]
    table = made.table.assign(purity=0.13, purity_null=0.1)
    changed = replace(made, tables=made.tables | {"members": table})
    assert "13 % of samples end in its class, 10 % by chance." in brief_words(answer_of(changed, by_identity))


def test_a_run_that_tests_nothing_says_why(made: Result) -> None:
    assert answer_of(made, ()) is None
    untested = claim("C11", "untestable", reason="not in this run: half of the networks to fit (0 of 2 do)")
    words = brief_words(answer_of(made, [untested]))
    assert "Samples are like the data: not tested. It needs half of the networks to fit (0 of 2 do)." in words


def test_the_test_preset_has_an_answer_and_a_picture(study: Kaleidoscope, result: Result) -> None:
    brief_words(study.answer(result, list(study.claims(result))))
    hero = study.hero(result)
    assert hero is not None
    assert len(hero.caption.split()) <= 40
    assert isinstance(hero.body, Figure)
    titles = [axis.get_title() for axis in hero.body.axes]
    assert titles[0] == "start: noise"
    assert titles[-1] == "training images"
    assert all(re.fullmatch(r"after [\d,]+ iterations?", title) for title in titles[1:-1])
    many = len(result.table[result.table.rule == "images"])
    assert (
        f" The network has the median training loss of {many}; the answer is of all. Noise is only the start"
        in hero.how
    )
    covered = result.tables | {"members": result.table.assign(coverage=0.25)}
    shown = study.hero(replace(result, tables=covered))
    assert shown is not None
    assert "samples cover 25 % of the training images" in shown.caption
    assert study.hero(replace(result, arrays={})) is None
