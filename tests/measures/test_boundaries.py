"""How ragged borders are: pictures whose answer is known, in one and two dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from landscape.measures import basin_entropy, boundary_dimension, uncertainty_exponent


def test_on_the_line_boundaries_are_points():
    labels = np.digitize(np.linspace(0, 1, 401), [0.2, 0.55, 0.8])
    assert boundary_dimension(labels).value == pytest.approx(0, abs=0.05)
    assert uncertainty_exponent(labels).value == pytest.approx(1, abs=0.05)
    assert basin_entropy(labels)[0] < 0.05


@pytest.mark.parametrize("kind", ["straight", "circle"])
def test_smooth_boundaries_have_dimension_one(kind: str):
    x, y = np.meshgrid(np.linspace(-1, 1, 401), np.linspace(-1, 1, 401))
    labels = (x + 0.3 * y > 0.05 if kind == "straight" else x**2 + y**2 < 0.5).astype(int)
    assert boundary_dimension(labels).value == pytest.approx(1, abs=0.05)
    assert uncertainty_exponent(labels).value == pytest.approx(1, abs=0.05)
    whole, boundary = basin_entropy(labels)
    assert boundary < math.log(2)
    assert whole < 0.05


@pytest.mark.parametrize("axis", [0, 1])
def test_borders_parallel_to_an_axis_are_seen(axis: int):
    labels = np.broadcast_to(np.arange(101) > 40, (101, 101)).astype(int)
    assert uncertainty_exponent(np.moveaxis(labels, 1, axis)).value == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("count", [9, 64])
def test_straight_borders_of_many_basins_are_still_smooth(count: int):
    """Of the nearest of some points; scales as large as a basin would see corners where there are lines."""
    where = torch.linspace(0, 1, 201)
    points = torch.rand(count, 2, generator=torch.Generator().manual_seed(0))
    labels = torch.cdist(torch.cartesian_prod(where, where), points).argmin(1).view(201, 201).numpy()
    assert uncertainty_exponent(labels).value > 0.95
    assert boundary_dimension(labels).value < 1.06


@pytest.mark.parametrize("measure", [basin_entropy, uncertainty_exponent, boundary_dimension])
def test_a_grid_that_is_too_small_is_refused(measure: Callable[[np.ndarray], object]):
    with pytest.raises(ValueError, match=r"at least [58] starts a side"):
        measure(np.zeros((4, 9), int))


def test_without_a_boundary_there_is_nothing_to_measure():
    labels = np.zeros((51, 51), int)
    assert basin_entropy(labels)[0] == 0
    assert math.isnan(basin_entropy(labels)[1])
    assert math.isnan(boundary_dimension(labels).value)
    assert math.isnan(uncertainty_exponent(labels).value)


def test_entropy_of_mixed_boxes_is_that_of_the_shares():
    checkers = np.indices((10, 10)).sum(0) % 2
    p = 13 / 25
    expected = -p * math.log(p) - (1 - p) * math.log(1 - p)
    assert basin_entropy(checkers) == (pytest.approx(expected), pytest.approx(expected))
