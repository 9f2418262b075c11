"""Several processes share a run: each cell runs once, whoever takes it, and the record tells of all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from landscape import results, sharing
from landscape.results import RunError, cell
from landscape.running import run_study
from tests.toy.toy_line.study import ToyLine

STUDY = ToyLine(hidden=(1, 2, 3), members=2, steps=5)


def states(folder: Path) -> list[str]:
    return [entry["status"] for entry in results.read_record(folder)["cells"]]


def test_parts_of_a_run_are_the_whole(tmp_path: Path) -> None:
    whole = results.load(run_study(STUDY, out=tmp_path / "whole"))
    first = run_study(STUDY, out=tmp_path / "parts", cells=STUDY.cells()[1:2])
    assert states(first) == ["waiting", "done", "waiting"]
    assert (first / sharing.CELL_LOCKS).exists()
    run_study(STUDY, out=tmp_path / "parts", cells=STUDY.cells()[::2])
    assert states(first) == ["done"] * 3
    assert not (first / sharing.CELL_LOCKS).exists()
    pd.testing.assert_frame_equal(results.load(first).table, whole.table)


def test_a_cell_that_another_process_runs_is_left_to_it(tmp_path: Path) -> None:
    folder, (_, second, _) = STUDY.folder(tmp_path), STUDY.cells()
    with sharing.claimed(folder, second):
        assert sharing.in_progress(folder)
        run_study(STUDY, out=tmp_path)
        assert states(folder) == ["done", "waiting", "done"]
    assert not sharing.in_progress(folder)
    run_study(STUDY, out=tmp_path)
    assert states(folder) == ["done"] * 3


def test_a_cell_that_another_process_finished_meanwhile_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, folder = run_study(STUDY, out=tmp_path / "other"), STUDY.folder(tmp_path)
    key, begun = STUDY.cells()[1].key, list[str]()
    measure = ToyLine.measure

    def measured(self: ToyLine, one: results.Cell, site: object) -> results.Measured:
        begun.append(one.name)
        if len(begun) == 1:  # the other process saves its cell while this one is at work
            (other / results.CELLS / key).rename(folder / results.CELLS / key)
        return measure(self, one, site)  # type: ignore[arg-type]

    monkeypatch.setattr(ToyLine, "measure", measured)
    run_study(STUDY, out=tmp_path)
    assert begun == ["hidden=1", "hidden=3"]
    assert states(folder) == ["done"] * 3


def test_what_other_processes_note_of_their_cells_stays(tmp_path: Path) -> None:
    study = ToyLine(hidden=(1, 2, 3), members=2, steps=5, fail=2)
    folder = run_study(study, out=tmp_path, cells=study.cells()[1:2])
    run_study(study, out=tmp_path, cells=study.cells()[:1])
    record = results.read_record(folder)
    assert [entry["status"] for entry in record["cells"]] == ["done", "failed", "waiting"]
    assert "asked to fail" in record["cells"][1]["error"]
    assert record["seconds"] > 0


def test_cells_of_another_study_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`cells` must be cells of the study; got hidden=9"):
        run_study(STUDY, out=tmp_path, cells=[cell(hidden=9)])


def test_a_record_that_is_held_for_long_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "LONGEST_WAIT", 0.01)
    with (
        sharing.locked(tmp_path),
        pytest.raises(RunError, match="being written by another process"),
        sharing.locked(tmp_path),
    ):
        pass


def test_half_written_files_go_only_when_nobody_writes_them(tmp_path: Path) -> None:
    folder, (first, second, _) = STUDY.folder(tmp_path), STUDY.cells()
    run_study(STUDY, out=tmp_path, cells=[])
    parts = [folder / results.CELLS / f"{one.key}.99.part" for one in (first, second)]
    for part in parts:
        part.mkdir()
    with sharing.claimed(folder, second):
        assert not parts[1].exists()  # left by a process that died: who holds the lock may write here
        parts[1].mkdir()
        run_study(STUDY, out=tmp_path, cells=[])
        assert all(part.exists() for part in parts)
    run_study(STUDY, out=tmp_path, cells=[])
    assert not any(part.exists() for part in parts)


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process by a signal")
def test_three_processes_share_a_run_and_one_is_killed(tmp_path: Path) -> None:
    study = ToyLine(hidden=(1, 2, 3, 4, 5, 6), members=2, steps=5, pause=0.2)
    code = f"""
from pathlib import Path
from landscape.running import run_study
from tests.toy.toy_line.study import ToyLine
run_study(ToyLine(hidden=(1, 2, 3, 4, 5, 6), members=2, steps=5, pause=0.2), out=Path({str(tmp_path)!r}))
"""
    folder = study.folder(tmp_path)
    workers = [subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[1]) for _ in range(3)]
    while not sharing.in_progress(folder):
        assert any(worker.poll() is None for worker in workers)
        time.sleep(0.02)
    os.kill(workers[0].pid, signal.SIGKILL)
    assert [worker.wait(60) for worker in workers] == [-signal.SIGKILL, 0, 0]
    assert states(folder) == ["done"] * 6
    alone = results.load(run_study(study, out=tmp_path / "alone"))
    pd.testing.assert_frame_equal(results.load(folder).table, alone.table)
