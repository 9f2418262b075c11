"""The page of an examination, and what else is made of its run: show, load, sample, a second call."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from markupsafe import escape
from matplotlib.figure import Figure
from torch import nn

import landscape
from landscape import loading, presets, reporting, results
from landscape.figures import Kaleidoscope, SceneGrid
from landscape.figures.panel import MAX_CAPTION_WORDS
from landscape.running import run_study
from landscape.studies.examine.orbits import LISTED
from landscape.studies.examine.panels import hero_of, panels_of
from landscape.studies.examine.view import few, quantified
from tests.conftest import Command

FEW: dict[str, Any] = {"starts": 4, "iterations": 9, "probes": 2, "resolution": 5, "samples": 12, "progress": False}
PLANE = np.array([[0.2, 0.2], [0.8, 0.3], [0.3, 0.7]], np.float32)
MODULE = """
from torch import nn
import torch
def build():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 2), nn.Sigmoid())
"""


def images(count: int) -> np.ndarray:
    return np.random.default_rng(0).random((count, 5, 4), dtype=np.float32)


def test_a_page_in_three_lines_answers_first_and_is_read_back_by_a_second_call(tmp_path: Path) -> None:
    def network() -> nn.Module:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            return nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 2), nn.Sigmoid())

    found = landscape.examine({"mine": network(), "same": nn.Identity()}, PLANE, out=tmp_path, **FEW)
    page = found.page.read_text()
    assert page.index("<h3>Found</h3>") < page.index("<main>")
    assert escape("same: nearly the identity.") in page
    assert "Examined: mine, same" in page
    assert found.table.kind.tolist()[1] == "identity"
    assert found.table.fixed_points_proven.iloc[0] == 1  # a chain of affine maps is read into layers
    assert {"regions", "plateaus"} <= set(found.table)
    assert set(found.tables["controls"].control) == {"identity", "constant", "memoriser"}
    assert "<table" in found._repr_html_()
    written = found.page.stat().st_mtime_ns
    again = landscape.examine({"mine": network(), "same": nn.Identity()}, PLANE, out=tmp_path, **FEW)
    assert (again.page, again.page.stat().st_mtime_ns) == (found.page, written)
    assert landscape.load(found.result.path).table.equals(found.table)


def test_images_are_played_and_compared_side_by_side(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", images(13))
    np.save(tmp_path / "h.npy", images(20)[13:])
    given = {"data": str(tmp_path / "x.npy"), "held_out": str(tmp_path / "h.npy"), "model": ("memoriser", "constant")}
    study = presets.make_study("examine", "test", overrides=given)
    result = results.load(run_study(study, out=tmp_path, debug=True))
    panels = {panel.title: panel for panel in panels_of(result)}
    orbits = panels["All orbits of memoriser end near a data point"]
    assert isinstance(orbits.body, Kaleidoscope)
    assert orbits.body.frames.shape[2:] == (5, 4)
    assert "100 % of" in orbits.caption
    attractors = panels["All attractors of memoriser are data points"]
    listed = int((result.tables["attractors"].network == result.table.network.iloc[0]).sum())
    drawn = "All stand" if listed <= LISTED else f"The {LISTED} that take most orbits stand"
    assert f"of {listed} attractors are data points; " in attractors.caption
    assert f"{drawn} above their nearest data points" in attractors.how
    assert isinstance(attractors.body, Figure)
    assert [text.get_text() for text in attractors.body.axes[0].get_yticklabels()] == [
        "attractor",
        "nearest",
        "distance",
    ]
    assert (
        "Lines: medians of the orbits." in panels["Orbits of memoriser settle by iteration 1"].how
    )  # no bands are drawn
    hero = hero_of(result)
    assert hero is not None
    assert isinstance(hero.body, Figure)
    assert [ax.get_xlabel() for ax in hero.body.axes] == ["iteration", "", "iteration", "share of orbits"]
    assert "orbits from noise are in the end, memoriser: at a data point (100 %); constant: at a" in hero.caption
    assert isinstance(panels["The loss varies over the plane through three data points"].body, SceneGrid)
    assert all(len(panel.caption.split()) <= MAX_CAPTION_WORDS for panel in panels.values())
    reasons = result.tables["skipped"].set_index(["network", "measurement"]).reason
    assert (
        "a verdict needs 100 points of each kind, and there are 13 points of the data" in reasons["constant", "verdict"]
    )
    assert result.table.loss_held_out.notna().all()
    assert "Not measured" in panels


def test_titles_say_what_the_tables_hold(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", PLANE)
    study = presets.make_study("examine", "test", overrides={"data": str(tmp_path / "x.npy"), "model": ("memoriser",)})
    result = results.load(run_study(study, out=tmp_path, debug=True))

    def titles(**columns: object) -> str:
        table = result.table.assign(**columns)
        return "; ".join(
            panel.title for panel in panels_of(replace(result, tables={**result.tables, "members": table}))
        )

    assert "Data are returned better than noise" in titles(loss_data=0.1, loss_noise=0.2)
    assert "Data are returned no better than noise" in titles(loss_data=0.2, loss_noise=0.1)
    assert "memoriser nearer to a constant" in titles(trace_data=0.1)
    assert "memoriser nearer to the identity" in titles(trace_data=0.9)
    assert "Orbits in the plane come to no attractor" in titles(attractors=0)
    fixed = result.tables["fixed_points"].assign(stability="unstable")
    some = panels_of(replace(result, tables={**result.tables, "fixed_points": fixed}))
    assert "No fixed points of memoriser are stable" in {panel.title for panel in some}


def test_words_name_a_few_networks_and_count_the_others() -> None:
    assert few(["a", "b", "c"]) == "a; b; c"
    assert few(["a", "b", "c", "d", "e"]) == "a; b; c; and 2 more"
    assert [quantified(share) for share in (1, 0.6, 0.5, 0)] == ["All", "Most", "Some", "No"]


def test_held_out_points_are_a_file_a_share_or_a_reason(tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((300, 3), dtype=np.float32)
    np.save(tmp_path / "x.npy", values)
    given = {"data": str(tmp_path / "x.npy"), "held_out": "40%", "samples": 120, "model": ("identity",)}
    study = presets.make_study("examine", "test", overrides=given)
    assert "which you say were not trained on" in study.readings()["held out: 40%"]
    result = results.load(run_study(study, out=tmp_path, debug=True))
    assert result.table["count"].tolist() == [180]
    assert isinstance(result.table.verdict.iloc[0], str)
    assert "As samples: does not copy, varied." in study.answer(result, ()).words


def test_a_measurement_that_fails_leaves_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from landscape.studies.examine import study as module

    def fails(*_: object) -> None:
        raise RuntimeError("no memory\nat all")

    monkeypatch.setitem(module.MEASUREMENTS, "ends", fails)
    study = presets.make_study("examine", "test", overrides={"model": ("memoriser",)})
    result = results.load(run_study(study, out=tmp_path, debug=True))
    reasons = result.tables["skipped"].set_index("measurement").reason
    assert reasons["ends"] == "RuntimeError: no memory at all"
    assert result.table.kind.tolist() == ["copycat"]
    reporting.write([result], tmp_path / "page.html")


def test_the_command_writes_a_page_and_its_network_is_sampled(
    command: Command, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text(MODULE)
    np.save(tmp_path / "x.npy", PLANE)
    monkeypatch.chdir(tmp_path)
    few = [f"--set={name}={FEW[name]}" for name in ("starts", "iterations", "probes", "resolution", "samples")]
    answer = command("examine", "mine.py:build", "identity", "--data", "x.npy", *few)
    assert answer.code == 0, answer.err
    assert "identity: nearly the identity." in answer.out
    assert "data    x.npy: 3 points of 2, taken as they are" in answer.err
    (run,) = out.glob("examine-*")
    assert (run / "report.html").exists()
    shown = command("show", str(run))
    assert "identity: nearly the identity." in shown.out
    model = loading.find_model(run, model="mine.py:build")
    assert model.ensemble(torch.zeros(1, 3, 2)).shape == (1, 3, 2)
    assert model.dataset().points.shape == (1, 3, 2)
    sampled = command(
        "sample", str(run), "--where", "model=mine.py:build", "--count", "4", "--iterations", "2", "--no-pictures"
    )
    assert sampled.code == 0, sampled.err
    (file,) = run.glob("samples/*/samples.npz")
    assert np.load(file)["points"].shape == (3, 4, 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("identity", "--data", "x.npy", "--range", "0,0.5"),
            "x.npy holds values from 0.2 to 0.8, outside the range 0 to 0.5",
        ),
        (("identity", "--data", "x.npy", "--range", "1,0"), "`range` must be a smaller and a larger number; got '1,0'"),
        (
            ("identity", "--data", "x.npy", "--shape", "3"),
            "points of shape (2,), 2 numbers, and the network's shape is (3,)",
        ),
        (("identity", "--data", "nothing.npy"), "there is no file or folder 'nothing.npy'"),
        (("mine.py:build", "--data", "x.npy", "--weights", "w.pt"), "there is no file of weights 'w.pt'"),
        (("missing.py:build", "--data", "x.npy"), "there is no file missing.py"),
    ],
)
def test_wrong_input_is_said_in_one_line(
    words: tuple[str, ...], said: str, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text(MODULE)
    np.save(tmp_path / "x.npy", PLANE)
    monkeypatch.chdir(tmp_path)
    answer = command("examine", *words)
    assert answer.code == 2, answer.err
    assert said in answer.err
    assert answer.err.count("\n") == 1


def test_checkpoints_become_a_film_and_the_answer_is_that_of_the_last(tmp_path: Path) -> None:
    """The weights go from those of a constant to those of a contraction to the only data point."""
    data, states = torch.tensor([[0.25, 0.75]]), {}
    for time, bias in {0: 0.9, 100: 0.5, 400: 0.0}.items():
        states[time] = {"weight": 0.5 * torch.eye(2), "bias": 0.5 * data[0] + bias * 0.25}
    found = landscape.examine({"mine": nn.Linear(2, 2)}, data, checkpoints=states, out=tmp_path, **FEW)
    assert found.table.time.tolist() == [0, 100, 400]
    moments = found.tables["moments"]
    assert moments.time.tolist() == [0, 100, 400]
    assert moments.attracting_data.tolist() == [0, 0, 1]
    assert "mine over 3 checkpoints. From time 0 to 400 the share of data points that attract goes" in found.answer
    assert "from 0 % to 100 %, the first at time 400." in found.answer
    assert "time 100" not in found.answer
    page = found.page.read_text()
    assert "The landscape while it is learned" in page
    assert page.count("<h4>Between a constant and the identity: ") == 1  # only the last checkpoint has panels


def test_times_of_checkpoints_are_whole_numbers(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match="the times of `checkpoints` must be whole numbers from 0, such as steps; got 'a'"
    ):
        landscape.examine(nn.Linear(2, 2), PLANE, checkpoints={"a": {}}, out=tmp_path)  # type: ignore[dict-item]
