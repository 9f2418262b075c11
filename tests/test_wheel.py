"""The wheel, built offline and installed elsewhere, runs a study with the presets in the wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CHECKOUT)]
    built = subprocess.run(words, capture_output=True, text=True, cwd=folder)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("input_landscape-*.whl"))


def test_wheel_carries_presets_pages_and_viewer_but_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [*CHECKOUT.glob("landscape/studies/*/presets.toml")]
    for file in [file for kind in ("js", "css", "toml") for file in CHECKOUT.glob(f"landscape/**/*.{kind}")]:
        assert str(file.relative_to(CHECKOUT)) in names
    assert not [name for name in names if name.startswith(("tests/", "studies/", "reports/"))]


def test_installed_wheel_runs_a_study_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True, text=True)
    environment = {name: value for name, value in os.environ.items() if name != "LANDSCAPE_OUT"} | {
        "PYTHONPATH": str(site)
    }

    def call(*words: str) -> str:
        found = subprocess.run([sys.executable, *words], cwd=empty, env=environment, capture_output=True, text=True)
        assert found.returncode == 0, found.stderr
        return found.stdout

    where = call("-c", "from landscape import registry; print(registry.__file__, registry._folder())").split()
    assert all(Path(path).is_relative_to(site) for path in where)
    said = call("-m", "landscape", "study", "depth-sweep", "--preset", "test", "--no-report", "--quiet")
    run = next(line.split()[-1] for line in said.splitlines() if line.startswith("run "))
    assert (empty / run / "run.json").exists()
    assert [path.name for path in empty.iterdir()] == ["reports"]
