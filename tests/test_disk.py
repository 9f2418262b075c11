"""Files get their final names once the disk has their content, whoever writes them."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import torch

from landscape import disk, results
from landscape.data import DataSpec
from landscape.ensemble import Checkpoint
from landscape.nets import MLP
from landscape.results import Measured
from landscape.training import FitSpec, Recipe, Site, trained

MEASURED = Measured({"members": pd.DataFrame({"member": [0]})})
RECIPE = Recipe(MLP(1, 3), DataSpec("two-points"), FitSpec(steps=2), (0, 1))
WRITERS: dict[str, Callable[[Path], object]] = {
    "cell": lambda place: results.save_cell(place, results.cell(hidden=1), MEASURED, 0.0),
    "record": lambda place: results.write_record(place, {}),
    "model": lambda place: trained(RECIPE, Site(models=place)),
    "checkpoint": lambda place: Checkpoint(place / "checkpoint", "key").save({"flat": torch.zeros(3)}, {}),
}


@pytest.mark.parametrize("folder", [False, True])
def test_every_file_is_on_the_disk_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: bool
) -> None:
    part, final, synced, replace = tmp_path / "new.part", tmp_path / "new", [], os.replace

    def replaced(*names: Path) -> None:
        assert sorted(synced) == sorted(path.stat().st_ino for path in written)
        replace(*names)

    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number).st_ino))
    monkeypatch.setattr(os, "replace", replaced)
    if folder:
        part.mkdir()
        (part / "a").write_text("a")
        (part / "b").write_text("b")
    else:
        part.write_text("a")
    written = [part, *part.glob("*")]
    disk.settle(part, final)
    assert final.exists()
    assert not part.exists()


@pytest.mark.parametrize("name", WRITERS)
def test_what_did_not_reach_the_disk_gets_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def failing(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        with pytest.raises(OSError, match="Input/output"):
            WRITERS[name](tmp_path)
        assert {path.name for path in tmp_path.rglob("*")} <= {"cells", "locks", RECIPE.key}
        assert not (tmp_path / RECIPE.key).exists()
    WRITERS[name](tmp_path)
