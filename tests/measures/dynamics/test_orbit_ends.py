"""Where orbits end."""

from __future__ import annotations

import pytest
import torch

from landscape.measures.dynamics import distinct_ends, ends
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
    ends_at = distinct_ends(map, found, generator=draw())
    assert ends_at.member.tolist() == [0] * 5
    assert torch.allclose(ends_at.points.sort(0).values, data[0])
    assert ends_at.visits.tolist() == sorted(ends_at.visits.tolist(), reverse=True)
    assert int(ends_at.visits.sum()) == 53
    assert torch.equal(found.points[0, ends_at.orbit], ends_at.points)
    assert ends_at.growth.tolist() == [0] * 5
    counted = torch.bincount(ends_at.of[0])
    assert torch.equal(counted, ends_at.visits)


def test_the_identity_ends_where_it_starts_and_attracts_nothing():
    map = Identity(2, 1)
    found = ends(map, GRID, 4)
    assert torch.equal(found.moved, torch.zeros(2, 53))
    ends_at = distinct_ends(map, found, generator=draw())
    assert len(ends_at.member) == 2 * 53
    assert torch.allclose(ends_at.growth, torch.ones(106))


def test_a_constant_has_one_end():
    map = Constant(torch.tensor([[0.5], [0.2], [0.9]]))
    found = ends(map, GRID, 2)
    ends_at = distinct_ends(map, found, generator=draw())
    assert ends_at.member.tolist() == [0, 1, 2]
    assert ends_at.visits.tolist() == [53] * 3
    assert torch.allclose(ends_at.points[:, 0], torch.tensor([0.5, 0.2, 0.9]))
    table = ends_at.table()
    assert list(table) == ["member", "visits", "period", "growth", "x1"]
    assert table.visits.tolist() == [53] * 3


def test_a_map_that_swaps_two_points_has_a_cycle_and_a_repeller():
    """f is 1 below ¼, 0 above ¾ and falls between with slope −2: 0 ↔ 1, and ½ repels."""
    map = broken_line([0.25, 0.75], [-2.0, 2.0], 1.0)
    found = ends(map, GRID, 61)
    assert set(found.period.flatten().tolist()) == {1, 2}  # the grid holds ½ itself, and f is exact there
    ends_at = distinct_ends(map, found, generator=draw())
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
    ends_at = distinct_ends(map, found, generator=draw())
    assert ends_at.of.tolist() == [[-1, 0], [-1, 1]]
    assert ends_at.visits.tolist() == [1, 1]


def test_members_without_an_end_have_no_rows():
    map = affine(torch.tensor([[[0.8, -0.6], [0.6, 0.8]]]), torch.zeros(1, 2))
    found = ends(map, torch.tensor([[0.3, 0.1]]), 9)
    ends_at = distinct_ends(map, found, generator=draw())
    assert ends_at.points.shape == (0, 2)
    assert ends_at.growth.shape == (0,)


def test_members_with_many_and_few_ends_are_measured_like_alone():
    """Members 0 and 2 contract, and member 1, at rest everywhere, has an end per start."""
    matrix = torch.stack([0.5 * torch.eye(2), torch.eye(2), -0.5 * torch.eye(2)])
    map = affine(matrix, torch.zeros(3, 2))
    starts = torch.rand(11, 2, generator=draw())
    together = distinct_ends(map, ends(map, starts, 60), generator=draw())
    assert torch.bincount(together.member).tolist() == [1, 11, 1]
    assert together.growth.tolist() == pytest.approx([0.5, *[1.0] * 11, 0.5])
    for member in range(3):
        alone = map.select([member])
        found = distinct_ends(alone, ends(alone, starts, 60), generator=draw())
        rows = together.member == member
        assert torch.equal(found.points, together.points[rows])
        assert torch.allclose(found.growth, together.growth[rows])


def test_ends_that_still_approach_each_other_are_the_same():
    """f(x) = ½ + .998 (x − ½): after 1500 iterations orbits creep by at most 5e-5, and end within .025 of ½."""
    slow = broken_line([], [], 0.001, 0.998)
    found = ends(slow, GRID, 1500)
    assert (found.period == 1).all()
    assert found.points.max() - found.points.min() > 0.04
    ends_at = distinct_ends(slow, found, generator=draw())
    assert ends_at.visits.tolist() == [53]
    assert abs(float(ends_at.growth[0]) - 0.998) < 1e-4


def test_near_ends_that_do_not_approach_each_other_are_different():
    """Rest at .497 and .503, less than .01 apart, and ½ between them repels."""
    two = broken_line([0.4985, 0.5015], [2.0, -2.0], 0.497)
    ends_at = distinct_ends(two, ends(two, GRID, 100), generator=draw())
    assert ends_at.points[:, 0].sort().values.tolist() == pytest.approx([0.497, 0.5, 0.503])
    assert ends_at.growth.sort().values.tolist() == pytest.approx([0, 0, 2])
    assert ends_at.visits.tolist() == [26, 26, 1]
