"""A page is made again if it is missing, or if the run, the code or the settings differ from those it was made from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from landscape import page_mark, reporting, results
from landscape.page_mark import code_digest, mark_of
from landscape.results import Result
from landscape.running import run_study
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")
RUN = ("study", "toy-line", "--preset", "test")


@pytest.fixture
def result(out: Path) -> Result:
    return results.load(run_study(ToyLine(steps=5, hidden=(1,)), out=out))


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The pages that were written. Each holds its mark alone, as drawing takes seconds."""
    written: list[Path] = []

    def write(runs: list[Result], path: Path, title: str | None = None, story: str = "", judged: object = None) -> Path:
        mark = page_mark.page_mark(runs, title, story)
        path.write_text(f'<!doctype html><meta name="landscape-page" content="{mark}">')
        written.append(path)
        return path

    monkeypatch.setattr(reporting, "write", write)
    return written


def test_a_finished_run_that_is_run_again_keeps_its_page(command: Command, writes: list[Path]) -> None:
    first, second = command(*RUN), command(*RUN)
    assert len(writes) == 1
    assert first.out.splitlines()[-2:] == second.out.splitlines()[-2:]
    assert second.out.endswith(f"report  {writes[0]}\n")


@pytest.mark.parametrize("change", ["missing", "another code", "fresh", "without a mark"])
def test_the_page_is_made_again_where_something_changed(
    command: Command, writes: list[Path], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    command(*RUN)
    if change == "missing":
        writes[0].unlink()
    elif change == "without a mark":
        writes[0].write_text("<!doctype html>")
    elif change == "another code":
        monkeypatch.setattr(page_mark, "code_digest", lambda: "another")
    command(*RUN, *(["--fresh"] if change == "fresh" else []))
    assert len(writes) == 2


def test_the_mark_depends_on_the_run_the_title_and_the_story(result: Result) -> None:
    other = replace(result, record=result.record | {"sha256": "0" * 64})
    marks = [page_mark.page_mark(*given) for given in
             (([result],), ([other],), ([result], "T"), ([result], "", "S"), ([result, other],))]  # fmt: skip
    assert len(set(marks)) == 5
    assert all(len(mark) == 16 for mark in marks)
    assert page_mark.page_mark([result]) == marks[0]


def test_runs_without_a_digest_or_with_damaged_cells_have_no_mark(result: Result) -> None:
    record = {key: value for key, value in result.record.items() if key != "sha256"}
    assert page_mark.page_mark([replace(result, record=record)]) == ""
    assert page_mark.page_mark([replace(result, left_out={"hidden=1": "gone"})]) == ""
    assert not reporting.is_current(replace(result, record=record))


def test_a_real_page_has_its_mark_in_its_head(result: Result) -> None:
    page = reporting.write([result], result.path / "report.html", "T")
    assert mark_of(page) == page_mark.page_mark([result], "T")
    assert reporting.is_current(result, "T")
    assert not reporting.is_current(result)
    assert mark_of(page.with_name("nothing.html")) == ""


def test_the_code_has_one_digest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = code_digest()
    assert len(before) == 64
    (tmp_path / "page.css").write_text("a")
    monkeypatch.setattr(page_mark, "__file__", str(tmp_path / "page_mark.py"))
    code_digest.cache_clear()
    try:
        one = code_digest()
        (tmp_path / "page.css").write_text("b")
        code_digest.cache_clear()
        assert len({before, one, code_digest()}) == 3
    finally:
        code_digest.cache_clear()
