"""The answer of corners: whether the loss far from the data falls, by copying or not, and where it is highest."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from landscape.findings import Answer
from landscape.results import Result, load
from landscape.running import run_study
from landscape.studies.corners.answer import answer_of
from landscape.studies.corners.claims import C6, claims_of
from landscape.studies.corners.panels import hero_of
from landscape.studies.corners.study import Corners
from tests.studies.answers import brief_words
from tests.studies.corners.test_study import SMALL, made_up

FALLS, COPIES, SPREADS, ALIKE, CEILING, HIGHEST, MIDDLE = (
    "Corner loss falls fivefold",
    "Networks mostly copy any input",
    "Wider data lower the mean loss",
    "Alike in every dimension",
    "High loss after one training point",
    "Loss highest at the corners",
    "Lowest loss in the middle",
)
CUT = "More training points cut the loss at corners fivefold"


def answered(run: Result, *keys: str) -> Answer:
    """The answer from the claims with these keys, or from all."""
    answer = answer_of(run, [claim for claim in claims_of(run) if not keys or claim.key in keys])
    brief_words(answer)
    assert answer is not None
    return answer


def test_fivefold_is_what_the_claim_needs() -> None:
    assert C6["ratio"].number == 1 / 5


def test_a_fall_by_copying_is_called_so_in_the_title_and_the_answer() -> None:
    honest, copied = (answered(made_up(trace=trace)) for trace in (0.2, 0.9))
    assert re.fullmatch(CUT.replace("fivefold", r"at least \d+-fold"), honest.title)
    assert re.fullmatch(
        r"More points make networks mostly copy inputs, so corner losses fall at least \d+-fold", copied.title
    )
    assert [one.short for one in honest.found[:2]] == [f"{FALLS}: yes.", f"{COPIES}: no."]
    assert [one.short for one in copied.found[:2]] == [f"{FALLS}: yes.", f"{COPIES}: yes."]
    assert "they pass on 20 % of a change of the input in 1 dimension, 20 % in 16;" in honest.found[1].sentence
    assert len(copied.found) == 3


def test_most_networks_that_do_not_fit_are_told_beside_the_finding() -> None:
    run = made_up()
    half = len(run.table) // 2
    for failed, where in ((half, "limits"), (half + 1, "finding")):
        run.table["status"] = ["stalled"] * failed + ["converged"] * (len(run.table) - failed)
        answer, words = answered(run), f"{failed:,} of {len(run.table):,} networks d"
        told = {"limits": answer.not_shown, "finding": answer.found[0].sentence}
        assert [name for name, text in told.items() if words in text] == [where]


def test_the_title_says_by_how_much_the_loss_falls_at_least() -> None:
    """By the upper end of the interval of the dimension in which it falls least."""
    folds = []
    for fall in (0.15, 0.01):
        run = made_up(fall=fall)
        parts = next(one for one in claims_of(run) if one.key == "C6").details
        folds.append(math.floor(1 / max(part.high for part in parts if part.setting.startswith("D="))))
        assert answered(run).title.endswith(f" at least {folds[-1]}-fold")
    assert 5 <= folds[0] < 10 < folds[1] <= 100


def test_dimensions_of_other_verdicts_are_told() -> None:
    run = made_up()
    table = run.table
    table.loc[(table["dim"] == 16) & (table["count"] == 2048), "corner_maximum"] = 0.2
    table.loc[(table["dim"] == 1) & (table["count"] == 2048), "trace_share"] = 0.9
    answer = answered(run)
    assert answer.title == f"{CUT}, but not in every dimension"
    assert [one.short for one in answer.found[:2]] == [f"{FALLS}: in part.", f"{COPIES}: in part."]
    assert re.search(
        r" and 4\d % \(95 % CI .* in 16; the claim needs 20 % \(fivefold\)",
        answer.found[0].sentence,
    )
    table.loc[table["count"] == 2048, "trace_share"] = 0.9
    assert answered(run).found[1].short == f"{COPIES}: yes."


@pytest.mark.parametrize(
    ("key", "effect", "shorts", "title"),
    [
        (
            "C6",
            {"fall": 0.6},
            [f"{FALLS}: no.", f"{COPIES}: no."],
            "More training points do not cut the loss at corners fivefold",
        ),
        (
            "C7b",
            {},
            [f"{SPREADS}: yes.", f"{ALIKE}: yes."],
            "Training points spread wider lower the loss, alike in every dimension",
        ),
        (
            "C7b",
            {"slope": 0.0},
            [f"{SPREADS}: no.", f"{ALIKE}: yes."],
            "Training points spread wider hardly lower the loss over the cube",
        ),
        ("C2b", {}, [f"{CEILING}: no."], "After one training point the loss elsewhere is far below its maximum"),
        ("C8", {"ratio": 1.5}, [f"{HIGHEST}: no."], "The loss is often not highest at the corners of the cube"),
        (
            "C8b",
            {},
            [f"{MIDDLE}: yes."],
            "The loss is lowest in the middle of the cube, even before training",
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
    assert (
        answered(steep, "C7b").title == "Training points spread wider lower the loss, but not alike in every dimension"
    )


def test_few_seeds_decide_nothing_and_untestable_claims_are_left_out() -> None:
    run = made_up()
    tables = {name: table[table["seed"] < 3] for name, table in run.tables.items()}
    answer = answered(replace(run, tables=tables))
    assert answer.title == "Whether more training points cut the loss at corners fivefold is undecided"
    assert [one.short.endswith(": undecided.") for one in answer.found] == [True, False, True]  # copying is measured
    assert answer.found[0].sentence.endswith("3 seeds cannot decide this: 20 are needed.")
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


def test_the_caption_names_the_dimensions_of_a_fivefold_fall() -> None:
    run = made_up()
    hero = hero_of(run)
    assert hero is not None
    assert "the loss at corners falls fivefold or more in every dimension (a)" in hero.caption
    run.table.loc[(run.table["dim"] == 16) & (run.table["count"] == 2048), "corner_maximum"] = 0.2
    hero = hero_of(run)
    assert hero is not None
    assert "falls fivefold or more in 1, 2, 4 and 8 dimensions, but not in 16 (a)" in hero.caption


def test_runs_of_spreads_picture_them_and_runs_of_neither_picture_nothing() -> None:
    run = made_up()
    spreads = replace(run, tables={"members": run.table[run.table["count"] == 16]})
    hero = hero_of(spreads)
    assert hero is not None
    assert "16 points fill a centred box" in hero.how
    assert hero_of(replace(run, tables={"members": spreads.table[spreads.table["spread"] == 1]})) is None
