"""The table of commits: it holds every study's statements as they are, and names commits of this history."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from landscape import presets
from landscape.reproduce import thresholds
from landscape.reproduce.runs import RUNS
from landscape.reproduce.thresholds import FILE, recorded, set_by

ROOT = Path(__file__).parent.parent.parent
STUDIES = sorted({run.study for run in RUNS})


@pytest.mark.parametrize("study", STUDIES)
def test_statements_are_those_in_the_table(study: str) -> None:
    """A change of a statement is entered in the commit that makes it; `commit` is empty there, and written by the next one."""
    now = set_by(study, presets.study_class(study).version)
    entry = recorded()[study]
    assert (entry.version, entry.digest) == (now.version, now.digest), (
        f'{FILE.name}: give [{study}] version = {now.version}, digest = "{now.digest}", commit = ""'
    )


def test_statements_that_the_table_does_not_hold_have_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    version = recorded()["corners"].version
    assert set_by("corners", version).commit
    assert set_by("corners", -1).commit == ""
    first, *others = thresholds.statements("corners")
    reworded = (replace(first, estimand="another"), *others)
    monkeypatch.setattr(thresholds, "statements", lambda study: reworded)
    assert set_by("corners", version).commit == ""


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs the history")
@pytest.mark.parametrize("study", STUDIES)
def test_the_commit_is_in_the_history(study: str) -> None:
    entry = recorded()[study]
    if git("rev-parse", "--is-shallow-repository") == "true":
        pytest.skip("needs the whole history")
    if not entry.commit:
        by = git("log", "-1", "--format=%h", f"-S{entry.digest}", "--", str(FILE))
        assert by in ("", git("log", "-1", "--format=%h")), f'{FILE.name}: give [{study}] commit = "{by}"'
        return
    changed = git("show", "--format=", "--name-only", entry.commit).splitlines()
    assert f"landscape/studies/{study.replace('-', '_')}/claims.py" in changed
    assert git("merge-base", "--is-ancestor", entry.commit, "HEAD", "--") == ""


def git(*words: str) -> str:
    """What git says. Raises CalledProcessError where it fails."""
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
