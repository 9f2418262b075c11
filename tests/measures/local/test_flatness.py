"""Slopes, plateaus and steps."""

from __future__ import annotations

import pytest
import torch

from landscape.ensemble import build
from landscape.measures import jacobian_at
from landscape.measures.known_maps import Constant, Identity, Memoriser
from landscape.measures.local import dead_share, flat_share, plateau_width, plateaus_along, slopes_along, step_sharpness
from landscape.nets import MLP
from tests.measures.hand_built import Opaque, affine, broken_line, half, identity

LEFT, RIGHT = torch.zeros(1, 1), torch.ones(1, 1)
STAIR = broken_line([0.4, 0.6], [3.0, -3.0], 0.2)  # 0.2 up to x = 0.4, then a ramp of slope 3 to 0.8 at x = 0.6


def ends(members: int = 3, dim: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(members, dim, generator=generator), torch.rand(members, dim, generator=generator)


def test_slope_of_identity_is_one_and_of_a_constant_zero():
    start, end = ends()
    for map in (identity(2), Identity(3, 2)):
        assert torch.allclose(slopes_along(map, start, end, 7), torch.ones(3, 7))
    for map in (half(2), Constant(start), Memoriser(start[:, None])):
        assert torch.equal(slopes_along(map, start, end, 7), torch.zeros(3, 7))


@pytest.mark.parametrize("wrap", [lambda ensemble: ensemble, Opaque])
def test_slopes_are_the_jacobian_times_the_direction(wrap):
    ensemble = build(MLP(hidden=2, width=11, scale=2.0), 2, range(3))
    start, end = ends()
    unit = (end - start) / (end - start).norm(dim=-1, keepdim=True)
    points = start[:, None] + torch.linspace(0, 1, 7)[:, None] * (end - start)[:, None]
    expected = (jacobian_at(ensemble, points) @ unit[:, None, :, None])[..., 0].norm(dim=-1)
    assert torch.allclose(slopes_along(wrap(ensemble), start, end, 7), expected, atol=1e-6)


def test_several_lines_at_once_are_the_lines_one_by_one():
    ensemble = build(MLP(hidden=2, width=11), 2, range(3)).to(dtype=torch.float64)  # the maps are all but flat
    generator = torch.Generator().manual_seed(1)
    start, end = torch.rand(3, 5, 2, generator=generator), torch.rand(3, 5, 2, generator=generator)
    slopes, sharp = slopes_along(ensemble, start, end, 7), step_sharpness(ensemble, start, end, 7)
    assert slopes.shape == (3, 5, 7)
    assert plateaus_along(ensemble, start, end, 7).number.shape == sharp.largest.shape == (3, 5)
    for index in range(5):
        one = start[:, index], end[:, index]
        assert torch.allclose(slopes[:, index], slopes_along(ensemble, *one, 7), atol=1e-12)
        assert torch.allclose(sharp.steepest[:, index], step_sharpness(ensemble, *one, 7).steepest, atol=1e-12)


def test_flat_share_counts_points_whose_norm_is_below_tau():
    grid = torch.linspace(0.0005, 0.9995, 1000)[:, None]
    assert flat_share(STAIR, grid).item() == pytest.approx(0.8)
    assert flat_share(STAIR, grid, tau=3.1).item() == 1
    assert flat_share(Identity(3, 1), grid).tolist() == [0, 0, 0]
    tilted = affine(torch.tensor([[[0.0, 0.2], [0.0, 0.0]]]), torch.zeros(1, 2))
    assert flat_share(tilted, torch.rand(7, 2)).item() == 0
    assert flat_share(affine(torch.full((1, 1, 1), torch.nan), torch.zeros(1, 1)), grid).isnan().all()


def test_dead_is_exactly_zero_before_the_squash():
    grid = torch.linspace(0.0005, 0.9995, 1000)[:, None]
    ramp = broken_line([0.4], [3.0], 0.2)
    assert dead_share(ramp, grid).item() == pytest.approx(0.4)
    saturated = build(MLP(hidden=1, width=5, scale=1.0), 1, range(3))
    saturated.parameters["layers.1.bias"].fill_(200.0)
    assert (flat_share(saturated, grid) == 1).all()
    assert (dead_share(saturated, grid) < 1).all()
    assert (dead_share(Constant(torch.rand(3, 1)), grid) == 1).all()


def test_plateaus_of_a_stair_have_the_width_they_were_built_with():
    data = torch.tensor([[[0.2], [0.5], [0.8], [0.3], [0.59]]])
    width = plateau_width(STAIR, data, low=0.0, high=1.0, count=2001)
    assert torch.allclose(width, torch.tensor([[0.4, 0.0, 0.4, 0.4, 0.0]]), atol=6e-4)


def test_a_plateau_ends_at_the_edge_of_the_box_and_may_lie_between_grid_points():
    assert torch.allclose(
        plateau_width(half(1), torch.rand(3, 5, 1), low=-1.0, high=1.0, count=11), torch.full((3, 5), 2.0)
    )
    assert (plateau_width(Identity(3, 1), torch.rand(3, 5, 1), low=-1.0, high=1.0, count=11) == 0).all()
    edges = torch.tensor([[[0.0], [1.0]]])
    assert torch.allclose(
        plateau_width(STAIR, edges, low=0.0, high=1.0, count=2001), torch.tensor([[0.4, 0.4]]), atol=6e-4
    )
    narrow = broken_line([0.52, 0.58], [-1.0, 1.0], 0.0, slope=1.0)  # flat only between the grid points 0.5 and 0.6
    width = plateau_width(narrow, torch.tensor([[[0.55]]]), low=0.0, high=1.0, count=11).item()
    assert 0 <= width <= 0.1


def test_plateaus_along_a_line():
    found = plateaus_along(STAIR, LEFT, RIGHT, 1001)
    assert found.share.item() == pytest.approx(0.8, abs=3e-3)
    assert found.number.item() == 2
    assert found.width_start.item() == pytest.approx(0.4, abs=2e-3)
    assert found.width_end.item() == pytest.approx(0.4, abs=2e-3)
    inside = plateaus_along(STAIR, torch.tensor([[0.5]]), RIGHT, 1001)
    assert (inside.number.item(), inside.width_start.item()) == (1, 0)
    assert inside.width_end.item() == pytest.approx(0.8, abs=2e-3)
    whole = plateaus_along(half(1), LEFT.expand(3, -1), RIGHT.expand(3, -1), 7)
    assert whole.width_start.tolist() == whole.width_end.tolist() == whole.share.tolist() == [1, 1, 1]


def test_a_jump_between_two_points_ends_a_plateau():
    data = torch.tensor([[[0.0], [1.0], [0.6]]])
    width = plateau_width(Memoriser(data), data, low=0.0, high=1.0, count=2001)
    assert torch.allclose(width, torch.tensor([[0.3, 0.2, 0.5]]), atol=2e-3)
    step = plateaus_along(Memoriser(data), LEFT, RIGHT, 1001)
    assert step.share.item() == 1
    assert step.number.item() == 3
    assert step.width_start.item() == pytest.approx(0.3, abs=2e-3)
    assert step.width_end.item() == pytest.approx(0.2, abs=2e-3)


def test_sharpness_of_an_affine_map_is_a_tenth_and_of_a_step_one():
    start, end = ends()
    for count in (7, 101, 1004):
        assert torch.allclose(step_sharpness(identity(2), start, end, count).steepest, torch.tensor(0.1), rtol=1e-3)
        assert torch.allclose(step_sharpness(identity(2), start, end, count).largest, torch.tensor(1.0), atol=1e-3)
    step = step_sharpness(Memoriser(torch.stack([start, end], 1)), start, end, 102)
    assert torch.allclose(step.steepest, torch.ones(3))
    assert torch.allclose(step.largest, torch.tensor(101.0), rtol=1e-4)


def test_sharpness_of_a_stair_and_of_a_constant():
    stair = step_sharpness(STAIR, LEFT, RIGHT, 1001)
    assert stair.largest.item() == pytest.approx(3, rel=1e-3)
    assert stair.steepest.item() == pytest.approx(0.5, abs=5e-3)  # half of a ramp that takes a fifth of the line
    assert step_sharpness(half(2), *ends(), 7).steepest.isnan().all()


def test_a_diverged_net_has_no_plateaus_rather_than_none():
    broken = affine(torch.full((1, 1, 1), torch.nan), torch.zeros(1, 1))
    assert plateau_width(broken, torch.rand(1, 5, 1), low=0.0, high=1.0, count=11).isnan().all()
    found = plateaus_along(broken, LEFT, RIGHT, 11)
    assert found.share.isnan().all()
    assert found.width_start.isnan().all()
    assert found.width_end.isnan().all()
