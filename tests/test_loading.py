"""Runs and networks by name, and the names that the package offers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import landscape
from landscape.results import RunError
from landscape.study import run_study
from tests.toy.toy_line import ToyLine

pytestmark = pytest.mark.usefixtures("toy")
STUDY = ToyLine(steps=5, hidden=(1, 2))


@pytest.fixture
def run(out: Path) -> Path:
    """A finished run in the default folder."""
    return run_study(STUDY, out=out)


def test_a_run_is_found_by_path_by_file_and_by_beginning(run: Path) -> None:
    for name in (run, str(run), run / "run.json", run.name, "toy", run.name[:-3]):
        assert landscape.load(name).path == run


def test_a_run_that_is_not_there_comes_with_the_nearest(run: Path) -> None:
    near = f"{run.name[:-2]}zz"
    with pytest.raises(RunError, match=rf"no run named '{near}' in .*\. Did you mean '{run.name}'"):
        landscape.load(near)
    with pytest.raises(RunError, match="no run in"):
        landscape.load("nowhere/at-all")


def test_load_model_is_the_member_that_was_trained(run: Path) -> None:
    ensemble = landscape.load_model(run, member=2, hidden=2)
    assert ensemble.members == 1
    weights = landscape.load(run).arrays[STUDY.cells()[1]]["weights"]
    assert torch.equal(ensemble.flat[0], torch.from_numpy(weights[2]))
    assert ensemble(torch.rand(1, 7, 1)).shape == (1, 7, 1)


def test_load_model_takes_fixed_parameters_too(run: Path) -> None:
    assert landscape.load_model(run, hidden=1, data="two-points").members == 1
    with pytest.raises(RunError, match="fits 0 cells; name one of: hidden=1; hidden=2"):
        landscape.load_model(run, hidden=1, data="digits")


def test_load_model_refuses_what_is_not_one_network(run: Path) -> None:
    with pytest.raises(RunError, match="nothing fits 2 cells; name one of: hidden=1; hidden=2"):
        landscape.load_model(run)
    with pytest.raises(RunError, match=r"toy-line has no 'hiden'\. Did you mean 'hidden'"):
        landscape.load_model(run, hiden=1)
    with pytest.raises(RunError, match="`member` must be from 0 to 2; got 3"):
        landscape.load_model(run, 3, hidden=1)
    with pytest.raises(RunError, match="trains 1 ensembles; got `recipe` 1"):
        landscape.load_model(run, recipe=1, hidden=1)


def test_load_model_says_how_to_get_back_a_deleted_store(run: Path, out: Path) -> None:
    (out / "models").rename(out / "gone")
    with pytest.raises(RunError, match=r"run again: landscape study toy-line .*--fresh"):
        landscape.load_model(run, hidden=1)


def test_public_names_are_there_and_loaded_when_used() -> None:
    assert all(getattr(landscape, name) is not None for name in landscape.__all__)
    assert set(landscape.__all__) <= set(dir(landscape))
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        landscape.lod  # noqa: B018
    code = "import sys, landscape; assert 'torch' not in sys.modules; landscape.load; assert 'torch' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
