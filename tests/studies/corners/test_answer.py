"""The answer of corners: whether the loss far from the data falls, by copying or not, and where it is highest."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from landscape.findings import Answer
from landscape.results import Result, load
from landscape.studies.corners.answer import answer_of
from landscape.studies.corners.claims import claims_of
from landscape.studies.corners.panels import hero_of
from landscape.studies.corners.study import Corners
from landscape.study import run_study
from tests.studies.corners.test_study import SMALL, made_up

FALLS, SPREADS, ALIKE, CEILING, HIGHEST, MIDDLE = (
    "More points cut the loss at the corners to under 20 %",
    "Data that spread wider lower the loss over the cube",
    "Alike in every dimension",
    "With one training point the loss elsewhere is near its ceiling",
    "The loss is highest at the corners",
    "The loss is lowest in the middle",
)


def answered(run: Result, *keys: str) -> Answer:
    """The answer from the claims with these keys, or from all."""
    answer = answer_of(run, [claim for claim in claims_of(run) if not keys or claim.key in keys])
    assert answer is not None
    return answer


def test_a_fall_by_copying_is_called_so_in_the_title_and_the_answer() -> None:
    honest, copied = (answered(made_up(trace=trace)) for trace in (0.2, 0.9))
    assert honest.title == "More training points cut the loss at the corners in every dimension"
    assert copied.title == f"{honest.title}: the networks come to copy any input"
    assert honest.found[0].short == f"{FALLS}: yes."
    assert copied.found[0].short == f"{FALLS}, by copying: yes."
    assert (
        "In 1, 2, 4, 8 and 16 dimensions the networks come to copy any input (by identity)" in copied.found[0].sentence
    )
    assert "copy" not in honest.found[0].sentence
    assert len(copied.found) == 3


def test_dimensions_of_other_verdicts_are_named() -> None:
    run = made_up()
    table = run.table
    table.loc[(table["dim"] == 16) & (table["count"] == 2048), "corner_maximum"] = 0.2
    table.loc[(table["dim"] == 1) & (table["count"] == 2048), "trace_share"] = 0.9
    answer = answered(run)
    assert answer.title == (
        "More training points cut the loss at the corners, in part by copying the input, but too little in 16 dimensions"
    )
    table.loc[table["count"] == 2048, "trace_share"] = 0.9
    assert answered(run).title == (
        "More training points cut the loss at the corners, as the networks come to copy any input, "
        "but too little in 16 dimensions"
    )
    assert answer.found[0].short == f"{FALLS}: yes in 1, 2, 4 and 8 dimensions; no in 16 dimensions."
    assert re.search(r" of its value in 1 dimension and to 4\d % \(95 % CI ", answer.found[0].sentence)
    assert "In 1 dimension the networks come to copy any input" in answer.found[0].sentence


@pytest.mark.parametrize(
    ("key", "effect", "shorts", "title"),
    [
        ("C6", {"fall": 0.6}, [f"{FALLS}: no."], "More training points cut the loss at the corners too little"),
        ("C7b", {}, [f"{SPREADS}: yes.", f"{ALIKE}: yes."], f"{SPREADS}, alike in every dimension"),
        (
            "C7b",
            {"slope": 0.0},
            [f"{SPREADS}: no.", f"{ALIKE}: yes."],
            "Data that spread wider hardly lower the loss over the cube, alike in every dimension",
        ),
        ("C2b", {}, [f"{CEILING}: no."], "After one training point the loss elsewhere is far below its ceiling"),
        ("C8", {"ratio": 1.5}, [f"{HIGHEST}: no."], "The loss is often not highest at the corners of the cube"),
        (
            "C8b",
            {},
            [f"{MIDDLE}, as that of a constant is: yes."],
            "The loss is lowest in the middle of the cube, as that of a constant is",
        ),
    ],
)
def test_each_claim_has_its_own_words(key: str, effect: dict[str, float], shorts: list[str], title: str) -> None:
    answer = answered(made_up(**effect), key)  # type: ignore[arg-type]
    assert [one.short for one in answer.found] == shorts
    assert answer.title == title


def test_a_high_loss_elsewhere_and_a_loss_that_is_highest_in_the_middle_turn_the_answers() -> None:
    run = made_up()
    run.table["cube_mean"] *= 5
    assert answered(run, "C2b").found[0].short == f"{CEILING}: yes."
    run.tables["shells"]["shell_mean"] = 2.0 - run.tables["shells"]["shell_mean"]
    assert answered(run, "C8b").found[0].short == f"{MIDDLE}: no."
    steep = made_up()
    wide = (steep.table["dim"] == 16) & (steep.table["count"] == 16)
    steep.table.loc[wide, "cube_mean"] *= 2 ** np.log2(steep.table["spread"])
    assert answered(steep, "C7b").title == f"{SPREADS}, but not alike in every dimension"


def test_few_seeds_decide_nothing_and_untestable_claims_are_left_out() -> None:
    run = made_up()
    tables = {name: table[table["seed"] < 3] for name, table in run.tables.items()}
    answer = answered(replace(run, tables=tables))
    assert answer.title == "Whether more training points cut the loss at the corners is undecided"
    assert all(one.short.endswith(": undecided.") for one in answer.found)
    assert all(one.sentence.endswith("3 seeds cannot decide this: 20 are needed.") for one in answer.found)
    assert HIGHEST not in answered(made_up()).words  # its claim can only be refuted
    assert answer_of(run, ()) is None


def test_diverged_networks_and_a_single_one_do_not_fail() -> None:
    run = made_up()
    run.table.loc[run.table["seed"] == 3, ["corner_maximum", "cube_mean", "maximum_ratio", "trace_share"]] = np.nan
    assert "nan" not in answered(run).words
    alone = {name: table[table["seed"] < 1] for name, table in made_up().tables.items()}
    assert "nan" not in answered(replace(run, tables=alone)).words
    assert "1 seed cannot decide this" in answered(replace(run, tables=alone)).words


def test_the_answer_of_a_run_has_no_codes_and_a_picture(tmp_path_factory: pytest.TempPathFactory) -> None:
    study = Corners(dim=(1, 2), count=(1, 16), spread=(1.0, 0.5), members=3, **SMALL)  # type: ignore[arg-type]
    run = load(run_study(study, out=tmp_path_factory.mktemp("corners"), debug=True))
    answer, hero = study.answer(run, list(study.claims(run))), study.hero(run)
    assert answer is not None
    assert hero is not None
    words = " ".join((answer.title, answer.asked, answer.words, answer.why, answer.not_shown, hero.caption))
    assert re.search(r"\b[CSBFP]\d|nan", words) is None
    assert isinstance(hero.body, Figure)
    assert "largest loss at the corners" in [ax.get_ylabel() for ax in hero.body.axes]
    assert len(hero.caption.split()) <= 40


def test_runs_of_spreads_picture_them_and_runs_of_neither_picture_nothing() -> None:
    run = made_up()
    spreads = replace(run, tables={"members": run.table[run.table["count"] == 16]})
    hero = hero_of(spreads)
    assert hero is not None
    assert "16 points fill a centred box" in hero.how
    assert hero_of(replace(run, tables={"members": spreads.table[spreads.table["spread"] == 1]})) is None
