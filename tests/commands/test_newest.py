"""Commands about a run take the newest where none is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from landscape.running import run_study
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")


@pytest.fixture
def newest(out: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The newer of two runs. Its name is not the last in the alphabet, nor its folder the last that was made."""
    folders = []
    for seed, second in ((0, "02"), (7, "01")):
        monkeypatch.setattr("landscape.results.now", lambda second=second: f"2026-01-01T00:00:{second}+00:00")
        folders.append(run_study(ToyLine(steps=5, hidden=(1,), seed=seed), out=out))
    return folders[0]


def test_show_takes_the_newest_run(command: Command, newest: Path) -> None:
    assert command("show").out.startswith(f"run     {newest}\n")


def test_report_takes_the_newest_run(command: Command, newest: Path) -> None:
    assert command("report").out == f"report  {newest / 'report.html'}\n"


def test_sample_takes_the_newest_run_and_says_so(command: Command, newest: Path, tmp_path: Path) -> None:
    few = ("--count", "6", "--iterations", "2", "--no-pictures", "--to", str(tmp_path / "to"))
    answer = command("sample", *few)
    assert answer.code == 0, answer
    assert answer.err.splitlines()[0] == f"landscape: no run is named: this is the newest, {newest.name}"
    assert command("sample", newest.name, *few).err == ""


def test_export_takes_the_newest_run_and_says_so(command: Command, newest: Path, tmp_path: Path) -> None:
    answer = command("export", "--to", str(tmp_path / "net.safetensors"))
    assert (answer.code, answer.err.count(newest.name)) == (0, 1), answer


@pytest.mark.parametrize("word", ["show", "sample", "report"])
def test_without_runs_a_line_says_how_to_make_one(command: Command, word: str) -> None:
    answer = command(word)
    assert (answer.code, answer.out, len(answer.err.splitlines())) == (2, "", 1)
    assert "; `landscape study depth-sweep` makes one, and --out says where to look" in answer.err
