"""Engines: every item has exactly one outcome, whatever happens to the other items."""

from __future__ import annotations

import errno
import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

from landscape import engine
from landscape.running import run_study
from landscape.worker import UNGUARDED_EXIT_CODE
from tests.toy.toy_line.study import ToyLine
from tests.work import Report, killed_within_a_report, square

ENGINES = ("here", "processes")  # tests/test_ray_engine.py has the same claims for 'ray', on one cluster for all tests


@pytest.mark.parametrize("name", ENGINES)
def test_an_error_becomes_the_outcome_of_its_item_alone(name: str) -> None:
    heard: list[tuple[int, ...]] = []
    outcomes = list(engine.run(square, [1, 2, 3, 4], engine=name, workers=2, report=lambda *told: heard.append(told)))
    values = {outcome.item: outcome.value for outcome in outcomes}
    errors = {outcome.item: str(outcome.error) for outcome in outcomes if outcome.error}
    assert values == {1: 1, 2: 4, 3: None, 4: 16}
    assert errors == {3: "three"}
    assert all(outcome.seconds >= 0 for outcome in outcomes)
    assert set(heard) <= {(item, item, 7, 2) for item in (1, 2, 3, 4)}
    assert name != "here" or len(heard) == 4


def test_a_dead_worker_takes_only_its_own_item_with_it() -> None:
    outcomes = {outcome.item: outcome for outcome in engine.run(square, [1, 5, 2], engine="processes", workers=2)}
    assert [outcomes[item].value for item in (1, 2)] == [1, 4]
    assert "the worker process died (SIGKILL, which the system sends where memory runs out)" in str(outcomes[5].error)


def test_a_worker_killed_within_a_report_stops_neither_the_other_items_nor_their_reports() -> None:
    heard: list[int] = []
    outcomes = engine.run(
        killed_within_a_report,
        [5, 1, 2],
        engine="processes",
        workers=2,
        report=lambda item, *numbers: heard.append(item),
    )
    assert {outcome.item: outcome.value for outcome in outcomes} == {5: None, 1: 1, 2: 2}
    assert set(heard) == {1, 2}


class Ending:
    """A process that has ended, whose exit code another thread has yet to write down."""

    def __init__(self, *codes: int | None) -> None:
        self.codes = iter(codes)

    def join(self, seconds: float) -> None:
        """Return at once, as the process has ended."""

    @property
    def exitcode(self) -> int | None:
        """The next of `codes`."""
        return next(self.codes)


def test_an_exit_code_that_another_thread_has_yet_to_write_down_is_waited_for() -> None:
    assert engine._exit_code(Ending(None, None, -9, -9)) == -9  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ENGINES)
def test_a_full_disk_ends_all_work_and_a_missing_file_a_single_item(name: str) -> None:
    outcomes = engine.run(square, [1, 100 + errno.ENOSPC, 2], engine=name, workers=1)
    assert next(outcomes).value == 1
    with pytest.raises(OSError, match="No space left") as full:
        next(outcomes)
    assert (full.value.errno, full.value.filename) == (errno.ENOSPC, "weights")
    assert list(outcomes) == []
    first, second = engine.run(square, [100 + errno.ENOENT, 2], engine=name, workers=1)
    assert (type(first.error), second.value) == (FileNotFoundError, 4)


SCRIPT = """
import multiprocessing
from landscape import engine
{before}
def double(item, report):
    {inside}
    return 2 * item
{guard}
    print([outcome.value for outcome in engine.run(double, [1, 2], engine="processes", workers=2)])
"""
GUARDED, BARE = 'if __name__ == "__main__":', "if True:"
IN_WORKER = 'multiprocessing.current_process().name != "MainProcess"'


@pytest.mark.parametrize(
    ("before", "inside", "guard", "told"),
    [
        ("", "", GUARDED, "[2, 4]"),
        (
            "",
            "",
            BARE,
            "engine 'processes' starts interpreters that run the calling script again from its top: put ",
        ),
        (
            f"if {IN_WORKER}: raise SystemExit(3)",
            "",
            GUARDED,
            "worker processes ended before they began (exit code 3).",
        ),
        ("import os, signal", "os.kill(os.getpid(), signal.SIGSEGV)", GUARDED, "[None, None]"),
    ],
    ids=["guarded", "bare", "dies", "crashes"],
)
def test_a_script_works_or_the_error_says_what_to_write(
    tmp_path: Path, before: str, inside: str, guard: str, told: str
) -> None:
    file = tmp_path / "script.py"
    file.write_text(SCRIPT.format(before=before, inside=inside, guard=guard))
    answer = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, timeout=120)
    assert answer.returncode == (0 if told.startswith("[") else 1)
    assert told in answer.stdout + answer.stderr
    assert answer.stderr.count("Traceback") == answer.returncode
    assert "memory" not in answer.stderr


@pytest.mark.parametrize(("source", "told"), [("-", "is no file: save it"), ("-c", "cannot load the work")])
def test_the_error_for_a_script_without_a_file_says_what_to_do(source: str, told: str) -> None:
    text = SCRIPT.format(before="", inside="", guard=GUARDED)
    words, given = ([source], text) if source == "-" else ([source, text], None)
    answer = subprocess.run([sys.executable, *words], input=given, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 1
    assert told in answer.stderr.splitlines()[-1]


def test_work_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(TypeError, match=r"worker processes cannot be sent the work .* define it in a module"):
        list(engine.run(lambda item, report: item, [1, 2], engine="processes"))


def test_a_worker_that_imports_the_calling_script_runs_no_study(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(multiprocessing.current_process(), "_inheriting", True, raising=False)
    with pytest.raises(SystemExit) as stop:
        run_study(ToyLine(), out=tmp_path / "out", engine_name="processes")
    assert stop.value.code == UNGUARDED_EXIT_CODE
    assert not (tmp_path / "out").exists()


def test_no_items_need_no_workers() -> None:
    assert list(engine.run(square, [], engine="processes")) == []


def test_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="`engine` must be one of 'here', 'processes', 'ray'; got 'there'"):
        list(engine.run(square, [1, 2], engine="there"))


def test_an_interrupt_is_not_an_outcome() -> None:
    def interrupted(item: int, report: Report) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(engine.run(interrupted, [1]))


@pytest.mark.parametrize("name", ENGINES)
def test_items_begin_one_after_another_and_those_refused_have_no_outcome(name: str) -> None:
    asked: list[int] = []

    def begin(item: int) -> bool:
        asked.append(item)
        return item != 2

    outcomes = engine.run(square, [1, 2, 4, 6, 7], engine=name, workers=2, begin=begin)
    first = next(outcomes)
    # Two workers have an item each, and the one that ended has the next: item 7 waits until a worker is free.
    assert asked == ([1] if name == "here" else [1, 2, 4, 6])
    rest = list(outcomes)
    assert asked == [1, 2, 4, 6, 7]
    assert sorted(outcome.item for outcome in [first, *rest]) == [1, 4, 6, 7]
