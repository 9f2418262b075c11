"""How ragged borders are: pictures whose answer is known, in one and two dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from matplotlib.path import Path as MplPath

from landscape.measures.dynamics import basin_entropy, boundary_dimension, uncertainty_exponent


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


def carpet(side: int) -> np.ndarray:
    """1 on Sierpiński's carpet as far as the grid resolves it, 0 in its holes."""
    x, found = (np.arange(side) + 0.5) / side, np.ones((side, side), int)
    for _ in range(math.ceil(math.log(side, 3))):
        x = 3 * x % 3
        middle = np.floor(x) == 1
        found[np.ix_(middle, middle)] = 0
        x %= 1
    return found


def cantor(side: int) -> np.ndarray:
    """Basins on the line whose borders are Cantor's set: the thirds that are taken out, of two kinds by turns."""
    x, found, left = (np.arange(side) + 0.5) / side, np.zeros(side, int), np.ones(side, bool)
    for level in range(math.ceil(math.log(side, 3))):
        x = 3 * x
        middle = left & (np.floor(x) == 1)
        found[middle], left[middle] = 1 + level % 2, False
        x %= 1
    return found


def dust(side: int) -> np.ndarray:
    line = cantor(side) == 0
    return np.outer(line, line).astype(int)


def koch(side: int) -> np.ndarray:
    """1 inside Koch's snowflake."""
    edge = np.array([0, np.exp(1j * np.pi / 3), 1, 0])
    for _ in range(6):
        third = (edge[1:] - edge[:-1]) / 3
        turned = [edge[:-1], edge[:-1] + third, edge[:-1] + third * (1 + np.exp(1j * np.pi / 3)), edge[:-1] + 2 * third]
        edge = np.append(np.stack(turned, 1).ravel(), edge[-1])
    x, y = np.meshgrid(np.linspace(-0.2, 1.2, side), np.linspace(-0.4, 1.0, side), indexing="ij")
    inside = MplPath(np.c_[edge.real, edge.imag]).contains_points(np.c_[x.ravel(), y.ravel()])
    return inside.reshape(side, side).astype(int)


def disc(side: int) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side))
    return (x**2 + y**2 < 0.5).astype(int)


DIMENSIONS = {
    carpet: math.log(8, 3),
    cantor: math.log(2, 3),
    dust: math.log(4, 3),
    koch: math.log(4, 3),
    disc: 1.0,
}


@pytest.mark.parametrize("side", [101, 201, 401, 501])
@pytest.mark.parametrize("known", DIMENSIONS, ids=lambda known: known.__name__)
def test_the_interval_holds_the_dimension_of_known_sets(known: Callable[[int], np.ndarray], side: int):
    labels = known(side)
    dimension, exponent = boundary_dimension(labels), uncertainty_exponent(labels)
    assert dimension.low <= DIMENSIONS[known] <= dimension.high
    if known is not dust:  # its pieces are thinner than a step: no basin has such
        assert exponent.low <= labels.ndim - DIMENSIONS[known] <= exponent.high


def test_smooth_borders_have_a_narrow_interval():
    dimension, exponent = boundary_dimension(disc(501)), uncertainty_exponent(disc(501))
    assert dimension.high - dimension.low < 0.15
    assert exponent.high - exponent.low < 0.05


def test_the_slopes_from_scale_to_scale_are_told():
    found = uncertainty_exponent(disc(201))
    assert found.scales == (1, 2, 4, 8, 16)
    assert found.slopes == pytest.approx([1] * 4, abs=0.05)
    assert uncertainty_exponent(np.zeros((51, 51), int)).slopes == ()
