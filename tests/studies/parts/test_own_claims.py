"""Claims in runs with data of the user's own: judged on our sets where a run has one, else stated of them, with a label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from landscape.claims import Claim, Statement, Threshold, judge, mean_interval
from landscape.results import Result, cell
from landscape.studies.parts.judging import untestable
from landscape.studies.parts.own_claims import of_data, without

STATEMENT = Statement("T1", "the mean is high", "anywhere", "mean", {"mean": Threshold(at_least=0.5)})


def claims_of(result: Result) -> Iterator[Claim]:
    rows = result.table
    yield judge(mean_interval(rows.value, rows.seed), STATEMENT, STATEMENT["mean"], members=len(rows), failed=0)
    yield untestable(STATEMENT, "needs --data two-points")


def run(**values: float) -> Result:
    tables = [pd.DataFrame({"data": name, "seed": range(25), "value": value}) for name, value in values.items()]
    noise = np.random.default_rng(0).normal(0, 0.01, 25 * len(values))
    table = pd.concat(tables, ignore_index=True)
    cells = [cell(data=name) for name in values]
    record = {
        "cells": [{"name": one.name, "values": [list(pair) for pair in one.values]} for one in cells],
        "parameters": {"data": list(values)},
        "own_data": {"mine": {"path": "/x", "sha256": "0"}} if "mine" in values else {},
    }
    return Result(Path(), record, {"members": table.assign(value=table.value + noise)}, {one: {} for one in cells})


def test_our_sets_alone_decide_where_a_run_has_one() -> None:
    both, ours = run(ours=0.9, mine=0.1), run(ours=0.9)
    first, second = of_data(claims_of, both)
    alone, _ = claims_of(without(both, ["mine"]))
    assert first == alone
    assert first.verdict == "supported"
    assert first.members == 25
    assert second.verdict == "untestable"
    assert list(of_data(claims_of, ours)) == list(claims_of(ours))


def test_a_claim_is_stated_of_the_users_data_with_a_label_that_says_so() -> None:
    first, second = of_data(claims_of, run(mine=0.1))
    plain, _ = claims_of(run(mine=0.1))
    assert first == replace(plain, label="of mine, where the claim was set for other data")
    assert first.verdict == "refuted"
    assert (second.verdict, second.label) == ("untestable", "")


def test_a_result_without_a_set_has_no_trace_of_it() -> None:
    left = without(run(ours=0.9, mine=0.1), ["mine"])
    assert left.record["parameters"]["data"] == ["ours"]
    assert len(left.record["cells"]) == 1
    assert [one["data"] for one in left.arrays] == ["ours"] == list(left.table.data.unique())
