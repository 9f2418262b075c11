"""Random hostile command lines end in one line and a documented exit code: no traceback, no hang, no runaway memory."""

from __future__ import annotations

import io
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from landscape import cli, estimate, outside
from landscape.estimate import Speed
from tests.conftest import Answer
from tests.hostile import lines, places

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pipes, devices and /proc are Linux's")
LINES, PROCESSES, QUICK = 3000, 100, 120
SECONDS = 90.0  # limit of a line, on a busy machine
PROCESS_SECONDS = 120.0  # limit of a process, imports included
ROOM = 3 * 2**30  # bytes of memory that a line may take in addition to the tests
CODES, UNREAD = (0, 2, 3), 141
STREAMS = ("", "", "", "<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "| true", "2>&1 | true")
SEED = int(os.environ.get("LANDSCAPE_FUZZ_SEED", "15"))


class Hanging(BaseException):
    """A line took too long."""


@dataclass
class Tally:
    """The exit codes of the lines, and the lines that ended as none may."""

    codes: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def judge(self, words: list[str], answer: Answer, seconds: float, *, silent: bool = False) -> None:
        """Count the exit code, and note a line that did not end properly. `silent`: its stderr was closed or not read."""
        self.codes[answer.code] += 1
        told = answer.out + answer.err
        wrong = []
        # The messages of doctor for a folder that cannot be written to, and of all commands for damaged cells.
        damaged = "--partial" in answer.err or (silent and any("damaged/" in word for word in words))
        unfit = answer.code == 1 and ("doctor" in words or damaged)
        if answer.code not in CODES and not unfit and not (silent and answer.code == UNREAD):
            wrong.append(f"exit {answer.code}")
        if "Traceback" in told and "--debug" not in words:
            wrong.append("traceback")
        if "landscape: unexpected" in told:
            wrong.append("unexpected")
        said = [line for line in answer.err.splitlines() if not line.startswith(("ended ", "starting"))]
        refused = (answer.code == 2 or "--partial" in answer.err) and not silent
        if refused and (len(said) != 1 or not said[0].startswith("landscape: ")):
            wrong.append(f"{len(said)} lines")
        if seconds > SECONDS:
            wrong.append(f"{seconds:.0f} s")
        if wrong:
            self.faults.append(f"{', '.join(wrong)}: {shown(words)}\n    {answer.err.strip()[-400:]}")


def shown(words: list[str]) -> str:
    return " ".join(ascii(word if len(word) < 100 else f"{word[:20]}…{len(word)}") for word in words)


@contextmanager
def limits() -> Iterator[None]:
    """Interrupt a line that takes too long, and deny it memory beyond ROOM."""

    def stop(*_: object) -> None:
        raise Hanging

    before = resource.getrlimit(resource.RLIMIT_DATA)
    status = Path("/proc/self/status").read_text()
    now = 1024 * int(status.partition("VmData:")[2].split()[0])
    old = signal.signal(signal.SIGALRM, stop)
    resource.setrlimit(resource.RLIMIT_DATA, (now + ROOM, before[1]))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_DATA, before)
        signal.signal(signal.SIGALRM, old)


def answer_of(words: list[str], encoding: str) -> Answer:
    """Run the line in this process, with streams in `encoding` as a real process has them."""
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    err = io.TextIOWrapper(io.BytesIO(), encoding, errors="backslashreplace")
    code: int | str | None = None
    try:
        with limits(), redirect_stdout(out), redirect_stderr(err):
            cli.main(words)
    except SystemExit as stop:
        code = stop.code
    except Hanging:
        code = 124
    except BaseException as error:  # an exception that passes main is a traceback in a real process
        return Answer(99, "", f"Traceback: {error!r}")
    said = []
    for stream in (out, err):
        stream.flush()
        said.append(stream.buffer.getvalue().decode(encoding, "replace"))
    return Answer(int(code or 0), *said)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[str]]]:
    """A folder of hostile files, made the current folder, and the files' names; environment variables as a user has them."""
    folder = tmp_path_factory.mktemp("hostile")
    runs = tmp_path_factory.mktemp("good") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outside, "OURS", "tests.toy")
        patch.setattr(estimate, "measure_speed", lambda device="cpu": Speed(3e-4, 1e-9, 1e-9))
        patch.setattr("landscape.commands.run.ASK_ABOVE_SECONDS", 2.0)
        patch.setenv("LANDSCAPE_OUT", str(runs))
        for name in ("NO_PROXY", "LANDSCAPE_DATA"):
            patch.delenv(name, raising=False)
        patch.setenv("https_proxy", "http://127.0.0.1:9")
        patch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
        assert answer_of(["study", "toy-line", "--preset", "test", "--no-report"], "utf-8").code == 0
        run = next(runs.glob("toy-line-*"))
        names = places.make_places(folder, run)
        patch.chdir(folder)
        yield folder, names


def drawn(hostile: tuple[Path, list[str]], chance: random.Random, *, trains: bool) -> lines.Drawn:
    names = hostile[1]
    good = [str(one) for one in Path(os.environ["LANDSCAPE_OUT"]).glob("*-*")]
    runs = [*good * 8, "toy-line", *(name for name in names if name.startswith("damaged/"))]
    return lines.Drawn(chance, names, runs, trains)


def soak(hostile: tuple[Path, list[str]], count: int, seed: int, *, trains: bool) -> Tally:
    folder, chance, tally = hostile[0], random.Random(seed), Tally()
    draw = drawn(hostile, chance, trains=trains)
    before = places.kinds(folder)
    for _ in range(count):
        words = draw.line()
        with pytest.MonkeyPatch.context() as patch:
            for name in ("COLUMNS", "HOME", "LANDSCAPE_DATA"):
                if chance.random() < 0.05:
                    patch.setenv(name, chance.choice(("0", "1", "-1", "x", "/nowhere", "zero")))
                elif name == "LANDSCAPE_DATA":
                    patch.delenv(name, raising=False)
            began = time.monotonic()
            answer = answer_of(words, chance.choice(("utf-8", "utf-8", "ascii")))
            tally.judge(words, answer, time.monotonic() - began)
        after = places.kinds(folder)
        if changed := [name for name, kind in before.items() if after.get(name) != kind]:
            tally.faults.append(f"replaced {changed}: {shown(words)}")
            before = after
    print(f"{count} lines, exit codes {dict(sorted(tally.codes.items()))}, {len(tally.faults)} faults")
    return tally


def test_hostile_lines_of_a_tiny_study_end_in_one_line(hostile: tuple[Path, list[str]]) -> None:
    tally = soak(hostile, QUICK, SEED, trains=True)
    assert not tally.faults, "\n".join(tally.faults)


@pytest.mark.slow
def test_thousands_of_hostile_lines_end_in_one_line(
    hostile: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = soak(hostile, LINES // 3, SEED + 1, trains=True)
    monkeypatch.setattr(outside, "OURS", "landscape.studies")
    every = soak(hostile, LINES - LINES // 3, SEED + 2, trains=False)
    faults = [*tiny.faults, *every.faults]
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)


@pytest.mark.slow
def test_hostile_lines_as_real_processes_end_in_one_line(hostile: tuple[Path, list[str]]) -> None:
    tally, chance = Tally(), random.Random(SEED)
    for index in range(PROCESSES):
        toy = index % 2 == 0
        with pytest.MonkeyPatch.context() as patch:
            if not toy:
                patch.setattr(outside, "OURS", "landscape.studies")
            words = drawn(hostile, chance, trains=False).line()
        streams = chance.choice(STREAMS)
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONDEVMODE": ""}
        for name, value in (
            ("PYTHONIOENCODING", "ascii"),
            ("LC_ALL", "C"),
            ("COLUMNS", "1"),
            ("COLUMNS", "0"),
            ("HOME", None),
        ):
            if chance.random() < 0.2:
                environment.pop(name, None)
                environment |= {name: value} if value else {}
        script = f'set -o pipefail; "$@" {streams}'
        line = ["bash", "-c", script, "bash", sys.executable, "-m", "tests.toy" if toy else "landscape", *words]
        began = time.monotonic()
        try:
            found = subprocess.run(
                line, env=environment, capture_output=True, timeout=PROCESS_SECONDS, errors="replace", text=True
            )
            answer = Answer(found.returncode, found.stdout, found.stderr)
        except subprocess.TimeoutExpired:
            answer = Answer(124, "", "")
        closed = answer.code == UNREAD and "|" in streams
        tally.judge(
            [streams, *words],
            answer,
            (time.monotonic() - began) * SECONDS / PROCESS_SECONDS,
            silent=closed or "2>" in streams,
        )
    print(f"{PROCESSES} processes, exit codes {dict(sorted(tally.codes.items()))}, {len(tally.faults)} faults")
    assert not tally.faults, "\n".join(tally.faults)
