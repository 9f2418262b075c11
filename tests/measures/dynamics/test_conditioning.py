"""Known coordinates: halves of images, cells of tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch

from landscape.data import Dataset, DataSpec, load_data
from landscape.measures.dynamics import known_cells, known_half


def test_halves_of_images():
    images = torch.arange(24.0).view(2, 12)  # 4 × 3 pixels
    known = known_half(images, (4, 3), "top").view(2, 4, 3)
    assert torch.equal(known[:, :2], images.view(2, 4, 3)[:, :2])
    assert known[:, 2:].isnan().all()
    left, right = (known_half(images, (2, 2, 3), side).view(2, 2, 2, 3) for side in ("left", "right"))
    assert left[:, :, 1].isnan().all()
    assert right[:, :, 0].isnan().all()
    assert (left.isnan() != right.isnan()).all()
    with pytest.raises(ValueError, match="`half` must be one of 'bottom', 'left', 'right', 'top'; got 'up'"):
        known_half(images, (4, 3), "up")
    shown = known_half(images, (4, 3), "bottom", strip=1).view(2, 4, 3)  # three rows of image, one that shows the class
    assert torch.equal(shown[:, 1:3], images.view(2, 4, 3)[:, 1:3])
    assert shown[:, [0, 3]].isnan().all()
    with pytest.raises(ValueError, match="halves are of images; these data have points of 12 coordinates"):
        known_half(images, (12,), "top")


@pytest.fixture
def table(tmp_path: Path) -> Dataset:
    rows = {"size": [1.0, 3.0, 2.0, 5.0], "class": ["a", "b", "c", "a"], "legs": [4, 2, 4, 2]}
    pd.DataFrame(rows).to_csv(tmp_path / "animals.csv", index=False)
    return load_data(DataSpec(str(tmp_path / "animals.csv"), signed=True), [0])


def test_cells_of_a_table_are_scaled_and_one_hot(table: Dataset):
    assert table.table is not None
    known = known_cells(table, {"class": "b", "size": "2"})
    found = dict(zip(table.table.coordinates, known.tolist(), strict=True))
    assert [found[f"class={value}"] for value in "abc"] == [-1, 1, -1]
    assert found["size"] == pytest.approx(-0.5)  # a quarter of the way from 1 to 5
    assert known.isnan().sum() == len(known) - 4
    assert table.decode(known.nan_to_num(0.0)[None])["class"].tolist() == ["b"]


def test_coordinates_of_other_data_have_numbers():
    points = Dataset("points", torch.zeros(1, 5, 3), 0.0, 1.0, (3,))
    assert known_cells(points, {"2": "0.25"}).nan_to_num(-1.0).tolist() == [-1.0, 0.25, -1.0]
    for name in ("0", "4", "two"):
        with pytest.raises(ValueError, match=f"points has coordinates 1 to 3; got '{name}'"):
            known_cells(points, {name: "1"})
    with pytest.raises(ValueError, match="2 must lie from 0 to 1, the range of the data; got 1"):
        known_cells(points, {"2": "1.5"})
    with pytest.raises(ValueError, match=r"got 'class'\. Images show their class only where .* --labelled"):
        known_cells(points, {"class": "3"})
    with pytest.raises(ValueError, match="2 must be a number; got 'much'"):
        known_cells(points, {"2": "much"})
    with pytest.raises(ValueError, match="at least one cell that is known; got none"):
        known_cells(points, {})


def test_the_class_of_labelled_images_is_their_strip():
    data = load_data(DataSpec("digits", 30, classes=("3", "8"), signed=True, labelled=True), [0])
    known = known_cells(data, {"class": "8"})
    assert known[:64].isnan().all()
    assert data.labels is not None
    eights = data.points[0, data.labels[0] == 1]
    assert torch.equal(known[64:].expand(len(eights), -1), eights[:, 64:])
    assert torch.equal(known_cells(data, {"class": "8", "1": "-1"})[1:64].isnan(), torch.ones(63, dtype=torch.bool))
    with pytest.raises(ValueError, match="`classes` must be one of '3', '8'; got '4'"):
        known_cells(data, {"class": "4"})


def test_cells_that_a_table_lacks_are_refused(table: Dataset):
    with pytest.raises(ValueError, match=r"`column` must be one of .*; got 'clas'\. Did you mean 'class'"):
        known_cells(table, {"clas": "a"})
    with pytest.raises(ValueError, match="size must lie from 1 to 5, the range of the data; got 7"):
        known_cells(table, {"size": "7"})
    with pytest.raises(ValueError, match="`class` must be one of 'a', 'b', 'c'; got 'd'"):
        known_cells(table, {"class": "d"})
