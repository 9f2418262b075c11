""".ci/run: the programs that it requires, and tests that fail without a required program."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.programs import program

SCRIPT = Path(__file__).parent.parent / ".ci" / "run"
BASH, DIRNAME = shutil.which("bash"), shutil.which("dirname")


def ci(folder: Path, **programs: str) -> tuple[str, str]:
    """The stdout and stderr of .ci/run on a machine that has these programs alone, each given as a line of bash."""
    folder.mkdir()
    for name, line in {"make": 'echo "$1:$LANDSCAPE_REQUIRE"', "dirname": f'{DIRNAME} "$@"', **programs}.items():
        file = folder / name.replace("_", "-")
        file.write_text(f"#!{BASH}\n{line}\n")
        file.chmod(0o755)
    assert BASH
    done = subprocess.run([BASH, SCRIPT], env={"PATH": str(folder)}, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def test_programs_that_exist_or_were_installed_are_required_and_the_others_reported(tmp_path: Path) -> None:
    said, told = ci(tmp_path / "user", id="echo 1000", google_chrome="")
    assert said == "lint: chromium\ntest: chromium\n"
    assert told == "node is not here and cannot be installed (not root): the tests that need it will be skipped\n"
    said, told = ci(tmp_path / "root", id="echo 0", node="")
    assert said == "lint: node\ntest: node\n"
    assert told.startswith("chromium is not here and cannot be installed (no apt-get): ")
    assert ci(tmp_path / "apt", id="echo 0", apt_get="") == ("lint: chromium node\ntest: chromium node\n", "")
    said, told = ci(tmp_path / "offline", id="echo 0", apt_get="exit 100")
    assert said == "lint:\ntest:\n"
    assert told.count("(apt-get failed)") == 2


def test_a_missing_program_skips_a_test_unless_it_is_required(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LANDSCAPE_REQUIRE", " node")
    with pytest.raises(pytest.skip.Exception, match="chromium is not on PATH"):
        program("chromium", "chromium-browser")
    with pytest.raises(pytest.fail.Exception, match="node is not on PATH, and is required"):
        program("node")
    monkeypatch.setenv("PATH", str(Path(str(BASH)).parent))
    assert program("chromiun", "bash") == BASH
