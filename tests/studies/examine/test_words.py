"""What an examination says: of factories, random weights, arrays in memory, presets; and what else it takes as a model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import landscape
from landscape import examining, outside, presets, results
from landscape.data.in_memory import keep_array, name_of
from landscape.notes import Note
from landscape.running import run_study
from landscape.studies.examine import networks, points
from landscape.studies.examine.study import Examine

FEW: dict[str, Any] = {"starts": 2, "iterations": 5, "probes": 1, "resolution": 3, "samples": 4}
CODE = """
import torch
from torch import nn

def build():
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2), nn.Sigmoid())

def fixed():
    torch.manual_seed(0)
    return build()

def wide(width):
    return nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 2))

def halved(batch):
    return batch / 2

def middle(model, points):
    return points.mean((1, 2))

def data_count(model, points, data):
    return torch.full((model.members,), float(data.shape[1]))
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.py").write_text(CODE)
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((7, 2), dtype=np.float32))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(outside, "_recalled", {})  # another test's run may have recalled a file of the same name
    return tmp_path


def study(**settings: Any) -> Examine:
    made = presets.make_study("examine", "test", overrides={"data": "x.npy", **FEW, **settings})
    assert isinstance(made, Examine)
    return made


def first_try(**settings: Any) -> None:
    made = study(**settings)
    made.recipes(made.cells()[0])


def test_a_factory_with_an_argument_is_told_what_to_do(file: Path) -> None:
    words = r"mine.py:wide needs width, and only functions without arguments make networks here: .* `def build\(\): return wide"
    with pytest.raises(ValueError, match=words):
        first_try(model=("mine.py:wide",))
    torch.save({"a": torch.zeros(1)}, file / "w.pt")
    with pytest.raises(ValueError, match=r"mine.py:wide needs width"):
        first_try(model=("mine.py:wide",), weights="w.pt")


def test_random_weights_are_said_on_the_page_and_in_a_note(file: Path) -> None:
    with pytest.warns(Note, match="mine.py:build makes a network with random weights, and none were given"):
        first_try(model=("mine.py:build",))
    assert networks.random_weights("mine.py:build", "")
    assert not networks.random_weights("mine.py:build", "w.safetensors")
    assert not networks.random_weights("mine.py:fixed", "")
    assert not networks.random_weights("mine.py:halved", "")
    made = study(model=("mine.py:build",))
    with pytest.warns(Note, match="random weights"):
        result = results.load(run_study(made, out=file, debug=True))
    assert "Its weights are random" in made.answer(result, ()).words
    assert "The weights of build are random, as no file of weights was given." in made.answer(result, ()).not_shown


def test_the_test_preset_says_that_it_draws_few(file: Path) -> None:
    made = study(model=("mine.py:halved",), held_out="40%")
    result = results.load(run_study(made, out=file, debug=True))
    assert "The preset test draws few: use quick, or samples=300" in result.tables["skipped"].reason.str.cat()
    assert (
        "there are 4 points of the data and 3 held-out points and 4 orbits from noise"
        in made.answer(result, ()).not_shown
    )


def test_arrays_in_memory_are_named_as_arguments(tmp_path: Path) -> None:
    plane = np.random.default_rng(0).random((7, 2), dtype=np.float32)
    kept = keep_array(plane, "data", tmp_path)
    assert name_of(kept) == "`data`"
    assert name_of("some/data.npy") == "some/data.npy"
    assert points.read(kept, 0.0, 1.0).name == "`data`"
    with pytest.raises(
        ValueError, match=r"^held-out points must be like the data; `held_out` has points of shape \(3,\)"
    ):
        landscape.examine(nn.Identity(), plane, np.zeros((5, 3), np.float32), out=tmp_path, progress=False)
    other = nn.Linear(2, 3).state_dict()
    with pytest.raises(ValueError, match=r"^checkpoint 1 does not fit the module Linear"):
        landscape.examine(
            nn.Linear(2, 2), plane, checkpoints=[nn.Linear(2, 2), other], out=tmp_path, progress=False, shape=2
        )


def test_the_command_of_a_run_made_in_python_is_python(file: Path) -> None:
    text = "net@0123456789ab"
    made = study(model=(text,), samples=9)
    said = made.command()
    assert said.startswith("in Python: landscape.examine({'net': net}, 'x.npy', starts=2, samples=9")
    assert made.command("quick", study()) == said
    networks.give(text, nn.Identity(), "landscape.load_model('reports/x', 0)")
    assert "{'net': landscape.load_model('reports/x', 0)}" in made.command()
    assert study(model=("mine.py:halved",)).command().startswith("landscape study examine")


def test_a_function_of_the_users_fills_a_column(file: Path) -> None:
    made = study(model=("mine.py:halved",), measures="mine.py:middle,mine.py:data_count")
    row = results.load(run_study(made, out=file, debug=True)).table.iloc[0]
    assert row.middle == pytest.approx(0.5, abs=0.05)
    assert row.data_count == 7


def test_what_load_model_gives_and_the_folder_of_a_run_are_models(tmp_path: Path) -> None:
    run = run_study(
        presets.make_study("corners", "test", overrides={"members": 3, "steps": 5}), out=tmp_path, debug=True
    )
    where = dict(landscape.load(run).record["cells"][0]["values"])
    model = landscape.load_model(run, "median", **where)
    data = np.random.default_rng(0).random((7, model.dim), dtype=np.float32)
    np.save(tmp_path / "x.npy", data)
    (ours,) = examining._texts({"ours": model})
    made = study(model=(ours,), data=str(tmp_path / "x.npy"))
    assert made.answer(results.load(run_study(made, out=tmp_path, debug=True)), ()).title.startswith(
        "The network ours "
    )
    text, dataset = examining.of_run(run, "median", **where)
    assert networks.spelt(text).startswith(f"{run.name!r}: landscape.load_model({str(run)!r}, 'median', ")
    assert dataset.dim == model.dim
    with pytest.raises(ValueError, match="examine needs `data`"):
        landscape.examine(nn.Identity(), out=tmp_path)


MISTYPED = {
    ("mine.py:biuld", "--data", "x.npy"): "got 'biuld'. Did you mean 'build'?",
    (
        "mine.py",
        "--data",
        "x.npy",
    ): "give the network's name in the file, mine.py:NAME; the file defines build, fixed, wide",
    ("nine.py:build", "--data", "x.npy"): "there is no file nine.py",
    ("net.pt3", "--data", "x.npy"): "there is no model 'net.pt3'",
    ("mine.py:build",): "--data is missing",
    ("mine.py:build", "--data", "y.npy"): "there is no file or folder 'y.npy'",
    ("mine.py:build", "--data", "digitz"): "Did you mean 'digits'?",
    ("mine.py:build", "--data", "x.npy", "--held-out", "h.npy"): "there is no file or folder 'h.npy'",
    ("mine.py:build", "--data", "x.npy", "--weights", "w-*.pt"): "no file fits the pattern --weights 'w-*.pt'",
    ("mine.py:build", "--data", "x.npy", "--shape", "3,a"): "`shape` must be whole numbers",
    ("mine.py:build", "--data", "x.npy", "--preset", "quik"): "Did you mean 'quick'?",
    ("mine.py:build", "--data", "x.npy", "--set", "iterationz=3"): "Did you mean 'iterations'?",
    ("mine.py:build", "--data", "x.npy", "--measure", "mine.py:midle"): "Did you mean 'middle'?",
    ("mine.py:build", "--data", "x.npy", "--where", "hidden=2"): "--where and --member choose a network of a run",
}
SCRIPT = """
import json, sys
from landscape import cli
for words in json.loads(sys.argv[1]):
    try:
        cli.main(["examine", *words])
    except SystemExit as stop:
        print(stop.code, "torch" in sys.modules, "pandas" in sys.modules, flush=True)
"""


def test_mistyped_words_are_answered_before_torch_is_loaded(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(list(MISTYPED))], capture_output=True, text=True, check=True
    )
    said = done.stderr.splitlines()
    assert len(said) == len(MISTYPED)
    for line, words in zip(said, MISTYPED.values(), strict=True):
        assert words in line
    assert done.stdout.splitlines() == ["2 False False"] * len(MISTYPED)


def test_ends_of_orbits_that_are_all_one_point_tell_no_share_of_copies(tmp_path: Path) -> None:
    random = np.random.default_rng(0).random((230, 3), dtype=np.float32)
    given = {
        "starts": 2,
        "iterations": 5,
        "probes": 1,
        "resolution": 3,
        "samples": 100,
        "out": tmp_path,
        "progress": False,
    }

    def middle(batch: torch.Tensor) -> torch.Tensor:
        return batch * 0 + 0.5

    found = landscape.examine(middle, random[:120], random[120:], preset="test", **given)
    assert found.table.distinct.tolist() == [1]
    assert "Its samples are all the same, and a single sample cannot tell what share is copied" in found.answer
    assert "] are copies" not in found.answer
    page = found.page.read_text()
    assert "0% copies" not in page
    assert "a single sample cannot tell" in page


def test_the_data_cannot_stand_for_held_out_points(file: Path) -> None:
    with pytest.raises(
        ValueError, match=r"must be new to the network; x.npy holds the same points as the data: give other"
    ):
        study(held_out="x.npy").recipes(study(held_out="x.npy").cells()[0])
    np.save(file / "reversed.npy", np.load(file / "x.npy")[::-1].copy())
    assert study(held_out="reversed.npy").recipes(study(held_out="reversed.npy").cells()[0]) == []
