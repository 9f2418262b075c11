"""The scripts and the notebook in examples/: each is short, says what it does, runs, and prints its result."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "examples"
SHOWN = {  # each script with words that its result must contain
    "dynamics": ["after 50 iterations 100.0% of 200 samples", "attractor (0.8", "uncertainty exponent"],
    "ensemble": ["20 of 20 networks converged", "maps .2, .5, .8 to [0.2, "],
    "examine": ["It is a memoriser", "data points", "the page: report.html"],
    "exact": ["affine regions cover 1.000000000000", "proven complete: True", "stable"],
    "known_maps": ["Newton, z³ = 1: border dimension 1.4", "a wave: border dimension 1.0"],
    "layers": ["merges its data at layer 1", "merges inputs", "the same after layer 1: True"],
    "local": ["attracting training points", " of 4"],
    "memorisation": ["copies with a little noise: copies", "new digits: generalises"],
    "neighbours": ["new digits", "uniform noise", "0.00      0.00"],
    "page": ["a page of 3 panels", "landscape-page.html"],
    "own_module": ["loss at the data", "spectral radius", "of the starts"],
}
SCRIPTS = sorted(FOLDER.glob("*.py"))


def test_every_script_is_run() -> None:
    assert {file.stem for file in SCRIPTS} == set(SHOWN)


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.stem)
def test_example_prints_its_result(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(file), run_name="__main__")
    said = capsys.readouterr()
    assert not said.err
    assert all(words in said.out for words in SHOWN[file.stem]), said.out


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.stem)
def test_example_is_short_and_begins_with_a_line_that_says_what_it_does(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    words = ast.get_docstring(ast.parse(text))
    assert words
    assert "\n" not in words


def test_the_notebook_shows_progress_results_and_a_figure(tmp_path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="nbformat, which reads notebooks, is not installed")
    nbclient = pytest.importorskip("nbclient", reason="nbclient, which runs notebooks, is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel, in which notebooks run, is not installed")
    book = nbformat.read(FOLDER / "notebook.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in book.cells), "a notebook is committed without outputs"
    nbclient.execute(book, cwd=str(tmp_path), timeout=300)
    shown = {
        cell.id: [output["data"] for output in cell.outputs if "data" in output]
        for cell in book.cells
        if cell.cell_type == "code"
    }
    (line,) = shown["run"]  # the line was changed in place
    assert line["text/plain"] == "████████████████████ 8/8 cells, 0 of 24 members converged"
    assert "<table>" in shown["result"][-1]["text/html"]
    assert "image/png" in shown["figure"][-1]
    assert shown["callback"][-1]["text/plain"] == "8"
    assert "48 members" in shown["concat"][-1]["text/plain"]
    assert not any(output.output_type == "stream" for cell in book.cells for output in cell.get("outputs", ()))
