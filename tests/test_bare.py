"""A GPU box without drawing libraries computes; the run folder is carried home and reported there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from landscape import presets

DRAWING = ("matplotlib", "seaborn", "pyvista", "vtkmodules", "PIL", "jinja2")
RUN = f"""
import sys
sys.modules.update(dict.fromkeys({DRAWING!r}))  # importing any of them now raises ImportError
from landscape.cli import main
main()
"""


@pytest.mark.parametrize("study", presets.study_names())
def test_studies_run_without_drawing_libraries(study: str, tmp_path: Path) -> None:
    words = ["study", study, "--preset", "test", "--no-report", "--engine", "here", "--out", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", RUN, *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob(f"{study}-*/cells/*/members.parquet"))) > 1
