"""Fixtures that tests share: a toy registry, a folder for runs, the command line in this process; types are checked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

from tests import typecheck  # noqa: F401  the import hook below names it

NUMERIC = ("cube", "data", "nets", "ensemble", "training", "baselines", "wrapping", "measures")
install_import_hook([f"landscape.{name}" for name in NUMERIC], "tests.typecheck.checked")

from landscape import cli, disk, outside, presets  # noqa: E402  after the hook
from landscape.ensemble import one_thread  # noqa: E402
from landscape.estimate import Speed, measure_speed  # noqa: E402
from landscape.measures.dynamics import recurrent  # noqa: E402
from landscape.running import run_study  # noqa: E402
from landscape.studies.architectures import study as architectures  # noqa: E402


@dataclass(frozen=True)
class Answer:
    """The outcome of a command: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture(autouse=True)
def on_one_thread() -> Iterator[None]:
    """Run each test on a single thread: for work this small, two threads mostly wait for each other."""
    with one_thread():
        yield


def shorten(patch: pytest.MonkeyPatch) -> None:
    """Shorten two computations that no preset shortens: the nets on the line, and the chaos of the known maps."""
    patch.setattr(architectures, "LINE_STEPS", 20)
    patch.setattr(recurrent, "CHAOS_ITERATIONS", 200)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten a study's computations for a test, as `shorten` does."""
    shorten(monkeypatch)


@pytest.fixture(scope="session")
def run_of_test_preset(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The run of a study with its preset for tests, by the study's name: made once, also where xdist starts several processes.

    Tests must not write to it."""
    base = tmp_path_factory.getbasetemp()
    out = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "runs-of-test-presets"

    def run(name: str) -> Path:
        out.mkdir(exist_ok=True)
        with disk.locked(out / f"{name}.lock"):
            return run_study(presets.make_study(name, "test"), out=out, debug=True)

    return run


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, the default folder of runs."""
    monkeypatch.setenv("LANDSCAPE_OUT", str(tmp_path / "out"))
    return tmp_path / "out"


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tiny study, toy-line, in place of the package's studies."""
    monkeypatch.setattr(outside, "OURS", "tests.toy")


@pytest.fixture(scope="session")
def speeds() -> dict[str, Speed]:
    """The speed of each device. Every command that runs a study asks for it, and measuring it takes longer than the study."""
    return {}


@pytest.fixture
def command(
    out: Path, capsys: pytest.CaptureFixture[str], speeds: dict[str, Speed], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """The command line: command("study", "list") → code, out, err. The speed of a device is measured once a session."""

    def speed_of(device: str = "cpu") -> Speed:
        if device not in speeds:
            speeds[device] = measure_speed(device)
        return speeds[device]

    monkeypatch.setattr("landscape.estimate.measure_speed", speed_of)

    def call(*words: str) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main([str(word) for word in words])
        said = capsys.readouterr()
        assert isinstance(stop.value.code, int)
        return Answer(stop.value.code, said.out, said.err)

    return call
