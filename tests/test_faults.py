"""Bad input, damaged files and full disks: a line on stderr that says what to do, the exit code, nothing half written."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from landscape import results, sharing
from landscape.data import published
from landscape.ensemble import Checkpoint
from tests.conftest import Answer, Command
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")
RUN = ("study", "toy-line", "--preset", "test", "--no-report")
BAD = [
    ("study toy-lime", "No such command 'toy-lime'. Did you mean 'toy-line'?"),
    ("shwo", "No such command 'shwo'. Did you mean 'show'?"),
    ("toy-line", "'toy-line' is a study: landscape study toy-line"),
    ("study toy-line --hiden 3", "No such option: --hiden. Did you mean --hidden?"),
    ("study toy-line --hidden", "Option '--hidden' requires an argument"),
    ("study toy-line extra", "Got unexpected extra argument(s) (extra)"),
    ("study toy-line --preset quik", "`preset` must be one of 'test', 'quick', 'paper', 'full', 'deep'; got 'quik'"),
    ("study toy-line --preset dep", "got 'dep'. Did you mean 'deep'?"),
    ("study toy-line --data two-pints", "got 'two-pints'. Did you mean 'two-points'?"),
    ("study toy-line --data celeba", "`data` must be one of 'centre', 'clusters', 'digits'"),
    ("study toy-line --hidden ,", "`hidden` must list values separated by commas, none of them empty; got ','"),
    ("study toy-line --hidden=", "`hidden` must list values separated by commas, none of them empty; got ''"),
    ("study toy-line --hidden 2,2", "`hidden` lists a value twice: 2, 2"),
    ("study toy-line --hidden 2,-3", "`hidden` must be from 1 to 20; got -3"),
    ("study toy-line --hidden 2.5", "`hidden` must be a whole number; got '2.5'"),
    ("study toy-line --members -3", "`members` must be from 1 to 1000; got -3"),
    ("study toy-line --members 0", "`members` must be from 1 to 1000; got 0"),
    ("study toy-line --lr nan", "`lr` must be a finite number; got nan"),
    ("study toy-line --set hiden=3", "settings: no parameter 'hiden'. Did you mean 'hidden'?"),
    ("study toy-line --set hidden", "`set` must be KEY=VALUE; got 'hidden'"),
    ("study toy-line --set =2", "`set` must be KEY=VALUE; got '=2'"),
    ("study toy-line --set hidden=1 --set hidden=2", "`set` gives 'hidden' twice: 1 and 2"),
    ("study toy-line --config nowhere.toml", "there is no file nowhere.toml"),
    ("study toy-line --device cuda:99", "`device` "),
    ("study toy-line --device gpu", "`device` must be auto, cpu, cuda, cuda:n or mps; got 'gpu'"),
    ("study toy-line --engine proceses", "got 'proceses'. Did you mean 'processes'?"),
    ("study toy-line --address auto", "`address` is an option of the engine 'ray'; give --engine ray, too"),
    ("study toy-line --gpus-per-cell 1", "`gpus-per-cell` is an option of the engine 'ray'; give --engine ray, too"),
    ("study toy-line --workers 0", "`workers` must be at least 1; got 0"),
    ("study toy-line --workers two", "Invalid value for '--workers'"),
    ("show", "no runs in "),
    ("show nothing", "no run named 'nothing' in "),
    ("report nothing", "no run named 'nothing' in "),
    ("report", "no runs in "),
]


def refused(answer: Answer, message: str, code: int = 2) -> None:
    """Assert that the answer is the message in a line on stderr, nothing on stdout, and the exit code."""
    assert answer.code == code, answer
    assert answer.out == ""
    assert len(answer.err.splitlines()) == 1, answer.err
    assert answer.err.startswith("landscape: ")
    assert message in answer.err


@pytest.mark.parametrize(("words", "message"), BAD, ids=[words for words, _ in BAD])
def test_bad_input_is_one_line_and_writes_nothing(command: Command, out: Path, words: str, message: str) -> None:
    refused(command(*words.split(" ")), message)
    assert not out.exists()


@pytest.mark.parametrize("words", ["--dim 0", "--dim 60", "--count 0", "--count -1", "--dim ,"])
def test_bad_corners_are_refused(command: Command, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.undo()  # the package's own studies again
    for start in (("corners",), ("study", "corners")):
        refused(command(*start, *words.split(), "--dry-run"), "must")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hidden = [", "is not valid TOML"),
        ("hiden = 3", "no parameter 'hiden'. Did you mean 'hidden'?"),
        ("hidden = []", "`hidden` must list at least one value; got none"),
        ("members = 2.5", "`members` must be a whole number; got 2.5"),
        ("stop = 1", "`stop` must be true or false; got 1"),
        ("data = 3", "`data` must be a word; got 3"),
        ("lr = nan", "`lr` must be a finite number; got nan"),
    ],
)
def test_bad_config_is_refused(command: Command, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    refused(command("study", "toy-line", "--config", str(tmp_path / "mine.toml")), message)


def test_config_that_is_a_folder_is_refused(command: Command, tmp_path: Path) -> None:
    refused(command("study", "toy-line", "--config", str(tmp_path)), "is a folder, and a regular file is needed")


def test_data_that_does_not_fit_is_refused_by_its_cell(command: Command) -> None:
    answer = command(*RUN, "--data", "uniform")
    refused(answer, "`count` must be a positive whole number for 'uniform' data; got None")


def test_data_that_cannot_be_downloaded_are_refused_before_any_work(
    command: Command, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the package's own studies again
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LANDSCAPE_DATA", str(tmp_path))
    monkeypatch.setitem(published.SETS, "mnist", replace(published.SETS["mnist"], mirrors=("http://127.0.0.1:9/",)))
    words = ("study", "kaleidoscope", "--preset", "test", "--data", "digits,mnist", "--out", str(out))
    assert command(*words, "--dry-run").code == 0
    refused(command(*words), "no mirror answered (127.0.0.1:9: ConnectionError); give --data-root")
    assert not out.exists()


@pytest.fixture
def run_folder(command: Command, out: Path) -> Path:
    assert command(*RUN).code == 0
    return next(out.glob("toy-line-*"))


def test_run_without_a_record_is_refused(command: Command, run_folder: Path) -> None:
    (run_folder / "run.json").unlink()
    refused(command("show", str(run_folder)), "no run in ")
    (run_folder / "thesis.tex").write_text("years of work")
    refused(command(*RUN, "--fresh"), "exists and is no run folder")
    assert (run_folder / "thesis.tex").exists()


@pytest.mark.parametrize("engine", ["here", "processes"])
def test_damaged_networks_are_trained_again_with_a_note_of_one_line(out: Path, run_folder: Path, engine: str) -> None:
    """In a subprocess, as tests turn warnings into errors."""
    entry = next(path for path in (out / "models").iterdir() if path.name != "locks")
    (entry / "losses.parquet").write_bytes(b"damaged")
    words = [sys.executable, "-m", "tests.toy", *RUN, "--fresh", "--json", "--engine", engine, "--workers", "2"]
    done = subprocess.run([*words, "--out", str(out)], capture_output=True, text=True, check=True)
    (told,) = [line for line in done.stderr.splitlines() if "are trained again" in line]
    assert told.startswith("landscape: the networks in ")
    assert "Note" not in done.stderr


@pytest.mark.parametrize("text", ["", "{", "[]", '{"study": "toy-line"}'])
def test_run_with_a_damaged_record_is_refused(command: Command, run_folder: Path, text: str) -> None:
    (run_folder / "run.json").write_text(text)
    refused(command("show", str(run_folder)), "cannot be read")
    refused(command(*RUN), "cannot be read")
    assert command(*RUN, "--fresh").code == 0


def test_run_of_another_study_is_refused(command: Command, run_folder: Path) -> None:
    record = json.loads((run_folder / "run.json").read_text())
    results.write_record(run_folder, record | {"study": "another"})
    refused(command(*RUN), "holds another run (study differs)")
    refused(command(*RUN, "--fresh"), "holds another run (study differs)")
    refused(command("report", str(run_folder)), "got 'another'")


def test_run_of_another_version_still_shows_its_tables(command: Command, run_folder: Path) -> None:
    record = json.loads((run_folder / "run.json").read_text())
    results.write_record(run_folder, record | {"version": 0})
    refused(command("report", str(run_folder)), "the run is of version 0 of toy-line, and this is version 1")
    answer = command("show", str(run_folder))
    assert answer.code == 0
    assert "no verdicts: the run is of version 0" in answer.out


def test_tampered_cell_is_refused_and_then_run_again(command: Command, run_folder: Path) -> None:
    file = next(run_folder.glob("cells/*/members.parquet"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-20] + bytes(20))
    refused(command("show", str(run_folder)), "(members.parquet was altered) of ", code=1)
    refused(command("report"), "(members.parquet was altered) of ", code=1)
    answer = command("show", str(run_folder), "--partial")
    assert answer.code == 0
    assert "1 of 2 done, 0 failed, 0 waiting, 1 damaged" in answer.out
    assert "left out: hidden=" in answer.out
    assert command("report", "--partial").code == 0
    assert "Left out, since damaged: hidden=" in (run_folder / "report.html").read_text(encoding="utf-8")
    again = command(*RUN)
    assert again.code == 0
    assert "is run again: members.parquet was altered" in again.err
    assert command("show", str(run_folder)).code == 0


def test_tampered_cell_that_fails_again_has_failed(
    command: Command, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    next(run_folder.glob("cells/*/cell.json")).unlink()

    def broken(*_: Any) -> None:
        raise ArithmeticError("no luck")

    monkeypatch.setattr(ToyLine, "measure", broken)
    answer = command(*RUN, "-q")
    assert answer.code == 3
    assert "is run again: cell.json is missing" in answer.err
    assert "ArithmeticError: no luck" in answer.err
    assert len(list(run_folder.glob("cells/*"))) == 1


def test_half_written_cell_is_run_again(command: Command, run_folder: Path) -> None:
    cell = next(run_folder.glob("cells/*"))
    (cell / "cell.json").unlink()
    shutil.copytree(cell, cell.with_name(f"{cell.name}.123.part"))
    assert command(*RUN).code == 0
    assert len(results.load(run_folder).table) == 6


def test_name_that_fits_several_runs_is_refused(command: Command, run_folder: Path) -> None:
    command(*RUN, "--seed", "7")
    refused(command("show", "toy-line"), "could be any of toy-line-")


def test_fresh_is_refused_while_another_process_runs_a_cell(command: Command, run_folder: Path) -> None:
    with sharing.claimed(run_folder, results.cell(hidden=2)):
        refused(command(*RUN, "--fresh"), "is being written by another process")
        assert command(*RUN).code == 0  # nothing is left to run


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_out_that_is_no_folder_is_refused(command: Command, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    refused(command(*RUN, "--out", str(tmp_path / place)), "choose another --out")


def test_out_that_is_not_in_utf_8_is_refused(command: Command, tmp_path: Path) -> None:
    refused(command(*RUN, "--out", f"{tmp_path}/o\udcff"), "`out` must be a path in UTF-8")
    assert not list(tmp_path.glob("o*"))


def fail_with(monkeypatch: pytest.MonkeyPatch, number: int, part: str) -> None:
    """Let the disk fail for files with `part` in their name."""
    for method in (Path.write_text, Path.write_bytes):

        def stand_in(self: Path, *arguments: Any, write: Any = method, **named: Any) -> int:
            if part in self.name:
                raise OSError(number, "no", str(self))
            written: int = write(self, *arguments, **named)
            return written

        monkeypatch.setattr(Path, method.__name__, stand_in)
    opened = Path.open

    def open_stand_in(self: Path, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        if part in self.name and "r" not in mode:
            raise OSError(number, "no", str(self))
        return opened(self, mode, *arguments, **named)

    monkeypatch.setattr(Path, "open", open_stand_in)


@pytest.mark.parametrize("part", ["cell.json", "spec.json", "weights", ".checkpoint."])
@pytest.mark.parametrize(
    ("number", "message"),
    [(errno.ENOSPC, "is full; finished cells are kept"), (errno.EROFS, "choose another --out")],
)
def test_disk_trouble_is_one_line(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch, part: str, number: int, message: str
) -> None:
    fail_with(monkeypatch, number, part)
    monkeypatch.setattr(Checkpoint, "due", lambda _: True)
    refused(command(*RUN, "-q"), message)
    assert not list(out.glob("*/cells/*"))
    assert not list(out.rglob("*.part"))


def test_read_only_out_is_refused_before_any_work(command: Command, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stand_in(dir: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(dir))

    monkeypatch.setattr("tempfile.TemporaryFile", stand_in)
    refused(command(*RUN), "(Read-only file system); choose another --out")
    assert not list(out.glob("toy-line-*"))


def test_doctor_finds_a_folder_it_cannot_write(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("landscape.commands.doctor._drawing", lambda: iter(()))  # slow, and tested in test_cli
    (tmp_path / "file").write_text("")
    answer = command("doctor", "--out", str(tmp_path / "file"))
    assert answer.code == 1
    assert "file is a file, and runs need a folder; choose another --out" in answer.out


def test_unexpected_error_is_one_line_without_debug(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("landscape.reporting.claims_of", broken)
    answer = command(*RUN, "-q")
    refused(answer, "unexpected RuntimeError: two lines (the run itself is saved in ", code=1)
    assert "Traceback" in command(*RUN, "-q", "--debug").err
    assert "Traceback" in command("show", "toy-line", "--debug").err


def test_debug_stops_at_the_first_failed_cell(command: Command) -> None:
    answer = command(*RUN, "--fail", "1", "--debug", "-q")
    assert answer.code == 1
    assert "Traceback" in answer.err
    assert "in cell hidden=1" in answer.err
