"""Logs of runs in TensorBoard, Weights & Biases and MLflow, read back. The packages warn, so they run in other processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from landscape import choices, presets
from landscape.progress import RunProgress
from landscape.running import run_study
from landscape.trackers import Tracker, log_to
from landscape.trackers import tracker as trackers
from tests.conftest import Command

HOUSE = Path(__file__).parent.parent
STUDY = ("study", "toy-line", "--preset", "test", "--hidden", "1,2")
EVENTS = """
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
log = EventAccumulator(sys.argv[1])
log.Reload()
scalars = {tag: [(event.step, event.value) for event in log.Scalars(tag)] for tag in log.Tags()["scalars"]}
tensors = {tag: log.Tensors(tag)[-1].tensor_proto.string_val[0] for tag in log.Tags()["tensors"]}
texts = {tag.removesuffix("/text_summary"): text.decode() for tag, text in tensors.items()}
print(json.dumps([scalars, texts]))
"""
MLFLOW = """
import json, os, sys
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
from mlflow import MlflowClient
client = MlflowClient(tracking_uri=sys.argv[1])
(run,) = client.search_runs([client.get_experiment_by_name("landscape").experiment_id])
print(json.dumps([run.data.metrics, run.data.params, run.data.tags, run.info.status]))
"""


def needed(package: str) -> None:
    try:
        choices.check_trackers([package])
    except ValueError as error:
        pytest.skip(str(error))


def ran(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(HOUSE), **variables}
    return subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, env=environment)


class Kept(Tracker):
    """A tracker that keeps what it is sent, and fails where it is asked to."""

    name = "kept"
    fails = ""

    def start(self) -> None:
        self.sent: list[tuple[dict[str, float], int]] = []
        self.ends: list[tuple[str, dict[str, str]]] = []
        if self.fails == "start":
            raise ConnectionError("no network")

    def write(self, values: Mapping[str, float], step: int) -> None:
        if self.fails == "write":
            raise ConnectionError("no network")
        self.sent.append((dict(values), step))

    def end(self, state: str, texts: Mapping[str, str]) -> None:
        self.ends.append((state, dict(texts)))

    def last(self, name: str) -> float:
        return [values[name] for values, _ in self.sent if name in values][-1]


@pytest.fixture
def kept(toy: None, tmp_path: Path) -> Kept:
    return Kept(presets.make_study("toy-line", "test", hidden=[1, 2]), tmp_path)


def test_a_run_is_logged_and_its_key_stays(kept: Kept, tmp_path: Path) -> None:
    with kept:
        folder = run_study(kept.study, out=tmp_path, progress=[kept])
    assert folder == kept.study.folder(tmp_path)
    assert "log" not in json.loads((folder / "run.json").read_text())["parameters"]
    assert (kept.last("cells/finished"), kept.last("cells/failed"), kept.last("cells/all")) == (2, 0, 2)
    assert 0 <= kept.last("converged/hidden=2") <= kept.members
    assert kept.last("final loss/hidden=2") >= 0
    assert kept.ends == [("finished", {})]


def test_a_run_with_a_failed_cell_has_failed(toy: None, tmp_path: Path) -> None:
    kept = Kept(presets.make_study("toy-line", "test", hidden=[1, 2], fail=2), tmp_path)
    with kept:
        run_study(kept.study, out=tmp_path, progress=[kept])
    assert (kept.last("cells/failed"), kept.ends[0][0]) == (1, "failed")


def test_cells_that_were_finished_before_are_logged(kept: Kept, tmp_path: Path) -> None:
    run_study(kept.study, out=tmp_path, progress=None)
    with kept:
        run_study(kept.study, out=tmp_path, progress=[kept])
    assert kept.last("final loss/hidden=1") >= 0


def test_steps_are_those_of_a_network_and_add_up_over_trainings(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trackers, "SECONDS_BETWEEN", -1.0)
    steps, members = 70, kept.members
    for done in (0, 35, 70, 0, 35):
        kept(RunProgress(0, 2, 0, "hidden=1", done * members, steps * members, 0, 0.1))
    assert [step for values, step in kept.sent if "loss/hidden=1" in values] == [0, 35, 70, 70, 105]


def test_points_of_a_curve_are_a_second_apart(kept: Kept) -> None:
    for done in range(5):
        kept(RunProgress(0, 2, 0, "hidden=1", done, 100, 0, 0.1))
    assert len(kept.sent) == 1


@pytest.mark.parametrize("place", ["start", "write"])
def test_a_log_that_fails_is_noted_once_and_the_run_goes_on(kept: Kept, tmp_path: Path, place: str) -> None:
    kept.fails = place
    with (
        pytest.warns(UserWarning, match=r"--log kept is off from here, and the run goes on \(ConnectionError") as notes,
        kept,
    ):
        folder = run_study(kept.study, out=tmp_path, progress=[kept])
    assert len(notes) == 1
    assert len(list((folder / "cells").iterdir())) == 2
    assert kept.ends == []


def test_a_stopped_run_is_logged_as_stopped(kept: Kept) -> None:
    with pytest.raises(KeyboardInterrupt), kept:
        raise KeyboardInterrupt
    assert kept.ends[0][0] == "stopped"


def test_losses_that_are_not_finite_are_left_out() -> None:
    assert trackers.finite({"loss": float("nan"), "converged": 3}) == {"converged": 3.0}


@pytest.mark.usefixtures("toy")
def test_wrong_names_and_missing_packages_are_one_line(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = command(*STUDY, "--log", "tensorbord")
    assert answer.code == 2
    assert answer.err == "landscape: `log` must be one of 'tensorboard', 'wandb', 'mlflow'; got 'tensorbord'\n"
    monkeypatch.setattr(choices, "find_spec", lambda name: None)
    answer = command(*STUDY, "--log", "wandb")
    assert answer.code == 2
    assert answer.err.endswith("needs a package that is not installed: pip install 'input-landscape[wandb]'\n")
    with pytest.raises(ValueError, match="needs a package"):
        log_to("wandb", presets.make_study("toy-line", "test"), "reports")


@pytest.mark.usefixtures("toy")
def test_a_job_script_logs_each_task(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "find_spec", lambda name: json.__spec__)
    assert "--log mlflow --engine" in command("slurm", *STUDY[1:], "--log", "mlflow", "--shards", "2").out


def test_tensorboard_is_read_back(tmp_path: Path) -> None:
    needed("tensorboard")
    done = ran("-m", "tests.toy", *STUDY, "--log", "tensorboard", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "logs" / "tensorboard").iterdir()
    assert f"log     {folder}\n" in done.stdout
    scalars, texts = json.loads(ran("-c", EVENTS, folder).stdout)
    assert [step for step, _ in scalars["cells/finished"]] == [0, 1, 2]
    assert scalars["cells/finished"][-1][1] == 2
    assert {"converged/hidden=1", "final loss/hidden=2"} <= scalars.keys()
    assert "| hidden | 1,2 |" in texts["study/parameters"]
    assert "| verdict T1 | undecided: Every net learns two points. |" in texts["study/end"]
    assert (tmp_path / folder.name / "report.html").as_uri() in texts["study/end"]


def test_mlflow_is_read_back_from_its_local_store(tmp_path: Path) -> None:
    needed("mlflow")
    done = ran("-m", "tests.toy", *STUDY, "--log", "mlflow", "--out", tmp_path, MLFLOW_TRACKING_URI="")
    assert done.returncode == 0, done.stderr
    store = tmp_path / "logs" / "mlflow"
    metrics, params, tags, state = json.loads(ran("-c", MLFLOW, store.as_uri()).stdout)
    assert (metrics["cells/finished"], state) == (2, "FINISHED")
    assert "converged/hidden_1" in metrics
    assert (params["hidden"], params["study"]) == ("1,2", "toy-line")
    assert tags["verdict T1"] == "undecided: Every net learns two points."
    assert tags["report"].endswith("/report.html")


def test_wandb_writes_a_folder_without_a_network(tmp_path: Path) -> None:
    needed("wandb")
    variables = {"WANDB_MODE": "offline", "HOME": str(tmp_path / "home")}
    done = ran("-m", "tests.toy", *STUDY, "--log", "wandb", "--out", tmp_path / "out", **variables)
    assert done.returncode == 0, done.stderr
    assert "off from here" not in done.stderr
    (folder,) = (tmp_path / "out" / "logs" / "wandb").glob("offline-run-*")
    assert f"log     {folder}\n" in done.stdout
    (file,) = folder.glob("*.wandb")
    content = file.read_bytes()
    assert b"final loss/hidden=1" in content
    assert b"verdict T1" in content
