"""Where orbits end."""

from __future__ import annotations

import torch

from landscape.measures import attractors
from landscape.measures.dynamics import ends
from landscape.measures.known_maps import Constant, Identity, Memoriser
from tests.measures.hand_built import affine, broken_line

GRID = torch.arange(53.0)[:, None] / 52


def draw() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_a_memoriser_has_its_points_as_attractors():
    data = torch.tensor([0.1, 0.2, 0.6, 0.9, 0.95])[None, :, None]
    map = Memoriser(data)
    found = ends(map, GRID, 3)
    assert (found.period == 1).all()
    ends_at = attractors(map, found, data, draw())
    assert ends_at.member.tolist() == [0] * 5
    assert torch.allclose(ends_at.points.sort(0).values, data[0])
    assert ends_at.visits.tolist() == sorted(ends_at.visits.tolist(), reverse=True)
    assert int(ends_at.visits.sum()) == 53
    assert ends_at.distance.tolist() == [0] * 5
    assert torch.allclose(data[0, ends_at.nearest], ends_at.points)
    assert ends_at.growth.tolist() == [0] * 5
    counted = torch.bincount(ends_at.of[0])
    assert torch.equal(counted, ends_at.visits)


def test_the_identity_ends_where_it_starts_and_attracts_nothing():
    map, data = Identity(2, 1), torch.zeros(2, 1, 1)
    found = ends(map, GRID, 4)
    assert torch.equal(found.moved, torch.zeros(2, 53))
    ends_at = attractors(map, found, data, draw())
    assert len(ends_at.member) == 2 * 53
    assert torch.allclose(ends_at.growth.nan_to_num(1.0), torch.ones(106))
    assert int(ends_at.growth.isnan().sum()) == 2 * (53 - 32)


def test_a_constant_has_one_attractor_however_far_from_the_data():
    map, data = Constant(torch.tensor([[0.5], [0.2], [0.9]])), torch.full((3, 2, 1), 0.1)
    found = ends(map, GRID, 2)
    ends_at = attractors(map, found, data, draw())
    assert ends_at.member.tolist() == [0, 1, 2]
    assert ends_at.visits.tolist() == [53] * 3
    assert torch.allclose(ends_at.distance, torch.tensor([0.4, 0.1, 0.8]))


def test_a_map_that_swaps_two_points_has_a_cycle_and_a_repeller():
    """f is 1 below ¼, 0 above ¾ and falls between with slope −2: 0 ↔ 1, and ½ repels."""
    map = broken_line([0.25, 0.75], [-2.0, 2.0], 1.0)
    found = ends(map, GRID, 61)
    assert set(found.period.flatten().tolist()) == {1, 2}  # the grid holds ½ itself, and f is exact there
    ends_at = attractors(map, found, torch.tensor([[[0.1]]]), draw())
    assert ends_at.period.tolist() == [2, 1]
    assert ends_at.visits.tolist() == [52, 1]
    assert torch.allclose(ends_at.points[:, 0], torch.tensor([0.0, 0.5]))  # one phase for all orbits
    assert ends_at.growth[0] == 0
    assert abs(float(ends_at.growth[1]) - 2) < 1e-3


def test_orbits_that_wander_or_leave_end_nowhere():
    turned = torch.tensor(
        [[[0.8, -0.6], [0.6, 0.8]], [[1.5, 0.0], [0.0, 1.5]]]
    )  # by an angle that no round number divides
    map = affine(turned, torch.zeros(2, 2))
    found = ends(map, torch.tensor([[0.3, 0.1], [0.0, 0.0]]), 500)
    assert found.period.tolist() == [[0, 1], [0, 1]]
    ends_at = attractors(map, found, torch.zeros(2, 1, 2), draw())
    assert ends_at.of.tolist() == [[-1, 0], [-1, 1]]
    assert ends_at.visits.tolist() == [1, 1]


def test_members_without_an_end_have_no_rows():
    map = affine(torch.tensor([[[0.8, -0.6], [0.6, 0.8]]]), torch.zeros(1, 2))
    found = ends(map, torch.tensor([[0.3, 0.1]]), 9)
    ends_at = attractors(map, found, torch.zeros(1, 1, 2), draw())
    assert ends_at.points.shape == (0, 2)
    assert ends_at.growth.shape == (0,)
