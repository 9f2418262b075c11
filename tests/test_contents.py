"""The user's data in a run: the same content elsewhere is the same run, and earlier runs are found by their paths."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import landscape
from landscape import contents, outside, own_data, presets, results
from landscape.record import read_record
from landscape.sweep import all_cells
from tests.conftest import Answer, Command

POINTS = np.random.default_rng(0).uniform(-2, 2, (9, 2)).round(2)
TINY = {"members": 1, "steps": 3, "hidden": (1,), "width": (3,), "resolution": 5}
FLAGS = (
    "--members",
    "1",
    "--steps",
    "3",
    "--hidden",
    "1",
    "--width",
    "3",
    "--resolution",
    "5",
    "--quiet",
    "--no-report",
)


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("_registered", "_sources", "_files", "_places"):
        monkeypatch.setattr(own_data, name, {})
    monkeypatch.setattr(own_data, "_as_given", set())
    monkeypatch.setattr(outside, "_known", {})
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    pd.DataFrame(POINTS, columns=["a", "b"]).to_csv(tmp_path / "pts.csv", index=False)
    return tmp_path / "pts.csv"


def film(**given: object) -> landscape.Study:
    sizes = {"starts": 10, "iterations": 2, "snapshots": "0,3"}
    return presets.make_study("training-film", "none", overrides={**TINY, **sizes, **given})


def test_the_same_content_elsewhere_is_the_same_run_with_the_same_networks(table: Path, out: Path) -> None:
    (table.parent / "below").mkdir()
    shutil.copy(table, table.parent / "below" / "pts.csv")
    here, there = film(data="pts.csv"), film(data="below/pts.csv")
    assert here.folder(out) == there.folder(out)
    assert all_cells(here) == all_cells(there)
    assert dict(all_cells(there)[0].values) | {"digest": ""} == {
        "data": "pts.csv", "count": 9, "hidden": 1, "width": 3, "digest": "",
    }  # fmt: skip
    assert here.recipes(all_cells(here)[0]) == there.recipes(all_cells(there)[0])
    assert there.parameters()["data"] == ["pts.csv"]
    assert "below/pts.csv" in there.command()
    first = landscape.run_study(here, out=out)
    began = (first / "run.json").stat().st_mtime_ns
    assert landscape.run_study(there, out=out) == first
    assert (first / "run.json").stat().st_mtime_ns == began


def test_another_content_or_name_is_another_run(table: Path, out: Path) -> None:
    before = film(data="pts.csv").folder(out)
    shutil.copy(table, "other.csv")
    assert film(data="other.csv").folder(out) != before
    table.write_text(table.read_text() + "0,0\n")
    assert film(data="pts.csv").folder(out) != before


def test_runs_of_earlier_versions_are_found_by_the_path_as_it_was_given(table: Path, out: Path) -> None:
    study = presets.make_study("kaleidoscope", "test", data=f"{table}", count=4, held_out=3)
    given = {**study.parameters(), "data": [str(table)]}
    usual = study.usual()
    hashed = {name: value for name, value in given.items() if name not in usual or value != usual[name]}
    earlier = out / f"kaleidoscope-{results.parameter_key('kaleidoscope', study.version, hashed)}"
    assert study.folder(out) != earlier
    earlier.mkdir(parents=True)
    assert study.folder(out) == earlier
    assert all_cells(study)[0]["data"] == str(table) == study.parameters()["data"][0]
    assert study.recipes(all_cells(study)[0])[0].data.name == str(table)


def test_a_record_of_an_earlier_version_keeps_paths_as_names(table: Path) -> None:
    study = film(data="pts.csv")
    record = {
        "study": "training-film",
        "version": study.version,
        "parameters": study.parameters() | {"data": [str(table)]},
    }
    assert presets.study_of(record).parameters()["data"] == [str(table)]


def test_a_run_of_an_earlier_version_that_goes_on_keeps_its_names(table: Path, out: Path) -> None:
    study = film(data=str(table))
    about = contents.recorded(study, out)
    record = {
        "study": "training-film",
        "version": study.version,
        "parameters": study.parameters() | {"data": [str(table)]},
    }
    own_data.keep_as_given(str(table))
    record[contents.KEY] = {str(table): about["pts.csv"]}
    own_data._as_given.clear()
    assert presets.study_of(record).parameters()["data"] == [str(table)]


def test_a_run_names_its_data_and_finds_them_again_after_they_moved(table: Path, out: Path) -> None:
    folder = landscape.run_study(film(data="pts.csv"), out=out)
    about = read_record(folder)[contents.KEY]["pts.csv"]
    assert about["path"] == str(table)
    assert len(about["sha256"]) == 64
    own_data._places.clear()
    (table.parent / "elsewhere").mkdir()
    shutil.move(folder.parent, table.parent / "moved")
    found = presets.study_of(read_record(table.parent / "moved" / folder.name), table.parent / "moved" / folder.name)
    assert found.parameters()["data"] == ["pts.csv"]
    assert landscape.load_model(table.parent / "moved" / folder.name).dim == 2


def test_arrays_in_three_lines(out: Path) -> None:
    study = landscape.make_study("training-film", "none", data=landscape.Data(POINTS, name="blob"), **TINY, starts=10)
    folder = landscape.run_study(study, out=out / "other")
    result = landscape.load(folder)
    assert not result.failed_cells
    assert set(result.table.data) == {"blob"}
    kept = Path(result.record[contents.KEY]["blob"]["path"])
    assert kept.is_relative_to(out / "other" / own_data.KEPT)
    assert kept.exists()
    shutil.rmtree(out / own_data.KEPT)  # the run has a copy of its own
    own_data._places.clear()
    assert presets.study_of(result.record, folder).parameters()["data"] == ["blob"]
    assert landscape.load_model(folder).dim == 2


def test_several_sets_in_memory_and_by_name() -> None:
    study = film(data=[landscape.Data(POINTS, name="blob"), "two-points"])
    assert study.parameters()["data"] == ["blob", "two-points"]
    assert [dict(cell.values).get("digest") != "" for cell in all_cells(study)] == [True, False]


def test_a_module_registers_data_for_a_run_which_keeps_them(command: Command, out: Path, tmp_path: Path) -> None:
    code = f"import landscape\nlandscape.register_data('blob', lambda: {POINTS.tolist()})\n"
    (tmp_path / "mine.py").write_text(code)
    words = (
        "study",
        "training-film",
        "--preset",
        "none",
        *FLAGS,
        "--starts",
        "10",
        "--iterations",
        "2",
        "--snapshots",
        "0,3",
    )
    answer = command(*words, "--import", "mine.py", "--data", "blob", "--json")
    assert answer.code == 0, answer.err
    folder = next(out.glob("training-film-*"))
    record = read_record(folder)
    assert record["code"]["data blob"]["path"] == str(tmp_path / "mine.py")
    (tmp_path / "mine.py").unlink()
    own_data._registered.clear()
    assert landscape.load_model(folder).dim == 2  # the content is kept: no code of the user's is executed


def refused(answer: Answer, *words: str) -> None:
    assert (answer.code, answer.out, len(answer.err.splitlines())) == (2, "", 1), answer
    for word in words:
        assert word in answer.err, answer.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n", "a header and at least two rows are needed"),
        ("a,b\n1,2\n3,\n", "row 2 of column 'b'"),
        ("a,b\n1,2\n3,nan\n", "row 2 of column 'b'"),
        ("a,b\nx1,2\ny2,3\nz3,4\nw4,5\n", "names rather than categories"),
        ("a,b\n1,2\n3,4,5\n", "line 3"),
        ("a,b\n1,2\n1,3\n", "column 'a' holds the same number, 1, in all 2 rows; leave it out"),
    ],
)
def test_bad_tables_are_refused_in_one_line(command: Command, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "bad.csv").write_text(content)
    refused(command("study", "depth-sweep", "--preset", "test", "--data", "bad.csv", "--dry-run"), "bad.csv", words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("regions", "--data", "four-pionts"), "Did you mean 'four-points'?"),
        (("regions", "--data", "gone.csv"), "there is no 'gone.csv' here, and no data root is given"),
        (
            ("step-flatness", "--data", "one-point"),
            "step-flatness cannot take one-point (1 point on the line): it needs 2 points",
        ),
        (
            ("basins", "--data", "two.npy"),
            "it needs 3 points or more in more than 2 dimensions, as a plane of starts goes through",
        ),
        (("corners", "--data", "pts.csv"), "corners takes no data of yours: it draws its points"),
        (("initialisation", "--data", "pts.csv"), "it trains no network; fixed-points takes yours"),
        (("audit", "--data", "pts.csv"), "give --training, --held-out and --samples"),
        (("injective-gan", "--data", "two.npy"), "a generator of images needs images"),
        (
            ("depth-sweep", "--data", "wide.npy"),
            "must lie in [0, 1]; got 0.0 to 3.0. Scale it first, or save it as a table (.csv)",
        ),
        (("depth-sweep", "--data", "nan.npy"), "x holds nan at (0, 1); finite numbers are needed"),
    ],
)
def test_what_a_study_cannot_take_is_refused_with_the_reason(
    command: Command, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    np.save(tmp_path / "two.npy", np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]))
    np.save(tmp_path / "wide.npy", np.array([[0.0, 3.0], [1.0, 2.0]]))
    np.save(tmp_path / "nan.npy", np.array([[0.0, np.nan], [1.0, 0.5]]))
    refused(command("study", *words, "--preset", "test", "--dry-run"), message)
