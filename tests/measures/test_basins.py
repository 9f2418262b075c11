"""Basins of maps whose answer is known: steps, swaps, Newton's method for the roots of unity, the Hénon map."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from landscape import cube
from landscape.measures import (
    OUTSIDE,
    REFERENCES,
    UNSETTLED,
    Basins,
    Constant,
    Identity,
    basin_entropy,
    basins,
    boundary_dimension,
    uncertainty_exponent,
)
from tests.measures.hand_built import affine, broken_line

NEWTON, HENON = "Newton, z³ = 1", "Hénon, a = 1.4, b = 0.3"
GRID = torch.linspace(0, 1, 103)[:, None]


def plane(name: str, resolution: int, retire: bool = True) -> Basins:
    known = REFERENCES[name]
    starts = known.where.at(known.where.grid(resolution)).float()
    return basins(known.map, starts, known.iterations, low=min(known.low), high=max(known.high), retire=retire)


def test_a_step_has_two_basins_that_meet_at_the_repeller():
    """Rest at ⅛ and ⅝, the repeller at ⅜."""
    found = basins(broken_line([0.25, 0.5], [2.0, -2.0], 0.125), GRID, 64)
    assert found.attractors[:, 0].tolist() == pytest.approx([0.625, 0.125])
    assert found.period.tolist() == [1, 1]
    assert found.label.tolist() == [1 if x < 0.375 else 0 for x in GRID[:, 0].tolist()]
    assert found.shares.tolist() == pytest.approx([64 / 103, 39 / 103])


def test_a_swap_is_a_cycle_and_not_a_fixed_point():
    found = basins(broken_line([0.25, 0.75], [-2.0, 2.0], 1.0), GRID, 31)
    assert found.period.tolist()[0] == 2
    assert found.attractors[0].tolist() == [0]
    assert (found.label == 0).sum() >= 102  # ½ itself stays where it is


def test_a_constant_has_one_basin_and_the_identity_none():
    found = basins(Constant(torch.tensor([[0.3]])), GRID, 40)
    assert found.shares.tolist() == [1]
    assert found.time.max() <= 16
    for dim in (1, 2):
        many = torch.rand(503, dim, generator=torch.Generator().manual_seed(0))
        assert (basins(Identity(1, dim), many, 9).label == UNSETTLED).all()


def test_a_line_of_fixed_points_is_no_attractor():
    """f(x, y) = (x, ½) draws every start to its own end, beside which others stay."""
    onto = affine(torch.tensor([[[1.0, 0.0], [0.0, 0.0]]]), torch.tensor([[0.0, 0.5]]))
    assert (basins(onto, cube.whole(2).grid(33).float(), 50).label == UNSETTLED).all()


def test_a_start_on_a_repeller_is_in_no_basin():
    """Rest at ⅛ and ⅝, the repeller at ⅜, on which a start stays."""
    starts = torch.tensor([[0.25], [0.375], [0.5]])
    found = basins(broken_line([0.25, 0.5], [2.0, -2.0], 0.125), starts, 64)
    assert found.label.tolist()[1] == UNSETTLED
    assert found.attractors[:, 0].tolist() == pytest.approx([0.125, 0.625])


def test_a_slow_drift_is_no_rest():
    """f(x) = x + 5e-5 moves on for ever; at slope .999 an orbit comes to rest too late to be seen."""
    drift = basins(broken_line([], [], 5e-5, 1.0), GRID[:50], 50)
    assert (drift.label == UNSETTLED).all()
    slow = basins(broken_line([], [], 5e-4, 0.999), GRID, 50)  # rests at ½
    assert (slow.label[:50] == UNSETTLED).all()
    assert slow.label[51] == 0


def test_orbits_that_leave_are_outside():
    """Hénon's attractor is neither a point nor a short cycle, although orbits on it come back now and then."""
    found = plane(HENON, 201)
    assert ((found.label == OUTSIDE) | (found.label == UNSETTLED)).double().mean() > 0.9999
    assert 0.4 < (found.label == OUTSIDE).double().mean() < 0.6


def test_retiring_changes_nothing():
    with_it, without = plane(NEWTON, 41), plane(NEWTON, 41, retire=False)
    assert torch.equal(with_it.label, without.label)
    assert torch.equal(with_it.time, without.time)


def test_the_three_roots_of_unity_share_the_plane_alike():
    found = plane(NEWTON, 101)
    roots = torch.tensor([[1.0, 0.0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]])
    assert torch.cdist(found.attractors, roots).amin(1).max() < 1e-3
    assert len(found.attractors) == 3
    assert found.shares.sum() > 0.998  # the rest begin beside 0, from where they are sent far away
    assert (found.shares - 1 / 3).abs().max() < 0.05


def test_the_basins_of_newtons_method_have_a_fractal_boundary():
    """Dimension 1.42 (box counting, as the tests of Attractors.jl cite it); entropies by Daza et al. (2016)."""
    labels = plane(NEWTON, 501).label.view(501, 501).numpy()
    whole, boundary = basin_entropy(labels)
    assert 0 < whole < boundary
    assert boundary > math.log(2)
    dimension, exponent = boundary_dimension(labels), uncertainty_exponent(labels)
    assert dimension.low < 1.42 < dimension.high
    assert dimension.low < 2 - exponent.value < dimension.high


def test_final_state_sensitivity_is_as_published():
    """α ≈ .2 by Grebogi et al. (1983), whose map it is; the entropies in boxes of 6 are bounds of Attractors.jl's tests."""
    labels = plane("Grebogi's map", 501).label.view(501, 501).numpy()
    exponent = uncertainty_exponent(labels)
    assert exponent.low < 0.2 < exponent.high
    whole, boundary = basin_entropy(plane("Grebogi's map", 300).label.view(300, 300).numpy(), 6)
    assert whole == pytest.approx(0.41, abs=0.015)
    assert boundary == pytest.approx(0.605, abs=0.015)


@pytest.mark.parametrize("name", [HENON, "a wave"])
def test_known_smooth_boundaries_have_dimension_one(name: str):
    labels = plane(name, 501).label.view(501, 501).numpy()
    dimension, exponent = boundary_dimension(labels), uncertainty_exponent(labels)
    assert dimension.low < 1 < dimension.high
    assert exponent.low < 1 < exponent.high
    assert basin_entropy(labels)[1] < math.log(2)


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


def test_several_members_are_refused():
    with pytest.raises(ValueError, match="basins are those of one map; got 2 members"):
        basins(Identity(2, 1), GRID, 3)
