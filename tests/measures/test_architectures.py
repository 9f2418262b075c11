"""The main measures run on a net of every kind, and agree with what the map itself says."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from landscape.ensemble import Ensemble, build
from landscape.measures import basins, iterate, jacobian_at, loss_at, sample
from landscape.measures.dynamics import follow
from landscape.measures.local import flat_share, jacobian_before_squash, plateaus_along, slopes_along
from landscape.nets import NETS, make_net

SEEDS, DIM = (3, 1, 4), 9  # images of 3 × 3
POINTS = torch.rand(3, 5, DIM, generator=torch.Generator().manual_seed(0))


@pytest.fixture(params=NETS)
def ensemble(request: pytest.FixtureRequest) -> Ensemble:
    shape = (3, 3)
    return build(make_net(request.param, shape, hidden=3, width=16, activation="tanh"), DIM, SEEDS)


def test_loss_and_orbits_are_the_maps(ensemble: Ensemble) -> None:
    with torch.no_grad():
        once = ensemble(POINTS)
        twice = ensemble(once)
    torch.testing.assert_close(loss_at(ensemble, POINTS), (once - POINTS).square().mean(-1))
    torch.testing.assert_close(list(iterate(ensemble, POINTS, 2))[2], twice)
    torch.testing.assert_close(follow(ensemble, POINTS, 2, POINTS, torch.full((3,), 0.1)).final, twice)
    torch.testing.assert_close(sample(ensemble, 5, iterations=2, start=POINTS).final, twice)


def test_basins_are_those_of_fixed_points(ensemble: Ensemble) -> None:
    for member in range(3):
        one = ensemble.select([member])
        found = basins(one, POINTS[0], 500)
        assert (found.label[0] >= 0).all()
        assert found.period.tolist() == [1] * len(found.points)
        exact = one.to(dtype=torch.float64)
        torch.testing.assert_close(exact(found.points[None])[0], found.points, rtol=0, atol=1e-10)


def test_the_jacobian_is_that_of_differences(ensemble: Ensemble) -> None:
    exact, points = ensemble.to(dtype=torch.float64), POINTS.double()
    step = 1e-5 * torch.eye(DIM, dtype=torch.float64)
    with torch.no_grad():
        columns = [(exact(points + one) - exact(points - one)) / 2e-5 for one in step]
    torch.testing.assert_close(jacobian_at(exact, points), torch.stack(columns, -1), rtol=1e-5, atol=1e-8)


def test_before_the_squash_the_jacobian_is_the_linear_net_s(ensemble: Ensemble) -> None:
    bare = replace(ensemble, net=ensemble.net.without_squash())
    found = jacobian_before_squash(ensemble, POINTS)
    torch.testing.assert_close(found, jacobian_at(bare, POINTS))
    with torch.no_grad():
        out = ensemble(POINTS)
    slope = (out * (1 - out))[..., None]
    torch.testing.assert_close(found * slope, jacobian_at(ensemble, POINTS), rtol=1e-4, atol=1e-6)


def test_slopes_and_plateaus_along_a_line_are_the_jacobians(ensemble: Ensemble) -> None:
    start, end = POINTS[:, 0], POINTS[:, 1]
    unit = ((end - start) / (end - start).norm(dim=-1, keepdim=True))[:, None, :, None]
    expected = (jacobian_at(ensemble, start[:, None]) @ unit).norm(dim=2)[..., 0]
    torch.testing.assert_close(slopes_along(ensemble, start, end, 7)[:, :1], expected, rtol=1e-4, atol=1e-6)
    assert (plateaus_along(ensemble, start, end, 7, tau=1e3).share == 1).all()
    assert flat_share(ensemble, POINTS, tau=1e3).tolist() == [1, 1, 1]
