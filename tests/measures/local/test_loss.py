"""Loss at points, over the cube, in shells, and its maximum."""

from __future__ import annotations

import pytest
import torch

from landscape.cube import corners, uniform
from landscape.ensemble import build
from landscape.measures import corner_loss, cube_maximum, loss_at, maps
from landscape.measures.known_maps import Constant
from landscape.measures.local import cube_mean, shell_loss
from landscape.nets import MLP
from tests.measures.hand_built import Opaque, broken_line, half, identity


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_identity_net_has_no_loss():
    assert (loss_at(identity(2), uniform(7, 2, seeded())) == 0).all()


def test_constant_half_has_exactly_a_quarter_at_the_corners():
    assert (loss_at(half(5), corners(5)) == 0.25).all()


def test_loss_is_the_mean_square_over_coordinates_of_each_members_own_points():
    ensemble, points = build(MLP(hidden=1, width=5), 2, range(3)), torch.rand(3, 7, 2, generator=seeded())
    found = loss_at(ensemble, points)
    assert found.shape == (3, 7)
    for member in range(3):
        value = ensemble.select([member])(points[[member]])[0]
        expected = ((value - points[member]) ** 2).sum(-1) / 2
        assert torch.allclose(found[member], expected, atol=1e-7)


def test_blocks_change_nothing(monkeypatch):
    ensemble, points = build(MLP(hidden=2, width=5), 2, range(5)), uniform(97, 2, seeded())
    whole = loss_at(ensemble, points)
    monkeypatch.setattr(maps, "CPU_BLOCK", 7 * maps.numbers_per_point(ensemble))
    assert torch.allclose(loss_at(ensemble, points), whole, atol=1e-7)
    monkeypatch.setattr(maps, "CPU_BLOCK", 2 * 97 * maps.numbers_per_point(ensemble))
    assert torch.allclose(loss_at(ensemble, points), whole, atol=1e-7)
    assert loss_at(ensemble, points[:0]).shape == (5, 0)


@pytest.mark.parametrize("shape", [(7, 3), (2, 7, 2), (2,)])
def test_points_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"must be \(points, 2\) or \(3, points, 2\); got"):
        loss_at(identity(2), torch.zeros(shape))


def test_cube_mean_of_the_constant_half_is_a_twelfth():
    mean, error = cube_mean(half(2), 9973, generator=seeded())
    assert mean.shape == error.shape == (3,)
    assert ((mean - 1 / 12).abs() < 4 * error).all()
    assert (error < 1e-3).all()


def test_cube_mean_merges_its_pieces_into_the_plain_mean_and_standard_error():
    ensemble, count = build(MLP(hidden=1, width=5, output="tanh"), 2, range(3)), 9973
    mean, error = cube_mean(ensemble, count, generator=seeded(), low=-1.0, high=1.0)
    generator = seeded()
    points = torch.cat([uniform(size, 2, generator, low=-1.0, high=1.0) for size in (4096, 4096, 1781)])
    loss = loss_at(ensemble, points).double()
    assert torch.allclose(mean, loss.mean(-1), rtol=1e-12)
    assert torch.allclose(error, loss.std(-1) / count**0.5, rtol=1e-9)


def test_no_global_seed_is_touched():
    before = torch.random.get_rng_state()
    cube_mean(half(2), 7, generator=seeded())
    cube_maximum(half(2), generator=seeded(), samples=7, steps=2)
    assert torch.equal(before, torch.random.get_rng_state())


def test_shells_of_the_constant_half_in_closed_form():
    edges = torch.tensor([0.0, 0.5, 0.999, 1.0])
    found = shell_loss(half(2), edges, 20011, generator=seeded())
    # On the square of half-side h one coordinate is at ±h, the other uniform: mean square (h² + h²/3) / 2; inside, h²/3.
    assert found.shape == (3, 3)
    assert torch.allclose(found[:, 0], torch.tensor(0.25**2 / 3).double(), rtol=0.03)
    assert torch.allclose(found[:, 2], torch.tensor(0.9995**2 / 4 * (1 + 1 / 3) / 2).double(), rtol=0.01)
    whole = shell_loss(half(2), torch.tensor([0.0, 1.0]), 20011, generator=seeded())
    assert torch.allclose(whole, torch.tensor(1 / 12).double(), rtol=0.03)


def test_shells_reach_the_surface_in_many_dimensions():
    inside = shell_loss(half(97, 1), torch.tensor([0.0, 0.1, 1.0]), 101, generator=seeded(), low=-1.0, high=1.0)
    assert inside[0, 0] < inside[0, 1]
    assert torch.isfinite(inside).all()


def test_maximum_of_the_constant_half_is_a_quarter_at_a_corner():
    value, where = cube_maximum(half(2), generator=seeded())
    assert (value == 0.25).all()
    assert ((where == 0) | (where == 1)).all()


@pytest.mark.parametrize("wrap", [lambda ensemble: ensemble, Opaque])
def test_ascent_finds_a_peak_inside(wrap):
    peak = broken_line([0.3, 0.5, 0.7], [1.0, -2.0, 1.0], 0.0, slope=1.0)  # f(x) − x is a tent of height 0.2 at 0.5
    value, where = cube_maximum(wrap(peak), generator=seeded(), samples=11)
    assert value.item() == pytest.approx(0.04, abs=1e-5)
    assert where.item() == pytest.approx(0.5, abs=1e-4)


def test_maximum_is_never_below_a_sample_a_corner_or_a_seed():
    ensemble = build(MLP(hidden=2, width=11, scale=3.0), 3, range(5))
    generator = seeded(1)
    value, where = cube_maximum(ensemble, generator=seeded(1), samples=997, restarts=2, steps=3)
    assert (value >= loss_at(ensemble, uniform(997, 3, generator)).amax(-1) - 1e-6).all()
    assert (value >= loss_at(ensemble, corners(3)).amax(-1) - 1e-6).all()
    seeded_by_corners, _ = cube_maximum(
        ensemble, generator=seeded(), samples=1, steps=0, seeds=corner_loss(ensemble).top
    )
    assert torch.equal(seeded_by_corners, corner_loss(ensemble).maximum)
    exact = loss_at(ensemble.to(dtype=torch.float64), where[:, None])[:, 0]
    assert torch.allclose(value, exact, atol=1e-7)
    tent = broken_line([0.3, 0.5, 0.7], [1.0, -2.0, 1.0], 0.0, slope=1.0)
    value, _ = cube_maximum(tent, generator=seeded(), samples=1, steps=0, seeds=torch.tensor([[0.5]]))
    assert value.item() == pytest.approx(0.04)


def test_a_diverged_member_has_no_maximum_and_spoils_no_other():
    value, _ = cube_maximum(Constant(torch.tensor([[torch.nan, 0.0], [0.5, 0.5]])), generator=seeded())
    assert value[0].isnan()
    assert value[1] == 0.25
