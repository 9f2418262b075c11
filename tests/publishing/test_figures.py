"""The figures of a run by name: drawn, finished and saved as a PDF whose fonts are embedded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

import landscape
from landscape.figures import Panel
from landscape.figures.theme import drawn, new_grid
from landscape.publishing.figures import save
from landscape.results import Result
from landscape.running import run_study
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")


@pytest.fixture
def result(out: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """A run whose page has a figure twice, one other figure, and a table."""

    @drawn
    def curve(table: pd.DataFrame, panels: int = 1) -> Figure:
        figure, axes = new_grid(1, panels)
        for ax in axes.flat:
            ax.plot(table.loss)
        return figure

    def panels(study: ToyLine, result: Result) -> Iterator[Panel]:
        yield Panel("Loss by seed: it falls", "", curve(result.table), "First")
        yield Panel("Loss by seed: it rises", "", curve(result.table), "Second")
        yield Panel("Two panels", "", curve(result.table, 2))
        yield Panel("A table", "", result.table)

    monkeypatch.setattr(ToyLine, "panels", panels)
    return landscape.load(run_study(ToyLine(steps=2), out=out))


def test_figures_have_the_names_of_their_files(result: Result) -> None:
    figures = result.figures()
    assert list(figures) == ["loss-by-seed-first", "loss-by-seed-second", "two-panels"]
    assert all(isinstance(figure, Figure) for figure in figures.values())
    assert list(result.figures(only="TWO")) == ["two-panels"]
    assert list(result.figures(only=["two", "rises"])) == ["loss-by-seed", "two-panels"]


def test_panels_have_their_letters(result: Result) -> None:
    (figure,) = result.figures(only="Two").values()
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["a", "b"]


def test_a_saved_figure_is_a_pdf_with_its_fonts(result: Result, tmp_path: Path) -> None:
    (figure,) = result.figures(only="Two").values()
    save(figure, tmp_path / "one.pdf")
    save(figure, tmp_path / "two.pdf")
    content = (tmp_path / "one.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"FontType3" not in content
    assert content == (tmp_path / "two.pdf").read_bytes()
    assert [file.name for file in sorted(tmp_path.glob("*.pdf"))] == ["one.pdf", "two.pdf"]


def test_a_figure_that_is_not_there_is_refused_with_those_that_are(result: Result) -> None:
    with pytest.raises(ValueError, match=r"no figure of toy-line-.* is asked for; it has 'Loss by seed: it falls', "):
        result.figures(only="surface")
    with pytest.raises(ValueError, match=r"`style` must be a file of matplotlib's settings"):
        result.figures(style="missing.mplstyle")
