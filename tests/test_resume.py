"""A run that is killed and started again ends with the same numbers as an undisturbed run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from landscape import results
from landscape.results import Result
from landscape.running import run_study
from tests.programs import interruptible
from tests.toy.toy_line.study import STALL, ToyLine

STUDY = ToyLine(steps=400, hidden=(1, 2, 3, 4, 5), members=5, pause=0.2, stop=False)
WORDS = [*STUDY.command().split()[1:], "--no-report"]


def start(out: Path, *more: str, stall: int = 1000) -> subprocess.Popen[str]:
    """Start the run in a subprocess. It hangs in the cells with more than `stall` hidden layers."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.toy", *WORDS, "--out", str(out), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, STALL: str(stall)},
        preexec_fn=interruptible,
    )


def wait_for_cells(process: subprocess.Popen[str], out: Path, count: int, within: float = 60.0) -> None:
    """Wait until `count` more cells are finished, or the process has ended."""
    began = time.monotonic()
    while process.poll() is None and time.monotonic() - began < within:
        if len(list(out.glob("toy-line-*/cells/*/cell.json"))) >= count:
            return
        time.sleep(0.02)


def same(one: Result, two: Result) -> None:
    """Assert that two results are equal to the last bit, cell by cell."""
    assert one.table.equals(two.table)
    assert list(one.arrays) == list(two.arrays)
    for cell in one.arrays:
        assert np.array_equal(one.arrays[cell]["weights"], two.arrays[cell]["weights"])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return results.load(run_study(STUDY, out=tmp_path_factory.mktemp("undisturbed")))


def finish(out: Path, *more: str) -> Result:
    process = start(out, *more)
    told = process.communicate(timeout=120)[1]
    assert process.returncode == 0, told
    return results.load(STUDY.folder(out))


def test_killed_run_resumes_to_the_same_numbers(tmp_path: Path, undisturbed: Result) -> None:
    process = start(tmp_path, stall=2)
    wait_for_cells(process, tmp_path, 2)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert len(list(tmp_path.glob("toy-line-*/cells/*/cell.json"))) == 2
    same(finish(tmp_path), undisturbed)


@pytest.mark.parametrize(
    ("engine", "sign", "code"),
    [
        ("processes", signal.SIGINT, 130),
        ("here", signal.SIGTERM, 143),
        pytest.param("ray", signal.SIGINT, 130, marks=pytest.mark.slow),
        pytest.param("ray", signal.SIGTERM, 143, marks=pytest.mark.slow),
    ],
)
def test_stopped_run_says_what_is_kept(tmp_path: Path, engine: str, sign: signal.Signals, code: int) -> None:
    if engine == "ray":
        pytest.importorskip("ray", reason="the extra ray is not installed")
    process = start(tmp_path, "--engine", engine, "--workers", "2", stall=1)
    wait_for_cells(process, tmp_path, 1)
    os.kill(process.pid, sign)
    said, told = process.communicate(timeout=60)
    assert process.returncode == code, told
    assert said == ""
    assert "of 5 cells are finished and kept in " in told
    assert "the same command goes on from there" in told
    assert "Traceback" not in told


INTERRUPTED = """
from landscape import cli

@cli.app.command()
def interrupted() -> None:
    exec("raise KeyboardInterrupt")  # dataclass() executes text in this way, so that Ctrl-C may arrive there

if __name__ == "__main__":
    cli.main()
"""


def test_interrupt_within_executed_text_has_the_same_exit_code(tmp_path: Path) -> None:
    (tmp_path / "stopping.py").write_text(INTERRUPTED)
    place = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-m", "stopping", "interrupted"], env=place, capture_output=True)
    assert ended.returncode == 130


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["here", "processes", "ray"])
def test_run_killed_five_times_at_random_ends_the_same(tmp_path: Path, undisturbed: Result, engine: str) -> None:
    chance = random.Random(7)
    for _ in range(5):
        process = start(tmp_path, "--engine", engine, "--workers", "2")
        time.sleep(chance.uniform(2.0, 12.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    same(finish(tmp_path), undisturbed)
