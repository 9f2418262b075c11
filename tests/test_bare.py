"""A bare GPU box computes: without drawing libraries, and without anything but what computing takes, or it says what it lacks.

The run folder is carried home and reported there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from landscape import presets

# The packages that a bare box has. torch brings filelock and what is under it; whatever any of them tries to import besides is
# refused only where it is one of ours.
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
LACKING = ("architectures", "kaleidoscope", "memorisation")  # these measure with scikit-learn
NEEDED = ("sklearn", "joblib")  # by LACKING
RUN = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from landscape.cli import main
main()
"""
SMALL = ("--steps", "2", "--members", "2")


def call(*words: str, absent: tuple[str, ...] = ABSENT) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", f"ABSENT = {absent!r}{RUN}"]
    return subprocess.run([*program, *words], capture_output=True, text=True, timeout=240, check=False)


def test_what_a_bare_box_has_is_kept() -> None:
    assert not set(BARE) & set(ABSENT)


@pytest.mark.parametrize("study", presets.study_names())
def test_studies_run_on_a_bare_box_some_with_scikit_learn(study: str, tmp_path: Path) -> None:
    words = ["--preset", "test", *SMALL, "--no-report", "--engine", "here", "--out", str(tmp_path)]
    absent = tuple(name for name in ABSENT if study not in LACKING or name not in NEEDED)
    done = call("study", study, *words, absent=absent)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob(f"{study}-*/cells/*/members.parquet"))) > 1


@pytest.mark.parametrize("study", LACKING)
def test_studies_that_need_more_say_so_in_one_line_before_they_train(study: str, tmp_path: Path) -> None:
    done = call("study", study, "--preset", "test", "--no-report", "--out", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "scikit-learn, which cannot be imported here; pip install scikit-learn" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_doctor_names_the_studies_that_cannot_run_on_a_bare_box(tmp_path: Path) -> None:
    done = call("doctor", "--out", str(tmp_path))
    lines = [line for line in done.stdout.splitlines() if line.split()[1] == "studies"]
    able, unable = lines
    assert all(name in unable and name not in able for name in LACKING)
    assert "cannot run here; pip install scikit-learn" in unable
    assert "depth-sweep" in able
