"""What studies of images share: their data, which are checked before anything is trained and placed on a device."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from landscape import presets
from landscape.data import Dataset, load_data
from landscape.studies.parts import image_study
from landscape.studies.parts.image_study import ImageStudy, placed


@pytest.fixture
def study() -> ImageStudy:
    made = presets.make_study("kaleidoscope", "test")
    assert isinstance(made, ImageStudy)
    return made


def test_a_twin_is_trained_on_other_images(study: ImageStudy) -> None:
    recipe = study.recipe(study.cells()[0])
    own, other = (set(map(bytes, load_data(one.data, (0,)).points[0].numpy())) for one in (recipe, study.twin(recipe)))
    assert len(own) == len(other) == 40
    assert not own & other


def test_more_images_than_there_are_is_said_before_training(study: ImageStudy) -> None:
    with pytest.raises(ValueError, match=r"digits has 1797 images; got count 1800. Ask for 1 to 1797"):
        replace(study, count=(1800,)).recipes(replace(study, count=(1800,)).cells()[0])
    greedy = replace(study, count=(1790,))
    with pytest.raises(ValueError, match=r"training takes 1790 of them; got 24 to hold out. Ask for 1 to 7"):
        greedy.recipes(greedy.cells()[0])


def test_sets_of_points_are_refused(study: ImageStudy) -> None:
    with pytest.raises(ValueError, match=r"`data` must have points to hold out, .*; got 'uniform', which is"):
        replace(study, data=("digits", "uniform"))


def test_a_dry_run_downloads_nothing(study: ImageStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the files were asked for")

    monkeypatch.setattr(image_study, "at_hand", lambda name: False)
    monkeypatch.setattr(image_study, "load_data", refuse)
    made = replace(study, data=("mnist",))
    assert [one.data.name for one in made.recipes(made.cells()[0])] == ["mnist"]


def test_a_paths_content_is_part_of_its_cells(study: ImageStudy, tmp_path: Path) -> None:
    file = tmp_path / "own.npy"
    np.save(file, np.random.default_rng(0).integers(0, 256, (90, 4, 4), np.uint8))
    made = replace(study, data=("digits", str(file)), dim=(2,))
    cells = made.cells()
    assert len({tuple(name for name, _ in one.values) for one in cells}) == 1
    assert [len(one["digest"]) for one in cells] == [0, 12, 0, 0]
    np.save(file, np.zeros((90, 4, 4), np.uint8))
    assert made.cells()[1].key != cells[1].key


def test_what_all_members_share_stays_one_copy() -> None:
    shared = torch.zeros(1, 3, 2).expand(5, 3, 2)
    labels = torch.zeros(1, 3, dtype=torch.int64).expand(5, 3)
    found = placed(Dataset("own", shared, 0.0, 1.0, (2,), labels), "cpu")
    assert found.points.stride(0) == 0
    assert found.labels is not None
    assert found.labels.stride(0) == 0
    own = placed(Dataset("own", torch.zeros(5, 3, 2), 0.0, 1.0, (2,)), "cpu")
    assert own.points.stride(0) == 6


def test_the_data_take_the_range_of_the_output(study: ImageStudy) -> None:
    assert not study.spec("digits", 5).signed
    assert replace(study, output="tanh").spec("digits", 5).signed
    assert replace(study, classes=("3",), size=6).spec("digits", 5).classes == ("3",)
