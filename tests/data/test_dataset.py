"""Data specs: their JSON form keeps old keys, and the key of a path depends on its content."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from landscape.data import DataSpec, files, load_data
from landscape.nets import MLP
from landscape.training import FitSpec, Recipe


def test_fields_that_came_later_leave_old_keys_as_they_were() -> None:
    recipe = Recipe(MLP(2, 50), DataSpec("digits", 40), FitSpec(2000, stop=False), (0, 1, 2))
    assert recipe.data.spec() == {"name": "digits", "count": 40, "dim": None, "spread": 1.0, "clusters": 1}
    assert recipe.key == "421268f5f1f35684"  # of recipe version 2 before those fields


def test_each_later_field_changes_the_json_form_and_survives_json() -> None:
    spec = DataSpec("mnist", 7)
    changed = [
        {"classes": ("3",)},
        {"signed": True},
        {"skip": 7},
        {"drawn": True},
        {"size": 14},
        {"grey": True},
        {"labelled": True},
        {"digest": "ab"},
    ]
    forms = [replace(spec, **one).spec() for one in changed]
    assert len({json.dumps(form) for form in [*forms, spec.spec()]}) == 9
    assert all(json.loads(json.dumps(form)) == form for form in forms)


@pytest.fixture
def folder(root: Path) -> Path:
    (root / "own").mkdir()
    for number in range(3):
        (root / "own" / f"{number}.pgm").write_bytes(b"P5 2 2 255\n" + bytes([number, 9, 9, 9]))
    return root / "own"


def test_a_folder_is_known_by_its_images_and_their_names_alone(folder: Path, tmp_path: Path) -> None:
    before = DataSpec(str(folder)).digest
    (folder / "notes.txt").write_text("not an image")
    (folder / "._0.pgm").write_bytes(b"hidden")
    shutil.copytree(folder, tmp_path / "copy")
    assert before == DataSpec(str(folder)).digest == DataSpec(str(tmp_path / "copy")).digest
    (folder / "0.pgm").rename(folder / "7.pgm")
    assert DataSpec(str(folder)).digest != before


def test_a_path_is_sought_here_and_then_under_the_data_root(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert DataSpec("own").digest == DataSpec(str(folder)).digest != ""
    monkeypatch.chdir(folder)
    assert DataSpec("0.pgm").digest not in ("", DataSpec("1.pgm").digest)
    monkeypatch.setenv("LANDSCAPE_DATA", str(folder / "nowhere"))
    with pytest.raises(
        ValueError, match=r"the data root must be a folder that exists; got '.*nowhere'. Mend --data-root"
    ):
        DataSpec("absent")


def test_a_folder_that_takes_long_to_look_at_is_looked_at_less_often(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.time, "monotonic", lambda: 1000.0)
    for took, expected in ((1.0, "ab"), (0.4, DataSpec(str(folder)).digest)):  # SLOW_LOOK_SECONDS lies between
        monkeypatch.setitem(files._SEEN, folder, ("ab", 990.0, took))
        assert DataSpec(str(folder)).digest == expected
    monkeypatch.setitem(files._SEEN, folder, ("ab", 900.0, 1.0))
    assert DataSpec(str(folder)).digest == expected


def test_names_of_known_sets_are_never_paths(root: Path) -> None:
    np.save(root / "digits", np.zeros((2, 2)))
    (root / "digits.npy").rename(root / "digits")
    assert DataSpec("digits").digest == ""


def test_data_that_changed_since_the_spec_was_made_are_refused(folder: Path) -> None:
    spec = DataSpec(str(folder), 3)
    assert load_data(spec, (0,)).count == 3
    (folder / "1.pgm").write_bytes(b"P5 2 2 255\n" + bytes(4))
    with pytest.raises(ValueError, match=r"own has changed: its sha256 was .*… and is .*…; start a new run with it"):
        load_data(spec, (0,))
    with pytest.raises(ValueError, match="there is no 'own' here or under the data root"):
        load_data(DataSpec("own", digest="ab" if shutil.rmtree(folder) is None else ""), (0,))
