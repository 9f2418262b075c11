"""The ten questions: their answers follow the ledger's verdicts and the runs' tables."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from landscape.reproduce.ledger import ledger
from landscape.reproduce.questions import ALSO, Question, answer, questions, row_words
from landscape.reproduce.rows import rows
from tests.reproduce.conftest import Simulate


def test_there_are_ten_about_rows_of_the_ledger() -> None:
    assert len(questions()) == 10
    keys = {row.key for row in rows()}
    for one in questions():
        assert {*one.rows, *filter(None, [one.by])} <= keys
        assert set(one.also) <= set(ALSO)


@pytest.mark.parametrize("question", questions(), ids=lambda one: one.by or "objectives")
def test_the_answer_follows_the_verdict(question: Question, simulated: Simulate) -> None:
    first = {
        verdict: answer(question, ledger(simulated(verdict)), {})[0]
        for verdict in ("supported", "refuted", "undecided")
    }
    if not question.by:
        assert set(first.values()) == {question.open}
        return
    assert (first["supported"], first["refuted"], first["undecided"]) == (
        question.supported,
        question.refuted,
        question.open,
    )
    assert "not made" in answer(question, ledger({}), {})[0]


def test_effects_are_those_of_the_table(simulated: Simulate) -> None:
    table = ledger(simulated("supported"))
    question = next(one for one in questions() if one.by == "C12")
    before = answer(question, table, {})
    table.loc[table.key == "C12", ["estimate", "low", "high"]] = (17.25, 16.5, 18.5)
    assert "17.2 [16.5, 18.5]" in " ".join(answer(question, table, {}))
    assert "17.2" not in " ".join(before)


@pytest.mark.parametrize("label", ["by identity in 4 of 5 dimensions", "12 of 30 networks are judged"])
def test_the_label_of_a_verdict_stands_beside_it(simulated: Simulate, label: str) -> None:
    row = ledger(simulated("supported")).set_index("key", drop=False).loc["C6"].to_dict()
    assert row_words(row | {"label": label}).endswith(f"({label}).")
    by_reason = row | {"label": label, "estimate": math.nan, "reason": "in 4 settings"}
    assert row_words(by_reason).endswith(f"in 4 settings ({label}).")
    assert label not in row_words(row | {"label": ""})


def test_numbers_are_counted_in_the_tables_of_the_runs() -> None:
    members = pd.DataFrame({"hidden": [2, 2, 7], "width": 5, "share_early": [0.0, 0.5, 1.0], "budget": 700})
    assert "25% with 2, 100% with 7" in ALSO["arrivals"]({"fig3": {"members": members}})
    assert "25% with 2, 100% with 7" in ALSO["depths"]({"depth": {"members": members}})
    ranges = pd.DataFrame({"hidden": 2, "width": 5, "output_range": [0.25], "untrained_range": [0.5]})
    assert "0.25 after training and of 0.5 before" in ALSO["ranges"]({"fig2": {"members": ranges}})
    traces = pd.DataFrame({"count": [1, 2048, 2048], "trace_share": [0.0, 0.7, 0.2]})
    assert "2,048 points 50% are nearer to the identity" in ALSO["identity"]({"fig6": {"members": traces}})
    jumps = pd.DataFrame(
        {"control": ["none", "none", "identity"], "amplitude": [0.0, 0.01, 0.01], "noise": "normal"}
        | {"mode_jumps": [1.0, 3.0, 99.0], "jumpiness": [0.25, 0.5, 1.0]}
    )
    assert "3 with normal noise; 1 without" in ALSO["noises"]({"samples": {"jumps": jumps}})
    assert "25.00% of the steps" in ALSO["jumps"]({"samples": {"jumps": jumps}})


@pytest.mark.parametrize("name", ALSO)
def test_without_the_run_nothing_is_counted(name: str) -> None:
    assert ALSO[name]({}) == ""
