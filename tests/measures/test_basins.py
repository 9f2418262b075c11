"""Basins of maps whose answer is known: steps, swaps, Newton's method for the roots of unity, the Hénon map."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from landscape import cube
from landscape.measures import (
    OUTSIDE,
    UNSETTLED,
    Basins,
    Constant,
    Identity,
    basin_entropy,
    basins,
    boundary_dimension,
    uncertainty_exponent,
)
from tests.measures.hand_built import broken_line

GRID = torch.linspace(0, 1, 103)[:, None]


@dataclass(frozen=True)
class Formula:
    """A map of the plane by its formula, of one member."""

    kind: str
    members: int = 1
    dim: int = 2

    @property
    def device(self) -> torch.device:
        return torch.device("cpu")

    def select(self, indices: slice) -> Formula:
        return self

    def to(self, device: object = None, dtype: object = None) -> Formula:
        return self

    def __call__(self, points: Tensor) -> Tensor:
        x, y = points.unbind(-1)
        if self.kind == "newton":  # for z³ = 1
            z = torch.complex(x, y)
            found = z - (z**3 - 1) / (3 * z**2)
            return torch.stack([found.real, found.imag], -1)
        return torch.stack([1 - 1.4 * x**2 + y, 0.3 * x], -1)  # Hénon


def plane(kind: str, resolution: int, iterations: int, reach: float = 1.5, retire: bool = True) -> Basins:
    starts = cube.whole(2, low=-reach, high=reach).grid(resolution).float()
    return basins(Formula(kind), starts, iterations, low=-reach, high=reach, retire=retire)


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
    found = basins(Constant(torch.tensor([[0.3]])), GRID, 9)
    assert found.shares.tolist() == [1]
    assert found.time.max() <= 8
    many = torch.rand(5003, 2, generator=torch.Generator().manual_seed(0))
    assert (basins(Identity(1, 2), many, 9).label == UNSETTLED).all()


def test_orbits_that_leave_are_outside():
    found = plane("henon", 41, 60, reach=3.0)
    assert (found.label == OUTSIDE).float().mean() > 0.5
    assert (
        (found.label == OUTSIDE) | (found.label == UNSETTLED)
    ).all()  # its attractor is neither a point nor a short cycle


def test_retiring_changes_nothing():
    with_it, without = plane("newton", 41, 80), plane("newton", 41, 80, retire=False)
    assert torch.equal(with_it.label, without.label)
    assert torch.equal(with_it.time, without.time)


def test_the_three_roots_of_unity_share_the_plane_alike():
    found = plane("newton", 101, 80)
    roots = torch.tensor([[1.0, 0.0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]])
    assert torch.cdist(found.attractors, roots).amin(1).max() < 1e-3
    assert len(found.attractors) == 3
    assert found.shares.sum() > 0.998  # the rest begin beside 0, from where they are sent far away
    assert (found.shares - 1 / 3).abs().max() < 0.05


def test_the_basins_of_newtons_method_have_a_fractal_boundary():
    """Dimension 1.42 (Drexler, Sobey and Bracher 1996 and others find 1.42 to 1.44); entropies by Daza et al. (2016)."""
    labels = plane("newton", 501, 100).label.view(501, 501).numpy()
    whole, boundary = basin_entropy(labels)
    assert 0 < whole < boundary
    assert boundary > math.log(2)
    dimension, exponent = boundary_dimension(labels), uncertainty_exponent(labels)
    assert 1.35 < dimension.value < 1.5
    assert dimension.low < 2 - exponent.value < dimension.high
    assert dimension.low < dimension.value < dimension.high


@pytest.mark.parametrize("kind", ["straight", "circle"])
def test_smooth_boundaries_have_dimension_one(kind: str):
    x, y = np.meshgrid(np.linspace(-1, 1, 401), np.linspace(-1, 1, 401))
    labels = (x + 0.3 * y > 0.05 if kind == "straight" else x**2 + y**2 < 0.5).astype(int)
    assert boundary_dimension(labels).value == pytest.approx(1, abs=0.05)
    assert uncertainty_exponent(labels).value == pytest.approx(1, abs=0.05)
    whole, boundary = basin_entropy(labels)
    assert boundary < math.log(2)
    assert whole < 0.05


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
