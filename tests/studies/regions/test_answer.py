"""The answer of regions: how their number grows, what training does to it, and how many networks have a plateau."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from landscape import presets
from landscape.findings import Answer
from landscape.results import Result
from landscape.studies.regions.answer import _off_theory, answer_of
from landscape.studies.regions.claims import claims_of
from landscape.studies.regions.study import RegionsStudy
from tests.studies.regions.test_study import counted


@pytest.fixture(scope="module")
def study() -> RegionsStudy:
    made = presets.make_study("regions", "test")
    assert isinstance(made, RegionsStudy)
    return made


def run_of(powers: tuple[float, float], factor: float = 2.0, plateau: float = 0.0) -> Result:
    """A run whose untrained networks have about neurons^power regions with either weights; training multiplies them."""
    table = counted(2.0)
    table["regions"] **= np.where(table.init == "torch", powers[1], powers[0]) / 2
    table["more"] = factor * (1 + 0.002 * table.seed)
    members = table[table.init == "torch"].assign(
        untrained_regions=lambda rows: rows.regions, regions=lambda rows: rows.more * rows.regions, plateau_share=plateau,
        parameters=97, status="converged",
    )  # fmt: skip
    return Result(Path(), {"parameters": {"dim": 2}}, {"members": members, "initialisations": table}, {})


def answered(run: Result) -> Answer:
    answer = answer_of(run, list(claims_of(run)))
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("powers", "shorts", "title"),
    [
        (
            (2, 2),
            ["He initialisation: near theory.", "PyTorch's default: near theory."],
            "Linear pieces of untrained networks multiply with neurons about as theory says",
        ),
        (
            (1, 1),
            ["He initialisation: not near theory in 2-D.", "PyTorch's default: not near theory in 2-D."],
            "Linear pieces of untrained networks do not multiply with neurons as theory says",
        ),
        (
            (2, 1),
            ["He initialisation: near theory.", "PyTorch's default: not near theory in 2-D."],
            "Linear pieces multiply about as theory says with He initialisation",
        ),
        (
            (1, 2),
            ["He initialisation: not near theory in 2-D.", "PyTorch's default: near theory."],
            "Linear pieces multiply about as theory says with PyTorch's default",
        ),
    ],
)
def test_growth_is_told_for_either_weights(powers: tuple[float, float], shorts: list[str], title: str) -> None:
    answer = answered(run_of(powers))
    told = [one.short for one in answer.found[:2]]
    assert [one.rpartition(": not")[0] or one for one in told] == [one.rpartition(": not")[0] or one for one in shorts]
    assert answer.title.partition(",")[0] == title
    assert ("theory's 100" in answer.found[0].sentence) == (powers[0] == 2)
    assert ("the claim needs 56 or more" in answer.found[1].sentence) == (powers[1] == 1)


@pytest.mark.parametrize(
    ("power", "words"),
    [(1.91, "19 % below theory's 100"), (2.05, "12 % above theory's 100"), (2.0, "as theory's 100")],
)
def test_the_distance_from_theory_is_that_of_the_estimate(power: float, words: str) -> None:
    assert _off_theory(power, 2) == words


@pytest.mark.parametrize(("factor", "short"), [(2.0, "yes"), (0.5, "no")])
def test_training_adds_or_removes_pieces(factor: float, short: str) -> None:
    training = answered(run_of((2, 2), factor)).found[2]
    assert training.short == f"Training adds pieces: {short}."
    assert training.sentence.startswith(f"On average {factor:g}")


def test_plateaus_are_counted() -> None:
    none, every = (answered(run_of((2, 2), plateau=share)).found[2].sentence for share in (0.0, 0.25))
    assert re.search(r" 0 % \(95 % CI .*\) of trained networks have an exactly flat piece\.$", none)
    assert re.search(r" 100 % \(95 % CI .*\) of trained networks have an exactly flat piece\.$", every)


def test_runs_that_test_no_claim_or_have_few_or_diverged_networks_do_not_fail() -> None:
    run = run_of((2, 2))
    alone = answer_of(run, ())
    assert alone is not None
    assert alone.title == "Training adds linear pieces to ReLU networks"
    assert alone.found[0].short == "Training adds pieces: yes."
    tables = {name: table[table.seed < 1] for name, table in run.tables.items()}
    few = answered(replace(run, tables=tables))
    assert few.title == "Whether linear pieces multiply with the neurons as theory says is undecided"
    assert few.found[2].short == "Training adds pieces: undecided."
    assert few.found[2].sentence.endswith("1 seed cannot decide this.")
    run.tables["members"]["regions"] = np.nan
    assert answer_of(run, ()) is None


def test_a_run_on_the_line_alone_has_one_sentence_of_growth() -> None:
    run = run_of((1, 1))
    tables = {name: table.assign(data="two-points") for name, table in run.tables.items()}
    growth = answered(replace(run, tables=tables)).found[0]
    assert growth.short == "He initialisation: near theory."
    assert growth.sentence.startswith("10 times the neurons give 9.9 times (95 % CI ")
    assert growth.sentence.endswith(" in 1-D, 1 % below theory's 10.")
    assert "2-D" not in growth.sentence


def test_the_answer_of_a_run_has_no_codes_and_a_picture(result: Result, study: RegionsStudy) -> None:
    answer, hero = study.answer(result, list(study.claims(result))), study.hero(result)
    assert answer is not None
    assert hero is not None
    words = " ".join((answer.title, answer.asked, answer.words, answer.why, answer.not_shown, hero.caption))
    assert re.search(r"\b[CSBFP]\d|nan", words) is None
    assert isinstance(hero.body, Figure)
    assert len(hero.caption.split()) <= 40
    assert hero.caption.startswith("10 times the neurons in 2-D give ")
    widths = sorted(result.table.width.unique())
    assert [text.get_text() for text in hero.body.legends[0].get_texts()] == [
        *(f"width {width}" for width in widths),
        "fit of all widths",
    ]
    tables = {name: table for name, table in result.tables.items() if name != "initialisations"}
    made = replace(result, tables=tables)
    plane = study.hero(made)
    assert plane is not None
    assert isinstance(plane.body, Figure)
    assert [text.get_text() for text in plane.body.legends[0].get_texts()] == ["exactly flat", "training point"]
    line = replace(made, arrays={cell: one for cell, one in result.arrays.items() if cell["data"] == "two-points"})
    drawn = study.hero(line)
    assert drawn is not None
    assert "straight between ticks" in drawn.how
    assert study.hero(replace(made, arrays={})) is None
