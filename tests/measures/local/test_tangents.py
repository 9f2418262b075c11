"""Small differences along orbits."""

from __future__ import annotations

import pytest
import torch

from landscape.ensemble import build
from landscape.measures import jacobian_at, spectral_radius
from landscape.measures.known_maps import Constant, Identity
from landscape.measures.local import growth, pushed
from landscape.nets import MLP, NETS, make_net
from tests.measures.hand_built import Opaque, affine


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_differences_are_pushed_by_the_jacobian():
    ensemble = build(MLP(hidden=2, width=11, activation="tanh", scale=2.0), 2, range(3))
    points, tangents = (torch.rand(3, 7, 2, generator=draw(seed)) for seed in (0, 1))
    expected = (jacobian_at(ensemble, points) @ tangents[..., None])[..., 0]
    for map in (ensemble, Opaque(ensemble)):
        assert torch.allclose(pushed(map, points, tangents), expected, atol=1e-6)
    assert torch.equal(pushed(Identity(3, 2), points, tangents), tangents)


@pytest.mark.parametrize("kind", NETS)
def test_both_modes_push_alike(kind: str) -> None:
    ensemble = build(make_net(kind, (4, 4), hidden=3, width=16), 16, range(3))
    points, tangents = (torch.rand(3, 7, 16, generator=draw(seed)) for seed in (0, 1))
    twice = pushed(Opaque(ensemble), points, tangents)
    assert torch.allclose(pushed(ensemble, points, tangents), twice, atol=1e-6)
    assert float(twice.abs().max()) > 1e-3


def test_growth_at_a_fixed_point_is_the_spectral_radius():
    turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]])
    matrix = torch.stack([torch.diag(torch.tensor([0.9, 0.2])), 0.5 * turn, torch.tensor([[0.3, 5.0], [0.0, 0.3]])])
    map = affine(matrix, torch.zeros(3, 2))
    found = growth(map, torch.zeros(1, 2), generator=draw())[:, 0]
    assert torch.allclose(found[:2], torch.tensor([0.9, 0.5]), rtol=1e-4)
    assert found[2] == pytest.approx(0.3, rel=0.05)  # a Jordan block comes to its radius slowly
    assert torch.allclose(spectral_radius(jacobian_at(map, torch.zeros(1, 2)))[:, 0], torch.tensor([0.9, 0.5, 0.3]))


def test_growth_of_maps_that_are_known():
    points = torch.rand(3, 5, 2, generator=draw())
    assert torch.equal(growth(Constant(torch.zeros(3, 2)), points, generator=draw()), torch.zeros(3, 5))
    assert torch.allclose(growth(Identity(3, 2), points, generator=draw()), torch.ones(3, 5))


def test_growth_on_a_cycle_is_that_of_its_round():
    """f(x) = A x with A swapping the coordinates, one of them halved: A² = ½, a cycle's round shrinks by ½ in two steps."""
    map = affine(torch.tensor([[[0.0, 0.5], [1.0, 0.0]]]), torch.zeros(1, 2))
    assert growth(map, torch.tensor([[0.3, 0.7]]), generator=draw())[0, 0] == pytest.approx(0.5**0.5, rel=1e-3)
