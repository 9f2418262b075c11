"""`landscape export`: the file holds the run's network, and says where it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from safetensors import safe_open

import landscape
from landscape.figures import Panel
from landscape.figures.theme import drawn, new_figure
from landscape.results import Result
from landscape.running import run_study
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")


@pytest.fixture
def run(out: Path) -> Path:
    return run_study(ToyLine(steps=5, hidden=(1, 2)), out=out)


def test_the_file_holds_the_member_that_was_asked_for(run: Path, command: Command, tmp_path: Path) -> None:
    target = tmp_path / "net.pt2"
    answer = command("export", run.name, "--to", target, "--where", "hidden=2", "--member", "1")
    assert answer.code == 0, answer.err
    assert answer.out.startswith(f"network {target} (")
    assert "points (any number, " in answer.out
    assert "hidden=2, member 1 of 3" in answer.out
    ensemble = landscape.load_model(run, member=1, hidden=2)
    x = torch.rand(4, ensemble.dim)
    assert torch.allclose(torch.export.load(target).module()(x), ensemble(x[None])[0], atol=1e-6)


def test_weights_say_where_they_come_from(run: Path, command: Command, tmp_path: Path) -> None:
    target = tmp_path / "net.safetensors"
    assert command("export", run.name, "--to", target, "--where", "hidden=1").code == 0
    with safe_open(target, "pt") as file:
        notes = json.loads(file.metadata()["landscape"])
    assert notes["run"] == run.name
    assert notes["cell"] == {"hidden": 1}
    assert notes["recipe"]["net"]["kind"] == "mlp"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--to", "net.pt"), "the file must end in .pt2, .onnx, .safetensors; got 'net.pt'"),
        (("--to", "net.pt2", "--where", "hidden=3"), "no cell has hidden='3'; hidden is 1, 2"),
        (
            ("--to", "net.pt2", "--where", "hidden=1", "--member", "9"),
            "`member` must be median, best or from 0 to 2; got 9",
        ),
        (("--to", "net.pt2", "--where", "hidden=1", "--shape", "5,5"), "`shape` must have"),
        (("--to", "net.pt2", "--where", "hidden=1", "--shape", "a"), "`shape` must be whole numbers"),
    ],
)
def test_bad_input_gives_a_line(
    run: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = command("export", run.name, *words)
    assert answer.code == 2
    assert answer.err.startswith(f"landscape: {line}")
    assert answer.err.count("\n") == 1
    assert not list(tmp_path.glob("net*"))


@pytest.fixture
def pictured(run: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run whose page has a figure."""

    @drawn
    def curve(table: pd.DataFrame) -> Figure:
        figure, ax = new_figure()
        ax.plot(table.loss)
        return figure

    def panels(study: ToyLine, result: Result) -> Iterator[Panel]:
        yield Panel("Loss by seed: it falls", "", curve(result.table))
        yield Panel("A table", "", result.table)

    monkeypatch.setattr(ToyLine, "panels", panels)
    return run


def test_figures_of_the_page_are_written_for_print(pictured: Path, command: Command, tmp_path: Path) -> None:
    answer = command("export", pictured.name, "--figures", "pdf")
    assert answer.code == 0, answer.err
    (file,) = (pictured / "figures").iterdir()
    assert answer.out == f"figure  {file}\n"
    assert file.name == "loss-by-seed.pdf"
    assert file.read_bytes().startswith(b"%PDF")
    assert b"FontType3" not in file.read_bytes()
    for form in ("svg", "png"):
        assert command("export", pictured.name, "--figures", form, "--to", tmp_path / "own", "--only", "LOSS").code == 0
    svg = next((tmp_path / "own").glob("*.svg")).read_text()
    assert "<text" in svg
    assert "1970" not in svg


def test_a_style_changes_the_figures_and_leaves_the_house_as_it_was(
    pictured: Path, command: Command, tmp_path: Path
) -> None:
    style = tmp_path / "my.mplstyle"
    style.write_text("axes.facecolor: ff00aa\n")
    made = {}
    for name, words in {"before": (), "own": ("--style", style), "named": ("--style", "ggplot"), "after": ()}.items():
        assert command("export", pictured.name, "--figures", "svg", "--to", tmp_path / name, *words).code == 0
        made[name] = next((tmp_path / name).iterdir()).read_text()
    assert made["before"] == made["after"]
    assert "#ff00aa" in made["own"]
    assert len({*made.values()}) == 3


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--figures", "gif"), "`figures` must be one of pdf, svg, png; got 'gif'"),
        (("--figures", "pdf", "--only", "surface"), "is asked for; it has '"),
        (("--figures", "pdf", "--style", "missing.mplstyle"), "`style` must be a file of matplotlib's settings"),
        (("--only", "x"), "give --to FILE for a network, or --figures pdf, svg or png"),
        ((), "give --to FILE for a network, or --figures pdf, svg or png"),
    ],
)
def test_what_is_no_figure_is_refused(pictured: Path, command: Command, words: tuple[str, ...], line: str) -> None:
    answer = command("export", pictured.name, *words)
    assert (answer.code, line in answer.err) == (2, True), answer.err
    assert not (pictured / "figures").exists()
