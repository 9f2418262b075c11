"""Runs and networks by name, and the public names of the package."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load, save

import landscape
from landscape import loading, results
from landscape.ensemble import Fitted
from landscape.results import RunError, read_record, write_record
from landscape.running import run_study
from landscape.training import Recipe
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")
STUDY = ToyLine(steps=5, hidden=(1, 2))


@pytest.fixture
def run(out: Path) -> Path:
    """A finished run in the default folder."""
    return run_study(STUDY, out=out)


def test_a_run_is_found_by_path_by_file_and_by_beginning(run: Path) -> None:
    for name in (run, str(run), run / "run.json", run.name, "toy", run.name[:-3]):
        assert landscape.load(name).path == run


def test_a_record_is_read_once_to_load_a_run(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    monkeypatch.setattr(results, "read_record", lambda folder: read.append(folder) or read_record(folder))
    landscape.load(run)
    assert read == [run]


def test_a_run_that_is_not_there_comes_with_the_nearest(run: Path) -> None:
    near = f"{run.name[:-2]}zz"
    with pytest.raises(RunError, match=rf"no run named '{near}' in .*\. Did you mean '{run.name}'"):
        landscape.load(near)
    with pytest.raises(RunError, match="no run in"):
        landscape.load("nowhere/at-all")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("hidden", ["x"], "`hidden` must be a whole number; got 'x'"),
        ("hidden", "2", "`hidden` must be a whole number; got '2'"),
        ("hidden", [], "`hidden` must list at least one value; got none"),
        ("members", None, "`members` must be a whole number; got None"),
        ("members", [3], "`members` must be a whole number; got [3]"),
        ("members", 2.5, "`members` must be a whole number; got 2.5"),
        ("stop", 1, "`stop` must be true or false; got 1"),
        ("lr", "fast", "`lr` must be a number; got 'fast'"),
        ("data", 3, "`data` must be a word; got 3"),
    ],
)
def test_a_record_with_a_parameter_of_another_type_is_refused_by_every_command(
    run: Path, command: Command, name: str, value: Any, message: str
) -> None:
    record = read_record(run)
    record["parameters"][name] = value
    write_record(run, record)
    for words in ("show", "report", "sample"):
        for asked in (run.name, str(run)):
            answer = command(words, asked)
            assert (answer.code, answer.out, len(answer.err.splitlines())) == (2, "", 1), answer
            assert f"run.json cannot be used: of its parameters, {message}; run the study again" in answer.err
    with pytest.raises(RunError, match=rf"holds another run \(`{name}` differs\)"):
        run_study(STUDY, out=run.parent)


def test_load_model_is_the_member_that_was_trained(run: Path) -> None:
    ensemble = landscape.load_model(run, member=2, hidden=2)
    assert ensemble.members == 1
    weights = landscape.load(run).arrays[STUDY.cells()[1]]["weights"]
    assert torch.equal(ensemble.flat[0], torch.from_numpy(weights[2]))
    assert ensemble(torch.rand(1, 7, 1)).shape == (1, 7, 1)


def test_load_model_takes_fixed_parameters_too(run: Path) -> None:
    assert landscape.load_model(run, hidden=1, data="two-points").members == 1
    with pytest.raises(RunError, match="data is two-points"):
        landscape.load_model(run, hidden=1, data="digits")


def test_load_model_refuses_what_is_not_one_network(run: Path) -> None:
    with pytest.raises(RunError, match=r"the run has 2 cells; choose one by --where KEY=VALUE, of hidden \(1, 2\)"):
        landscape.load_model(run)
    with pytest.raises(RunError, match=r"toy-line has no 'hiden'\. Did you mean 'hidden'"):
        landscape.load_model(run, hiden=1)
    with pytest.raises(RunError, match="`member` must be median, best or from 0 to 2; got 3"):
        landscape.load_model(run, 3, hidden=1)
    with pytest.raises(RunError, match="trains 1 ensembles; got `recipe` 1"):
        landscape.load_model(run, recipe=1, hidden=1)


def test_the_median_and_the_best_are_chosen_by_training_loss(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = loading.stored

    def ended(losses: list[float], status: tuple[str, ...]) -> None:
        def stand_in(recipe: Recipe, models: Path) -> Fitted | None:
            found = whole(recipe, models)
            return found and replace(found, losses=torch.tensor(losses), status=status)

        monkeypatch.setattr(loading, "stored", stand_in)

    ended([3e-7, 1e-8, 0.1], ("converged", "converged", "stalled"))
    best, median = (landscape.find_model(run, member, hidden=1) for member in ("best", "median"))
    assert (best.member, median.member) == (1, 1)
    assert median.choice == "member 1, the median of 2 converged members"
    ended([0.3, 0.1, 0.2], ("stalled", "stalled", "collapsed"))
    median = landscape.find_model(run, "median", hidden=1)
    assert (median.member, median.choice) == (2, "member 2, the median of 3 members, none converged")
    assert (median.loss, median.status) == (pytest.approx(0.2), "collapsed")
    ended([float("nan"), 0.1, 9.0], ("diverged", "stalled", "diverged"))
    assert (
        landscape.find_model(run, "median", hidden=1).member == landscape.find_model(run, "best", hidden=1).member == 1
    )
    ended([9.0, 9.0, 9.0], ("diverged",) * 3)
    with pytest.raises(RunError, match="all 3 members diverged; give a member's number"):
        landscape.find_model(run, "best", hidden=1)


def test_a_model_names_its_run_cell_member_and_recipe(run: Path) -> None:
    model = landscape.find_model(run, "2", hidden="2")
    assert (model.run, model.cell, model.member, model.choice) == (run, STUDY.cells()[1], 2, "member 2 of 3")
    assert model.recipe.seeds == STUDY.seeds[2:]
    assert model.recipe.dataset().points.shape == (1, 2, 1)
    assert torch.equal(model.ensemble.flat, landscape.load_model(run, 2, hidden=2).flat)
    assert landscape.find_model(run, 0, hidden=1, lr="1e-2", stop="true").cell == STUDY.cells()[0]


def test_pickles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"model\.pt may be a pickle, and to open one can run any code"):
        landscape.load_model(tmp_path / "model.pt")


def test_load_model_says_how_to_get_back_a_deleted_store(run: Path, out: Path) -> None:
    (out / "models").rename(out / "gone")
    with pytest.raises(RunError, match=r"run again: landscape study toy-line .*--fresh"):
        landscape.load_model(run, hidden=1)


def test_load_model_takes_no_weights_of_another_architecture(run: Path, out: Path) -> None:
    one, two = (out / "models" / STUDY.recipes(cell)[0].key / "weights.safetensors" for cell in STUDY.cells())
    one.write_bytes(two.read_bytes())
    with pytest.raises(
        RunError, match=r"networks of cell hidden=1 as they were written \(altered, or of.*; run again: .*--fresh"
    ):
        landscape.load_model(run, hidden=1)


@pytest.mark.parametrize("flat", [torch.zeros(3, 7), torch.zeros(1, 16), torch.zeros(3, 16).long(), None])
def test_load_model_takes_no_other_shape_though_its_hash_be_right(
    run: Path, out: Path, flat: torch.Tensor | None
) -> None:
    folder = out / "models" / STUDY.recipes(STUDY.cells()[0])[0].key
    tensors = load((folder / "weights.safetensors").read_bytes())
    del tensors["flat"]
    tensors |= {} if flat is None else {"flat": flat}
    content = save(tensors)
    spec = json.loads((folder / "spec.json").read_text()) | {"sha256": hashlib.sha256(content).hexdigest()}
    (folder / "weights.safetensors").write_bytes(content)
    (folder / "spec.json").write_text(json.dumps(spec))
    with pytest.raises(RunError, match="as they were written"):
        landscape.load_model(run, hidden=1)


def test_a_file_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "own.npz").write_bytes(b"PK")
    with pytest.raises(RunError, match=r"own\.npz is a file, and a run is a folder with run\.json"):
        landscape.load_model(tmp_path / "own.npz")


def test_public_names_are_there_and_loaded_when_used() -> None:
    assert all(getattr(landscape, name) is not None for name in landscape.__all__)
    assert set(landscape.__all__) <= set(dir(landscape))
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        landscape.lod  # noqa: B018
    code = "import sys, landscape; assert 'torch' not in sys.modules; landscape.load; assert 'torch' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
