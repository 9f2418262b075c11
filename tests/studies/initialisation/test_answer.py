"""The answer of initialisation: fixed points before training, by the weights and by depth."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from landscape import presets
from landscape.findings import Answer
from landscape.results import Result
from landscape.studies.initialisation.answer import answer_of
from landscape.studies.initialisation.claims import HEAVY, LIGHT, claims_of
from landscape.studies.initialisation.study import InitialisationStudy
from tests.studies.initialisation.test_study import simulated

SEVERAL = {1: (3, 2), 4: (5, 3), 8: (3, 2)}


@pytest.fixture(scope="module")
def study() -> InitialisationStudy:
    made = presets.make_study("initialisation", "test")
    assert isinstance(made, InitialisationStudy)
    return made


def answered(run: Result) -> Answer:
    answer = answer_of(run, list(claims_of(run)))
    assert answer is not None
    return answer


def test_each_part_of_the_claim_is_a_finding() -> None:
    answer = answered(simulated((1, 1), SEVERAL))
    assert answer.title == (
        "Untrained networks have one stable fixed point with normal weights, several with Cauchy weights"
    )
    one, several, depth = answer.found
    assert one.short == "Normal weights, exactly one: yes."
    assert one.sentence.startswith("100 % (95 % CI 91 % to 100 %) of 123 networks have one fixed point, a stable one.")
    assert several.short == "Heavy-tailed weights, several: yes."
    assert depth.short == "More fixed points at medium depth: yes."
    assert depth.sentence.startswith(
        "100 % of heavy-tailed networks have more with 4 layers than with 1, 0 % have fewer: +100 percentage points (95 % CI "
    )
    assert " With 4 against 8: +100 percentage points (" in depth.sentence


def test_the_answers_follow_the_numbers() -> None:
    answer = answered(simulated((3, 2), {1: (1, 1), 4: (1, 1), 8: (3, 2)}))
    few = "Heavy-tailed weights do not give most untrained ReLU networks several stable fixed points"
    assert answer.title == few
    assert [one.short.split(": ", 1)[1] for one in answer.found[:2]] == ["no.", "no."]
    assert answer.found[0].sentence.endswith("; the claim needs 90 %.")
    assert answer.found[2].short == "More fixed points at medium depth: in part."
    run = simulated((3, 2), SEVERAL)
    light = replace(run, tables={"members": run.table[run.table.init == LIGHT]})
    assert answered(light).title == "Not all untrained networks with normal weights have one stable fixed point"


def test_too_few_networks_are_undecided() -> None:
    run = simulated((1, 1), SEVERAL)
    few = answered(replace(run, tables={"members": run.table[run.table.seed < 2]}))
    assert (
        few.title
        == "Whether heavy-tailed weights give untrained ReLU networks several stable fixed points is undecided"
    )
    assert all(one.short.endswith(": undecided.") for one in few.found)
    assert all(one.sentence.endswith("2 seeds cannot decide this: 20 are needed.") for one in few.found)


def test_one_kind_of_weights_and_other_depths_leave_their_parts_out() -> None:
    table = simulated((1, 1), SEVERAL).table
    run = simulated((1, 1), SEVERAL)
    light = answered(replace(run, tables={"members": table[table.init == LIGHT]}))
    assert len(light.found) == 1
    assert light.title == "Untrained networks with normal weights have one stable fixed point"
    shallow = answered(replace(run, tables={"members": table[(table.init == HEAVY) & (table.hidden == 1)]}))
    assert [one.short for one in shallow.found] == ["Heavy-tailed weights, several: yes."]
    other = table.assign(init="torch")
    assert answer_of(replace(run, tables={"members": other}), list(claims_of(run))[:0]) is None


def test_networks_without_a_proof_are_answered_from_what_was_found() -> None:
    answer = answered(simulated((1, 1), SEVERAL, dim=3))
    assert answer.found[0].short.endswith("yes.")
    assert "Some fixed points may be missing" in answer.not_shown
    assert "missing" not in answered(simulated((1, 1), SEVERAL)).not_shown


def test_lists_that_are_not_proven_are_said_in_the_limits() -> None:
    run = simulated((1, 1), SEVERAL)
    table = run.table.assign(proven=run.table.seed > 0)
    limits = answered(replace(run, tables={"members": table})).not_shown
    assert "For 3 of 123 networks it is not proven that all fixed points were found." in limits


def test_the_answer_of_a_run_has_no_codes_and_a_picture(result: Result, study: InitialisationStudy) -> None:
    answer, hero = study.answer(result, list(study.claims(result))), study.hero(result)
    assert answer is not None
    assert hero is not None
    words = " ".join((answer.title, answer.asked, answer.words, answer.why, answer.not_shown, hero.caption))
    assert re.search(r"\b[CSBFP]\d|nan|he-biased", words) is None
    assert isinstance(hero.body, Figure)
    assert len(hero.caption.split()) <= 40
