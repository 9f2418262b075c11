"""Data sets: seeded per member, nested by count, within range, refused where they do not exist."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from landscape.choices import POINT_SETS
from landscape.data import DataSpec, dimension, load_data
from landscape.data.synthetic import digits


def spec(name: str) -> DataSpec:
    return DataSpec(name, 7, 3) if name in ("uniform", "clusters") else DataSpec(name)


@pytest.mark.parametrize("name", POINT_SETS)
def test_every_set_lies_within_its_range_with_a_leading_member_axis(name: str) -> None:
    data = load_data(spec(name), (5, 6, 7))
    assert data.points.shape == (3, data.count, dimension(spec(name)))
    assert data.low <= float(data.points.min()) <= float(data.points.max()) <= data.high


def test_the_digits_carried_along_are_scikit_learns():
    theirs = load_digits()
    order = np.random.default_rng(0).permutation(len(theirs.data))
    everything = digits()
    assert np.array_equal(everything.take(np.arange(1797)), (theirs.data[order] / 16).astype(np.float32))
    assert everything.labels is not None
    assert everything.labels.dtype == np.int64
    assert np.array_equal(everything.labels, theirs.target[order])


@pytest.mark.parametrize("name", ["uniform", "clusters"])
def test_drawn_points_depend_on_the_seed_alone_and_are_nested_by_count(name: str) -> None:
    seven = load_data(DataSpec(name, 7, 3, 0.5, 2), (5, 6))
    five = load_data(DataSpec(name, 5, 3, 0.5, 2), (6,))
    assert torch.equal(seven.points[1, :5], five.points[0])
    assert not torch.equal(seven.points[0], seven.points[1])


def test_fixed_points_are_shared_without_copies() -> None:
    assert load_data(DataSpec("four-points"), range(11)).points.stride(0) == 0


def test_spread_is_the_side_of_the_box_about_the_centre() -> None:
    points = load_data(DataSpec("uniform", 997, 2, 0.2), (0,)).points
    assert float((points - 0.5).abs().max()) == pytest.approx(0.1, abs=0.001)


def test_clusters_keep_their_points_within_spread_of_each_other() -> None:
    points = load_data(DataSpec("clusters", 101, 2, 0.1, 3), (0,)).points[0]
    for cluster in range(3):
        own = points[cluster::3]
        assert float((own.amax(0) - own.amin(0)).max()) <= 0.1 + 1e-6


def test_digits_are_a_mixture_of_classes_in_a_fixed_order() -> None:
    few, all_of_them = load_data(DataSpec("digits", 40), (0,)), load_data(DataSpec("digits"), (1,))
    assert all_of_them.points.shape == (1, 1797, 64)
    assert torch.equal(few.points[0], all_of_them.points[0, :40])
    assert few.labels is not None
    assert few.labels.unique().tolist() == list(range(10))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (DataSpec("four-point"), "`data` must be one of .*; got 'four-point'. Did you mean 'four-points'?"),
        (DataSpec("uniform", 0, 2), "`count` must be a positive whole number for 'uniform' data; got 0"),
        (DataSpec("uniform", 4), "`dim` must be a positive whole number for 'uniform' data; got None"),
        (DataSpec("two-points", 3), "'two-points' has count 2; got 3. Leave it out, or choose 'uniform' data"),
        (DataSpec("digits", 2000), "digits has 1797 images; got count 2000. Ask for 1 to 1797"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_does(asked: DataSpec, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_data(asked, (0,))
