"""The engine `ray` on a cluster of two cores, and one contract for all engines: the same tables, whatever dies meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from landscape import engine, ray_engine, results, sharing
from landscape.away import ClusterError
from landscape.ray_engine import Cluster
from landscape.running import run_study
from tests.conftest import Command
from tests.toy.toy_line.study import STALL, ToyLine
from tests.work import killed_once, square, waiting

pytest.importorskip("ray", reason="the extra ray is not installed")
HOME = Path(__file__).parents[1]
STUDY = ToyLine(hidden=(1, 2, 3, 4), members=2, steps=5, fail=3)
CODE = """
import sys
from landscape.running import run_study
from tests.toy.toy_line.study import ToyLine
study = ToyLine(hidden=(1, 2, 3, 4), members=2, steps=5, fail=3)
run_study(study, out=sys.argv[1], cells=study.cells()[int(sys.argv[2])::3])
"""
SHARD = (sys.executable, "-c", CODE)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A Ray cluster of two cores, to which this process is connected."""
    with ray_engine._connected(Cluster(), 2):
        yield


def run(function: Any, items: list[Any], **options: Any) -> Iterator[Any]:
    return engine.run(function, items, engine="ray", workers=2, **options)


def test_an_error_becomes_the_outcome_of_its_item_alone_and_reports_arrive(cluster: None) -> None:
    heard: list[tuple[int, ...]] = []
    outcomes = list(run(square, [1, 2, 3, 4], report=lambda *told: heard.append(told)))
    assert {outcome.item: outcome.value for outcome in outcomes} == {1: 1, 2: 4, 3: None, 4: 16}
    assert {outcome.item: str(outcome.error) for outcome in outcomes if outcome.error} == {3: "three"}
    assert set(heard) == {(item, item, 7, 2) for item in (1, 2, 3, 4)}


def test_an_item_whose_worker_is_killed_is_tried_again(cluster: None, tmp_path: Path) -> None:
    there = [tmp_path / name for name in ("a", "b")]
    there[1].touch()
    assert sorted(outcome.value for outcome in run(killed_once, [*there])) == ["a", "b"]


def test_an_item_that_kills_every_worker_fails_alone_and_ray_prints_nothing(
    cluster: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ray_engine, "RETRIES", 0)
    outcomes = {outcome.item: outcome for outcome in run(square, [5, 1])}
    assert outcomes[1].value == 1
    assert "the worker process or its machine was lost" in str(outcomes[5].error)
    assert capfd.readouterr() == ("", "")


def test_outcomes_come_as_they_finish(cluster: None, tmp_path: Path) -> None:
    slow, quick = tmp_path / "slow", tmp_path / "quick"
    quick.touch()
    outcomes = run(waiting, [slow, quick])
    assert next(outcomes).value == "quick"
    slow.touch()
    assert [outcome.value for outcome in outcomes] == ["slow"]


def test_as_many_items_begin_as_there_is_room_for_and_those_refused_have_no_outcome(cluster: None) -> None:
    asked: list[int] = []

    def begin(item: int) -> bool:
        asked.append(item)
        return item != 2

    outcomes = run(square, [1, 2, 4, 6, 7], begin=begin)
    first = next(outcomes)
    assert asked == [1, 2, 4, 6]
    assert sorted(outcome.item for outcome in [first, *outcomes]) == [1, 4, 6, 7]


def test_tasks_of_a_run_that_is_left_are_cancelled(cluster: None, tmp_path: Path) -> None:
    quick = tmp_path / "quick"
    quick.touch()
    outcomes: Any = run(waiting, [tmp_path / "never", quick])
    next(outcomes)
    outcomes.close()
    assert {outcome.value for outcome in run(square, [1, 2])} == {1, 4}  # both cores are free again


def test_work_that_cannot_be_sent_is_refused(cluster: None) -> None:
    with pytest.raises(TypeError, match=r"worker processes cannot be sent the work .* define it in a module"):
        list(run(lambda item, report: item, [1]))


def test_a_cluster_without_gpus_is_refused_for_cells_that_take_one(cluster: None) -> None:
    with pytest.raises(ClusterError, match=r"each cell takes 0\.25 of a GPU, and the Ray cluster .* has 0"):
        list(run(square, [1], cluster=Cluster(gpus=0.25)))


def test_a_machine_without_our_code_is_named_as_the_cause(cluster: None) -> None:
    ray = ray_engine.library()

    class Task:
        cause = ray.exceptions.RaySystemError(ModuleNotFoundError("No module named 'landscape.away'"))

    found = ray_engine._cause(ray, Task())
    assert isinstance(found, ClusterError)
    assert "has no module 'landscape.away'; install the same version of landscape on all machines" in str(found)


@pytest.mark.parametrize(
    ("address", "why"), [("127.0.0.1:9", r"Connection refused"), ("nonsense", "an address is HOST:PORT, or auto")]
)
def test_an_address_where_nothing_answers_is_an_error_at_once(address: str, why: str) -> None:
    with pytest.raises(ClusterError, match=rf"no Ray cluster can be used at {address} \({why}\); start one with"):
        ray_engine._reach(address)


def test_without_ray_the_message_says_what_to_install(
    toy: None, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    answer = command("study", "toy-line", "--engine", "ray")
    assert (answer.code, answer.out) == (2, "")
    assert "engine 'ray' needs the package ray" in answer.err
    assert "pip install 'input-landscape[ray]'" in answer.err
    assert answer.err.count("\n") == 1


def test_all_engines_and_three_shards_of_which_one_is_killed_give_the_same_tables(
    cluster: None, tmp_path: Path
) -> None:
    stalls = [{STALL: "0"}, {}, {}]  # the first shard never ends its first cell, and is killed within it
    shards = [
        subprocess.Popen([*SHARD, str(tmp_path / "shards"), str(number)], cwd=HOME, env=os.environ | stall)
        for number, stall in enumerate(stalls)
    ]
    found = {name: run_study(STUDY, out=tmp_path / name, engine_name=name, workers=1) for name in engine.ENGINES}
    while not sharing.is_claimed(STUDY.folder(tmp_path / "shards"), STUDY.cells()[0].key):
        assert shards[0].poll() is None
        time.sleep(0.02)
    shards[0].kill()
    assert [shard.wait(60) for shard in shards] == [-9, 0, 0]
    found["shards"] = run_study(STUDY, out=tmp_path / "shards", cells=STUDY.cells()[::3])
    expected = results.load(found["here"])
    for name, folder in found.items():
        result = results.load(folder)
        pd.testing.assert_frame_equal(result.table, expected.table, check_exact=True, obj=name)
        assert [entry["status"] for entry in result.record["cells"]] == ["done", "done", "failed", "done"]
        for cell, arrays in expected.arrays.items():
            assert np.array_equal(result.arrays[cell]["weights"], arrays["weights"])
        assert weights(tmp_path / name) == weights(tmp_path / "here")


def weights(out: Path) -> dict[str, bytes]:
    """The bytes of the networks in the model store of `out`, by their keys."""
    return {file.parent.name: file.read_bytes() for file in (out / "models").glob("*/*.safetensors")}


def test_the_command_line_runs_the_cells_of_a_study(cluster: None, toy: None, command: Command, out: Path) -> None:
    answer = command("study", "toy-line", "--engine", "ray", "--workers", "2", "--steps", "5", "--no-report", "--quiet")
    assert answer.code == 0, answer.err
    assert {entry["status"] for entry in results.read_record(next(out.glob("toy-line-*")))["cells"]} == {"done"}
