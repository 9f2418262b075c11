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
from landscape.studies.regions.answer import answer_of
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
    ("powers", "short", "title"),
    [
        (
            (2, 2),
            "yes.",
            "The linear pieces of networks with He's weights and PyTorch's weights grow with the number of neurons",
        ),
        (
            (1, 1),
            "no.",
            "The linear pieces of networks with He's weights and PyTorch's weights do not grow with the number",
        ),
        (
            (2, 1),
            "yes with He's weights; no with PyTorch's weights.",
            "The linear pieces of untrained networks grow with neurons: as theory says with He's weights, not so with",
        ),
        (
            (1, 2),
            "no with He's weights; yes with PyTorch's weights.",
            "The linear pieces of untrained networks grow with neurons: as theory says with PyTorch's weights, not so",
        ),
    ],
)
def test_growth_is_told_for_either_weights(powers: tuple[float, float], short: str, title: str) -> None:
    answer = answered(run_of(powers))
    assert answer.found[0].short == f"Linear pieces grow as fast as theory says: {short}"
    assert answer.title.startswith(title)
    assert re.search(rf"to the power {powers[0] - 0.1:.1f}|to the power {powers[0]}", answer.found[0].sentence)
    assert "theory says 2. Within 0.25 was asked." in answer.found[0].sentence


@pytest.mark.parametrize(("factor", "short"), [(2.0, "yes"), (0.5, "no")])
def test_training_adds_or_removes_pieces(factor: float, short: str) -> None:
    training = answered(run_of((2, 2), factor)).found[1]
    assert training.short == f"Training adds pieces: {short}."
    assert training.sentence.startswith(f"It changes their number by a factor of {factor:.1g}")


def test_plateaus_are_counted() -> None:
    none, every = (answered(run_of((2, 2), plateau=share)).found[2] for share in (0.0, 0.25))
    assert none.short == "Exactly flat pieces: in 0 % of the trained networks."
    assert every.short == "Exactly flat pieces: in 100 % of the trained networks."
    assert "138 networks. On average they cover 25 % of the input range." in every.sentence


def test_runs_that_test_no_claim_or_have_few_or_diverged_networks_do_not_fail() -> None:
    run = run_of((2, 2))
    alone = answer_of(run, ())
    assert alone is not None
    assert alone.title == "The linear pieces of ReLU networks: training adds more"
    assert alone.found[0].short == "Training adds pieces: yes."
    tables = {name: table[table.seed < 1] for name, table in run.tables.items()}
    few = answered(replace(run, tables=tables))
    assert few.title.startswith("Whether the linear pieces of networks")
    assert few.found[1].short == "Training adds pieces: undecided."
    assert few.found[1].sentence.endswith("1 seed cannot decide this.")
    run.tables["members"]["regions"] = np.nan
    assert answer_of(run, ()) is None


def test_a_run_on_the_line_alone_has_one_sentence_of_growth() -> None:
    run = run_of((1, 1))
    tables = {name: table.assign(data="two-points") for name, table in run.tables.items()}
    growth = answered(replace(run, tables=tables)).found[0]
    assert growth.short.endswith(": yes.")
    assert growth.sentence.startswith(
        "On a line, untrained, the number of pieces grows with the neurons to the power 1"
    )
    assert "plane" not in growth.sentence


def test_the_answer_of_a_run_has_no_codes_and_a_picture(result: Result, study: RegionsStudy) -> None:
    answer, hero = study.answer(result, list(study.claims(result))), study.hero(result)
    assert answer is not None
    assert hero is not None
    words = " ".join((answer.title, answer.asked, answer.words, answer.why, answer.not_shown, hero.caption))
    assert re.search(r"\b[CSBFP]\d|nan", words) is None
    assert isinstance(hero.body, Figure)
    assert len(hero.caption.split()) <= 40
    line = replace(result, arrays={cell: one for cell, one in result.arrays.items() if cell["data"] == "two-points"})
    drawn = study.hero(line)
    assert drawn is not None
    assert "straight between ticks" in drawn.how
    assert study.hero(replace(result, arrays={})) is None
