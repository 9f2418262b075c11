"""Pages tell nothing of the disk on which they were made: which paths are shortened, to what, and where."""

from __future__ import annotations

import base64
import gzip
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landscape import loading, presets, reporting, results
from landscape.figures import Panel
from landscape.report.folders import NOTE, shown_paths, without_folders
from landscape.report.run_view import RunView
from landscape.running import run_study
from tests.conftest import Command

MODULE = """
def halved(x):
    return x / 2
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, within a home folder that also holds other files."""
    work = tmp_path / "anna-m" / "work"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(tmp_path / "anna-m"))
    return work


def whole(page: Path) -> str:
    """The text of a page, and of the tables that it carries."""
    text = page.read_text()
    packed = re.findall(r"H4sI[\w+/=]{40,}", text)
    assert packed, "a page carries packed tables"
    return "\n".join([text, *(gzip.decompress(base64.b64decode(one)).decode("latin-1") for one in packed)])


def test_paths_are_relative_to_the_working_folder_or_lose_their_folders(here: Path) -> None:
    outside = str(here.parent / "secret" / "x.npy")
    assert shown_paths([str(here / "a" / "x.npy"), outside, "~/t.csv", "../up/u.npy", "own/y.npy", "digits", "/"]) == {
        str(here / "a" / "x.npy"): "a/x.npy",
        outside: "x.npy",
        "~/t.csv": "t.csv",
        "../up/u.npy": "u.npy",
    }


def test_files_of_one_name_keep_as_many_folders_as_tell_them_apart(here: Path) -> None:
    assert shown_paths(["/data/gan/s.npy", "/data/diffusion/s.npy", "/data/t.npy"]) == {
        "/data/gan/s.npy": "gan/s.npy",
        "/data/diffusion/s.npy": "diffusion/s.npy",
        "/data/t.npy": "t.npy",
    }


def test_every_text_of_a_run_is_shortened_and_nothing_else(here: Path) -> None:
    data = "/srv/anna's disk/x.npy"
    record = {"parameters": {"data": [data, "digits"]}, "code": {f"{here}/m.py:build": {"path": f"{here}/m.py"}}}
    table = pd.DataFrame({"data": [data], "loss": [0.5], f"{here}/m.py:build": ["1/2"]})
    error = f"no {here.parent}/other/notes.txt, {here}/sub/k.txt; and/or 1/2, file://x, /usr/share"
    given = RunView(
        f"On {data}",
        error,
        [Panel(data, "1/2", table, downloads={data: table})],
        record=record,
        tables={"members": table},
    )
    view = without_folders(given)
    assert view.title == "On x.npy"
    assert view.lead == "no notes.txt, sub/k.txt; and/or 1/2, file://x, /usr/share"
    panel = view.panels[0]
    assert (panel.title, panel.caption, list(panel.downloads)) == ("x.npy", "1/2", ["x.npy"])
    assert isinstance(panel.body, pd.DataFrame)
    assert panel.body.to_dict("list") == {"data": ["x.npy"], "loss": [0.5], "m.py:build": ["1/2"]}
    assert view.record == {
        "parameters": {"data": ["x.npy", "digits"]},
        "code": {"m.py:build": {"path": "m.py"}},
        "files": NOTE,
    }
    assert record["parameters"]["data"] == [data, "digits"], "the record itself keeps the path"


def test_a_run_of_files_in_the_working_folder_gets_no_note(here: Path) -> None:
    record = {"code": {"study": {"path": str(here / "mine.py")}}}
    assert without_folders(RunView("t", "l", [], record=record)).record == {"code": {"study": {"path": "mine.py"}}}


def test_the_page_of_an_examination_hides_the_disk_and_its_run_is_still_read(
    here: Path, tmp_path: Path, command: Command
) -> None:
    secret = tmp_path / "anna-m" / "secret"
    secret.mkdir()
    (secret / "mine.py").write_text(MODULE)
    points = np.random.default_rng(0).random((13, 2), dtype=np.float32)
    np.save(secret / "x.npy", points)
    np.save(secret / "h.npy", points[::-1] * 0.9)
    words = [
        "examine",
        f"{secret}/mine.py:halved",
        "--data",
        str(secret / "x.npy"),
        "--held-out",
        str(secret / "h.npy"),
    ]
    words += ["--preset", "test", "--out", str(here / "runs"), "--quiet"]
    assert command(*words).code == 0
    (run,) = (here / "runs").glob("examine-*")
    assert results.load(run).record["parameters"]["data"] == str(secret / "x.npy")
    page = whole(run / "report.html")
    for telling in ("secret", "anna-m", str(tmp_path)):
        assert telling not in page, page[max(0, page.index(telling) - 80) :][:200]
    assert "--data x.npy" in page
    assert NOTE in page
    assert command("show", str(run)).code == 0
    assert command("report", str(run), "--to", str(here / "again.html")).code == 0
    assert "secret" not in whole(here / "again.html")
    assert loading.load_model(run) is not None


def test_the_page_of_an_audit_hides_the_disk(here: Path, tmp_path: Path) -> None:
    secret = tmp_path / "anna-m" / "secret"
    for name, seed in (("gan", 0), ("flow", 1), ("train", 2), ("held", 3)):
        (secret / name).mkdir(parents=True)
        np.save(secret / name / "s.npy", np.random.default_rng(seed).random((130, 3), dtype=np.float32))
    paths = {role: str(secret / name / "s.npy") for role, name in (("training", "train"), ("held_out", "held"))}
    samples = tuple(str(secret / name / "s.npy") for name in ("gan", "flow"))
    study = presets.make_study("audit", "test", overrides={**paths, "samples": samples})
    page = whole(reporting.drawn(results.load(run_study(study, out=here / "runs", debug=True))))
    for telling in ("secret", "anna-m", str(tmp_path)):
        assert telling not in page, page[max(0, page.index(telling) - 80) :][:200]
    assert "gan/s.npy" in page
    assert "flow/s.npy" in page
