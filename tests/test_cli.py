"""The command line: what it prints, where it writes, and its exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from landscape import presets
from landscape.claims import Claim
from landscape.commands.options import FIELDS_PANEL
from landscape.commands.plan import RUN_PANEL
from landscape.findings import Answer, Finding
from landscape.results import Result
from tests.conftest import Command
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")
RUN = ("study", "toy-line", "--preset", "test", "--no-report")


def test_help_lists_the_commands_without_importing_a_study(command: Command) -> None:
    answer = command("--help")
    assert answer.code == 0
    for word in ("study", "report", "runs", "show", "doctor", "--version"):
        assert word in answer.out
    assert "Two points on a line" in command("study", "--help").out
    assert command("study", "list").out == "toy-line  Two points on a line\n"


def test_no_words_print_the_help(command: Command) -> None:
    assert command().out == command("--help").out


def test_version_is_printed(command: Command) -> None:
    assert command("--version").out.startswith("landscape ")


def test_options_come_from_the_fields(command: Command) -> None:
    answer = command("study", "toy-line", "--help")
    assert answer.code == 0
    for word in (
        "--hidden",
        "--data",
        "--no-stop",
        "--seed",
        "--members",
        "Hidden layers.",
        "[quick: 1,2]",
        "--preset",
        "deep,",
    ):
        assert word in answer.out


def test_help_of_a_study_is_plain_text_in_sections(command: Command) -> None:
    lines = command("study", "toy-line", "--help").out.splitlines()
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings == [f"{FIELDS_PANEL}:", f"{RUN_PANEL}:", "Options:"]
    assert any(line.lstrip().startswith("--hidden N,…") for line in lines)


def test_help_of_a_study_loads_neither_rich_nor_pydantic_and_reads_no_other_study() -> None:
    """Loading them would double the time until the help appears. (typer loads pydantic for a switch without a default.)"""
    code = """import sys
from landscape import cli, registry
read = registry.read_regular
registry.read_regular = lambda file, limit: print("reads", file.parent.name, file=sys.stderr) or read(file, limit)
try:
    cli.main(["study", "depth-sweep", "--help"])
except SystemExit:
    print(*[name for name in ("pydantic", "rich", "filelock", "torch", "numpy") if name in sys.modules], file=sys.stderr)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--hidden" in answer.stdout
    assert answer.stderr.split() == ["reads", "depth_sweep"]


def test_run_prints_members_verdicts_and_places(command: Command, out: Path) -> None:
    answer = command(*RUN)
    assert answer.code == 0
    folder = presets.make_study("toy-line", "test").folder(out)
    assert answer.out.splitlines()[-1] == f"run     {folder}"
    assert "0 of 6 members converged, 6 did not: " in answer.out
    assert "T1  undecided  Every net learns two points." in answer.out
    assert answer.err.splitlines()[-1] == "ended hidden=2: 2/2 cells, 0 of 6 members converged"


def test_report_is_written_and_named_last(command: Command, out: Path) -> None:
    answer = command("study", "toy-line", "--preset", "test")
    page = Path(answer.out.splitlines()[-1].removeprefix("report  "))
    assert page == presets.make_study("toy-line", "test").folder(out) / "report.html"
    text = page.read_text()
    assert "Two points on a line" in text
    assert "Whether depth helps on two points of the line. 0 of 6 networks converged (0%); " in text
    assert "landscape study toy-line" in text


def test_second_run_repeats_nothing(command: Command, out: Path) -> None:
    assert "nothing was run" not in command(*RUN).err
    cells = {file: file.stat().st_mtime_ns for file in out.rglob("cell.json")}
    answer = command(*RUN)
    assert {file: file.stat().st_mtime_ns for file in out.rglob("cell.json")} == cells
    assert answer.code == 0
    assert "ended" not in answer.err
    assert "all 2 cells were finished before: nothing was run" in answer.err
    command(*RUN, "--fresh")
    assert all(file.stat().st_mtime_ns > before for file, before in cells.items())


def test_failed_cells_are_reported_and_the_others_kept(command: Command) -> None:
    answer = command(*RUN, "--hidden", "1,2,3", "--fail", "2")
    assert answer.code == 3
    assert re.search(r"failed: hidden=2: (toy_line/study\.py:\d+: )?ArithmeticError: asked to fail", answer.err)
    assert "1 of 3 cells failed; the others are saved" in answer.err
    assert "hidden=2" not in answer.out


def test_json_alone_is_on_stdout(command: Command, out: Path) -> None:
    told = json.loads(command(*RUN, "--json").out)
    assert (told["members"]["all"], told["members"]["converged"]) == (6, 0)
    assert sum(told["members"]["failed"].values()) == 6
    assert told["cells"] == {"all": 2, "done": 2, "failed": {}}
    assert told["claims"][0]["key"] == "T1"
    assert told["report"] is None
    assert json.loads(command("show", "toy-line", "--json").out)["run"] == told["run"]
    assert json.loads(command("runs", "--json").out)[0]["run"] == Path(told["run"]).name
    assert json.loads(command(*RUN, "--dry-run", "--json").out)["finished"] == 2


def test_quiet_prints_the_places_alone(command: Command) -> None:
    answer = command(*RUN, "-q")
    assert answer.err == ""
    assert len(answer.out.splitlines()) == 1


def test_verbose_prints_the_plan_first(command: Command) -> None:
    answer = command(*RUN, "-v").err
    assert answer.index("; on cpu, this process\n2 of 2 cells to run, 6 members, into ") < answer.index("hidden=1")


def test_dry_run_writes_nothing(command: Command, out: Path) -> None:
    answer = command(*RUN, "--dry-run")
    assert answer.code == 0
    assert "2 of 2 cells to run, 6 members" in answer.out
    assert answer.out.startswith("about 1 s and ")
    assert not out.exists()


def test_printed_config_is_read_back(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    printed = command("study", "toy-line", "--preset", "paper", "--hidden", "3", "--no-stop", "--print-config").out
    file.write_text(printed)
    assert command("study", "toy-line", "--config", str(file), "--print-config").out == printed
    assert "hidden = [3]" in printed
    assert "stop = false" in printed


def test_set_is_an_option_by_another_name(command: Command) -> None:
    answer = command(
        "study", "toy-line", "--set", "hidden=2,3", "--set", "data=digits", "--data", "uniform", "--print-config"
    )
    assert "hidden = [2, 3]" in answer.out
    assert 'data = "uniform"' in answer.out


def test_long_work_needs_a_yes(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landscape.commands.run.ASK_ABOVE_SECONDS", 0.0)
    answer = command(*RUN)
    assert answer.code == 2
    assert "give --yes to run it, or --dry-run to see why" in answer.err
    assert command(*RUN, "--yes").code == 0
    assert command(*RUN, "--dry-run").code == 0


def test_the_data_root_is_where_data_are_sought(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDSCAPE_DATA", "/none")  # restored after the test
    command(*RUN, "--data-root", str(tmp_path), "--dry-run")
    assert os.environ["LANDSCAPE_DATA"] == str(tmp_path)
    command(*RUN, "--dry-run")
    assert os.environ["LANDSCAPE_DATA"] == str(tmp_path)


def test_work_that_memory_cannot_hold_is_not_started(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landscape.commands.run.memory", lambda: 10**6)
    answer = command(*RUN, "--yes")
    assert answer.code == 2
    assert "GB of memory, and the machine has 0.0 GB; try fewer --members" in answer.err
    assert command("runs").err.startswith("no runs in ")


@pytest.mark.parametrize(("there", "advice"), [(1.5, "fewer --workers"), (0.5, "fewer --members")])
def test_fewer_workers_are_advised_only_where_one_would_do(
    command: Command, monkeypatch: pytest.MonkeyPatch, there: float, advice: str
) -> None:
    monkeypatch.setattr("landscape.commands.run.memory", lambda: int(there * 1e9))
    monkeypatch.setattr("landscape.estimate.Estimate.bytes", lambda _, workers=1: workers * 10**9)
    answer = command(*RUN, "--yes", "--engine", "processes", "--workers", "2")
    assert answer.code == 2
    assert f"try {advice}" in answer.err


def test_runs_lists_the_newest_first(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command("runs").err.startswith("no runs in ")
    for seed, second in (("0", "01"), ("7", "02")):
        monkeypatch.setattr("landscape.results.now", lambda second=second: f"2026-01-01T00:00:{second}+00:00")
        command(*RUN, "--seed", seed)
    rows = [line for line in command("runs").out.splitlines() if "toy-line-" in line]
    seeds = [command("show", row.split()[0], "--json").out for row in rows]
    assert [json.loads(text)["parameters"]["seed"] for text in seeds] == [7, 0]


def test_show_prints_the_cells_that_are_done_and_failed(command: Command) -> None:
    command(*RUN, "--hidden", "1,2", "--fail", "2")
    answer = command("show", "toy")
    assert "cells   1 of 2 done, 1 failed, 0 waiting" in answer.out
    assert re.search(r"failed: hidden=2: (toy_line/study\.py:\d+: )?ArithmeticError: asked to fail", answer.out)
    assert "landscape study toy-line --steps 20 --fail 2" in answer.out


def test_an_answer_is_printed_first_and_stands_in_the_json_and_on_the_page(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(study: ToyLine, result: Result, claims: Sequence[Claim]) -> Answer:
        return Answer("Does depth help?", [Finding("Yes.", f"In {len(result.table)} networks.")], not_shown="Width.")

    monkeypatch.setattr(ToyLine, "answer", answer)
    printed = command(*RUN).out
    assert re.match(r" *Asked +Does depth help\?\s+Found +Yes\. In 6 networks\.\s+Limits +Width\.", printed)
    assert "Found" in command("show", "toy").out
    found = json.loads(command("show", "toy", "--json").out)["answer"]
    assert found["found"] == [{"short": "Yes.", "sentence": "In 6 networks."}]
    command("report")
    assert "<b>Yes.</b> In 6 networks." in next(out.glob("toy-line-*/report.html")).read_text()


def test_report_takes_the_newest_or_several(command: Command, out: Path, tmp_path: Path) -> None:
    command(*RUN)
    command(*RUN, "--seed", "7", "--steps", "3")  # runs that differ by their seeds alone are pooled: test_joining
    first, second = sorted(folder.name for folder in out.glob("toy-line-*"))
    assert command("report").code == 0
    answer = command("report", first, second, "--to", str(tmp_path / "both.html"))
    assert answer.out == f"report  {tmp_path / 'both.html'}\n"
    text = (tmp_path / "both.html").read_text()
    assert "Two points on a line · seed 0" in text
    assert "Two points on a line · seed 7" in text
    command("report", first, second, "--to", str(tmp_path / "both.html"), "--title", "Seeds side by side")
    assert "<h1>Seeds side by side</h1>" in (tmp_path / "both.html").read_text()


def test_doctor_finds_this_machine_fit(command: Command) -> None:
    answer = command("doctor")
    assert answer.code == 0
    for word in ("python", "torch", "posters", "browser", "studies"):
        assert word in answer.out


def test_colour_is_left_out_if_no_color_is_set(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    answer = command(*RUN, "-q")
    assert "\x1b[3" not in answer.out + command("show", "toy").out


COMPLETIONS = {
    "landscape study to": ["toy-line"],
    "landscape do": ["doctor"],
    "landscape study toy-line --data tanh": ["tanh-four", "tanh-square"],
    "landscape study toy-line --preset d": ["deep"],
    "landscape study toy-line --preset n": ["none"],
}
COMPLETE = """
import contextlib, io, json, os, sys
from landscape import cli, outside

outside.OURS = "tests.toy"
for words in json.loads(sys.argv[1]):
    os.environ |= {"_LANDSCAPE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        cli.main([])
    print(json.dumps(sorted(out.getvalue().split())))
"""


@pytest.fixture(scope="module")
def completed() -> dict[str, list[str]]:
    """What a shell gets for each beginning of a command line. A single process answers all, as its imports take longest."""
    call = [sys.executable, "-c", COMPLETE, json.dumps(list(COMPLETIONS))]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    return dict(zip(COMPLETIONS, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("words", COMPLETIONS)
def test_shell_completes_names_and_options(words: str, completed: dict[str, list[str]]) -> None:
    assert completed[words] == COMPLETIONS[words]
