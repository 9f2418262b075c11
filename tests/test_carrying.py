"""Runs that move: what is packed and gathered is what was run, and what is not whole is said."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path

import pandas as pd
import pytest
import torch

from landscape import carrying, loading, results
from landscape.record import RunError
from landscape.running import run_study
from tests.toy.toy_line.study import ToyLine

pytestmark = pytest.mark.usefixtures("toy")

STUDY = ToyLine(hidden=(1, 2, 3), members=2, steps=5)


@pytest.fixture
def halves(tmp_path: Path) -> list[Path]:
    """Two folders of two machines, with one and two cells of a run of three."""
    cells = STUDY.cells()
    return [run_study(STUDY, out=tmp_path / name, cells=part) for name, part in (("a", cells[:1]), ("b", cells[1:]))]


def test_gathered_parts_are_the_whole_with_its_networks(tmp_path: Path, halves: list[Path]) -> None:
    carrying.pack(halves[1], tmp_path / "b.tar")
    out = tmp_path / "out"
    (first,) = carrying.gather(halves[0].parent, out)
    assert (first.new_cells, first.new_networks, first.missing) == (1, 1, 2)
    (second,) = carrying.gather(tmp_path / "b.tar", out)
    assert (second.new_cells, second.new_networks, second.missing) == (2, 2, 0)
    whole = results.load(run_study(STUDY, out=tmp_path / "whole"))
    found = results.load(second.folder)
    pd.testing.assert_frame_equal(found.table, whole.table)
    assert [entry["status"] for entry in found.record["cells"]] == ["done"] * 3
    assert found.record["seconds"] == pytest.approx(
        sum(results.read_record(half)["seconds"] for half in halves), abs=1e-9
    )
    points = torch.linspace(0, 1, 7)[None, :, None]
    networks = [loading.load_model(folder, hidden=3) for folder in (second.folder, whole.path)]
    assert torch.equal(*(network(points) for network in networks))
    assert not list(out.glob(".gather-*"))


def test_a_run_takes_the_networks_along_that_it_has_from_a_smaller_one(tmp_path: Path) -> None:
    for members in (2, 5):
        folder = run_study(ToyLine(hidden=(1,), members=members, steps=5), out=tmp_path / "here")
    assert carrying.pack(folder, tmp_path / "run.tar") == carrying.Packed(1, 1, 3, 3)
    (found,) = carrying.gather(tmp_path / "run.tar", tmp_path / "there")
    points = torch.linspace(0, 1, 7)[None, :, None]
    for member in (1, 4):
        networks = [loading.load_model(run, member) for run in (folder, found.folder)]
        assert torch.equal(*(network(points) for network in networks))


def test_gathering_twice_changes_nothing(tmp_path: Path, halves: list[Path]) -> None:
    out = tmp_path / "out"
    (first,) = carrying.gather(halves[0], out)
    before = results.read_record(first.folder)
    (again,) = carrying.gather(halves[0], out)
    assert (again.new_cells, again.new_networks) == (0, 0)
    assert results.read_record(first.folder) == before


def test_packing_says_what_it_holds(tmp_path: Path, halves: list[Path]) -> None:
    assert carrying.pack(halves[1], tmp_path / "b.tar") == carrying.Packed(2, 3, 2, 2)
    models = halves[1].parent / "models"
    shutil.rmtree(next(path for path in models.iterdir() if path.name != "locks"))
    assert carrying.pack(halves[1], tmp_path / "b.tar") == carrying.Packed(2, 3, 1, 2)
    with tarfile.open(tmp_path / "b.tar") as tar:
        names = tar.getnames()
    assert f"{halves[1].name}/run.json" in names
    assert not any("lock" in name or ".part" in name for name in names)


def test_damaged_cells_are_left_out_and_named(tmp_path: Path, halves: list[Path]) -> None:
    cell = STUDY.cells()[2]
    (halves[1] / results.CELLS / cell.key / "members.parquet").write_bytes(b"")
    (found,) = carrying.gather(halves[1], tmp_path / "out")
    assert (found.new_cells, found.missing) == (1, 2)
    assert found.damaged == {"hidden=3": "members.parquet was altered"}


def test_failures_are_carried_until_a_machine_succeeds(tmp_path: Path) -> None:
    study = ToyLine(hidden=(1, 2), members=2, steps=5, fail=2)
    folder = run_study(study, out=tmp_path / "a")
    (found,) = carrying.gather(folder, tmp_path / "out")
    assert found.missing == 1
    (_, entry) = results.read_record(found.folder)["cells"]
    assert "asked to fail" in entry["error"]


def test_what_cannot_be_packed_or_gathered_is_one_line(tmp_path: Path, halves: list[Path]) -> None:
    with pytest.raises(ValueError, match=r"must end in \.tar; got run\.zip"):
        carrying.pack(halves[0], tmp_path / "run.zip")
    empty = run_study(STUDY, out=tmp_path / "empty", cells=[])
    with pytest.raises(RunError, match="has no finished cell; run the study first"):
        carrying.pack(empty, tmp_path / "run.tar")
    with pytest.raises(RunError, match="does not exist"):
        carrying.gather(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "text.tar").write_text("text")
    with pytest.raises(RunError, match=r"text\.tar is no file of `landscape pack`"):
        carrying.gather(tmp_path / "text.tar", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(RunError, match="holds no run: give a run's folder"):
        carrying.gather(tmp_path, tmp_path / "out")
    with pytest.raises(RunError, match=r"are in .*a already; choose another --out"):
        carrying.gather(halves[0], halves[0].parent)


def test_a_file_that_points_outside_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        entry = tarfile.TarInfo("../escaped")
        entry.size = 1
        tar.addfile(entry, io.BytesIO(b"x"))
    with pytest.raises(RunError, match="cannot be unpacked"):
        carrying.gather(tmp_path / "evil.tar", tmp_path / "out")
    assert not (tmp_path / "escaped").exists()
