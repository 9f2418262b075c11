"""Fixed points, cycles and attractors from products with the Jacobian: the same as from whole Jacobians."""

from __future__ import annotations

import pytest
import torch

from landscape.ensemble import build
from landscape.measures import basins
from landscape.measures.dynamics import attraction, basin_membership, newton, watching
from landscape.nets import MLP
from tests.measures.hand_built import Opaque, Plain

DIM = 12


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def products_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (newton, attraction, basin_membership, watching):
        monkeypatch.setattr(module, "MOST_FULL_DIM", 1)


@pytest.mark.parametrize("kind", [lambda net: net, Opaque], ids=["chain", "graph"])
def test_basins_are_those_of_whole_jacobians(kind, monkeypatch):
    net = MLP(hidden=2, width=30, activation="tanh", scale=3.0)
    model = kind(build(net, DIM, range(2)))
    starts = torch.rand(13, DIM, generator=draw())
    whole = basins(model, starts, 300)
    for module in (newton, attraction, basin_membership, watching):
        monkeypatch.setattr(module, "MOST_FULL_DIM", 1)
    found = basins(model, starts, 300)
    assert torch.equal(found.label, whole.label)
    assert torch.allclose(found.points, whole.points, atol=1e-9)
    assert torch.allclose(found.exponent, whole.exponent, atol=1e-4)
    assert len(found.points) >= 2


@pytest.mark.usefixtures("products_alone")
def test_a_spiral_and_a_cycle_are_found_without_jacobians():
    angle = torch.tensor(2.0)
    turn = 0.9 * torch.tensor([[angle.cos(), -angle.sin()], [angle.sin(), angle.cos()]])
    matrix = torch.block_diag(turn, 0.3 * torch.eye(DIM - 2))
    spiral = Plain(lambda points: 0.4 + (points - 0.4) @ matrix.to(points).T, DIM)
    found = basins(spiral, torch.rand(7, DIM, generator=draw()), 300)
    assert found.visits.tolist() == [7]
    assert torch.allclose(found.points, torch.full((1, DIM), 0.4, dtype=torch.float64), atol=1e-6)
    assert found.exponent.exp().item() == pytest.approx(0.9, rel=1e-5)
    swap = Plain(lambda points: 0.5 - 0.2 * torch.tanh(20 * (points - 0.5)), DIM)  # every coordinate jumps across ½
    cycles = basins(swap, torch.rand(7, DIM, generator=draw()), 100)
    assert (cycles.period == 2).all()
    assert (cycles.label >= 0).all()


@pytest.mark.usefixtures("products_alone")
def test_newton_without_jacobians_solves_what_iteration_leaves():
    matrix = 1.7 * torch.linalg.qr(torch.randn(DIM, DIM, dtype=torch.float64, generator=draw()))[0]
    repeller = Plain(lambda points: 0.5 + (points - 0.5) @ matrix.to(points).T, DIM)
    found = newton.newton(repeller, torch.rand(5, DIM, dtype=torch.float64, generator=draw()), 1)
    assert torch.allclose(found, torch.full_like(found, 0.5), atol=1e-9)
    assert torch.allclose(newton.radius_of(repeller, found, 2), torch.full((5,), 1.7**2, dtype=torch.float64))


@pytest.mark.usefixtures("products_alone")
def test_progress_is_told_while_orbits_are_watched_and_never_falls():
    angle = torch.tensor(2.0)
    turn = torch.tensor([[angle.cos(), -angle.sin()], [angle.sin(), angle.cos()]])

    def formula(points):
        apart = points[..., :2] - 0.5
        square = apart.square().sum(-1, keepdim=True)
        plane = 0.5 + (1 - 4 * (square - 0.0625)) * (apart @ turn.to(points).T)
        return torch.cat([plane, points[..., 2:] / 2], -1)

    told = []
    found = basins(
        Plain(formula, DIM), 0.3 + 0.3 * torch.rand(5, DIM, generator=draw()), 100, progress=lambda *n: told.append(n)
    )
    shares = [done / total for done, total in told]
    assert found.kind.tolist() == [2]  # an invariant circle
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len([share for share in shares if 0.75 < share < 1]) > 20
