"""The spectral radius and the norm from products alone, against eigenvalues and singular values of the whole Jacobian."""

from __future__ import annotations

import pytest
import torch

from landscape.ensemble import build
from landscape.measures import jacobian_at, spectral_radius
from landscape.measures.known_maps import Constant, Identity
from landscape.measures.local import (
    krylov,
    numerical_rank,
    numerical_rank_at,
    operator_norm,
    operator_norm_at,
    spectral_radius_at,
    spectrum,
    trace_share,
    trace_share_at,
)
from landscape.measures.local.tangents import linearised
from landscape.nets import CNN, MLP
from tests.measures.hand_built import Opaque, affine

DIM = 64


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def matrices() -> torch.Tensor:
    """(5, D, D): random; rotations; defective; symmetric; of rank 2."""
    random = 0.9 * torch.randn(DIM, DIM, generator=draw(1)) / DIM**0.5
    axes = torch.linalg.qr(torch.randn(DIM, DIM, generator=draw(2)))[0]
    turns = torch.zeros(DIM, DIM)
    for k in range(0, DIM, 2):
        angle, size = torch.tensor(0.3 + k / 20), 0.95 * 0.97**k
        turns[k : k + 2, k : k + 2] = size * torch.tensor([[angle.cos(), -angle.sin()], [angle.sin(), angle.cos()]])
    defective = torch.diag(torch.linspace(0.0, 0.4, DIM))
    defective[:3, :3] = torch.tensor([[0.8, 1.0, 0.0], [0.0, 0.8, 1.0], [0.0, 0.0, 0.8]])
    symmetric = axes @ torch.diag(torch.linspace(-0.99, 0.7, DIM)) @ axes.T
    low = axes[:, :2] @ torch.tensor([[0.0, -0.6], [0.6, 0.0]]) @ axes[:, :2].T
    return torch.stack([random, axes @ turns @ axes.T, axes @ defective @ axes.T, symmetric, low])


@pytest.fixture
def products_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spectrum, "MOST_FULL_DIM", 1)


@pytest.mark.usefixtures("products_alone")
def test_products_give_the_eigenvalues_of_the_whole_jacobian():
    chained = affine(matrices(), torch.zeros(5, DIM))
    points = torch.rand(3, DIM, generator=draw())
    whole = jacobian_at(chained, points).double()
    for model in (chained, Opaque(chained)):
        found = spectral_radius_at(model, points)
        assert found.dtype == torch.float64
        assert torch.allclose(found[[0, 1, 3, 4]], spectral_radius(whole)[[0, 1, 3, 4]], rtol=1e-6)
        assert torch.allclose(found[2], torch.tensor(0.8, dtype=torch.float64), rtol=2e-2)  # defective
        assert torch.allclose(operator_norm_at(model, points), operator_norm(whole), rtol=1e-6)
        assert torch.allclose(trace_share_at(model, points).double(), trace_share(whole), atol=1e-6)


@pytest.mark.usefixtures("products_alone")
def test_products_give_the_spectral_radius_of_networks():
    for net in (MLP(hidden=2, width=30, activation="tanh", scale=2.0), CNN(shape=(8, 8))):
        ensemble = build(net, DIM, range(3))
        points = torch.rand(3, 5, DIM, generator=draw())
        whole = jacobian_at(ensemble.to(dtype=torch.float64), points)
        assert torch.allclose(spectral_radius_at(ensemble, points), spectral_radius(whole), rtol=1e-6)
        assert torch.allclose(operator_norm_at(ensemble, points), operator_norm(whole), rtol=1e-6)


@pytest.mark.usefixtures("products_alone")
def test_known_maps_have_their_radius():
    points = torch.rand(2, 3, DIM, generator=draw())
    assert torch.allclose(spectral_radius_at(Identity(2, DIM), points), torch.ones(2, 3, dtype=torch.float64))
    for measure in (spectral_radius_at, operator_norm_at):
        assert (measure(Constant(points[:, 0]), points) == 0).all()
    shift = torch.diag(torch.ones(DIM - 1), 1)[None]  # nilpotent: ρ = 0, but ‖J‖ = 1
    assert torch.allclose(operator_norm_at(affine(shift, torch.zeros(1, DIM)), points[:1]), torch.ones(1, 3).double())


def test_what_has_not_converged_is_nan():
    matrix = matrices()[:1].double()
    found = krylov.largest_modulus(
        lambda v: v @ matrix.mT, torch.randn(1, 2, DIM, dtype=torch.float64, generator=draw()), most=9
    )
    assert found.isnan().all()
    broken = krylov.largest_modulus(lambda v: v * torch.nan, torch.rand(1, 2, DIM, dtype=torch.float64))
    assert broken.isnan().all()


def test_linear_systems_are_solved_where_iteration_diverges():
    matrix = 1.5 * matrices()[:2].double()
    right = torch.randn(2, 3, DIM, dtype=torch.float64, generator=draw())
    found = krylov.solved(lambda v: v @ matrix.mT, right, 64, 1e-12)
    assert torch.allclose(found @ matrix.mT - found, right, atol=1e-9)


def test_a_linearised_map_gives_products_with_its_jacobian_and_the_transpose():
    ensemble = build(MLP(hidden=2, width=11, activation="gelu", scale=2.0), 5, range(3))
    points, vectors = (torch.rand(3, 7, 5, generator=draw(seed)) for seed in (0, 1))
    for model in (ensemble, Opaque(ensemble), Identity(3, 5)):
        whole = jacobian_at(model, points)
        linear = linearised(model, points)
        assert torch.allclose(linear.push(vectors), (whole @ vectors[..., None])[..., 0], atol=1e-6)
        assert torch.allclose(linear.pull(vectors), (whole.mT @ vectors[..., None])[..., 0], atol=1e-6)


def test_the_rank_from_products_is_that_of_the_singular_values(monkeypatch):
    chosen = matrices()
    points = torch.rand(5, 3, DIM, generator=draw(5))
    for models in (affine(chosen, torch.zeros(5, DIM)), Opaque(affine(chosen, torch.zeros(5, DIM)))):
        whole = numerical_rank(jacobian_at(models, points).double())
        monkeypatch.setattr(spectrum, "MOST_FULL_DIM", 1)
        monkeypatch.setattr(spectrum, "FIRST_VECTORS", 4)
        assert torch.equal(numerical_rank_at(models, points), whole)
        monkeypatch.undo()
    assert whole[4].tolist() == [2, 2, 2]


def test_the_rank_of_known_maps_and_of_a_bottleneck_in_many_dimensions():
    net = build(MLP(hidden=2, width=11, scale=2.0), 200, range(2))
    points = torch.rand(3, 200, generator=draw())
    whole = numerical_rank(jacobian_at(net.to(dtype=torch.float64), points))
    assert torch.equal(numerical_rank_at(net, points), whole)
    assert int(whole.max()) <= 11
    assert (numerical_rank_at(Identity(2, 200), points) == 200).all()
    assert (numerical_rank_at(Constant(torch.zeros(1, 200)), points) == 0).all()
