"""One run in several processes, on the command line: --shard, --cell, --list-cells, slurm, pack and gather."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from landscape.commands import shares
from tests.conftest import Command

pytestmark = pytest.mark.usefixtures("toy")
RUN = ("study", "toy-line", "--preset", "test")


def listed(command: Command, *words: str) -> list[str]:
    return [re.split(" +", line)[1] for line in command(*RUN, "--list-cells", *words).out.splitlines()]


def test_shards_run_every_cell_and_the_last_writes_the_report(command: Command, out: Path) -> None:
    words = ("--hidden", "1,2,3")
    assert listed(command, *words) == ["waiting"] * 3
    first = command(*RUN, *words, "--shard", "1/2")
    assert first.code == 0
    assert "2 of 3 cells have ended, and 1 is still to run; the process that ends the last one" in first.err
    assert "report" not in first.out
    assert listed(command, *words) == ["done", "waiting", "done"]
    second = command(*RUN, *words, "--shard", "2/2")
    assert re.search(r"^report +\S", second.out, re.MULTILINE)
    assert listed(command, *words) == ["done"] * 3


def test_cells_run_by_their_numbers(command: Command, out: Path) -> None:
    assert command(*RUN, "--hidden", "1,2,3", "--cell", "3", "--cell", "1").code == 0
    assert listed(command, "--hidden", "1,2,3") == ["done", "waiting", "done"]
    found = json.loads(command(*RUN, "--hidden", "1,2,3", "--list-cells", "--cell", "2", "--json").out)
    assert found == [{"number": 2, "state": "waiting", "cell": {"hidden": 2}}]


def test_a_cell_that_failed_is_listed_so(command: Command, out: Path) -> None:
    command(*RUN, "--hidden", "1,2", "--fail", "2")
    assert listed(command, "--hidden", "1,2", "--fail", "2") == ["done", "failed"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--shard", "3"), "`shard` must be I/N with I from 1 to N, such as 3/20; got '3'"),
        (("--shard", "0/2"), "got '0/2'"),
        (("--shard", "3/2"), "got '3/2'"),
        (("--cell", "7"), "`cell` must be a number from 1 to 2, as --list-cells gives them; got 7"),
        (("--cell", "1", "--shard", "1/2"), "give --shard or --cell, not both"),
        (("--slurm", "9"), "`shards` must be from 1 to 2, the number of cells that are still to run; got 9"),
    ],
)
def test_wrong_shares_are_refused(command: Command, out: Path, words: tuple[str, ...], message: str) -> None:
    answer = command(*RUN, "--hidden", "1,2", *words)
    assert answer.code == 2
    assert message in answer.err


def test_a_shard_is_read() -> None:
    assert shares.shard(" 3/20 ") == (3, 20)


def test_a_job_script_runs_the_study_in_shards(command: Command, out: Path) -> None:
    answer = command("slurm", "toy-line", "--preset", "test", "--hidden", "1,2,3", "--shards", "2")
    assert answer.code == 0
    assert "#SBATCH --array=1-2\n" in answer.out
    line = answer.out.splitlines()[-1]
    assert line.startswith("landscape study toy-line")
    assert "--hidden 1,2,3" in line
    assert line.endswith('--shard "$SLURM_ARRAY_TASK_ID/2"')
    assert subprocess.run(["bash", "-n"], input=answer.out, text=True, check=True).returncode == 0
    assert "did you mean 'toy-line'" in command("slurm", "toy-lin", "--shards", "2").err.lower()


def test_a_run_is_packed_and_gathered(command: Command, out: Path, tmp_path: Path) -> None:
    command(*RUN, "--no-report")
    packed = command("pack", "toy-line", "-o", str(tmp_path / "run.tar"))
    assert packed.code == 0
    assert "cells   2 of 2, networks of 2 of 2 trainings" in packed.out
    found = command("gather", str(tmp_path / "run.tar"), "--out", str(tmp_path / "there"))
    assert "2 new cells, networks of 2 new trainings; whole" in found.out
    assert re.search(r"^report +\S+report\.html$", found.out, re.MULTILINE)
    refused = command("gather", str(tmp_path / "no.tar"), "--out", str(tmp_path / "there"))
    assert (refused.code, "does not exist" in refused.err) == (2, True)
