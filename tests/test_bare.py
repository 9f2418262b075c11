"""Studies run on a machine with the packages for computing alone, or name the package that they lack.

Such a machine, often a rented GPU box, trains; the run folder is then copied to another machine, which writes the report."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from landscape import presets
from tests.conftest import Answer
from tests.training_studies import TRAINING

# The packages that a bare box has, and the packages of ours that it lacks, whose import is refused. Other packages stay.
BARE = ("torch", "numpy", "pandas", "scipy", "pyarrow", "safetensors", "typer", "rich", "jaxtyping", "filelock")
ABSENT = (
    "sklearn",
    "joblib",
    "matplotlib",
    "seaborn",
    "pyvista",
    "vtkmodules",
    "PIL",
    "jinja2",
    "pooch",
    "ot",
    "beartype",
)
# These measure with scikit-learn.
LACKING = ("architectures", "audit", "injective-kaleidoscope", "kaleidoscope", "memorisation")
NEEDED = ("sklearn", "joblib")  # by LACKING
PROGRAM = """
import contextlib, io, json, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from landscape.cli import main
from landscape.measures.dynamics import recurrent
from landscape.studies.architectures import study as architectures

architectures.LINE_STEPS, recurrent.CHAOS_ITERATIONS = 2, 100  # no preset shortens these
for words in COMMANDS:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as stop:
            code = stop.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""
WORKED = Path(__file__).parent.parent / "studies" / "mine.py"
ENGINE = ("--engine", "here")
SMALL = ("--steps", "2", "--members", "2", *ENGINE)
SMALLER = {  # the studies that measure longest
    "architectures": ("--tuned", "1", "--rate", "1e-2", "--iterations", "3", "--resolution", "5", "--probes", "3"),
    "training-film": ("--snapshots", "1"),
    "injectivity": ("--snapshots", "1"),
    "fixed-points": ("--samples", "10", "--iterations", "2", "--starts", "3", "--resolution", "5"),
}


@dataclass(frozen=True)
class Box:
    """The answers of commands on a machine without some packages. Each study ran into the folder of its name in `out`."""

    answers: dict[str, Answer]
    out: Path


def box(out: Path, studies: Sequence[str], absent: tuple[str, ...]) -> Box:
    """Run these studies and doctor without the packages `absent`: in a single process, as imports take longest."""
    few = {study: [*(SMALL if study in TRAINING else ENGINE), *SMALLER.get(study, ())] for study in studies}
    small = {study: ["study", study, "--preset", "test", *few[study], "--no-report"] for study in studies}
    more = {"mine": ["study", str(WORKED), "--width", "2,3", *SMALL, "--no-report"], "doctor": ["doctor"]}
    commands = [[*words, "--out", str(out / name)] for name, words in (small | more).items()]
    program = f"ABSENT, COMMANDS = {absent!r}, {commands!r}{PROGRAM}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    answers = [Answer(*json.loads(line)) for line in done.stdout.splitlines()]
    return Box(dict(zip([*studies, *more], answers, strict=True)), out)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Box:
    return box(tmp_path_factory.mktemp("bare"), presets.study_names(), ABSENT)


@pytest.fixture(scope="module")
def with_scikit_learn(tmp_path_factory: pytest.TempPathFactory) -> Box:
    return box(tmp_path_factory.mktemp("more"), LACKING, tuple(name for name in ABSENT if name not in NEEDED))


def test_no_package_is_both_bare_and_absent() -> None:
    assert not set(BARE) & set(ABSENT)


@pytest.mark.parametrize("study", presets.study_names())
def test_studies_run_on_a_bare_box_some_with_scikit_learn(study: str, request: pytest.FixtureRequest) -> None:
    tried: Box = request.getfixturevalue("with_scikit_learn" if study in LACKING else "bare")
    assert tried.answers[study].code == 0, tried.answers[study].err
    assert len(list(tried.out.glob(f"{study}/{study}-*/cells/*/members.parquet"))) > 1


def test_the_worked_study_runs_on_a_bare_box(bare: Box) -> None:
    assert bare.answers["mine"].code == 0, bare.answers["mine"].err
    assert len(list(bare.out.glob("mine/mine-*/cells/*/members.parquet"))) == 2


@pytest.mark.parametrize("study", LACKING)
def test_studies_that_need_more_say_so_in_one_line_before_they_train(study: str, bare: Box) -> None:
    refused = bare.answers[study]
    assert refused.code == 2
    assert refused.err.count("\n") == 1
    assert "scikit-learn, which cannot be imported here; pip install scikit-learn" in refused.err
    assert not list(bare.out.glob(f"{study}/*"))


def test_doctor_names_the_studies_that_cannot_run_on_a_bare_box(bare: Box) -> None:
    lines = [line for line in bare.answers["doctor"].out.splitlines() if line.split()[1] == "studies"]
    able, unable = lines
    assert all(name in unable and name not in able for name in LACKING)
    assert "cannot run here; pip install scikit-learn" in unable
    assert "depth-sweep" in able
