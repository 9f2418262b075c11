"""The ledger: every row is there whatever was run, verdicts are those of the claims, and Holm's families never shrink."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from landscape.reproduce.ledger import COLUMNS, NOT_RUN, TESTED, Found, after_holm, counts, ledger
from landscape.reproduce.ledger_html import ledger_html
from landscape.reproduce.rows import rows
from landscape.reproduce.runs import deciding
from landscape.reproduce.saved import save
from tests.reproduce.conftest import Simulate

TESTABLE = [row.key for row in rows() if not row.needs and row.key != "C2"]


def test_without_any_run_every_row_says_what_it_needs() -> None:
    table = ledger({})
    assert list(table.columns) == list(COLUMNS)
    assert list(table.key) == [row.key for row in rows()]
    assert set(table.verdict) == {NOT_RUN}
    assert (table.needs != "").all()
    assert counts(table) == {NOT_RUN: 24}


@pytest.mark.parametrize("verdict", ["supported", "undecided", "refuted"])
def test_every_testable_row_has_the_verdict_that_its_run_gives(verdict: str, simulated: Simulate) -> None:
    table = ledger(simulated(verdict)).set_index("key")
    assert set(table.verdict[TESTABLE]) == {verdict}
    assert table.verdict["C2"] == "ill-posed"
    waiting = [row.key for row in rows() if row.needs]
    assert set(table.verdict[waiting]) == {NOT_RUN}
    assert set(table.folder) == {""}  # nothing simulated has a run


def test_rows_that_were_not_run_count_in_their_families(simulated: Simulate) -> None:
    found = simulated("supported")
    alone = ledger({"fig2": found["fig2"]}).set_index("key").loc["C1b"]
    assert alone.p_holm == pytest.approx(24 * alone.p)
    film = ledger({"film": found["film"]}).set_index("key").loc["F1"]
    assert film.p_holm == pytest.approx(sum(row.family == "others" for row in rows()) * film.p)
    assert "C8" in TESTED
    assert {"C2", "C8b", "C19c"}.isdisjoint(TESTED)


def test_a_verdict_that_the_adjustment_does_not_bear_is_marked(simulated: Simulate) -> None:
    found = simulated("supported")["fig2"]
    weak = Found(found.run, found.claims.assign(p=0.04), found.version)
    row = ledger({"fig2": weak}).set_index("key").loc["C1b"].to_dict()
    assert row["verdict"] == "supported"
    assert "p = 0.96" in after_holm(row)
    assert after_holm(row | {"p_holm": 0.04}) == after_holm(row | {"verdict": "mixed"}) == ""
    assert after_holm(row | {"p_holm": math.nan}) == ""


def test_a_run_that_says_nothing_of_its_claim_is_an_error(simulated: Simulate) -> None:
    found = simulated("supported")["fig2"]
    with pytest.raises(ValueError, match="'fig2' must decide C1b"):
        ledger({"fig2": Found(found.run, found.claims[:0], found.version)})


def test_files_hold_the_whole_ledger(tmp_path: Path, simulated: Simulate) -> None:
    table = ledger(simulated("refuted"))
    parquet, csv = save(table, tmp_path / "new")
    pd.testing.assert_frame_equal(pd.read_parquet(parquet), table)
    assert list(pd.read_csv(csv).key) == list(table.key)


def test_the_page_leads_from_a_row_to_picture_settings_tables_and_command(simulated: Simulate) -> None:
    table = ledger(simulated("supported")).assign(command="landscape study x", folder="x-1234")
    run = deciding("C6")
    assert run
    page = ledger_html(table, {run.name: "run-7"})
    for word in ("#run-7", "#run-7-claims", "#run-7-data", "landscape study x", "x-1234", 'id="claim-C6"', "by Holm"):
        assert word in page
    assert page.count("<tr id=") == len(table)
    assert page.count(">not yet run</span>") == (table.verdict == NOT_RUN).sum()


def test_the_parts_of_a_verdict_without_a_number_stand_beside_it() -> None:
    parts = "slope: supported; difference of dimensions: refuted"
    row = ledger({}).set_index("key", drop=False).loc[["C7b"]].assign(verdict="refuted", clusters=20, reason=parts)
    by_part, numbered = ledger_html(row, {}), ledger_html(row.assign(estimate=0.5), {})
    assert f'<span>by part</span><span class="fine">{parts}</span>' in by_part
    assert f"Found: {parts}" not in by_part
    assert f"Found: {parts}" in numbered
