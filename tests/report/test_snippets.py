"""Python that a page offers beside its panels: it runs, on a real run, and gives what the panel shows."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

import landscape
from landscape import reporting
from landscape.figures.panel import Panel, SceneGrid
from landscape.report.citation import citation
from landscape.report.snippets import run_snippet, snippet
from landscape.results import load

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module", params=["depth-sweep", "training-film"])
def run(request: pytest.FixtureRequest, run_of_test_preset: Callable[[str], Path]) -> Path:
    return run_of_test_preset(request.param)


def test_each_snippet_gives_what_its_panel_shows(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDSCAPE_OUT", str(run.parent))
    monkeypatch.chdir(tmp_path)
    panels, kinds = reporting.panels_of(load(run)), set()
    for panel in panels:
        text = snippet(panel, run.name)
        if isinstance(panel.body, str):
            assert text == ""
            continue
        names: dict[str, object] = {}
        exec(text, names)  # what a reader pastes
        found = names["panel"]
        assert isinstance(found, Panel)
        assert (found.title, found.section, type(found.body)) == (panel.title, panel.section, type(panel.body))
        kinds.add(type(panel.body))
        if isinstance(panel.body, Figure):
            assert len(list(tmp_path.glob("*.pdf"))) == 1
            os.remove(next(tmp_path.glob("*.pdf")))
        if isinstance(panel.body, pd.DataFrame):
            pd.testing.assert_frame_equal(names["table"], panel.body)  # type: ignore[arg-type]
        for frame in list(panel.downloads.values())[-1:]:
            pd.testing.assert_frame_equal(names["table"], frame)  # type: ignore[arg-type]
        assert {"figure", "table", "height", "frames"} & names.keys()
    assert {Figure, pd.DataFrame, SceneGrid} & kinds


def test_the_snippet_of_a_run_gives_its_table(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDSCAPE_OUT", str(run.parent))
    names: dict[str, object] = {}
    exec(run_snippet(run.name), names)
    pd.testing.assert_frame_equal(names["table"], load(run).table)  # type: ignore[arg-type]


def test_a_panel_that_is_not_there_is_answered_with_those_that_are(run: Path) -> None:
    with pytest.raises(ValueError, match=r"no panel 'Nothing' in the section 'x'; there are '.+', '"):
        landscape.panel(load(run), "Nothing", "x")


def test_a_snippet_quotes_titles_as_python_does() -> None:
    text = snippet(Panel('A "b" \\n {c}', "", pd.DataFrame({"a": [1]}), section="it's"), "run-1")
    compile(text, "", "exec")
    assert 'section="it\'s"' in text


def test_the_citation_says_what_the_repository_says() -> None:
    cff = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    said = citation("0.1.0", "depth-sweep-1a2b3c4d", {"commit": "abc", "started": "2026-11-30T01:38:58+00:00"})
    for field in ("Generative Kaleidoscopic Networks", "https://arxiv.org/abs/2402.11793", "The landscape authors"):
        assert field in cff
        assert field in said
    assert f'title: "{said.partition("title = {")[2].partition("}")[0]}"' in cff
    assert "note = {run depth-sweep-1a2b3c4d, commit abc, 2026-11-30}" in said
    assert "year = {2026}" in said
    assert citation("").startswith("@software{landscape,\n  author = {{The landscape authors}}")
