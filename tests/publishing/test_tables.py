"""The tables of a run: claims with verdicts, a row per cell, the run's own; written by `landscape export --tables`."""

from __future__ import annotations

from pathlib import Path

import pytest

import landscape
from landscape.publishing.tables import tables_of
from landscape.running import run_study
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")


@pytest.fixture
def run(out: Path) -> Path:
    return run_study(ToyLine(steps=2, members=31), out=out)


def test_claims_have_verdicts_and_cells_have_counts(run: Path) -> None:
    tables = tables_of(landscape.load(run))
    assert list(tables) == ["claims", "cells", "members"]
    (claim,) = tables["claims"].to_dict("records")
    assert (claim["claim"], claim["verdict"], claim["needs"]) == ("T1", "undecided", "> 0.5")
    assert tables["cells"]["members"].tolist() == [31, 31]
    assert (tables["cells"]["converged"] + tables["cells"]["not converged"]).tolist() == [31, 31]


def test_tables_are_written_and_long_ones_only_when_asked_for(run: Path, command: Command, tmp_path: Path) -> None:
    answer = command("export", run.name, "--tables", "tex")
    assert answer.code == 0, answer.err
    assert sorted(file.name for file in (run / "tables").iterdir()) == ["cells.tex", "claims.tex"]
    assert answer.err == "landscape: left out, as too long for a page: members (62 rows); --only NAME writes one\n"
    text = (run / "tables" / "claims.tex").read_text()
    assert r"\toprule" in text
    assert rf"\label{{tab:{run.name}-claims}}" in text
    assert command("export", run.name, "--tables", "md", "--only", "members", "--to", tmp_path / "own").code == 0
    assert len((tmp_path / "own" / "members.md").read_text().splitlines()) == 64


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--tables", "xls"), "`tables` must be one of tex, csv, md; got 'xls'"),
        (("--tables", "md", "--only", "claim"), "Did you mean 'claims'?"),
        (("--tables", "md", "--style", "ggplot"), "--only is for figures and tables, --style for figures"),
        (("--tables", "md", "--figures", "pdf"), "--only is for figures and tables, --style for figures"),
    ],
)
def test_what_is_no_table_is_refused(run: Path, command: Command, words: tuple[str, ...], line: str) -> None:
    answer = command("export", run.name, *words)
    assert (answer.code, line in answer.err) == (2, True), answer.err
    assert not (run / "tables").exists()
