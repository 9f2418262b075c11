"""Work on a machine that sees none of the driver's folders: code, data and entries of the store arrive as bytes."""

from __future__ import annotations

import errno
import os
import pickle
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from landscape import away, data_root, disk, entries, entry_files, own_data, presets, worker
from landscape.away import ClusterError
from landscape.results import Measured
from landscape.running import _exchange, _measure_cell
from landscape.training import Site, stored, trained
from tests.toy.toy_line.study import ToyLine

STUDY = ToyLine(hidden=(1,), members=2, steps=5)


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_registered", "_sources", "_files", "_places"):
        monkeypatch.setattr(own_data, name, {})
    monkeypatch.setattr(data_root, "_copies", {})


class Measure:
    """The work of a cell, as `run_study` sends it."""

    def __init__(self, study: Any) -> None:
        self.study = study

    def __call__(self, cell: Any, report: worker.Report) -> Measured:
        return _measure_cell(self.study, Site(), cell, report)


class Points(Measure):
    """The training points of a cell."""

    def __call__(self, cell: Any, report: worker.Report) -> Any:
        return self.study.recipes(cell)[0].dataset().points.numpy()


def full_disk(item: int, report: worker.Report) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "weights")


def sent(study: Any, models: Path) -> tuple[Any, ...]:
    """What travels with the first cell of a study."""
    exchange, cell = _exchange(study, models), study.cells()[0]
    return pickle.dumps((Measure(study), cell)), exchange.sent(cell), away.known(exchange.data)


def test_networks_that_are_made_away_go_back_as_bytes_and_are_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, (recipe,) = tmp_path / "models", STUDY.recipes(STUDY.cells()[0])
    outcome, made, notes = away.work_away(*sent(STUDY, models), lambda *_: None)
    assert (outcome.error, notes) == (None, [])
    entry_files.store(made, models)
    kept, expected = stored(recipe, models), trained(recipe, Site())
    assert kept is not None
    assert np.array_equal(kept.ensemble.flat, expected.ensemble.flat)
    monkeypatch.setattr("landscape.training._train", None)
    outcome, made, _ = away.work_away(*sent(STUDY, models), lambda *_: None)
    assert (outcome.error, [*made]) == (None, [f"locks/{recipe.key}"])
    assert worker.folder.get() is None


def test_members_of_other_entries_travel_and_the_rest_comes_back(tmp_path: Path) -> None:
    more, models = ToyLine(hidden=(1,), members=3, steps=5), tmp_path / "models"
    (few,), (recipe,) = STUDY.recipes(STUDY.cells()[0]), more.recipes(more.cells()[0])
    trained(few, Site(models=models))
    outcome, made, _ = away.work_away(*sent(more, models), lambda *_: None)
    assert outcome.error is None
    keys = {name.partition("/")[0] for name in made}
    assert few.key not in keys
    assert recipe.key in keys
    entry_files.store(made, models)
    assert len(entries.pieces_of(models, recipe.key)) == 2
    assert stored(recipe, models) is not None


def test_a_damaged_entry_is_trained_away_with_a_note_and_replaced(tmp_path: Path) -> None:
    models, (recipe,) = tmp_path / "models", STUDY.recipes(STUDY.cells()[0])
    trained(recipe, Site(models=models))
    (models / recipe.key / entries.WEIGHTS).write_bytes(b"altered")
    outcome, made, notes = away.work_away(*sent(STUDY, models), lambda *_: None)
    assert outcome.error is None
    assert "were altered" in notes[0]
    assert stored(recipe, models) is None
    entry_files.store(made, models)
    assert stored(recipe, models) is not None


def test_data_of_the_users_travel_to_where_the_path_does_not_exist(tmp_path: Path) -> None:
    file = tmp_path / "pts.npy"
    np.save(file, np.random.default_rng(0).random((12, 3)).astype(np.float32))
    study: Any = presets.make_study("basins", "test", data=str(file))
    cell, driver = study.cells()[0], away.known(entry_files.data_of(study))
    expected = study.recipes(cell)[0].dataset().points
    file.rename(tmp_path / "elsewhere.npy")
    outcome, _, _ = away.work_away(pickle.dumps((Points(study), cell)), {}, driver, lambda *_: None)
    assert outcome.error is None, outcome.error
    assert np.array_equal(outcome.value, expected)


def test_other_versions_of_packages_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    parcel = sent(STUDY, tmp_path)
    monkeypatch.setattr(away, "_version", lambda name: "0.0")
    with pytest.raises(
        ClusterError, match=r"has landscape's code 0\.0, and results could differ from those of .* install"
    ):
        away.work_away(*parcel, lambda *_: None)


def test_a_full_disk_of_a_machine_is_the_error_of_its_item(tmp_path: Path) -> None:
    outcome, _, _ = away.work_away(pickle.dumps((full_disk, 1)), {}, away.known({}), lambda *_: None)
    assert isinstance(outcome.error, OSError)
    assert outcome.item == 1


def test_folders_of_workers_that_were_killed_are_removed_and_those_in_use_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, alive = (tmp_path / f"{away.PREFIX}{name}" for name in ("dead", "alive"))
    for place in (dead, alive):
        place.mkdir()
        (place / away.LOCK).touch()
    with disk.locked(alive / away.LOCK):
        away.work_away(pickle.dumps((full_disk, 1)), {}, away.known({}), lambda *_: None)
        assert [path.name for path in tmp_path.iterdir()] == [alive.name]
