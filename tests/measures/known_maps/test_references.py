"""Maps of the literature: their basins and the dimensions of the borders between, beside what was published."""

from __future__ import annotations

import math

import pytest
import torch

from landscape.measures import basins
from landscape.measures.dynamics import (
    ATTRACTOR_KINDS,
    OUTSIDE,
    Attractors,
    basin_entropy,
    boundary_dimension,
    uncertainty_exponent,
)
from landscape.measures.known_maps import REFERENCES

NEWTON, HENON = "Newton, z³ = 1", "Hénon, a = 1.4, b = 0.3"


def plane(name: str, resolution: int, retire: bool = True) -> Attractors:
    known = REFERENCES[name]
    starts = known.where.at(known.where.grid(resolution)).float()
    return basins(known.map, starts, known.iterations, low=min(known.low), high=max(known.high), retire=retire)


def test_orbits_that_leave_are_outside_and_the_others_at_henons_attractor():
    """Its largest exponent is .4192 (Benettin's method, as in Sprott 2003)."""
    found = plane(HENON, 101)
    assert [ATTRACTOR_KINDS[kind] for kind in found.kind] == ["chaotic set"]
    assert found.exponent.tolist() == pytest.approx([0.419], abs=0.01)
    assert ((found.label[0] == OUTSIDE) | (found.label[0] == 0)).double().mean() > 0.999
    assert 0.4 < (found.label[0] == OUTSIDE).double().mean() < 0.6


def test_retiring_changes_nothing():
    with_it, without = plane(NEWTON, 41), plane(NEWTON, 41, retire=False)
    assert torch.equal(with_it.label[0], without.label[0])
    assert torch.equal(with_it.time[0], without.time[0])


def test_the_three_roots_of_unity_share_the_plane_alike():
    found = plane(NEWTON, 101)
    roots = torch.tensor([[1.0, 0.0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]], dtype=torch.float64)
    assert torch.cdist(found.points, roots).amin(1).max() < 1e-3
    assert len(found.points) == 3
    assert found.shares.sum() > 0.998  # the rest begin beside 0, from where they are sent far away
    assert (found.shares - 1 / 3).abs().max() < 0.05


def test_the_basins_of_newtons_method_have_a_fractal_boundary():
    """Dimension 1.42 (box counting, as the tests of Attractors.jl cite it); entropies by Daza et al. (2016)."""
    labels = plane(NEWTON, 501).label[0].view(501, 501).numpy()
    whole, boundary = basin_entropy(labels)
    assert 0 < whole < boundary
    assert boundary > math.log(2)
    dimension, exponent = boundary_dimension(labels), uncertainty_exponent(labels)
    assert dimension.low < 1.42 < dimension.high
    assert dimension.low < 2 - exponent.value < dimension.high


def test_final_state_sensitivity_is_as_published():
    """α ≈ .2 by Grebogi et al. (1983), whose map it is; the entropies in boxes of 6 are bounds of Attractors.jl's tests."""
    labels = plane("Grebogi's map", 501).label[0].view(501, 501).numpy()
    exponent = uncertainty_exponent(labels)
    assert exponent.low < 0.2 < exponent.high
    whole, boundary = basin_entropy(plane("Grebogi's map", 300).label[0].view(300, 300).numpy(), 6)
    assert whole == pytest.approx(0.41, abs=0.015)
    assert boundary == pytest.approx(0.605, abs=0.015)


@pytest.mark.parametrize("name", [HENON, "a wave"])
def test_known_smooth_boundaries_have_dimension_one(name: str):
    labels = plane(name, 501).label[0].view(501, 501).numpy()
    dimension, exponent = boundary_dimension(labels), uncertainty_exponent(labels)
    assert dimension.low < 1 < dimension.high
    assert exponent.low < 1 < exponent.high
    assert basin_entropy(labels)[1] < math.log(2)
